//! What a crash leaves of writes that were not durable.
//!
//! A disk may reach a record before it is asked to sync, and may reach the second before the first. Which records it
//! had reached is drawn for each crash of a node: the n-th crash of a node leaves the same part of its writes,
//! whatever happens elsewhere.

use super::random::{Domain, Fate, scale};

/// What becomes of writes that were not durable when their node crashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnCrash {
    /// All are lost.
    #[default]
    Lose,
    /// The first few survive, a number drawn at random.
    Prefix,
    /// Each survives or not, by the toss of a coin; those that do keep their order.
    Subset,
    /// The first few survive, and the one after them is torn: half of it was written. Its checksum tells, so recovery
    /// drops it.
    Torn,
}

/// What one crash left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survivors {
    /// For each write that was not durable, in order, whether it survived.
    pub kept: Vec<bool>,
    /// Whether the first one that did not survive was torn rather than missing.
    pub torn: bool,
}

impl OnCrash {
    /// What crash number `ordinal` of node `node` leaves of `pending` writes.
    pub fn survivors(self, seed: u64, node: u32, ordinal: u32, pending: usize) -> Survivors {
        let fate = Fate::of(Fate::key(seed, Domain::Disk, u64::from(node)), u64::from(ordinal));
        // Question 0 of the disk's fates is how long a sync takes.
        let first = |count: usize| {
            let kept = scale(fate.bits(1), count as u64) as usize;
            (0..pending).map(|place| place < kept).collect()
        };
        match self {
            Self::Lose => Survivors { kept: vec![false; pending], torn: false },
            Self::Prefix => Survivors { kept: first(pending + 1), torn: false },
            Self::Subset => {
                let kept = (0..pending as u64).map(|place| fate.bits(1 + place) >> 63 == 1);
                Survivors { kept: kept.collect(), torn: false }
            }
            // One record at least is torn, if there is any.
            Self::Torn => Survivors { kept: first(pending), torn: pending > 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn all(policy: OnCrash) -> BTreeSet<Vec<bool>> {
        (0..400).map(|crash| policy.survivors(7, 1, crash, 3).kept).collect()
    }

    #[test]
    fn each_policy_leaves_all_that_it_allows_and_nothing_else() {
        let prefixes = |longest: usize| -> BTreeSet<Vec<bool>> {
            (0..=longest).map(|kept| (0..3).map(|place| place < kept).collect()).collect()
        };
        assert_eq!(all(OnCrash::Lose), prefixes(0));
        assert_eq!(all(OnCrash::Prefix), prefixes(3));
        assert_eq!(all(OnCrash::Torn), prefixes(2), "the record after the last one kept is torn");
        assert_eq!(all(OnCrash::Subset).len(), 8);
    }

    #[test]
    fn nothing_is_torn_where_nothing_was_written() {
        assert!(!OnCrash::Torn.survivors(7, 1, 0, 0).torn);
        assert!(OnCrash::Torn.survivors(7, 1, 0, 1).torn);
    }
}
