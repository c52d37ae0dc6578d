//! Whether a snapshot says what the log says.
//!
//! The monitor writes down the entries that are committed, in order, and replays them itself as far as each new snapshot
//! goes, beginning with the latest snapshot that it has found right. So a snapshot costs what was applied since the last
//! one, and a look at the state; memory holds what lies between the last few snapshots.

use super::core::StateMachine;
use super::disk::{Content, Entry, Index};
use super::membership::Membership;
use super::properties::View;
use super::session::Replica;
use super::snapshot::Snapshot;
use super::tail::Tail;
use crate::actor::Protocol;
use crate::check::{Claim, Findings, Kind, Monitor};
use crate::engine::NodeId;
use crate::sim::World;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const TRUE_TO_LOG: &str = "snapshots-match-the-log";

/// So many snapshots that were right are kept; one that is older than all of them is not judged.
const KEPT: usize = 16;

/// What the beginning of the log comes to.
#[derive(Clone)]
struct State<S: StateMachine> {
    replica: Replica<S>,
    membership: Option<Arc<Membership>>,
}

/// Compares snapshots with the log.
pub struct Snapshots<P: Protocol, S: StateMachine> {
    view: View<P, S>,
    /// The entries committed since the oldest state kept.
    entries: Tail<Entry<S::Command>>,
    /// States that are right, and the index of the last entry in each, ascending.
    right: VecDeque<(Index, State<S>)>,
    /// The latest snapshot of each server that was looked at.
    seen: BTreeMap<NodeId, Arc<Snapshot<S>>>,
    /// Whether snapshots are taken at all.
    active: bool,
}

impl<P: Protocol, S: StateMachine> Snapshots<P, S> {
    /// A monitor of the cores that `view` shows, all of which began as `machine`. If they take no snapshots, say so by
    /// `active`, and nothing is written down.
    pub fn new(view: View<P, S>, machine: S, active: bool) -> Self {
        let right = VecDeque::from([(0, State { replica: Replica::new(machine), membership: None })]);
        Self { view, entries: Tail::default(), right, seen: BTreeMap::new(), active }
    }

    /// Looks whether a server has applied what nobody had, and whether its snapshot is new.
    fn look(&mut self, world: &World<P>, node: NodeId, findings: &mut Findings) {
        let Some((core, disk)) = (self.view)(world, node) else { return };
        while self.entries.end() < core.applied() {
            let Some(entry) = disk.entry(self.entries.end() + 1) else { break };
            self.entries.push(entry.clone());
        }
        let Some(snapshot) = disk.snapshot() else { return };
        if self.seen.get(&node).is_some_and(|seen| Arc::ptr_eq(seen, snapshot)) {
            return;
        }
        self.seen.insert(node, Arc::clone(snapshot));
        if !self.judge(snapshot) {
            let (name, last) = (&world.info(node).name, snapshot.last.index);
            let text = format!("{name} has a snapshot up to {last} that differs from what replaying the log gives");
            findings.broken(TRUE_TO_LOG, text);
        }
    }

    /// Whether a snapshot is right, as far as can be told.
    fn judge(&mut self, snapshot: &Snapshot<S>) -> bool {
        let last = snapshot.last.index;
        let Some((from, state)) = self.right.iter().rev().find(|(index, _)| *index <= last) else { return true };
        let State { mut replica, mut membership } = state.clone();
        for index in from + 1..=last {
            let Some(entry) = self.entries.get(index) else { return true };
            match &entry.content {
                Content::Empty => {}
                Content::Command(proposal) => drop(replica.apply(index, proposal)),
                Content::Membership(changed) => membership = Some(Arc::clone(changed)),
            }
        }
        let right = replica == snapshot.replica && membership == snapshot.membership;
        if self.right.back().is_some_and(|(latest, _)| *latest < last) {
            self.right.push_back((last, State { replica, membership }));
            if self.right.len() > KEPT {
                self.right.pop_front();
                self.entries.cut(self.right.front().map_or(0, |(oldest, _)| *oldest));
            }
        }
        right
    }
}

impl<P: Protocol, S: StateMachine> Monitor<P> for Snapshots<P, S> {
    fn claims(&self) -> Vec<Claim> {
        vec![Claim {
            name: TRUE_TO_LOG,
            claim: "A snapshot is what applying the log up to its last entry gives, sessions and members included",
            why: "It takes the place of these entries, and nobody can look at them again.",
            kind: Kind::Always,
        }]
    }

    fn step(&mut self, world: &World<P>, findings: &mut Findings) {
        if !self.active {
            return;
        }
        for node in world.changed() {
            self.look(world, *node, findings);
        }
    }
}
