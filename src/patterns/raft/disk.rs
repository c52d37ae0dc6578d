//! What a server must still know after a crash: its term, its vote, its log.
//!
//! Figure 2 of the paper calls this the persistent state. Everything else (who leads, what is committed, the state
//! machine) can be learnt again from these three and from the other servers.
//!
//! The log on disk is *the* log: a [`Core`](super::Core) keeps no copy of it in memory. Its first entry has index 1;
//! index 0 is the place before every log, with term 0, on which all servers agree.

use super::membership::Membership;
use crate::actor::{Data, Durable};
use crate::engine::NodeId;
use crate::engine::digest::Digest;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::Arc;

/// A period with at most one leader. Terms only grow; 0 is before the first election.
pub type Term = u64;

/// A place in the log, counted from 1.
pub type Index = u64;

/// A place in the log together with the term of the entry there. By log matching, two servers that agree on a
/// position agree on everything before it.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The entry's term. Compared first: of two logs, the one whose last entry has the later term is more complete.
    pub term: Term,
    /// The entry's index.
    pub index: Index,
}

/// One entry of the log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry<C> {
    /// The term of the leader that appended it.
    pub term: Term,
    /// What it says.
    pub content: Content<C>,
}

/// What an entry says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content<C> {
    /// Nothing: the entry opens a term or marks the place of a read.
    Empty,
    /// A client's command.
    Command(Proposal<C>),
    /// Who takes part from here on.
    Membership(Arc<Membership>),
}

impl<C> Entry<C> {
    /// The command, if the entry is one.
    pub fn command(&self) -> Option<&Proposal<C>> {
        match &self.content {
            Content::Command(proposal) => Some(proposal),
            Content::Empty | Content::Membership(_) => None,
        }
    }
}

/// A command as its client named it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Proposal<C> {
    /// Whose command it is.
    pub client: NodeId,
    /// The client's number for it. A client's numbers grow, and a command sent again keeps its number.
    pub sequence: u64,
    /// What to do.
    pub command: C,
}

/// Consecutive entries, shared rather than copied: the same batch goes to several followers and to the disk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entries<C>(Option<Arc<[Entry<C>]>>);

impl<C> Default for Entries<C> {
    fn default() -> Self {
        Self(None)
    }
}

impl<C: Clone> From<&[Entry<C>]> for Entries<C> {
    fn from(entries: &[Entry<C>]) -> Self {
        Self((!entries.is_empty()).then(|| entries.into()))
    }
}

impl<C> From<Entry<C>> for Entries<C> {
    fn from(entry: Entry<C>) -> Self {
        Self(Some(Arc::new([entry])))
    }
}

impl<C> Deref for Entries<C> {
    type Target = [Entry<C>];

    fn deref(&self) -> &[Entry<C>] {
        self.0.as_deref().unwrap_or_default()
    }
}

/// What survives a crash of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RaftDisk<C> {
    /// The latest term that this server has seen.
    pub term: Term,
    /// Whom it voted for in that term.
    pub vote: Option<NodeId>,
    /// The log, from index 1.
    log: Vec<Entry<C>>,
    /// For each entry, a fingerprint of the log up to and including it.
    fingerprints: Vec<u64>,
}

/// A change of a server's disk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RaftWrite<C> {
    /// A new term begins for this server, or it casts its vote. Both in one write: between a term and the vote in it
    /// there must be no moment at which a crash could strike.
    Term {
        /// The term.
        term: Term,
        /// The vote cast in it.
        vote: Option<NodeId>,
    },
    /// Whatever follows index `after` is replaced by `entries`. For a leader, nothing follows; for a follower, what
    /// follows contradicts the leader.
    Append {
        /// The last index that stays.
        after: Index,
        /// What follows it from now on.
        entries: Entries<C>,
    },
}

impl<C> Default for RaftDisk<C> {
    fn default() -> Self {
        Self { term: 0, vote: None, log: Vec::new(), fingerprints: Vec::new() }
    }
}

impl<C: Data + Sync> Durable for RaftDisk<C> {
    type Write = RaftWrite<C>;

    fn apply(&mut self, write: &RaftWrite<C>) {
        match write {
            RaftWrite::Term { term, vote } => {
                self.term = *term;
                self.vote = *vote;
            }
            RaftWrite::Append { after, entries } => {
                assert!(*after <= self.last_index(), "a log has no holes: entries follow an entry");
                self.log.truncate(*after as usize);
                self.fingerprints.truncate(*after as usize);
                for entry in entries.iter() {
                    self.fingerprints.push(fingerprint(self.fingerprint(self.last_index()), entry));
                    self.log.push(entry.clone());
                }
            }
        }
    }

    /// Entries whose predecessors were lost are of no use: the log ends before the hole.
    fn fits(&self, write: &RaftWrite<C>) -> bool {
        match write {
            RaftWrite::Term { .. } => true,
            RaftWrite::Append { after, .. } => *after <= self.last_index(),
        }
    }
}

/// The fingerprint of a log that ends with `entry`, after a log with the fingerprint `before`.
fn fingerprint<C: Hash>(before: u64, entry: &Entry<C>) -> u64 {
    let mut digest = Digest::default();
    digest.word(before);
    entry.hash(&mut digest);
    digest.value() as u64
}

impl<C> RaftDisk<C> {
    /// The index of the last entry; 0 if there is none.
    pub fn last_index(&self) -> Index {
        self.log.len() as Index
    }

    /// The last entry's position, by which voters compare logs.
    pub fn last(&self) -> Position {
        let index = self.last_index();
        Position { term: self.log.last().map_or(0, |entry| entry.term), index }
    }

    /// The entry at `index`, if the log reaches so far.
    pub fn entry(&self, index: Index) -> Option<&Entry<C>> {
        self.log.get(usize::try_from(index.checked_sub(1)?).ok()?)
    }

    /// The term of the entry at `index`; 0 before the first entry, `None` after the last one.
    pub fn term_at(&self, index: Index) -> Option<Term> {
        if index == 0 { Some(0) } else { self.entry(index).map(|entry| entry.term) }
    }

    /// All entries, in order: the one at index 1 first.
    pub fn entries(&self) -> &[Entry<C>] {
        &self.log
    }

    /// A number that tells logs apart: two logs are the same up to `index` exactly if their fingerprints there agree
    /// (but for one chance in 2^64). Each is made from the one before it and the entry. The core has no use for it;
    /// whoever watches can compare whole logs by one number.
    pub fn fingerprint(&self, index: Index) -> u64 {
        index.checked_sub(1).map_or(0, |place| self.fingerprints[place as usize])
    }

    /// The position at which the entries of `term` begin, or would begin.
    pub(super) fn first_of(&self, term: Term) -> Index {
        self.log.partition_point(|entry| entry.term < term) as Index + 1
    }
}

impl<C: Clone> RaftDisk<C> {
    /// At most `most` entries from index `first` on.
    pub(super) fn batch(&self, first: Index, most: u32) -> Entries<C> {
        let begin = (first as usize - 1).min(self.log.len());
        let end = begin.saturating_add(most as usize).min(self.log.len());
        Entries::from(&self.log[begin..end])
    }
}
