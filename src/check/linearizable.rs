//! A run of a service as its clients saw it, judged in the end: could it have been one object?
//!
//! The monitor writes down what clients ask and are told, in the words of a [model](super::models); the pattern says how
//! its operations are called there ([`Calls`]). Nothing is searched before the run is over. What was written down stays
//! available as a [`History`], so that a run leaves a file which anybody can judge again.

use super::history::{Datum, History, Recorder};
use super::judgement::linearizable;
use super::linearizability::Limits;
use super::models::Model;
use super::{Claim, Findings, Kind, Monitor, Verdict};
use crate::actor::history::HistoryEvent;
use crate::actor::{OpId, Protocol};
use crate::engine::NodeId;
use crate::engine::trace::Outcome;
use crate::sim::World;

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
    /// For each client by its number, the processes that it is written down as: one for each operation that it has open
    /// at a time.
    lanes: Vec<Vec<Lane>>,
    /// The functions met so far, with their places in the history. There are few, so looking through them is fast.
    functions: Vec<(&'static str, u32)>,
}

/// A process of a client.
struct Lane {
    /// Its place in the history.
    process: u32,
    /// The operation that it waits for.
    open: Option<OpId>,
}

impl<P: Protocol, M: Model> Linearizable<P, M> {
    /// A judge by this model.
    pub fn new(model: M, calls: Calls<P>) -> Self {
        Self {
            model,
            calls,
            limits: Limits::default(),
            recorder: Recorder::named(M::NAME),
            lanes: Vec::new(),
            functions: Vec::new(),
        }
    }

    /// The same with other limits.
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Gives the operation to a process of the client that has nothing to do. A client that is asked several things at
    /// once is several processes.
    fn begin(&mut self, world: &World<P>, client: NodeId, op: OpId) -> u32 {
        if self.lanes.len() <= client.index() {
            self.lanes.resize_with(client.index() + 1, Vec::new);
        }
        let lanes = &mut self.lanes[client.index()];
        if let Some(idle) = lanes.iter_mut().find(|lane| lane.open.is_none()) {
            idle.open = Some(op);
            return idle.process;
        }
        let name = &world.info(client).name;
        let process = match lanes.len() {
            0 => self.recorder.process(name),
            others => self.recorder.process(&format!("{name}/{}", others + 1)),
        };
        lanes.push(Lane { process, open: Some(op) });
        process
    }

    /// The process that waits for the operation; it is free from now on.
    fn end(&mut self, client: NodeId, op: OpId) -> Option<u32> {
        let lane = self.lanes.get_mut(client.index())?.iter_mut().find(|lane| lane.open == Some(op))?;
        lane.open = None;
        Some(lane.process)
    }

    fn function(&mut self, name: &'static str) -> u32 {
        if let Some((_, place)) = self.functions.iter().find(|(known, _)| *known == name) {
            return *place;
        }
        let place = self.recorder.function(name);
        self.functions.push((name, place));
        place
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
                    let process = self.begin(world, *client, *id);
                    let Words { function, key, input } = (self.calls.asked)(op);
                    let function = self.function(function);
                    self.recorder.begin(process, function, key, input, *time);
                }
                HistoryEvent::Return { id, client, ret, outcome, time, .. } => {
                    let Some(process) = self.end(*client, *id) else { continue };
                    let answer = ret.as_ref().filter(|_| *outcome == Outcome::Ok).map(self.calls.answered);
                    self.recorder.end(process, *outcome, answer.unwrap_or_default(), *time);
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
