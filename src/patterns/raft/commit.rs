//! When an entry counts, and what happens then: sections 5.3 and 5.4.2 of the paper.
//!
//! An entry of the leader's own term is committed as soon as a majority holds it. An entry of an earlier term is *not*,
//! however many hold it: figure 8 of the paper shows how such an entry can still be replaced. It is committed along
//! with the first entry of the leader's own term after it.

use super::bugs::Bug;
use super::core::{Core, Role, StateMachine};
use super::disk::{Content, Index, Proposal};
use super::leader::Waiting;
use super::membership::Refusal;
use super::message::{CoreRet, Message};
use crate::actor::{Context, OpId};
use crate::engine::NodeId;

impl<S: StateMachine> Core<S> {
    /// Somebody wants a command carried out. The leader gives it a place in the log and answers when it has been applied
    /// there; everybody else says who leads.
    pub(super) fn on_propose(
        &mut self,
        op: OpId,
        client: NodeId,
        sequence: u64,
        command: S::Command,
        ctx: &mut Context<Message<S>>,
    ) {
        let hint = self.leader_hint();
        let Role::Leader(leader) = &mut self.role else {
            return ctx.reply(op, CoreRet::NotLeader { leader: hint });
        };
        // The client asks again about a command that has taken effect here: repeat the answer, not the command.
        if let Some((output, index)) = self.replica.answered(client, sequence) {
            ctx.note("duplicates_answered", 1);
            return ctx.reply(op, CoreRet::Done { output, index });
        }
        // Whoever is to take over has to catch up with a log that stands still.
        if leader.transfer.is_some() {
            return ctx.reply(op, CoreRet::Refused { why: Refusal::TransferUnderWay });
        }
        let index = ctx.disk().last_index() + 1;
        leader.proposals.push_back(Waiting { index, op, query: None });
        let appended = self.append(Content::Command(Proposal { client, sequence, command }), ctx);
        debug_assert_eq!(appended, index, "nothing comes between choosing a place in the log and taking it");
    }

    /// A leader looks how far a majority agrees with it, and commits so far, if the last entry there is its own.
    pub(super) fn advance_commit(&mut self, ctx: &mut Context<Message<S>>) {
        let electorate = self.electorate();
        let Role::Leader(leader) = &self.role else { return };
        let agreed = electorate.reached(|slot| leader.progress[slot].matched);
        let own_term = ctx.disk().term_at(agreed) == Some(ctx.disk().term) || self.planted(Bug::CountOldTerms);
        if agreed > self.commit && own_term {
            self.commit = agreed;
            self.apply_committed(ctx);
            self.answer_reads(ctx);
            self.advance_change(ctx);
        }
    }

    /// A follower hears that the leader has committed up to `commit`. It may take over only so much as it knows to agree
    /// with the leader's log, which is up to `agreed`.
    pub(super) fn learn_commit(&mut self, commit: Index, agreed: Index, ctx: &mut Context<Message<S>>) {
        let known = if self.planted(Bug::CommitBeyondAgreed) { ctx.disk().last_index() } else { agreed };
        let commit = commit.min(known).min(ctx.disk().last_index());
        if commit > self.commit {
            self.commit = commit;
            self.apply_committed(ctx);
            self.answer_forwarded(ctx);
        }
    }

    /// Applies what is committed and has not been applied, in order, and answers whoever waits for it here.
    fn apply_committed(&mut self, ctx: &mut Context<Message<S>>) {
        self.compact(ctx);
        while self.applied < self.commit {
            let index = self.applied + 1;
            let entry = ctx.disk().entry(index).expect("a committed entry is in the log");
            let proposal = entry.command();
            let done = proposal.and_then(|proposal| self.replica.apply(index, proposal));
            if self.planted(Bug::NoSessionTable) {
                self.replica.forget_sessions();
            }
            self.applied = index;
            let Role::Leader(leader) = &mut self.role else { continue };
            if leader.proposals.front().is_none_or(|waiting| waiting.index != index) {
                continue;
            }
            let Some(waiting) = leader.proposals.pop_front() else { continue };
            match (waiting.query, done) {
                // A question's place in the log has come: the state is exactly that of its place.
                (Some(query), _) => {
                    let output = self.replica.machine().query(&query);
                    ctx.reply(waiting.op, CoreRet::Done { output, index });
                }
                (None, Some((output, index))) => ctx.reply(waiting.op, CoreRet::Done { output, index }),
                // A command from before its client's latest: nobody waits for it any more.
                (None, None) => {}
            }
        }
    }
}
