//! Answering a question without writing: section 8 of the paper, section 6.4 of the dissertation.
//!
//! A leader's state is the latest only if it still leads, and only if it knows what its predecessors committed. The
//! first it learns by asking everybody, in a numbered round, after the question has come: a majority that still follows
//! it cannot have elected another before. The second it knows once it has committed an entry of its own term.

use super::bugs::Bug;
use super::core::{Core, Reads, Role, StateMachine};
use super::disk::{Content, Index};
use super::leader::Waiting;
use super::membership::Refusal;
use super::message::{CoreRet, Message};
use crate::actor::{Context, OpId};
use crate::engine::NodeId;
use std::collections::BTreeMap;

/// A question that waits for the leader to be sure that it leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct WaitingRead<Q> {
    /// Whom to answer.
    pub(super) op: OpId,
    /// The question; `None` if a follower has it, and only wants to know how far it must have come.
    pub(super) query: Option<Q>,
    /// Which follower that is.
    pub(super) follower: Option<NodeId>,
    /// The round that a majority must confirm.
    pub(super) round: u64,
    /// The entry that must have been applied.
    pub(super) index: Index,
}

/// More questions than this a follower does not forward at a time: answers that were lost must not fill its memory.
const MOST_FORWARDED: usize = 1_000;

/// The questions that a follower has asked its leader about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Forwarded<Q> {
    /// Those of which it does not know how far it must have come.
    asked: BTreeMap<OpId, Q>,
    /// Those that wait until it has come so far.
    ready: BTreeMap<(Index, OpId), Q>,
}

impl<Q> Default for Forwarded<Q> {
    fn default() -> Self {
        Self { asked: BTreeMap::new(), ready: BTreeMap::new() }
    }
}

impl<Q> Forwarded<Q> {
    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.asked.is_empty() && self.ready.is_empty()
    }

    /// Forgets everything, and says who waited.
    pub(super) fn take(&mut self) -> impl Iterator<Item = OpId> + use<Q> {
        let Self { asked, ready } = std::mem::take(self);
        asked.into_keys().chain(ready.into_keys().map(|(_, op)| op))
    }
}

impl<S: StateMachine> Core<S> {
    /// Somebody asks about the state.
    pub(super) fn on_read(&mut self, op: OpId, query: S::Query, ctx: &mut Context<Message<S>>) {
        if self.planted(Bug::StaleLeaderRead) && self.leads() {
            return self.read_here(op, &query, ctx);
        }
        match self.settings.reads {
            Reads::Local => self.read_here(op, &query, ctx),
            Reads::Log => self.read_through_log(op, query, ctx),
            Reads::Lease if self.holds_lease(ctx) => self.read_under_lease(op, query, ctx),
            Reads::Lease | Reads::ReadIndex => match (&self.role, self.leader_hint()) {
                (Role::Follower { .. }, Some(leader)) if self.settings.follower_reads => {
                    self.forward(op, query, leader, ctx);
                }
                _ => self.read_index(op, Some(query), None, ctx),
            },
        }
    }

    /// Answers at once what is committed, if this leader knows all that is.
    fn read_under_lease(&mut self, op: OpId, query: S::Query, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &self.role else { return };
        if self.applied < leader.opening {
            return self.read_index(op, Some(query), None, ctx);
        }
        ctx.note("lease_reads", 1);
        self.read_here(op, &query, ctx);
    }

    /// A follower asks its leader how far it must have come to answer.
    fn forward(&mut self, op: OpId, query: S::Query, leader: NodeId, ctx: &mut Context<Message<S>>) {
        if self.forwarded.asked.len() >= MOST_FORWARDED {
            return ctx.reply(op, CoreRet::NotLeader { leader: Some(leader) });
        }
        self.forwarded.asked.insert(op, query);
        ctx.send(leader, Message::ReadIndex { op });
    }

    /// A follower wants to know how far it must have come. Silence sends its client elsewhere.
    pub(super) fn on_read_index(&mut self, from: NodeId, op: OpId, ctx: &mut Context<Message<S>>) {
        if self.leads() {
            self.read_index(op, None, Some(from), ctx);
        }
    }

    /// The leader says how far this follower must have come.
    pub(super) fn on_read_ready(&mut self, op: OpId, index: Index, ctx: &mut Context<Message<S>>) {
        if let Some(query) = self.forwarded.asked.remove(&op) {
            self.forwarded.ready.insert((index, op), query);
            self.answer_forwarded(ctx);
        }
    }

    /// Answers the questions for which this follower has come far enough.
    pub(super) fn answer_forwarded(&mut self, ctx: &mut Context<Message<S>>) {
        while let Some(first) = self.forwarded.ready.first_entry().filter(|first| first.key().0 <= self.applied) {
            let ((_, op), query) = first.remove_entry();
            ctx.note("follower_reads", 1);
            let output = self.replica.machine().query(&query);
            ctx.reply(op, CoreRet::Done { output, index: self.applied });
        }
    }

    /// Answers from whatever this server has.
    fn read_here(&mut self, op: OpId, query: &S::Query, ctx: &mut Context<Message<S>>) {
        let output = self.replica.machine().query(query);
        ctx.reply(op, CoreRet::Done { output, index: self.applied });
    }

    /// Gives the question a place in the log: an empty entry, which is answered when it is applied.
    fn read_through_log(&mut self, op: OpId, query: S::Query, ctx: &mut Context<Message<S>>) {
        let hint = self.leader_hint();
        let Role::Leader(leader) = &mut self.role else {
            return ctx.reply(op, CoreRet::NotLeader { leader: hint });
        };
        let index = ctx.disk().last_index() + 1;
        if leader.transfer.is_some() {
            return ctx.reply(op, CoreRet::Refused { why: Refusal::TransferUnderWay });
        }
        leader.proposals.push_back(Waiting { index, op, query: Some(query) });
        self.append(Content::Empty, ctx);
    }

    /// Notes what must be applied before the answer, and asks everybody whether this server still leads.
    fn read_index(
        &mut self,
        op: OpId,
        query: Option<S::Query>,
        follower: Option<NodeId>,
        ctx: &mut Context<Message<S>>,
    ) {
        let (hint, commit) = (self.leader_hint(), self.commit);
        let early = self.planted(Bug::ReadBeforeOwnCommit);
        let Role::Leader(leader) = &self.role else {
            return ctx.reply(op, CoreRet::NotLeader { leader: hint });
        };
        // Until an entry of its own term is committed, there may be committed entries that this leader does not know to
        // be: the opening entry comes after all of them.
        let index = if early { commit } else { commit.max(leader.opening) };
        let under_way = leader.reads.back().map(|read| read.round).filter(|_| self.planted(Bug::ReadJoinsRound));
        let round = under_way.unwrap_or_else(|| self.begin_round(ctx));
        let Role::Leader(leader) = &mut self.role else { return };
        leader.reads.push_back(WaitingRead { op, query, follower, round, index });
        self.ask_everybody(ctx);
        self.answer_reads(ctx);
    }

    /// Answers the questions whose round a majority has confirmed and whose entry has been applied.
    pub(super) fn answer_reads(&mut self, ctx: &mut Context<Message<S>>) {
        let electorate = self.electorate();
        let lease = self.settings.reads == Reads::Lease;
        let Role::Leader(leader) = &mut self.role else { return };
        if leader.reads.is_empty() && !lease {
            return;
        }
        let sure = electorate.reached(|slot| leader.progress[slot].round);
        leader.lease.confirm(sure);
        while let Some(read) = leader.reads.front() {
            if read.round > sure || read.index > self.applied {
                return;
            }
            let Some(read) = leader.reads.pop_front() else { return };
            match (read.query, read.follower) {
                (Some(query), _) => {
                    let output = self.replica.machine().query(&query);
                    ctx.reply(read.op, CoreRet::Done { output, index: self.applied });
                }
                (None, Some(follower)) => ctx.send(follower, Message::ReadReady { op: read.op, index: read.index }),
                (None, None) => {}
            }
        }
    }
}
