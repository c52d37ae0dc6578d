//! Becoming the leader: sections 5.2 and 5.4.1 of the paper, and section 9.6 of the dissertation.
//!
//! Two rules make an election safe. A server votes once in a term, and its disk remembers for whom: so a term has at
//! most one leader. And it votes only for a log at least as complete as its own: so a leader has every committed entry.
//!
//! Sounding out beforehand (`pre_vote`) protects nobody's data but everybody's peace: a server that was cut off would
//! otherwise come back with a high term and depose a leader that serves everybody else well.

use super::bugs::Bug;
use super::core::{Core, Reads, Role, StateMachine};
use super::disk::{Content, Position, RaftWrite, Term};
use super::leader::Leader;
use super::message::{CoreTimer, Message};
use super::slots::Slots;
use crate::actor::Context;
use crate::engine::NodeId;

impl<S: StateMachine> Core<S> {
    /// Nothing was heard of a leader for too long, or an election came to nothing: try to become the leader.
    pub(super) fn on_election_timeout(&mut self, ctx: &mut Context<Message<S>>) {
        if self.leads() {
            return;
        }
        if !self.may_lead() {
            self.follow(ctx.disk().term, None, ctx);
            return self.await_leader(ctx);
        }
        if self.settings.pre_vote { self.sound_out(ctx) } else { self.campaign(false, ctx) }
    }

    /// Waits for a leader, for as long as patience lasts.
    pub(super) fn await_leader(&self, ctx: &mut Context<Message<S>>) {
        self.arm(CoreTimer::Election, self.settings.election_timeout, ctx);
    }

    /// Asks everybody whether they would vote for this server. Nothing is promised and no term is used up.
    fn sound_out(&mut self, ctx: &mut Context<Message<S>>) {
        ctx.note("pre_votes", 1);
        self.role = Role::PreCandidate { votes: Slots::NONE };
        let term = ctx.disk().term + 1;
        self.ask_for_votes(term, true, false, ctx);
    }

    /// Begins a new term, votes for itself in it, and asks everybody else to do the same. `transfer` says that the
    /// leader wants it so.
    pub(super) fn campaign(&mut self, transfer: bool, ctx: &mut Context<Message<S>>) {
        ctx.note("candidacies", 1);
        let votes = match self.role {
            Role::Candidate { votes, .. } if self.planted(Bug::VotesKeptAcrossTerms) => votes,
            Role::PreCandidate { votes } if self.planted(Bug::PreVotesCount) => votes,
            _ => Slots::NONE,
        };
        self.role = Role::Candidate { votes, told: transfer };
        let term = ctx.disk().term + 1;
        ctx.write(RaftWrite::Term { term, vote: Some(ctx.id()) });
        self.ask_for_votes(term, false, transfer, ctx);
    }

    /// Sends the request, waits for another election timeout at most, and counts this server's own vote.
    fn ask_for_votes(&mut self, term: Term, pre: bool, transfer: bool, ctx: &mut Context<Message<S>>) {
        let (own, last) = (ctx.id(), ctx.disk().last());
        for slot in self.parts().electors().without(self.own()).iter() {
            ctx.send(self.members[slot], Message::RequestVote { term, last, pre, transfer });
        }
        self.await_leader(ctx);
        // Its own vote counts when it is durable. That is certain by the time any other vote arrives; a server on its own
        // waits for it by way of a message to itself.
        if self.alone() {
            return ctx.send(own, Message::Vote { term, granted: true, pre });
        }
        if let Some(own) = self.slot(own) {
            self.count(own, ctx);
        }
    }

    /// Somebody sounds out. Answer honestly, and change nothing: not the term, not the vote, no alarm.
    pub(super) fn on_request_pre_vote(
        &mut self,
        from: NodeId,
        term: Term,
        last: Position,
        ctx: &mut Context<Message<S>>,
    ) {
        let current = ctx.disk().term;
        let granted = term > current && self.complete_enough(last, ctx) && !self.has_live_leader(ctx);
        let term = if granted { term } else { current };
        ctx.send(from, Message::Vote { term, granted, pre: true });
    }

    /// A candidate asks for a vote. It gets it if it asks for the current term, this server has not voted for another
    /// in that term, and the candidate's log holds at least what this one's does.
    pub(super) fn on_request_vote(
        &mut self,
        from: NodeId,
        term: Term,
        last: Position,
        transfer: bool,
        ctx: &mut Context<Message<S>>,
    ) {
        let current = ctx.disk().term;
        // Whoever hears from a leader does not help to depose it, and does not even take over the term: the candidate may
        // be a server that was removed and does not know it (section 4.2.3 of the dissertation). Only with
        // `check_quorum`: a leader that nobody answers must be deposable.
        if self.settings.check_quorum && !transfer && term > current && self.has_live_leader(ctx) {
            return ctx.send(from, Message::Vote { term: current, granted: false, pre: false });
        }
        // A new term, a new vote.
        let vote = ctx.disk().vote.filter(|_| term <= current);
        let free = vote.is_none() || vote == Some(from) || self.planted(Bug::DoubleVote);
        let vouched = transfer && self.planted(Bug::TransferSkipsLogCheck);
        let granted = term >= current && free && (vouched || self.complete_enough(last, ctx));
        let answer = Message::Vote { term: term.max(current), granted, pre: false };
        if granted && self.planted(Bug::VoteBeforeDurable) {
            ctx.send(from, answer.clone());
        }
        if granted && vote != Some(from) {
            ctx.write(RaftWrite::Term { term, vote: Some(from) });
        }
        if term > current {
            self.follow(term, None, ctx);
        }
        if granted {
            self.await_leader(ctx);
        }
        ctx.send(from, answer);
    }

    /// An answer to sounding out. Enough of them, and the election begins.
    pub(super) fn on_pre_vote(&mut self, slot: usize, term: Term, granted: bool, ctx: &mut Context<Message<S>>) {
        let current = ctx.disk().term;
        // The voter knows a later term than this server does: learn it, and wait.
        if !granted && term > current {
            return self.follow(term, None, ctx);
        }
        // A yes to the question that this server is asking now.
        if granted && term == current + 1 && matches!(self.role, Role::PreCandidate { .. }) {
            self.count(slot, ctx);
        }
    }

    /// A vote, or the refusal of one. Votes of other terms are void.
    pub(super) fn on_vote(&mut self, slot: usize, term: Term, granted: bool, ctx: &mut Context<Message<S>>) {
        let current = ctx.disk().term;
        // The voter knows a later term: this election is lost.
        if term > current {
            return self.follow(term, None, ctx);
        }
        if granted && term == current && matches!(self.role, Role::Candidate { .. }) {
            self.count(slot, ctx);
        }
    }

    /// Counts a yes for the role that this server plays; a majority moves it on.
    fn count(&mut self, slot: usize, ctx: &mut Context<Message<S>>) {
        let electorate = self.electorate();
        match &mut self.role {
            Role::PreCandidate { votes } => {
                votes.add(slot);
                if electorate.wins(*votes) {
                    self.campaign(false, ctx);
                }
            }
            Role::Candidate { votes, .. } => {
                votes.add(slot);
                if electorate.wins(*votes) {
                    self.lead(ctx);
                }
            }
            Role::Follower { .. } | Role::Leader(_) => {}
        }
    }

    /// A majority voted for this server: it leads. An empty entry opens the term; once it is committed, so is
    /// everything before it.
    fn lead(&mut self, ctx: &mut Context<Message<S>>) {
        ctx.note("elections", 1);
        let opening = ctx.disk().last_index() + 1;
        self.role = Role::Leader(Box::new(Leader::new(self.members.len(), opening, ctx.clock())));
        ctx.disarm(CoreTimer::Election);
        self.arm(CoreTimer::Heartbeat, self.settings.heartbeat, ctx);
        if self.settings.check_quorum {
            self.arm(CoreTimer::Quorum, self.settings.quorum_timeout(), ctx);
        }
        self.append(Content::Empty, ctx);
    }

    /// Whether a log that ends at `last` holds every entry that this server knows to be committed, and perhaps more.
    fn complete_enough(&self, last: Position, ctx: &Context<Message<S>>) -> bool {
        last >= ctx.disk().last() || self.planted(Bug::VoteWithoutLogCheck)
    }

    /// Whether this server leads, or has heard a leader so recently that wanting another one is premature.
    pub(super) fn has_live_leader(&self, ctx: &Context<Message<S>>) -> bool {
        if self.planted(Bug::RemovedServerDisrupts) {
            return false;
        }
        let recent = |heard| ctx.clock().since(heard) < self.settings.election_timeout.min;
        match self.role {
            Role::Leader(_) => true,
            Role::Follower { leader: Some(_), heard } => recent(heard),
            // After a crash nobody remembers whom it heard when; where leaders rely on it, assume the worst.
            Role::Follower { .. } => self.settings.reads == Reads::Lease && recent(self.started),
            _ => false,
        }
    }
}
