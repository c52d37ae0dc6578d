//! Becoming the leader: sections 5.2 and 5.4.1 of the paper, and section 9.6 of the dissertation.
//!
//! Two rules make an election safe. A server votes once in a term, and its disk remembers for whom: so a term has at
//! most one leader. And it votes only for a log at least as complete as its own: so a leader has every committed entry.
//!
//! Sounding out beforehand (`pre_vote`) protects nobody's data but everybody's peace: a server that was cut off would
//! otherwise come back with a high term and depose a leader that serves everybody else well.

use super::bugs::Bug;
use super::core::{Core, Role, StateMachine};
use super::disk::{Position, RaftWrite, Term};
use super::leader::Leader;
use super::message::{CoreTimer, Message};
use crate::actor::Context;
use crate::engine::NodeId;

/// Who said yes, one bit for each member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Votes(u128);

impl Votes {
    /// How many members there can be.
    pub(super) const MOST: usize = 128;

    /// Counts the vote of the member in `slot`, once however often it arrives.
    pub(super) fn add(&mut self, slot: usize) {
        debug_assert!(slot < Self::MOST, "every member has a bit");
        self.0 |= 1 << slot;
    }

    /// How many members said yes.
    pub(super) fn count(self) -> usize {
        self.0.count_ones() as usize
    }
}

impl<S: StateMachine> Core<S> {
    /// Nothing was heard of a leader for too long, or an election came to nothing: try to become the leader.
    pub(super) fn on_election_timeout(&mut self, ctx: &mut Context<Message<S>>) {
        if self.leads() {
            return;
        }
        if self.settings.pre_vote { self.sound_out(ctx) } else { self.campaign(ctx) }
    }

    /// Asks everybody whether they would vote for this server. Nothing is promised and no term is used up.
    fn sound_out(&mut self, ctx: &mut Context<Message<S>>) {
        ctx.note("pre_votes", 1);
        self.role = Role::PreCandidate { votes: Votes::default() };
        let term = ctx.disk().term + 1;
        self.ask_for_votes(term, true, ctx);
    }

    /// Begins a new term, votes for itself in it, and asks everybody else to do the same.
    fn campaign(&mut self, ctx: &mut Context<Message<S>>) {
        ctx.note("candidacies", 1);
        let votes = match self.role {
            Role::Candidate { votes } if self.planted(Bug::VotesKeptAcrossTerms) => votes,
            Role::PreCandidate { votes } if self.planted(Bug::PreVotesCount) => votes,
            _ => Votes::default(),
        };
        self.role = Role::Candidate { votes };
        let term = ctx.disk().term + 1;
        ctx.write(RaftWrite::Term { term, vote: Some(ctx.id()) });
        self.ask_for_votes(term, false, ctx);
    }

    /// Sends the request, waits for another election timeout at most, and counts this server's own vote.
    fn ask_for_votes(&mut self, term: Term, pre: bool, ctx: &mut Context<Message<S>>) {
        let (own, last) = (ctx.id(), ctx.disk().last());
        for &member in self.members.iter().filter(|member| **member != own) {
            ctx.send(member, Message::RequestVote { term, last, pre });
        }
        ctx.arm(CoreTimer::Election, self.settings.election_timeout);
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
    pub(super) fn on_request_vote(&mut self, from: NodeId, term: Term, last: Position, ctx: &mut Context<Message<S>>) {
        let current = ctx.disk().term;
        // A new term, a new vote.
        let vote = ctx.disk().vote.filter(|_| term <= current);
        let free = vote.is_none() || vote == Some(from) || self.planted(Bug::DoubleVote);
        let granted = term >= current && free && self.complete_enough(last, ctx);
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
            ctx.arm(CoreTimer::Election, self.settings.election_timeout);
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
        let quorum = self.quorum();
        match &mut self.role {
            Role::PreCandidate { votes } => {
                votes.add(slot);
                if votes.count() >= quorum {
                    self.campaign(ctx);
                }
            }
            Role::Candidate { votes } => {
                votes.add(slot);
                if votes.count() >= quorum {
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
        self.role = Role::Leader(Leader::new(self.members.len(), opening));
        ctx.disarm(CoreTimer::Election);
        ctx.arm(CoreTimer::Heartbeat, self.settings.heartbeat);
        if self.settings.check_quorum {
            ctx.arm(CoreTimer::Quorum, self.settings.election_timeout.max);
        }
        self.append(None, ctx);
    }

    /// Whether a log that ends at `last` holds every entry that this server knows to be committed, and perhaps more.
    fn complete_enough(&self, last: Position, ctx: &Context<Message<S>>) -> bool {
        last >= ctx.disk().last() || self.planted(Bug::VoteWithoutLogCheck)
    }

    /// Whether this server leads, or has heard a leader so recently that wanting another one is premature.
    fn has_live_leader(&self, ctx: &Context<Message<S>>) -> bool {
        match self.role {
            Role::Leader(_) => true,
            Role::Follower { leader: Some(_), heard } => ctx.clock().since(heard) < self.settings.election_timeout.min,
            _ => false,
        }
    }
}
