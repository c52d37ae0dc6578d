//! A violation in words, and the few operations that it takes to see it.
//!
//! The search leaves a longest legal order and an operation that fits nowhere. That proves the violation, and tells
//! nobody why. Most violations of registers and stores have a reason that fits into a sentence: the value that was read
//! was never written, was written only later, or had been overwritten by something acknowledged before the read began.
//! Such a reason is looked for first. If there is none, the explanation is what the search knows: how far one gets, what
//! the object holds there, and what it would have answered.

use super::search::{Call, NEVER};
use crate::check::history::{Datum, History};
use crate::check::models::Model;
use crate::check::models::reading::Part;

/// How many operations of the legal order are shown before the one that fits nowhere.
const SHOWN: usize = 8;

/// Why a history is not linearizable. Operations are named by their place in [`History::operations`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The key concerned.
    pub key: Option<Datum>,
    /// A longest legal order of what came before.
    pub order: Vec<u32>,
    /// The operation that fits nowhere.
    pub culprit: u32,
    /// The conflict, in one sentence.
    pub conflict: String,
    /// What the object holds after the legal order, and what it would answer, in one sentence.
    pub state: String,
    /// How many operations there are on this key.
    pub operations: usize,
    /// The operations that it takes to see the conflict, by their beginnings: the end of the legal order, the operation
    /// that fits nowhere, and what the conflict names.
    pub window: Vec<u32>,
}

/// Explains what a search found.
pub fn explain<M: Model>(
    model: &M,
    history: &History,
    part: &Part<'_, M::Op>,
    order: &[u32],
    culprit: u32,
) -> Violation {
    let mut state = model.initial();
    let mut last_change = None;
    for place in order {
        let call = &part.calls[*place as usize];
        let next = model.step(&state, &call.op, call.seen).expect("a legal order is legal");
        if next != state {
            last_change = Some(*place);
        }
        state = next;
    }
    let scene = Scene { model, history, part, culprit };
    let (conflict, named) = scene.reason().unwrap_or_else(|| scene.no_order(last_change));
    let shown = order.iter().rev().take(SHOWN).chain(&named).chain([&culprit]);
    let mut window: Vec<u32> = shown.map(|place| part.sources[*place as usize]).collect();
    window.sort_unstable();
    window.dedup();
    let right = model.answer(&state, &part.calls[culprit as usize].op);
    let would = if right == Datum::Nil && scene.seen().is_none() {
        String::new()
    } else {
        format!(", and would answer {right}")
    };
    Violation {
        key: part.key.cloned(),
        order: order.iter().map(|place| part.sources[*place as usize]).collect(),
        culprit: part.sources[culprit as usize],
        conflict,
        state: format!("After the longest legal order the object {}{would}.", model.tell(&state)),
        operations: part.calls.len(),
        window,
    }
}

struct Scene<'a, 'b, M: Model> {
    model: &'a M,
    history: &'a History,
    part: &'a Part<'b, M::Op>,
    culprit: u32,
}

impl<M: Model> Scene<'_, '_, M> {
    fn call(&self, place: u32) -> &Call<'_, M::Op> {
        &self.part.calls[place as usize]
    }

    fn name(&self, place: u32) -> String {
        let operation = &self.history.operations[self.part.sources[place as usize] as usize];
        format!("`{}` of {}", self.history.asked(operation), self.process(place))
    }

    fn process(&self, place: u32) -> String {
        self.history.who(self.history.operations[self.part.sources[place as usize] as usize].process)
    }

    fn begun(&self, place: u32) -> String {
        self.history.when(self.history.operations[self.part.sources[place as usize] as usize].invoked)
    }

    fn ended(&self, place: u32) -> String {
        let operation = &self.history.operations[self.part.sources[place as usize] as usize];
        operation.ended().map_or("never".into(), |at| self.history.when(at))
    }

    /// The value that the culprit must have found.
    fn seen(&self) -> Option<Datum> {
        let call = self.call(self.culprit);
        self.model.sees(&call.op, call.seen?)
    }

    /// The places of all calls but the culprit's.
    fn others(&self) -> impl Iterator<Item = u32> {
        (0..self.part.calls.len() as u32).filter(|place| *place != self.culprit)
    }

    /// The value that a call may have written; `None` also for a compare-and-set that was told that it did not.
    fn written(&self, place: u32) -> Option<&Datum> {
        let call = self.call(place);
        if call.seen == Some(&Datum::Bool(false)) { None } else { self.model.writes(&call.op) }
    }

    /// A reason that fits into a sentence, with the calls that it names.
    fn reason(&self) -> Option<(String, Vec<u32>)> {
        let seen = self.seen()?;
        // With operations whose effect depends on what was there, a value may come about without being written.
        let simple = |place: u32| {
            let call = self.call(place);
            self.model.only_looks(&call.op, call.seen) || self.model.writes(&call.op).is_some()
        };
        if !self.others().all(simple) {
            return None;
        }
        let culprit = self.call(self.culprit);
        let (name, at) = (self.name(self.culprit), self.ended(self.culprit));
        let writers: Vec<u32> = self.others().filter(|place| self.written(*place) == Some(&seen)).collect();
        let in_time: Vec<u32> = writers.iter().copied().filter(|place| self.call(*place).begin < culprit.end).collect();
        let at_first = seen == Datum::Nil;
        if in_time.is_empty() && !at_first {
            let what = match writers.first() {
                None => format!("{name} ended at {at}, but nothing ever wrote {seen}."),
                Some(first) => format!(
                    "{name} ended at {at}, but nothing wrote {seen} before {} began at {}.",
                    self.name(*first),
                    self.begun(*first)
                ),
            };
            return Some((what, writers.into_iter().take(1).collect()));
        }
        // Something certain and finished that lies wholly between every writing of the value and the culprit.
        let latest_writer_end = in_time.iter().map(|place| self.call(*place).end).max().map_or(-1, i64::from);
        let overwrites = |place: &u32| {
            let call = self.call(*place);
            let other = self.written(*place).is_some_and(|value| *value != seen);
            call.end != NEVER && other && call.end < culprit.begin && i64::from(call.begin) > latest_writer_end
        };
        let over = self.others().filter(overwrites).max_by_key(|place| self.call(*place).end)?;
        let value = self.written(over).expect("what overwrites writes");
        let what = format!(
            "{name} ended at {at}, but {value} was acknowledged to {} at {}, before it began at {}, and nothing wrote {seen} after {value}.",
            self.process(over),
            self.ended(over),
            self.begun(self.culprit),
        );
        let source = in_time.into_iter().max_by_key(|place| self.call(*place).end);
        Some((what, [Some(over), source].into_iter().flatten().collect()))
    }

    /// There is no short reason: what the search knows.
    fn no_order(&self, last_change: Option<u32>) -> (String, Vec<u32>) {
        let (name, at) = (self.name(self.culprit), self.ended(self.culprit));
        let culprit = self.call(self.culprit);
        let what = match last_change {
            Some(place) if self.call(place).end < culprit.begin => format!(
                "{name} ended at {at}, but {} was acknowledged at {}, before it began at {}, and no order of the operations explains both.",
                self.name(place),
                self.ended(place),
                self.begun(self.culprit)
            ),
            Some(place) => format!(
                "{name} ended at {at}, but no order of the operations that could come before explains it; in the one that gets farthest, the last to change the object is {}.",
                self.name(place)
            ),
            None => format!(
                "{name} ended at {at}, but no order of the operations that could come before explains it; in the one that gets farthest, the object is still as it was at first."
            ),
        };
        (what, last_change.into_iter().collect())
    }
}
