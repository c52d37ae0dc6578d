//! Forgetting the past: section 7 of the paper, section 5.1 of the dissertation.
//!
//! A log that only grows fills every disk. What the committed beginning of it came to, the state machine and the table of
//! sessions, says the same in less space: a *snapshot*. Each server takes its own, whenever enough entries have been
//! applied since the last one, and cuts the beginning of its log off in the same write. It keeps some entries before that
//! place, because a follower that is a little behind is served more cheaply with entries.
//!
//! A follower that needs what its leader no longer has gets the leader's snapshot instead. It may be old news, repeated or
//! overtaken like any message: a follower that has committed as much ignores it. And it may end in the middle of what the
//! follower has already confirmed: what follows a last entry that agrees stays, for the leader counts on it.
//!
//! A snapshot travels in one message, whose size is that of the state; the network here does not mind large messages, so
//! there is nothing to gain from cutting it into chunks as figure 13 of the paper does.

use super::bugs::Bug;
use super::core::{Core, Role, StateMachine};
use super::disk::{Entries, Index, Position, RaftWrite};
use super::membership::Membership;
use super::message::{Appending, Message};
use super::session::Replica;
use crate::actor::Context;
use crate::engine::NodeId;
use std::sync::Arc;

/// What the beginning of a log came to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Snapshot<S: StateMachine> {
    /// The last entry that it covers. It was committed.
    pub last: Position,
    /// The fingerprint of the log up to there: no server needs it, whoever watches does.
    pub fingerprint: u64,
    /// The state machine and the sessions after that entry.
    pub replica: Replica<S>,
    /// Who takes part as of that entry; `None` if no entry has changed what the cluster began with.
    pub membership: Option<Arc<Membership>>,
}

impl<S: StateMachine> Core<S> {
    /// Takes a snapshot of what has been applied, if enough has been since the last one. Comes before more is applied, so
    /// that what this very input applies is still in the log after it.
    pub(super) fn compact(&mut self, ctx: &mut Context<Message<S>>) {
        let (after, disk) = (self.settings.snapshot_after, ctx.disk());
        let covered = disk.snapshot().map_or(0, |snapshot| snapshot.last.index);
        if after == 0 || self.applied < covered + after {
            return;
        }
        let index = self.applied;
        let (Some(term), Some(fingerprint)) = (disk.term_at(index), disk.fingerprint(index)) else { return };
        let mut replica = self.replica.clone();
        if self.planted(Bug::SnapshotWithoutSessions) {
            replica.forget_sessions();
        }
        let cut = index.saturating_sub(self.settings.snapshot_keep).max(disk.start().index);
        ctx.note("snapshots_taken", 1);
        let membership = self.memberships.said_at(index).map(|parts| Arc::new(parts.named(&self.members)));
        let snapshot = Snapshot { last: Position { term, index }, fingerprint, replica, membership };
        self.keep(snapshot.into(), cut, ctx);
    }

    /// Writes a snapshot, and with it cuts the log off up to `cut`.
    fn keep(&mut self, snapshot: Arc<Snapshot<S>>, cut: Index, ctx: &mut Context<Message<S>>) {
        if !self.settings.snapshot_work.is_zero() {
            ctx.work(self.settings.snapshot_work);
        }
        if self.planted(Bug::SnapshotNotAtomic) {
            return self.keep_piecemeal(snapshot, cut, ctx);
        }
        ctx.write(RaftWrite::Snapshot { snapshot, cut });
    }

    /// The planted bug: the log's file is written anew, its beginning first, the snapshot next, the rest last.
    fn keep_piecemeal(&mut self, snapshot: Arc<Snapshot<S>>, cut: Index, ctx: &mut Context<Message<S>>) {
        let last = snapshot.last;
        let agrees = ctx.disk().term_at(last.index) == Some(last.term);
        let rest = if agrees { ctx.disk().batch(last.index + 1, u32::MAX) } else { Entries::default() };
        let start = ctx.disk().snapshot().map_or(0, |snapshot| snapshot.last.index);
        ctx.write(RaftWrite::Append { after: start, entries: Entries::default() });
        ctx.write(RaftWrite::Snapshot { snapshot, cut });
        ctx.write(RaftWrite::Append { after: last.index, entries: rest });
    }

    /// What the disk says, after a start: its snapshot is committed and has been applied; who takes part it says together
    /// with the log.
    pub(super) fn recover(&mut self, ctx: &Context<Message<S>>) {
        if let Some(snapshot) = ctx.disk().snapshot() {
            self.restore(snapshot);
        }
        let after = ctx.disk().start().index;
        self.log_changed(after, ctx.disk().entries());
    }

    /// Takes over a snapshot's state.
    fn restore(&mut self, snapshot: &Snapshot<S>) {
        let last = snapshot.last.index;
        self.replica = snapshot.replica.clone();
        (self.commit, self.applied) = (last, last);
        self.memberships.begin_at(last, snapshot.membership.as_deref(), &self.members);
    }

    /// The leader sends its snapshot to a follower that needs entries from before it.
    pub(super) fn send_snapshot(&mut self, slot: usize, ctx: &mut Context<Message<S>>) {
        let Role::Leader(leader) = &mut self.role else { return };
        let Some(snapshot) = ctx.disk().snapshot().cloned() else { return };
        leader.progress[slot].snapshot_sent(snapshot.last.index, ctx.clock());
        let install = Message::InstallSnapshot { term: ctx.disk().term, snapshot, round: leader.round };
        ctx.note("snapshots_sent", 1);
        ctx.send(self.members[slot], install);
    }

    /// The leader brings a snapshot.
    pub(super) fn on_install_snapshot(
        &mut self,
        from: NodeId,
        snapshot: Arc<Snapshot<S>>,
        round: u64,
        ctx: &mut Context<Message<S>>,
    ) {
        let (term, last) = (ctx.disk().term, snapshot.last);
        let old = last.index <= self.commit && !self.planted(Bug::OldSnapshotRewinds);
        if old {
            ctx.note("snapshots_ignored", 1);
        } else {
            self.install(snapshot, ctx);
        }
        // What is committed agrees with every leader.
        let outcome = Appending::Matched { index: self.commit };
        ctx.send(from, Message::Appended { term, round, outcome });
    }

    /// Takes over the state of a snapshot that covers more than is known to be committed here.
    fn install(&mut self, snapshot: Arc<Snapshot<S>>, ctx: &mut Context<Message<S>>) {
        ctx.note("snapshots_installed", 1);
        let last = snapshot.last.index;
        if self.planted(Bug::SnapshotDiscardsSuffix) && last < ctx.disk().last_index() {
            let after = last.max(ctx.disk().start().index);
            ctx.write(RaftWrite::Append { after, entries: Entries::default() });
        }
        self.restore(&snapshot);
        self.keep(snapshot, last, ctx);
        self.log_changed(last, ctx.disk().entries());
        self.answer_forwarded(ctx);
    }
}
