//! The end of a sequence that is numbered from 1 and forgets its beginning: what monitors remember of logs.

use super::disk::Index;
use std::collections::VecDeque;

/// The items after index `start`.
#[derive(Clone, Debug)]
pub(super) struct Tail<T> {
    start: Index,
    items: VecDeque<T>,
}

impl<T> Default for Tail<T> {
    fn default() -> Self {
        Self { start: 0, items: VecDeque::new() }
    }
}

impl<T> Tail<T> {
    /// The index before the first item.
    pub(super) fn start(&self) -> Index {
        self.start
    }

    /// The index of the last item, or of the place before the first.
    pub(super) fn end(&self) -> Index {
        self.start + self.items.len() as Index
    }

    pub(super) fn get(&self, index: Index) -> Option<&T> {
        self.items.get(usize::try_from(index.checked_sub(self.start + 1)?).ok()?)
    }

    pub(super) fn get_mut(&mut self, index: Index) -> Option<&mut T> {
        self.items.get_mut(usize::try_from(index.checked_sub(self.start + 1)?).ok()?)
    }

    /// The last item that `wanted` accepts, and its index.
    pub(super) fn last_where(&self, wanted: impl Fn(&T) -> bool) -> Option<(Index, &T)> {
        let place = self.items.iter().rposition(wanted)?;
        Some((self.start + 1 + place as Index, &self.items[place]))
    }

    pub(super) fn push(&mut self, item: T) {
        self.items.push_back(item);
    }

    /// Forgets what comes after `index`.
    pub(super) fn truncate(&mut self, index: Index) {
        self.items.truncate(index.saturating_sub(self.start) as usize);
    }

    /// Forgets what comes up to and with `index`, as far as there is anything.
    pub(super) fn cut(&mut self, index: Index) {
        let gone = index.min(self.end()).saturating_sub(self.start);
        self.items.drain(..gone as usize);
        self.start += gone;
    }

    /// Forgets everything and goes on after `start`.
    pub(super) fn restart(&mut self, start: Index) {
        self.items.clear();
        self.start = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_stay_what_they_were() {
        let mut tail = Tail::default();
        (1..=5).for_each(|item| tail.push(item));
        tail.cut(2);
        assert_eq!((tail.get(2), tail.get(3), tail.end()), (None, Some(&3), 5));
        tail.truncate(4);
        assert_eq!((tail.get(5), tail.last_where(|item| *item < 4)), (None, Some((3, &3))));
        tail.cut(9);
        assert_eq!((tail.start(), tail.end()), (4, 4));
    }
}
