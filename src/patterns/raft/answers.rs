//! What clients are told must be what happened.
//!
//! The log that the servers commit is a sequential history of the store. The monitor replays it, once, with a store and
//! a table of sessions of its own. Every answer carries a revision, the place in that history at which it claims to have
//! been given, so it can be checked by looking there: was the answer right at that place, and is the place late enough?
//! Together that is linearizability, and costs no search.

use super::disk::Index;
use super::server::{Answer, Msg, Op, Server};
use super::session::Replica;
use super::store::{Command, Key, Output, Store, Value};
use super::tail::Tail;
use crate::actor::OpId;
use crate::actor::history::HistoryEvent;
use crate::check::{Claim, Findings, Kind, Monitor};
use crate::engine::NodeId;
use crate::engine::trace::Outcome;
use crate::sim::World;
use std::collections::BTreeMap;

const FRESH: &str = "reads-are-fresh";
const RIGHT: &str = "answers-match-the-log";
const COMPLETED: &str = "an-operation-completes";

/// A command that took effect, and whose it was.
type Effect = (NodeId, Command, Output);

/// An operation that has not been answered.
#[derive(Clone, Copy, Debug)]
struct Open {
    op: Op,
    /// The latest revision that anybody had been told when this operation began.
    floor: Index,
}

/// Watches what clients are told.
#[derive(Clone, Debug)]
pub struct Answers {
    replica: Replica<Store>,
    /// For each index of the log, the command that took effect there; `None` for empty entries and copies.
    effects: Tail<Option<Effect>>,
    /// The values that each key has had, with the indices from which on it had them.
    values: BTreeMap<Key, Vec<(Index, Option<Value>)>>,
    open: BTreeMap<OpId, Open>,
    acknowledged: Index,
    /// When to look next for what can be forgotten.
    forget_at: Index,
}

/// So many entries of the log are remembered beyond what operations that wait may still be answered from.
const REMEMBERED: Index = 20_000;

impl Default for Answers {
    fn default() -> Self {
        Self {
            replica: Replica::new(Store::default()),
            effects: Tail::default(),
            values: BTreeMap::new(),
            open: BTreeMap::new(),
            acknowledged: 0,
            forget_at: 2 * REMEMBERED,
        }
    }
}

impl Answers {
    /// Replays what `node` has applied beyond what is known.
    fn replay(&mut self, world: &World<Msg>, node: NodeId) {
        let Some(server) = world.actor::<Server>(node) else { return };
        let disk = &world.node(node).disk().raft;
        while self.effects.end() < server.core().applied() {
            let index = self.effects.end() + 1;
            let Some(entry) = disk.entry(index) else { return };
            let applied = entry.command().and_then(|proposal| {
                let (output, at) = self.replica.apply(index, proposal)?;
                (at == index).then_some((proposal.client, proposal.command, output))
            });
            if let Some((_, command, _)) = applied {
                let (Command::Put { key, .. } | Command::Delete { key } | Command::CompareAndSet { key, .. }) = command;
                self.values.entry(key).or_default().push((index, self.replica.machine().get(key)));
            }
            self.effects.push(applied);
        }
    }

    /// Forgets the distant past: an answer from before the floor of every operation that waits is wrong, whatever it says.
    fn forget(&mut self) {
        if self.effects.end() < self.forget_at {
            return;
        }
        self.forget_at = self.effects.end() + REMEMBERED;
        let floor = self.open.values().map(|open| open.floor).min().unwrap_or(self.acknowledged);
        let oldest = floor.min(self.effects.end().saturating_sub(REMEMBERED));
        self.effects.cut(oldest);
        for values in self.values.values_mut() {
            let older = values.partition_point(|(index, _)| *index <= oldest);
            values.drain(..older.saturating_sub(1));
        }
    }

    /// The value of a key as of `revision`.
    fn value(&self, key: Key, revision: Index) -> Option<Value> {
        let values = self.values.get(&key)?;
        let later = values.partition_point(|(index, _)| *index <= revision);
        values[..later].last().and_then(|(_, value)| *value)
    }

    /// A client got an answer.
    fn judge(
        &mut self,
        world: &World<Msg>,
        id: OpId,
        client: NodeId,
        output: Output,
        revision: Index,
        findings: &mut Findings,
    ) {
        findings.happened(COMPLETED);
        let Some(Open { op, floor }) = self.open.remove(&id) else { return };
        self.acknowledged = self.acknowledged.max(revision);
        if revision > self.effects.end() {
            let text = format!("{id} was answered from entry {revision}, which no server has applied");
            return findings.broken(RIGHT, text);
        }
        match op {
            Op::Get { key } => {
                let expected = Output::Value(self.value(key, revision));
                // Of the distant past only that it is past is known.
                if output != expected && revision >= self.effects.start() {
                    let text = format!("{id} read {key} at revision {revision} as {output:?}; it was {expected:?}");
                    findings.broken(RIGHT, text);
                }
                if revision < floor {
                    let text = format!(
                        "{id} read {key} as of revision {revision}, after revision {floor} had been seen by a client"
                    );
                    findings.broken(FRESH, text);
                }
            }
            Op::Admin(_) => {}
            Op::Change(command) => {
                if revision <= floor {
                    let text =
                        format!("{id}, {command:?}, was answered at revision {revision}, but began after {floor}");
                    findings.broken(RIGHT, text);
                }
                let effect = self.effects.get(revision).copied().flatten();
                if effect != Some((client, command, output)) {
                    let happened = effect.map_or("nothing took effect there".into(), |(by, command, output)| {
                        format!("there {command:?} of {} took effect, {output:?}", world.info(by).name)
                    });
                    let text = format!("{id}, {command:?}, was answered {output:?} at revision {revision}; {happened}");
                    findings.broken(RIGHT, text);
                }
            }
        }
    }
}

impl Monitor<Msg> for Answers {
    fn claims(&self) -> Vec<Claim> {
        vec![
            Claim {
                name: FRESH,
                claim: "A read never returns a state older than one that a client had already seen when it began",
                why: "A client that was told of a write, and tells another, must not be proved a liar.",
                kind: Kind::Always,
            },
            Claim {
                name: RIGHT,
                claim: "Every answer is the one that replaying the log gives, and every command takes effect once",
                why: "Wrong answers, and commands that were carried out twice, show here.",
                kind: Kind::Always,
            },
            Claim {
                name: COMPLETED,
                claim: "An operation completes",
                why: "A service that answers nobody tells no lies.",
                kind: Kind::Sometimes,
            },
        ]
    }

    fn step(&mut self, world: &World<Msg>, findings: &mut Findings) {
        for node in world.changed() {
            self.replay(world, *node);
        }
        self.forget();
        for event in world.history() {
            match event {
                HistoryEvent::Invoke { id, op, .. } => {
                    self.open.insert(*id, Open { op: *op, floor: self.acknowledged });
                }
                HistoryEvent::Return { id, client, ret: Some(Answer::Done { output, revision }), .. } => {
                    self.judge(world, *id, *client, *output, *revision, findings);
                }
                HistoryEvent::Return { id, ret: Some(Answer::Arranged), .. } => drop(self.open.remove(id)),
                HistoryEvent::Return { id, outcome, .. } => {
                    debug_assert_ne!(*outcome, Outcome::Ok, "only an answer is a success");
                    self.open.remove(id);
                }
            }
        }
    }
}
