//! Answering a question without writing: section 8 of the paper, section 6.4 of the dissertation.
//!
//! A leader's state is the latest only if it still leads, and only if it knows what its predecessors committed. The
//! first it learns by asking everybody, in a numbered round, after the question has come: a majority that still follows
//! it cannot have elected another before. The second it knows once it has committed an entry of its own term.

use super::bugs::Bug;
use super::commit::reached;
use super::core::{Core, Reads, Role, StateMachine};
use super::disk::Index;
use super::leader::Waiting;
use super::message::{CoreRet, Message};
use crate::actor::{Context, OpId};

/// A question that waits for the leader to be sure that it leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct WaitingRead<Q> {
    /// Whom to answer.
    pub(super) op: OpId,
    /// The question.
    pub(super) query: Q,
    /// The round that a majority must confirm.
    pub(super) round: u64,
    /// The entry that must have been applied.
    pub(super) index: Index,
}

impl<S: StateMachine> Core<S> {
    /// Somebody asks about the state.
    pub(super) fn on_read(&mut self, op: OpId, query: S::Query, ctx: &mut Context<Message<S>>) {
        match self.settings.reads {
            Reads::Local => self.read_here(op, &query, ctx),
            Reads::Log => self.read_through_log(op, query, ctx),
            Reads::ReadIndex => self.read_index(op, query, ctx),
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
        leader.proposals.push_back(Waiting { index, op, query: Some(query) });
        self.append(None, ctx);
    }

    /// Notes what must be applied before the answer, and asks everybody whether this server still leads.
    fn read_index(&mut self, op: OpId, query: S::Query, ctx: &mut Context<Message<S>>) {
        if self.planted(Bug::StaleLeaderRead) && self.leads() {
            return self.read_here(op, &query, ctx);
        }
        let (hint, commit, own) = (self.leader_hint(), self.commit, self.slot(ctx.id()));
        let early = self.planted(Bug::ReadBeforeOwnCommit);
        let Role::Leader(leader) = &mut self.role else {
            return ctx.reply(op, CoreRet::NotLeader { leader: hint });
        };
        // Until an entry of its own term is committed, there may be committed entries that this leader does not know to
        // be: the opening entry comes after all of them.
        let index = if early { commit } else { commit.max(leader.opening) };
        leader.round += 1;
        if let Some(own) = own {
            leader.progress[own].round = leader.round;
        }
        leader.reads.push_back(WaitingRead { op, query, round: leader.round, index });
        self.ask_everybody(ctx);
        self.answer_reads(ctx);
    }

    /// Answers the questions whose round a majority has confirmed and whose entry has been applied.
    pub(super) fn answer_reads(&mut self, ctx: &mut Context<Message<S>>) {
        let quorum = self.quorum();
        let Role::Leader(leader) = &mut self.role else { return };
        if leader.reads.is_empty() {
            return;
        }
        let sure = reached(quorum, leader.progress.iter().map(|member| member.round));
        while let Some(read) = leader.reads.front() {
            if read.round > sure || read.index > self.applied {
                return;
            }
            let Some(read) = leader.reads.pop_front() else { return };
            let output = self.replica.machine().query(&read.query);
            ctx.reply(read.op, CoreRet::Done { output, index: self.applied });
        }
    }
}
