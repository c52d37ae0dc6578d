//! Sets of servers as bits: who voted, who answered, whose word counts.
//!
//! A slot is a server's place in the address book of its core, the list of all servers that may ever take part. It never
//! changes, so a set stays meaningful when the members change.

/// A set of slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Slots(u128);

impl Slots {
    /// How many slots there can be.
    pub(super) const MOST: usize = 128;

    /// Nobody.
    pub(super) const NONE: Self = Self(0);

    /// The first `count` slots.
    pub(super) fn first(count: usize) -> Self {
        (0..count).collect()
    }

    /// Takes `slot` in; once, however often it is said.
    pub(super) fn add(&mut self, slot: usize) {
        debug_assert!(slot < Self::MOST, "every server has a bit");
        self.0 |= 1 << slot;
    }

    /// How many there are.
    pub(super) fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there are none.
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `slot` is among them.
    pub(super) fn contains(self, slot: usize) -> bool {
        self.0 >> slot & 1 == 1
    }

    /// Those of both.
    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in both.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// These without the others.
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// In ascending order.
    pub(super) fn iter(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let slot = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(slot)
        })
    }
}

impl FromIterator<usize> for Slots {
    fn from_iter<I: IntoIterator<Item = usize>>(slots: I) -> Self {
        let mut set = Self::NONE;
        slots.into_iter().for_each(|slot| set.add(slot));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_listed_in_order() {
        let set: Slots = [127, 3, 0, 3].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 3, 127]);
        assert_eq!((set.count(), set.contains(127), set.contains(4)), (3, true, false));
        assert_eq!(set.without(Slots::first(1)).iter().collect::<Vec<_>>(), [3, 127]);
    }
}
