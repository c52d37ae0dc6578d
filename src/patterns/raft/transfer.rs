//! Handing the leadership over: section 3.10 of the dissertation.
//!
//! The leader takes no commands any more, waits until the chosen server has its whole log, and tells it to call an
//! election at once. The others need not wait for their timeouts to agree: the request says that the leader wants it so. If
//! nothing has come of it after an election timeout, the leader goes on as before; if it was the message that was late,
//! the election takes place all the same, and is as safe as any other, because the voters still compare logs.

use super::core::{Core, Role, StateMachine};
use super::disk::Term;
use super::membership::Refusal;
use super::message::{CoreRet, CoreTimer, Message};
use crate::actor::{Context, OpId};
use crate::engine::NodeId;

/// A transfer under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Transfer {
    /// Whom to answer.
    pub(super) op: OpId,
    /// The chosen server's slot.
    to: usize,
    /// Whether it has been told.
    told: bool,
}

impl<S: StateMachine> Core<S> {
    /// Somebody wants `to` to lead.
    pub(super) fn on_transfer(&mut self, op: OpId, to: NodeId, ctx: &mut Context<Message<S>>) {
        let (hint, voters) = (self.leader_hint(), self.parts().voters);
        let slot = self.slot(to).filter(|slot| voters.contains(*slot));
        let Role::Leader(leader) = &mut self.role else {
            return ctx.reply(op, CoreRet::NotLeader { leader: hint });
        };
        if to == ctx.id() {
            return ctx.reply(op, CoreRet::Leads);
        }
        let refused = match slot {
            None => Some(Refusal::Impossible),
            Some(_) if leader.transfer.is_some() => Some(Refusal::TransferUnderWay),
            Some(_) if leader.change.is_some() => Some(Refusal::ChangeUnderWay),
            Some(_) => None,
        };
        if let Some(why) = refused {
            return ctx.reply(op, CoreRet::Refused { why });
        }
        leader.transfer = slot.map(|to| Transfer { op, to, told: false });
        ctx.note("transfers", 1);
        self.arm(CoreTimer::Transfer, self.settings.election_timeout.max, ctx);
        self.hand_over(ctx);
    }

    /// Tells the chosen server to call an election, once it has the whole log.
    pub(super) fn hand_over(&mut self, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &mut self.role else { return };
        let Some(transfer) = leader.transfer.as_mut().filter(|transfer| !transfer.told) else { return };
        if leader.progress[transfer.to].matched < ctx.disk().last_index() {
            return;
        }
        transfer.told = true;
        // From now on the others may elect somebody although they hear this leader: its lease is worth nothing. And
        // nobody knows when the message arrives, so that holds for the rest of the term.
        leader.lease.give_up();
        ctx.send(self.members[transfer.to], Message::TimeoutNow { term: ctx.disk().term });
    }

    /// The transfer takes too long: lead on.
    pub(super) fn on_transfer_due(&mut self, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &mut self.role else { return };
        let Some(transfer) = leader.transfer.take() else { return };
        ctx.note("transfers_timed_out", 1);
        ctx.reply(transfer.op, CoreRet::Refused { why: Refusal::TransferTimedOut });
    }

    /// The leader of `term` wants this server to lead.
    pub(super) fn on_timeout_now(&mut self, term: Term, ctx: &mut Context<Message<S>>) {
        if term == ctx.disk().term && !self.leads() && self.may_lead() {
            self.campaign(true, ctx);
        }
    }
}
