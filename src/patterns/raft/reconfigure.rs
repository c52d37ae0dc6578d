//! Changing who takes part, step by step: chapter 4 of the dissertation.
//!
//! A change goes through up to three entries, and each must be committed before the next. Newcomers first become learners
//! and catch up in *rounds*: a round is over when they have what the log held when it began, and they have caught up when
//! a round took less than an election timeout (section 4.2.1). Then the members change, in one step or through a joint
//! membership. A leader that was removed leads until its removal is committed, without counting itself, and steps down.
//!
//! A leader that finds a joint membership in its log, perhaps begun by its predecessor, leads out of it. What a dead leader
//! had not begun is forgotten; whoever wanted it asks again.

use super::bugs::Bug;
use super::core::{Core, Role, StateMachine};
use super::disk::{Content, Index};
use super::membership::{Change, Changes, Parts, Refusal};
use super::message::{CoreRet, Message};
use super::progress::Progress;
use super::slots::Slots;
use crate::actor::{Context, OpId};
use crate::engine::LocalTime;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// After so many rounds a newcomer is too slow (section 4.2.1 of the dissertation).
const MOST_ROUNDS: u32 = 10;

/// When a newcomer has caught up and gets its vote.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CatchUp {
    /// When a round of replication takes less than the least election timeout; it gets ten (section 4.2.1 of the
    /// dissertation).
    #[default]
    Rounds,
    /// When it holds nine tenths of the leader's log, as etcd has it.
    NineTenths,
    /// At once, with an empty log: until it has caught up, it may be what a majority waits for.
    Never,
}

/// A change that a leader has been asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ChangeUnderWay {
    /// Whom to answer.
    pub(super) op: OpId,
    /// What the members are to be.
    goal: Parts,
    /// The newcomers, while they catch up.
    learning: Option<Learning>,
}

/// Newcomers that catch up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Learning {
    newcomers: Slots,
    /// What the log held when the round began.
    until: Index,
    began: LocalTime,
    rounds: u32,
}

impl<S: StateMachine> Core<S> {
    /// Somebody wants the members changed.
    pub(super) fn on_change(&mut self, op: OpId, change: &Change, ctx: &mut Context<Message<S>>) {
        let (hint, (at, now)) = (self.leader_hint(), self.memberships.in_force());
        let Role::Leader(leader) = &self.role else {
            return ctx.reply(op, CoreRet::NotLeader { leader: hint });
        };
        let busy = leader.change.is_some() || at > self.commit || now.is_joint();
        let early = self.commit < leader.opening;
        let refuse = |why, ctx: &mut Context<Message<S>>| ctx.reply(op, CoreRet::Refused { why });
        if leader.transfer.is_some() {
            return refuse(Refusal::TransferUnderWay, ctx);
        }
        if early && !self.planted(Bug::ChangeBeforeOwnCommit) {
            return refuse(Refusal::OwnTermNotCommitted, ctx);
        }
        if busy && !self.planted(Bug::TwoChangesAtOnce) {
            return refuse(Refusal::ChangeUnderWay, ctx);
        }
        let Some(goal) = now.changed(change, &self.members) else { return refuse(Refusal::Impossible, ctx) };
        if goal == now {
            return ctx.reply(op, CoreRet::Changed { index: at });
        }
        let newcomers = goal.voters.without(now.voters);
        let changed = newcomers.count() + now.voters.without(goal.voters).count();
        if self.settings.changes == Changes::Single && changed > 1 {
            return refuse(Refusal::OneAtATime, ctx);
        }
        self.begin_change(op, goal, newcomers, ctx);
    }

    /// Takes the first step: newcomers learn before they vote.
    fn begin_change(&mut self, op: OpId, goal: Parts, newcomers: Slots, ctx: &mut Context<Message<S>>) {
        let now = self.parts();
        let learn = !newcomers.is_empty() && self.settings.catch_up != CatchUp::Never;
        let learning =
            learn.then(|| Learning { newcomers, until: ctx.disk().last_index(), began: ctx.clock(), rounds: 1 });
        let Role::Leader(leader) = &mut self.role else { return };
        leader.change = Some(ChangeUnderWay { op, goal, learning });
        if !learn {
            return self.change_voters(goal, ctx);
        }
        let with_learners = Parts { learners: now.learners.or(newcomers), ..now };
        if with_learners != now {
            self.append_members(with_learners, ctx);
        }
    }

    /// The step that counts: other voters from now on.
    fn change_voters(&mut self, goal: Parts, ctx: &mut Context<Message<S>>) {
        let now = self.parts();
        let joint = self.settings.changes == Changes::Joint && goal.voters != now.voters;
        self.append_members(if joint { now.joint_with(goal) } else { goal }, ctx);
    }

    fn append_members(&mut self, parts: Parts, ctx: &mut Context<Message<S>>) {
        ctx.note("membership_entries", 1);
        self.append(Content::Membership(Arc::new(parts.named(&self.members))), ctx);
    }

    /// Other members from now on: whoever is new begins with nothing known about it; and a leader that has just become
    /// a majority in itself counts its own log only as far as it is surely durable.
    pub(super) fn meet_newcomers(&mut self, before: Parts, last: Index, clock: LocalTime) {
        let (now, own, commit, alone) = (self.parts(), self.own(), self.commit, self.alone());
        let Role::Leader(leader) = &mut self.role else { return };
        for slot in now.all().without(before.all()).without(own).iter() {
            leader.progress[slot] = Progress::new(last + 1, clock);
        }
        if let (true, Some(own)) = (alone, own.iter().next()) {
            leader.progress[own].matched = commit;
        }
    }

    /// Something was committed: perhaps the membership in force, and then the next step is due.
    pub(super) fn advance_change(&mut self, ctx: &mut Context<Message<S>>) {
        let (at, now) = self.memberships.in_force();
        if at == 0 || at > self.commit {
            return;
        }
        if now.is_joint() && self.leads() {
            return self.append_members(now.left(), ctx);
        }
        let own = self.own();
        let Role::Leader(leader) = &mut self.role else { return };
        if let Some(done) = leader.change.take_if(|change| change.learning.is_none() && change.goal == now) {
            ctx.note("membership_changes", 1);
            ctx.reply(done.op, CoreRet::Changed { index: at });
        }
        if own.and(now.voters).is_empty() {
            ctx.note("leaders_removed", 1);
            self.follow(ctx.disk().term, None, ctx);
        }
    }

    /// A follower has come further: perhaps it is a newcomer, and has caught up.
    pub(super) fn watch_newcomers(&mut self, slot: usize, ctx: &mut Context<Message<S>>) {
        let (at, _) = self.memberships.in_force();
        let (commit, last, rule) = (self.commit, ctx.disk().last_index(), self.settings.catch_up);
        let Role::Leader(leader) = &mut self.role else { return };
        let Some(ChangeUnderWay { goal, learning, .. }) = &mut leader.change else { return };
        let Some(round) = learning.as_mut().filter(|round| round.newcomers.contains(slot) && at <= commit) else {
            return;
        };
        let least = round.newcomers.iter().map(|slot| leader.progress[slot].matched).min().unwrap_or(0);
        let caught_up = match rule {
            CatchUp::NineTenths => least * 10 >= last * 9,
            CatchUp::Rounds | CatchUp::Never if least < round.until => return,
            CatchUp::Rounds | CatchUp::Never => {
                ctx.clock().since(round.began) < self.settings.election_timeout.min || least == last
            }
        };
        if caught_up {
            let goal = *goal;
            *learning = None;
            return self.change_voters(goal, ctx);
        }
        if rule == CatchUp::Rounds {
            *round = Learning { until: last, began: ctx.clock(), rounds: round.rounds + 1, ..*round };
        }
    }

    /// Newcomers that take too many rounds, or too long over one, do not get a vote.
    pub(super) fn lose_patience_with_newcomers(&mut self, ctx: &mut Context<Message<S>>) {
        let now = self.parts();
        let longest = self.settings.election_timeout.max.times(u64::from(MOST_ROUNDS));
        let Role::Leader(leader) = &mut self.role else { return };
        let slow = |round: Learning| round.rounds > MOST_ROUNDS || ctx.clock().since(round.began) > longest;
        let Some(change) = leader.change.take_if(|change| change.learning.is_some_and(slow)) else { return };
        let Some(round) = change.learning else { return };
        ctx.reply(change.op, CoreRet::Refused { why: Refusal::TooSlow });
        let without = Parts { learners: now.learners.without(round.newcomers), ..now };
        if without != now {
            self.append_members(without, ctx);
        }
    }
}
