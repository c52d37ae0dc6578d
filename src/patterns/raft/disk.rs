//! What a server must still know after a crash: its term, its vote, its log.
//!
//! Figure 2 of the paper calls this the persistent state. Everything else (who leads, what is committed, the state
//! machine) can be learnt again from these three and from the other servers.
//!
//! The log on disk is *the* log: a [`Core`](super::Core) keeps no copy of it in memory. Its first entry has index 1;
//! index 0 is the place before every log, with term 0, on which all servers agree. Once a snapshot stands for its
//! beginning, the disk keeps only the end of the log; where that begins, everything before is committed, and so all
//! servers agree there too.

use super::core::StateMachine;
use super::membership::Membership;
use super::snapshot::Snapshot;
use crate::actor::Durable;
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
pub struct RaftDisk<S: StateMachine> {
    /// The latest term that this server has seen.
    pub term: Term,
    /// Whom it voted for in that term.
    pub vote: Option<NodeId>,
    /// What the log's beginning came to, if it was ever cut off. Never behind the place where the log begins.
    snapshot: Option<Arc<Snapshot<S>>>,
    /// The place before the first entry that is still there.
    start: Position,
    /// The fingerprint of the log up to that place.
    start_fingerprint: u64,
    /// The entries after that place.
    log: Vec<Entry<S::Command>>,
    /// For each of them, a fingerprint of the whole log up to and including it.
    fingerprints: Vec<u64>,
}

/// A change of a server's disk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RaftWrite<S: StateMachine> {
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
        entries: Entries<S::Command>,
    },
    /// A snapshot takes the place of the log's beginning. Both in one write: a log without its beginning is worth
    /// nothing without the snapshot, and a snapshot beside a log that contradicts it is worse.
    Snapshot {
        /// The snapshot. If the log holds the last entry that it covers, what follows stays; if not, nothing does.
        snapshot: Arc<Snapshot<S>>,
        /// The last index that is cut off, at most the snapshot's.
        cut: Index,
    },
}

impl<S: StateMachine> Default for RaftDisk<S> {
    fn default() -> Self {
        Self {
            term: 0,
            vote: None,
            snapshot: None,
            start: Position::default(),
            start_fingerprint: 0,
            log: Vec::new(),
            fingerprints: Vec::new(),
        }
    }
}

impl<S: StateMachine> Durable for RaftDisk<S> {
    type Write = RaftWrite<S>;

    fn apply(&mut self, write: &RaftWrite<S>) {
        match write {
            RaftWrite::Term { term, vote } => {
                self.term = *term;
                self.vote = *vote;
            }
            RaftWrite::Append { after, entries } => {
                assert!(self.reaches(*after), "a log has no holes: entries follow an entry");
                self.log.truncate(self.place(*after));
                self.fingerprints.truncate(self.place(*after));
                let mut before = self.fingerprints.last().copied().unwrap_or(self.start_fingerprint);
                for entry in entries.iter() {
                    before = fingerprint(before, entry);
                    self.fingerprints.push(before);
                    self.log.push(entry.clone());
                }
            }
            RaftWrite::Snapshot { snapshot, cut } => {
                if self.term_at(snapshot.last.index) == Some(snapshot.last.term) {
                    self.cut(*cut);
                } else {
                    self.log.clear();
                    self.fingerprints.clear();
                    (self.start, self.start_fingerprint) = (snapshot.last, snapshot.fingerprint);
                }
                self.snapshot = Some(Arc::clone(snapshot));
            }
        }
    }

    /// Entries whose predecessors were lost are of no use: the log ends before the hole.
    fn fits(&self, write: &RaftWrite<S>) -> bool {
        match write {
            RaftWrite::Term { .. } | RaftWrite::Snapshot { .. } => true,
            RaftWrite::Append { after, .. } => self.reaches(*after),
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

impl<S: StateMachine> RaftDisk<S> {
    /// The place before the first entry that is still there; index 0 until a snapshot stands for the log's beginning.
    pub fn start(&self) -> Position {
        self.start
    }

    /// The latest snapshot.
    pub fn snapshot(&self) -> Option<&Arc<Snapshot<S>>> {
        self.snapshot.as_ref()
    }

    /// The index of the last entry; 0 if there never was one.
    pub fn last_index(&self) -> Index {
        self.start.index + self.log.len() as Index
    }

    /// The last entry's position, by which voters compare logs.
    pub fn last(&self) -> Position {
        Position { term: self.log.last().map_or(self.start.term, |entry| entry.term), index: self.last_index() }
    }

    /// The entry at `index`, if it is still there and the log reaches so far.
    pub fn entry(&self, index: Index) -> Option<&Entry<S::Command>> {
        self.log.get(usize::try_from(index.checked_sub(self.start.index + 1)?).ok()?)
    }

    /// The term of the entry at `index`; 0 at index 0. `None` after the last entry, and before the place where the log
    /// was cut.
    pub fn term_at(&self, index: Index) -> Option<Term> {
        if index == self.start.index { Some(self.start.term) } else { self.entry(index).map(|entry| entry.term) }
    }

    /// All entries that are still there, in order.
    pub fn entries(&self) -> &[Entry<S::Command>] {
        &self.log
    }

    /// A number that tells logs apart: two logs are the same up to `index` exactly if their fingerprints there agree
    /// (but for one chance in 2^64), however much of them was cut off. Each is made from the one before it and the
    /// entry. The core has no use for it; whoever watches can compare whole logs by one number. `None` where
    /// [`term_at`](Self::term_at) is.
    pub fn fingerprint(&self, index: Index) -> Option<u64> {
        if index == self.start.index {
            return Some(self.start_fingerprint);
        }
        self.fingerprints.get(usize::try_from(index.checked_sub(self.start.index + 1)?).ok()?).copied()
    }

    /// The position at which the entries of `term` begin, or would begin, as far as they are still there.
    pub(super) fn first_of(&self, term: Term) -> Index {
        self.start.index + 1 + self.log.partition_point(|entry| entry.term < term) as Index
    }

    /// At most `most` entries from index `first` on, which is still there or the next to come.
    pub(super) fn batch(&self, first: Index, most: u32) -> Entries<S::Command> {
        let begin = self.place(first.saturating_sub(1)).min(self.log.len());
        let end = begin.saturating_add(most as usize).min(self.log.len());
        Entries::from(&self.log[begin..end])
    }

    /// Whether the entry after `index` could be written: the log has no hole before it, and was not cut beyond it.
    fn reaches(&self, index: Index) -> bool {
        (self.start.index..=self.last_index()).contains(&index)
    }

    /// How many of the entries that are still there come up to and with `index`.
    fn place(&self, index: Index) -> usize {
        index.saturating_sub(self.start.index) as usize
    }

    /// Forgets the entries up to and with `index`.
    fn cut(&mut self, index: Index) {
        let (Some(term), Some(fingerprint)) = (self.term_at(index), self.fingerprint(index)) else { return };
        self.log.drain(..self.place(index));
        self.fingerprints.drain(..self.place(index));
        (self.start, self.start_fingerprint) = (Position { term, index }, fingerprint);
    }
}
