//! Making logs equal: section 5.3 of the paper.
//!
//! A leader never changes its own log except at the end; followers are brought to agree with it. Each `Append` names
//! the entry before the new ones. A follower that has this entry has, by induction, the leader's whole log up to it; one
//! that has not refuses, and the leader goes back until the two logs meet.
//!
//! Appends may be lost, repeated and overtaken. A follower therefore touches its log only where an entry truly differs
//! from the leader's, and never because a message brought less than it already has.

use super::bugs::Bug;
use super::core::{Core, Role, StateMachine};
use super::disk::{Content, Entries, Entry, Index, Position, RaftWrite, Term};
use super::lease::Lease;
use super::message::{Appending, CoreTimer, Message};
use super::read::WaitingRead;
use super::reconfigure::ChangeUnderWay;
use super::slots::Slots;
use super::transfer::Transfer;
use crate::actor::{Context, OpId};
use crate::engine::{LocalTime, NodeId};
use std::collections::VecDeque;
use std::mem;

/// What a leader knows, beyond what every server knows. Forgotten when it steps down.
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

/// How far a follower has come, as its leader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Progress {
    /// The first entry to send next. A guess, corrected by refusals.
    pub(super) next: Index,
    /// Up to here the follower's log is known to agree, durably.
    pub(super) matched: Index,
    /// The last entry of the batch that is under way, if one is.
    pub(super) under_way: Option<Index>,
    /// The latest round that the follower has confirmed.
    pub(super) round: u64,
    /// Whether it has answered since the last look.
    pub(super) heard: bool,
    /// When it last answered.
    pub(super) contact: LocalTime,
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

impl Progress {
    /// A follower about which nothing is known; `next` is a guess, and it counts as heard `since` then.
    pub(super) fn unknown(next: Index, since: LocalTime) -> Self {
        Self { next, matched: 0, under_way: None, round: 0, heard: false, contact: since }
    }
}

impl<Q> Leader<Q> {
    /// A leader of `members` servers whose term begins with the entry at `opening`.
    pub(super) fn new(members: usize, opening: Index, now: LocalTime) -> Self {
        Self {
            progress: vec![Progress::unknown(opening, now); members],
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

impl<S: StateMachine> Core<S> {
    /// The leader appends an entry to its own log and brings it to everybody. Its own write comes first, so the entry
    /// is durable here before anybody else sees it.
    pub(super) fn append(&mut self, content: Content<S::Command>, ctx: &mut Context<Message<S>>) -> Index {
        let (term, after) = (ctx.disk().term, ctx.disk().last_index());
        let members = matches!(content, Content::Membership(_)).then(|| self.parts());
        let entries = Entries::from(Entry { term, content });
        ctx.write(RaftWrite::Append { after, entries: entries.clone() });
        if let Some(before) = members {
            self.log_changed(after, &entries);
            self.meet_newcomers(before, after, ctx.clock());
        }
        let (index, alone, own) = (after + 1, self.alone(), self.slot(ctx.id()));
        if let (Role::Leader(leader), Some(own)) = (&mut self.role, own) {
            leader.progress[own].next = index + 1;
            leader.progress[own].matched = if alone { leader.progress[own].matched } else { index };
        }
        if alone {
            let outcome = Appending::Matched { index };
            ctx.send(ctx.id(), Message::Appended { term, round: 0, outcome });
        }
        let audience = self.parts().all().or(members.unwrap_or_default().all());
        self.replicate(audience, (index, entries), ctx);
        index
    }

    /// Sends entries to everybody in `audience` who lacks some and has no batch under way. `fresh` are the entries just
    /// appended and where they begin: most followers need exactly these, and share them.
    fn replicate(&mut self, audience: Slots, fresh: (Index, Entries<S::Command>), ctx: &mut Context<Message<S>>) {
        let last = ctx.disk().last_index();
        for slot in audience.iter() {
            let Role::Leader(leader) = &self.role else { return };
            let Progress { next, under_way, .. } = leader.progress[slot];
            if under_way.is_some() || next > last {
                continue;
            }
            let entries = if next == fresh.0 { fresh.1.clone() } else { self.next_batch(next, ctx) };
            self.send_append(slot, entries, ctx);
        }
    }

    /// What to send to a follower whose next entry is `next`: as much as one message may carry.
    fn next_batch(&self, next: Index, ctx: &Context<Message<S>>) -> Entries<S::Command> {
        ctx.disk().batch(next, self.settings.max_batch)
    }

    /// Sends one append. Without entries it is a heartbeat, and does not count as a batch under way.
    pub(super) fn send_append(&mut self, slot: usize, entries: Entries<S::Command>, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &mut self.role else { return };
        let progress = &mut leader.progress[slot];
        let index = progress.next - 1;
        if !entries.is_empty() {
            progress.under_way = Some(index + entries.len() as Index);
        }
        let disk = ctx.disk();
        let prev = Position { term: disk.term_at(index).expect("a leader's log reaches its followers'"), index };
        let append = Message::Append { term: disk.term, prev, entries, commit: self.commit, round: leader.round };
        ctx.send(self.members[slot], append);
    }

    /// Sends an append without entries to everybody: a question that every follower answers.
    pub(super) fn ask_everybody(&mut self, ctx: &mut Context<Message<S>>) {
        for slot in self.parts().all().without(self.own()).iter() {
            self.send_append(slot, Entries::default(), ctx);
        }
    }

    /// Time to speak to everybody. Whoever lacks entries gets them, even if a batch is under way: it may be lost.
    pub(super) fn on_heartbeat_due(&mut self, ctx: &mut Context<Message<S>>) {
        self.begin_lease_round(ctx);
        for slot in self.parts().all().without(self.own()).iter() {
            let Role::Leader(leader) = &self.role else { return };
            let entries = self.next_batch(leader.progress[slot].next, ctx);
            self.send_append(slot, entries, ctx);
        }
        self.arm(CoreTimer::Heartbeat, self.settings.heartbeat, ctx);
        self.lose_patience_with_newcomers(ctx);
    }

    /// Has a majority answered since the last look? If not, this leader may long have been replaced behind its back, and
    /// had better refuse its clients than keep them waiting.
    pub(super) fn on_quorum_due(&mut self, ctx: &mut Context<Message<S>>) {
        if let Some(lease) = self.settings.leader_lease {
            return self.on_lease_due(lease, ctx);
        }
        let (electorate, own) = (self.electorate(), self.own());
        let Role::Leader(leader) = &mut self.role else { return };
        let answered = leader.progress.iter_mut().enumerate();
        let answered: Slots =
            answered.filter_map(|(slot, progress)| mem::take(&mut progress.heard).then_some(slot)).collect();
        if !electorate.wins(answered.or(own)) {
            ctx.note("quorums_lost", 1);
            return self.follow(ctx.disk().term, None, ctx);
        }
        self.arm(CoreTimer::Quorum, self.settings.quorum_timeout(), ctx);
    }

    /// Somebody claims to lead in `term`. Returns whether this server accepts it as its leader; if not, it has already
    /// answered what needs an answer.
    pub(super) fn hear_leader(&mut self, from: NodeId, term: Term, round: u64, ctx: &mut Context<Message<S>>) -> bool {
        let current = ctx.disk().term;
        // A leader of the past: tell it so.
        if term < current {
            ctx.send(from, Message::Appended { term: current, round, outcome: Appending::Deposed });
            return false;
        }
        match &mut self.role {
            // Never while elections are safe: there cannot be two leaders in one term.
            Role::Leader(_) if term == current => return false,
            // The usual case: the leader that this server knows.
            Role::Follower { leader: Some(leader), heard } if term == current && *leader == from => {
                *heard = ctx.clock()
            }
            // A new leader, perhaps of a later term, perhaps one that this server wanted to be.
            _ => self.follow(term, Some(from), ctx),
        }
        self.await_leader(ctx);
        true
    }

    /// The leader brings entries. If this log holds the entry before them, make it agree up to the last of them.
    pub(super) fn on_append(
        &mut self,
        from: NodeId,
        prev: Position,
        entries: Entries<S::Command>,
        commit: Index,
        round: u64,
        ctx: &mut Context<Message<S>>,
    ) {
        let (term, here) = (ctx.disk().term, ctx.disk().term_at(prev.index));
        // The entry is missing, or another one stands in its place: say from where on the leader should try.
        if here != Some(prev.term) && !self.planted(Bug::NoPrevCheck) {
            let end = ctx.disk().last_index() + 1;
            let first = here.map_or(end, |term| ctx.disk().first_of(term).min(prev.index));
            let outcome = Appending::Conflict { prev: prev.index, term: here, first };
            ctx.send(from, Message::Appended { term, round, outcome });
            return;
        }
        let index = prev.index + entries.len() as Index;
        let answer = Message::Appended { term, round, outcome: Appending::Matched { index } };
        if self.planted(Bug::AckBeforeDurable) {
            ctx.send(from, answer.clone());
        }
        self.store(prev.index, entries, ctx);
        self.learn_commit(commit, index, ctx);
        ctx.send(from, answer);
    }

    /// Makes the log agree with `entries`, which follow index `after`. What agrees already is left alone, and so is what
    /// lies beyond the last of them, unless an entry contradicts it: this message may have been overtaken by later ones.
    fn store(&mut self, after: Index, entries: Entries<S::Command>, ctx: &mut Context<Message<S>>) {
        let disk = ctx.disk();
        let agrees = |(place, entry): (usize, &Entry<_>)| disk.term_at(after + 1 + place as Index) == Some(entry.term);
        let known = entries.iter().enumerate().take_while(|pair| agrees(*pair)).count();
        let (last, after) = (disk.last_index(), after.min(disk.last_index()));
        if self.planted(Bug::AlwaysTruncate) {
            self.log_changed(after, &entries);
            return ctx.write(RaftWrite::Append { after, entries });
        }
        if known == entries.len() {
            return;
        }
        let after = (after + known as Index).min(last);
        if after < last {
            ctx.note("log_truncations", 1);
        }
        let entries = if known == 0 { entries } else { Entries::from(&entries[known..]) };
        self.log_changed(after, &entries);
        ctx.write(RaftWrite::Append { after, entries });
    }

    /// A follower answered.
    pub(super) fn on_appended(
        &mut self,
        slot: usize,
        term: Term,
        round: u64,
        outcome: Appending,
        ctx: &mut Context<Message<S>>,
    ) {
        let current = ctx.disk().term;
        // It knows a later term: this leader has been deposed.
        if term > current {
            return self.follow(term, None, ctx);
        }
        let Role::Leader(leader) = &mut self.role else { return };
        // It answers a leader that this server was in an earlier term.
        if term < current {
            return;
        }
        let progress = &mut leader.progress[slot];
        progress.heard = true;
        progress.contact = ctx.clock();
        let confirms = round > progress.round;
        progress.round = progress.round.max(round);
        match outcome {
            Appending::Matched { index } => self.on_matched(slot, index, ctx),
            Appending::Conflict { prev, term, first } => self.on_conflict(slot, prev, term, first, ctx),
            Appending::Deposed => {}
        }
        if confirms {
            self.answer_reads(ctx);
        }
    }

    /// The follower's log agrees up to `index`. Perhaps a majority's does now; and if the follower lacks more, it gets the
    /// next batch, unless this answer is older than the batch under way.
    fn on_matched(&mut self, slot: usize, index: Index, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &mut self.role else { return };
        let progress = &mut leader.progress[slot];
        // No follower can agree further than there is something to agree with, whatever it says.
        let index = index.min(ctx.disk().last_index());
        let advanced = index > progress.matched;
        progress.matched = progress.matched.max(index);
        progress.next = progress.next.max(index + 1);
        if progress.under_way.is_some_and(|last| last <= index) {
            progress.under_way = None;
        }
        if advanced {
            self.advance_commit(ctx);
            self.watch_newcomers(slot, ctx);
            self.hand_over(ctx);
        }
        self.send_next(slot, ctx);
    }

    /// The follower does not have entry `prev`. Go back to where the logs may meet: to the end of what this leader has of
    /// the term in the way or, if it never saw that term, to where the follower's entries of it begin.
    fn on_conflict(
        &mut self,
        slot: usize,
        prev: Index,
        term: Option<Term>,
        first: Index,
        ctx: &mut Context<Message<S>>,
    ) {
        let Role::Leader(leader) = &mut self.role else { return };
        let progress = &mut leader.progress[slot];
        // An old refusal: this leader has gone elsewhere since.
        if prev + 1 != progress.next || prev == 0 {
            return;
        }
        ctx.note("append_conflicts", 1);
        let disk = ctx.disk();
        let meeting = match term {
            Some(term) if disk.first_of(term) < disk.first_of(term + 1) => disk.first_of(term + 1),
            _ => first,
        };
        progress.next = meeting.clamp(1, prev);
        progress.under_way = None;
        self.send_next(slot, ctx);
    }

    /// Sends the follower its next batch, if it lacks anything and has none under way.
    fn send_next(&mut self, slot: usize, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &self.role else { return };
        let Progress { next, under_way, .. } = leader.progress[slot];
        if under_way.is_some() || next > ctx.disk().last_index() || !self.parts().all().contains(slot) {
            return;
        }
        let entries = self.next_batch(next, ctx);
        self.send_append(slot, entries, ctx);
    }
}
