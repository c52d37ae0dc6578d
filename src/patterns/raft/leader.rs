//! What a leader knows beyond what every server knows, and forgets when it steps down.

use super::disk::Index;
use super::progress::Progress;
use super::read::WaitingRead;
use crate::actor::OpId;
use std::collections::VecDeque;

/// A leader's memory of its term.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Leader<Q> {
    /// How far each member has come, this server included.
    pub(super) progress: Vec<Progress>,
    /// The index of the empty entry that opened the term.
    pub(super) opening: Index,
    /// How often this leader has asked whether it still leads.
    pub(super) round: u64,
    /// Who waits for which entry to be applied, in order of the entries.
    pub(super) proposals: VecDeque<Waiting<Q>>,
    /// Who waits for this leader to be sure that it still leads, in order of asking.
    pub(super) reads: VecDeque<WaitingRead<Q>>,
}

/// Somebody waits for an entry to be applied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Waiting<Q> {
    /// The entry.
    pub(super) index: Index,
    /// Whom to answer.
    pub(super) op: OpId,
    /// The question, if it is one that took a place in the log; a command answers for itself.
    pub(super) query: Option<Q>,
}

impl<Q> Leader<Q> {
    /// A leader of `members` servers whose term begins with the entry at `opening`.
    pub(super) fn new(members: usize, opening: Index) -> Self {
        let progress = (0..members).map(|_| Progress::new(opening)).collect();
        Self { progress, opening, round: 0, proposals: VecDeque::new(), reads: VecDeque::new() }
    }

    /// All who still wait for an answer.
    pub(super) fn waiting(self) -> impl Iterator<Item = OpId> {
        let reads = self.reads.into_iter().map(|read| read.op);
        self.proposals.into_iter().map(|proposal| proposal.op).chain(reads)
    }
}
