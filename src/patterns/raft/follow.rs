//! Taking over a leader's log: the follower's half of section 5.3 of the paper.
//!
//! Appends may be lost, repeated and overtaken. A follower therefore touches its log only where an entry truly differs
//! from the leader's, and never because a message brought less than it already has.

use super::bugs::Bug;
use super::core::{Core, Role, StateMachine};
use super::disk::{Entries, Entry, Index, Position, RaftWrite, Term};
use super::message::{Appending, Message};
use crate::actor::Context;
use crate::engine::NodeId;

impl<S: StateMachine> Core<S> {
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

    /// The leader brings entries. If this log holds the entry before them, make it agree up to the last of them, and further
    /// if what comes next is already here.
    pub(super) fn on_append(
        &mut self,
        from: NodeId,
        prev: Position,
        entries: Entries<S::Command>,
        commit: Index,
        round: u64,
        ctx: &mut Context<Message<S>>,
    ) {
        let term = ctx.disk().term;
        if !self.follows(prev, ctx) {
            let outcome = refusal(prev, ctx);
            if self.early.keep(term, prev.index, entries, self.settings.max_inflight - 1) {
                ctx.note("appends_early", 1);
            }
            return ctx.send(from, Message::Appended { term, round, outcome });
        }
        let mut index = prev.index + entries.len() as Index;
        if self.planted(Bug::AckBeforeDurable) {
            ctx.send(from, Message::Appended { term, round, outcome: Appending::Matched { index } });
        }
        self.store(prev.index, entries, ctx);
        while let Some(entries) = self.early.next(term, index) {
            let after = index;
            index += entries.len() as Index;
            self.store(after, entries, ctx);
        }
        self.learn_commit(commit, index, ctx);
        ctx.send(from, Message::Appended { term, round, outcome: Appending::Matched { index } });
    }

    /// Whether this log holds the entry at `prev`. What has been cut off was committed, so every leader has it too.
    fn follows(&self, prev: Position, ctx: &Context<Message<S>>) -> bool {
        let disk = ctx.disk();
        let cut = prev.index < disk.start().index;
        cut || disk.term_at(prev.index) == Some(prev.term) || self.planted(Bug::NoPrevCheck)
    }

    /// Makes the log agree with `entries`, which follow index `after`. What agrees already is left alone, and so is what
    /// lies beyond the last of them, unless an entry contradicts it: this message may have been overtaken by later ones.
    fn store(&mut self, after: Index, entries: Entries<S::Command>, ctx: &mut Context<Message<S>>) {
        let disk = ctx.disk();
        let (start, last) = (disk.start().index, disk.last_index());
        let agrees = |(place, entry): (usize, &Entry<_>)| {
            let index = after + 1 + place as Index;
            index <= start || disk.term_at(index) == Some(entry.term)
        };
        let mut known = entries.iter().enumerate().take_while(|pair| agrees(*pair)).count();
        if self.planted(Bug::NeverTruncate) {
            known = entries.len().min(last.saturating_sub(after) as usize);
        }
        if self.planted(Bug::AlwaysTruncate) && after >= start {
            let after = after.min(last);
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
}

/// The entry at `prev` is missing here, or another one stands in its place: say from where on the leader should try.
fn refusal<S: StateMachine>(prev: Position, ctx: &Context<Message<S>>) -> Appending {
    let disk = ctx.disk();
    let term = disk.term_at(prev.index);
    let first = term.map_or(disk.last_index() + 1, |term| disk.first_of(term).min(prev.index));
    Appending::Conflict { prev: prev.index, term, first }
}
