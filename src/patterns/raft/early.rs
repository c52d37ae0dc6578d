//! Appends that came before their time.
//!
//! With many appends under way some overtake others. A follower refuses what does not follow its log, so that the leader
//! can find the place where the logs meet; but it also keeps the entries, and takes them up when those in between have
//! come. To everybody else that looks as if the network had delivered them a little later, so it needs no proof of its own.
//! Without it one late message would have everything after it sent again, which is what makes a pipelining leader slower
//! than one that waits.

use super::disk::{Entries, Index, Term};
use std::collections::BTreeMap;

/// What came early, of one term: a leader's log only grows, so all of it belongs to the same log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Early<C> {
    term: Term,
    /// By the index before the first entry.
    kept: BTreeMap<Index, Entries<C>>,
}

impl<C> Default for Early<C> {
    fn default() -> Self {
        Self { term: 0, kept: BTreeMap::new() }
    }
}

impl<C: Clone> Early<C> {
    /// Keeps `entries`, which follow index `prev` in the log of the leader of `term`, unless there are `most` already.
    /// Returns whether it did.
    pub(super) fn keep(&mut self, term: Term, prev: Index, entries: Entries<C>, most: u32) -> bool {
        if self.term != term {
            self.kept.clear();
            self.term = term;
        }
        let room = self.kept.len() < most as usize && !entries.is_empty();
        if room {
            self.kept.insert(prev, entries);
        }
        room
    }

    /// What follows index `last` in the log of the leader of `term`, if it has come. What ends before is forgotten.
    pub(super) fn next(&mut self, term: Term, last: Index) -> Option<Entries<C>> {
        while let Some(first) = self.kept.first_entry().filter(|first| *first.key() <= last) {
            let known = (last - first.key()) as usize;
            let entries = first.remove();
            if self.term == term && known < entries.len() {
                return Some(if known == 0 { entries } else { Entries::from(&entries[known..]) });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::disk::{Content, Entry};
    use super::*;

    fn entries(count: usize) -> Entries<u8> {
        Entries::from(&vec![Entry { term: 1, content: Content::Empty }; count][..])
    }

    #[test]
    fn what_came_early_is_taken_up_when_its_time_has_come() {
        let mut early = Early::default();
        assert!(early.keep(1, 5, entries(2), 9));
        assert!(early.keep(1, 3, entries(1), 9));
        assert_eq!(early.next(1, 2), None);
        assert_eq!(early.next(1, 4), None, "the first one is known");
        assert_eq!(early.next(1, 6).map(|entries| entries.len()), Some(1), "and half of the second");
        assert_eq!(early.next(1, 7), None);
    }

    #[test]
    fn what_another_leader_sent_is_forgotten_and_there_is_a_limit() {
        let mut early = Early::default();
        assert!(early.keep(1, 5, entries(2), 1));
        assert!(!early.keep(1, 7, entries(2), 1));
        assert!(early.keep(2, 7, entries(2), 1));
        assert_eq!(early.next(2, 5), None);
        assert_eq!(early.next(3, 7), None, "of another term");
    }
}
