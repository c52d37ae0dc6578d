//! Histories made up from a seed: legal ones, and legal ones with one thing changed.
//!
//! A legal history is made as one comes about: clients ask, at some moment between question and answer the object does
//! it, the client is told. So it is linearizable by construction. Changing one answer or one question of it usually
//! breaks that, and sometimes does not, which is why such histories are held against a checker that tries everything.

use super::{Asked, Model};
use crate::check::history::{Datum, Event, EventKind, History, Recorder};
use crate::engine::Time;
use crate::engine::random::{Domain, Stream};
use crate::engine::trace::Outcome;

/// What kind of history to make up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// How many clients ask at a time.
    pub clients: u32,
    /// How many operations there are.
    pub operations: u32,
    /// How many of a hundred end with nobody knowing how.
    pub unknown: u32,
    /// Over how many keys they are spread; none if zero.
    pub keys: u32,
    /// Whether every write writes a value of its own.
    pub distinct: bool,
}

/// What a client is doing.
enum Client {
    Idle,
    /// It has asked, and the object has not done it.
    Asking {
        key: usize,
        function: &'static str,
        input: Datum,
    },
    /// The object has done it.
    Done {
        answer: Datum,
    },
}

impl Sample {
    /// A legal history.
    pub fn legal<M: Model>(&self, model: &M, seed: u64) -> History {
        let mut chance = Stream::new(seed, Domain::Client, 0);
        let mut states = vec![model.initial(); self.keys.max(1) as usize];
        let mut clients: Vec<Client> = (0..self.clients).map(|_| Client::Idle).collect();
        let names: Vec<String> = (1..=self.clients).map(|number| format!("c{number}")).collect();
        let mut recorder = Recorder::default();
        let (mut begun, mut ended) = (0, 0);
        while ended < self.operations {
            let place = chance.below(clients.len() as u64) as usize;
            let (kind, key, function, value) = match &clients[place] {
                Client::Idle if begun == self.operations => continue,
                Client::Idle => {
                    let (function, mut input) = model.draw(&mut chance);
                    begun += 1;
                    if self.distinct && function == "write" {
                        input = Datum::Int(begun.into());
                    }
                    let key = chance.below(states.len() as u64) as usize;
                    clients[place] = Client::Asking { key, function, input: input.clone() };
                    (EventKind::Invoke, Some(key), Some(function), input)
                }
                Client::Asking { .. } if chance.below(200) < self.unknown.into() => {
                    clients[place] = Client::Idle;
                    (EventKind::Complete(Outcome::Unknown), None, None, Datum::Nil)
                }
                Client::Asking { key, function, input } => {
                    let asked = Asked { function, input, answer: None };
                    let op = model.read(&asked).expect("a drawn operation can be read");
                    let answer = model.answer(&states[*key], &op);
                    states[*key] = model.step(&states[*key], &op, Some(&answer)).expect("the right answer is right");
                    clients[place] = Client::Done { answer };
                    continue;
                }
                Client::Done { answer } => {
                    let lost = chance.below(200) < self.unknown.into();
                    let outcome = if lost { Outcome::Unknown } else { Outcome::Ok };
                    let value = if lost { Datum::Nil } else { answer.clone() };
                    clients[place] = Client::Idle;
                    (EventKind::Complete(outcome), None, None, value)
                }
            };
            ended += u32::from(kind != EventKind::Invoke);
            let key = key.filter(|_| self.keys > 0).map(|key| Datum::Int(key as i64));
            let time = Some(Time::from_nanos(u64::from(recorder.events()) * 1_000_000));
            let event = Event { kind, process: &names[place], function, key, value, time, line: 0 };
            recorder.take(event).expect("a made-up history can have happened");
        }
        recorder.finish(Some(M::NAME.into()))
    }

    /// A legal history with one answer or one question changed.
    pub fn mutated<M: Model>(&self, model: &M, seed: u64) -> History {
        let mut history = self.legal(model, seed);
        let mut chance = Stream::new(seed, Domain::Client, 1);
        let other = self.legal(model, seed ^ 0x5bd1_e995);
        let place = chance.below(history.operations.len() as u64) as usize;
        let function = history.function(&history.operations[place]).to_owned();
        let alike = |history: &History| {
            let same = history.operations.iter().filter(|operation| history.function(operation) == function);
            same.cloned().collect::<Vec<_>>()
        };
        // Taken from an operation of the same kind, so that it can still be read.
        let donors = if chance.below(2) == 0 { alike(&history) } else { alike(&other) };
        let Some(donor) = donors.get(chance.below(donors.len().max(1) as u64) as usize) else { return history };
        let target = &mut history.operations[place];
        match (&mut target.completion, &donor.completion) {
            (Some(end), Some(given)) if end.outcome == Outcome::Ok && given.outcome == Outcome::Ok => {
                end.value = given.value.clone();
            }
            _ => target.input = donor.input.clone(),
        }
        history
    }
}
