//! Making logs equal: the leader's half of section 5.3 of the paper.
//!
//! A leader never changes its own log except at the end; followers are brought to agree with it. Each `Append` names
//! the entry before the new ones. A follower that has this entry has, by induction, the leader's whole log up to it; one
//! that has not refuses, and the leader goes back until the two logs meet. From then on entries are sent as they come,
//! without waiting for those before to be confirmed; [`progress`](super::progress) says how many may be under way.

use super::core::{Core, Role, StateMachine};
use super::disk::{Content, Entries, Entry, Index, Position, RaftWrite, Term};
use super::message::{Appending, CoreTimer, Message};
use super::progress::Refused;
use super::slots::Slots;
use crate::actor::Context;
use std::mem;

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
        let audience = self.parts().all().or(members.unwrap_or_default().all()).without(self.own());
        self.replicate(audience, index, &entries, ctx);
        index
    }

    /// Sends the entry just appended, at `index`, to everybody in `audience` who has been sent everything before it, and as
    /// much as their windows have room for to the others.
    fn replicate(
        &mut self,
        audience: Slots,
        index: Index,
        entries: &Entries<S::Command>,
        ctx: &mut Context<Message<S>>,
    ) {
        for slot in audience.iter() {
            let Role::Leader(leader) = &self.role else { return };
            let progress = &leader.progress[slot];
            if !progress.has_room(self.settings.limits()) {
                continue;
            }
            if progress.next == index {
                self.send_entries(slot, entries.clone(), ctx);
            } else {
                self.send_missing(slot, ctx);
            }
        }
    }

    /// Sends a follower what it lacks, as much as its window has room for.
    fn send_missing(&mut self, slot: usize, ctx: &mut Context<Message<S>>) {
        if !self.parts().all().contains(slot) {
            return;
        }
        loop {
            let Role::Leader(leader) = &self.role else { return };
            let progress = &leader.progress[slot];
            let next = progress.next;
            if !progress.has_room(self.settings.limits()) || next > ctx.disk().last_index() {
                return;
            }
            if next <= ctx.disk().start().index {
                return self.send_snapshot(slot, ctx);
            }
            let entries = ctx.disk().batch(next, self.settings.max_batch);
            self.send_entries(slot, entries, ctx);
        }
    }

    /// Sends a follower its next entries.
    fn send_entries(&mut self, slot: usize, entries: Entries<S::Command>, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &mut self.role else { return };
        let progress = &mut leader.progress[slot];
        let (prev, last) = (progress.next - 1, progress.next - 1 + entries.len() as Index);
        progress.sent(last, Message::<S>::append_size(entries.len()));
        self.send_append(slot, prev, entries, ctx);
    }

    /// Sends one append whose entries follow index `prev`. Without entries it is a heartbeat.
    fn send_append(&mut self, slot: usize, prev: Index, entries: Entries<S::Command>, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &self.role else { return };
        let disk = ctx.disk();
        // What this leader has cut off it cannot name any more; with the place before every log everybody agrees.
        let prev = disk.term_at(prev).map_or(Position::default(), |term| Position { term, index: prev });
        let append = Message::Append { term: disk.term, prev, entries, commit: self.commit, round: leader.round };
        ctx.send(self.members[slot], append);
    }

    /// Sends an append without entries: a question that every follower answers.
    fn send_heartbeat(&mut self, slot: usize, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &self.role else { return };
        self.send_append(slot, leader.progress[slot].heartbeat_prev(), Entries::default(), ctx);
    }

    /// Asks everybody whether this server still leads.
    pub(super) fn ask_everybody(&mut self, ctx: &mut Context<Message<S>>) {
        for slot in self.parts().all().without(self.own()).iter() {
            self.send_heartbeat(slot, ctx);
        }
    }

    /// Time to speak to everybody: with entries, if a follower lacks some and may be sent them.
    pub(super) fn on_heartbeat_due(&mut self, ctx: &mut Context<Message<S>>) {
        self.begin_lease_round(ctx);
        let last = ctx.disk().last_index();
        for slot in self.parts().all().without(self.own()).iter() {
            let Role::Leader(leader) = &mut self.role else { return };
            let progress = &mut leader.progress[slot];
            progress.heartbeat();
            let lost = |sent| ctx.clock().since(sent) >= self.settings.election_timeout.max;
            if progress.awaits_snapshot().is_some_and(lost) {
                self.send_snapshot(slot, ctx);
            } else if progress.has_room(self.settings.limits()) && progress.next <= last {
                self.send_missing(slot, ctx);
            } else {
                self.send_heartbeat(slot, ctx);
            }
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
        // A refusal answers an append of an earlier term, whose rounds were counted by an earlier leader: it confirms nothing,
        // although the terms agree by now.
        let confirms = outcome != Appending::Deposed && round > progress.round;
        if confirms {
            progress.round = round;
        }
        match outcome {
            Appending::Matched { index } => self.on_matched(slot, index, ctx),
            Appending::Conflict { prev, term, first } => self.on_conflict(slot, prev, term, first, ctx),
            Appending::Deposed => {}
        }
        if confirms {
            self.answer_reads(ctx);
        }
    }

    /// The follower's log agrees up to `index`. Perhaps a majority's does now; and the follower has room for more.
    fn on_matched(&mut self, slot: usize, index: Index, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &mut self.role else { return };
        // No follower can agree further than there is something to agree with, whatever it says.
        if leader.progress[slot].agrees(index.min(ctx.disk().last_index())) {
            self.advance_commit(ctx);
            self.watch_newcomers(slot, ctx);
            self.hand_over(ctx);
        }
        self.send_missing(slot, ctx);
    }

    /// The follower does not have entry `prev`. If this is a probe, go back to where the logs may meet: to the end of what
    /// this leader has of the term in the way or, if it never saw that term, to where the follower's entries of it begin.
    fn on_conflict(
        &mut self,
        slot: usize,
        prev: Index,
        term: Option<Term>,
        first: Index,
        ctx: &mut Context<Message<S>>,
    ) {
        let Role::Leader(leader) = &mut self.role else { return };
        let disk = ctx.disk();
        let meeting = match term {
            Some(term) if disk.first_of(term) < disk.first_of(term + 1) => disk.first_of(term + 1),
            _ => first,
        };
        match leader.progress[slot].refuses(prev, meeting) {
            Refused::Wait => {}
            Refused::Retry => {
                ctx.note("append_conflicts", 1);
                self.send_missing(slot, ctx);
            }
            Refused::Resend(lost) if lost.first <= ctx.disk().start().index => self.send_snapshot(slot, ctx),
            Refused::Resend(lost) => {
                ctx.note("appends_resent", 1);
                let entries = ctx.disk().batch(lost.first, (lost.last - lost.first + 1) as u32);
                self.send_append(slot, lost.first - 1, entries, ctx);
            }
        }
    }
}
