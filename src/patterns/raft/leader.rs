//! What a leader knows beyond what every server knows, and forgets when it steps down.

use super::disk::Index;
use super::lease::Lease;
use super::progress::Progress;
use super::read::WaitingRead;
use super::reconfigure::ChangeUnderWay;
use super::transfer::Transfer;
use crate::actor::OpId;
use crate::engine::LocalTime;
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
    /// How long it may answer questions without asking.
    pub(super) lease: Lease,
    /// To whom it is handing over.
    pub(super) transfer: Option<Transfer>,
    /// Which change of the members it has been asked for.
    pub(super) change: Option<ChangeUnderWay>,
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
    pub(super) fn new(members: usize, opening: Index, now: LocalTime) -> Self {
        Self {
            progress: (0..members).map(|_| Progress::new(opening, now)).collect(),
            opening,
            round: 0,
            proposals: VecDeque::new(),
            reads: VecDeque::new(),
            lease: Lease::default(),
            transfer: None,
            change: None,
        }
    }

    /// All who still wait for an answer.
    pub(super) fn waiting(self) -> impl Iterator<Item = OpId> {
        let reads = self.reads.into_iter().filter(|read| read.query.is_some()).map(|read| read.op);
        let asked = self.transfer.map(|transfer| transfer.op).into_iter().chain(self.change.map(|change| change.op));
        self.proposals.into_iter().map(|proposal| proposal.op).chain(reads).chain(asked)
    }
}
