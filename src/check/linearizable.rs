//! A run of a service as its clients saw it, judged in the end: could it have been one object?
//!
//! The monitor writes down what clients ask and are told, in the words of a [model](super::models); the pattern says how
//! its operations are called there ([`Calls`]). Nothing is searched before the run is over. What was written down stays
//! available as a [`History`], so that a run leaves a file which anybody can judge again.

use super::history::{Datum, Event, EventKind, History, Recorder};
use super::judgement::linearizable;
use super::linearizability::Limits;
use super::models::Model;
use super::{Claim, Findings, Kind, Monitor, Verdict};
use crate::actor::history::HistoryEvent;
use crate::actor::{OpId, Protocol};
use crate::engine::trace::Outcome;
use crate::engine::{NodeId, Time};
use crate::sim::World;
use std::collections::BTreeMap;

const NAME: &str = "linearizable";

/// An operation in the words of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The function.
    pub function: &'static str,
    /// The object asked, if there are several.
    pub key: Option<Datum>,
    /// The argument.
    pub input: Datum,
}

/// How a pattern's operations are called in a history.
pub struct Calls<P: Protocol> {
    /// The function, the key and the argument of an operation.
    pub asked: fn(&P::Op) -> Words,
    /// What an answer answered.
    pub answered: fn(&P::Ret) -> Datum,
}

impl<P: Protocol> Clone for Calls<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Protocol> Copy for Calls<P> {}

/// Writes down what clients see, and demands that it is linearizable.
pub struct Linearizable<P: Protocol, M: Model> {
    model: M,
    calls: Calls<P>,
    limits: Limits,
    recorder: Recorder,
    /// The open operations, with their processes.
    open: BTreeMap<OpId, u32>,
    /// For each client, the processes it is written down as: one for each operation that it has open at a time.
    lanes: BTreeMap<NodeId, Vec<u32>>,
    /// The processes, and whether each is busy.
    processes: Vec<(String, bool)>,
}

impl<P: Protocol, M: Model> Linearizable<P, M> {
    /// A judge by this model.
    pub fn new(model: M, calls: Calls<P>) -> Self {
        Self {
            model,
            calls,
            limits: Limits::default(),
            recorder: Recorder::named(M::NAME),
            open: BTreeMap::new(),
            lanes: BTreeMap::new(),
            processes: Vec::new(),
        }
    }

    /// The same with other limits.
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// A process of the client that has nothing to do. A client that is asked several things at once is several processes.
    fn idle(&mut self, world: &World<P>, client: NodeId) -> u32 {
        let lanes = self.lanes.entry(client).or_default();
        if let Some(idle) = lanes.iter().find(|lane| !self.processes[**lane as usize].1) {
            return *idle;
        }
        let name = &world.info(client).name;
        let name = if lanes.is_empty() { name.clone() } else { format!("{name}/{}", lanes.len() + 1) };
        self.processes.push((name, false));
        lanes.push(self.processes.len() as u32 - 1);
        self.processes.len() as u32 - 1
    }

    fn take(&mut self, process: u32, kind: EventKind, asked: (Option<&str>, Option<Datum>, Datum), time: Time) {
        let (function, key, value) = asked;
        let (name, busy) = &mut self.processes[process as usize];
        *busy = kind == EventKind::Invoke;
        let event = Event { kind, process: name, function, key, value, time: Some(time), line: 0 };
        self.recorder.take(event).expect("what a simulation shows has happened");
    }
}

impl<P: Protocol, M: Model + Send> Monitor<P> for Linearizable<P, M> {
    fn claims(&self) -> Vec<Claim> {
        vec![Claim {
            name: NAME,
            claim: "Clients cannot tell the service from a single object that does one thing at a time",
            why: "Whoever builds on a register need not think about replicas; this is the promise (Herlihy and Wing 1990).",
            kind: Kind::AtEnd,
        }]
    }

    fn step(&mut self, world: &World<P>, _: &mut Findings) {
        for event in world.history() {
            match event {
                HistoryEvent::Invoke { id, client, op, time } => {
                    let process = self.idle(world, *client);
                    let Words { function, key, input } = (self.calls.asked)(op);
                    self.open.insert(*id, process);
                    self.take(process, EventKind::Invoke, (Some(function), key, input), *time);
                }
                HistoryEvent::Return { id, ret, outcome, time, .. } => {
                    let Some(process) = self.open.remove(id) else { continue };
                    let answer = ret.as_ref().filter(|_| *outcome == Outcome::Ok).map(self.calls.answered);
                    let asked = (None, None, answer.unwrap_or_default());
                    self.take(process, EventKind::Complete(*outcome), asked, *time);
                }
            }
        }
    }

    fn history(&self) -> Option<&History> {
        Some(self.recorder.history())
    }

    fn end(&mut self, _: &World<P>, findings: &mut Findings) {
        let judgement = linearizable(&self.model, self.recorder.history(), self.limits);
        let judgement = judgement.expect("a pattern asks what its model understands");
        match judgement.verdict {
            Verdict::Pass => {}
            Verdict::Fail => findings.broken(NAME, judgement.headline),
            Verdict::Unknown => findings.unknown(NAME, judgement.headline),
        }
    }
}
