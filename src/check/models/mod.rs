//! What an object does when it is asked one thing after another.
//!
//! A [`Model`] is a sequential object: a first state, and a step from state to state by an operation with its answer. It
//! knows nothing of time or of other clients; the checkers bring those. Each model is a file of its own and one line in
//! [`TABLE`](super::judgement::TABLE).
//!
//! A model also reads: it turns a recorded operation, which is words and values, into an operation of its own, and refuses
//! what means nothing to it. Which key an operation concerns is read for all models alike, so every model may be had
//! once for each key.

pub mod cas_register;
pub mod counter;
pub mod key_value;
pub mod list;
pub mod lock;
pub mod queue;
pub mod reading;
pub mod register;
pub mod sample;
pub mod set;
#[cfg(test)]
mod tests;

use super::history::{Datum, History, Operation};
use crate::engine::random::Stream;
use crate::engine::trace::Outcome;
use std::hash::Hash;

/// A sequential object.
pub trait Model {
    /// What it holds.
    type State: Clone + Eq + Hash;
    /// What it is asked. Two equal operations do the same.
    type Op: Clone + Eq;

    /// Its name on the command line.
    const NAME: &'static str;

    /// What it holds at first.
    fn initial(&self) -> Self::State;

    /// The state after an operation that was answered with `seen`; `None` if it is not answered so in this state. Of an
    /// operation whose outcome is unknown nobody has seen an answer, and any would do.
    fn step(&self, state: &Self::State, op: &Self::Op, seen: Option<&Datum>) -> Option<Self::State>;

    /// What a recorded operation asks.
    ///
    /// # Errors
    /// What it does not understand, in a sentence.
    fn read(&self, asked: &Asked<'_>) -> Result<Self::Op, String>;

    /// Whether the operation, answered like this, has changed nothing, whatever the state was: a read, or a
    /// compare-and-set that failed. If nobody saw its answer, such an operation may be left out.
    fn only_looks(&self, op: &Self::Op, seen: Option<&Datum>) -> bool;

    /// The answer that the object would give in this state. Where several are right, the one that leaves most open.
    fn answer(&self, state: &Self::State, op: &Self::Op) -> Datum;

    /// The state in words, to follow "the object": `holds 5`.
    fn tell(&self, state: &Self::State) -> String;

    /// The value that a later look would see because of this operation, if it is that simple.
    fn writes<'a>(&self, op: &'a Self::Op) -> Option<&'a Datum> {
        let _ = op;
        None
    }

    /// The value that must have been there before the operation, by its answer, if it is that simple.
    fn sees(&self, op: &Self::Op, seen: &Datum) -> Option<Datum> {
        let _ = (op, seen);
        None
    }

    /// How many bytes a state takes beyond its own size, about.
    fn weight(&self, state: &Self::State) -> usize {
        let _ = state;
        0
    }

    /// An operation at random, as function and argument: from these the tests make histories.
    fn draw(&self, chance: &mut Stream) -> (&'static str, Datum);
}

/// A recorded operation as a model reads it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What was asked.
    pub function: &'a str,
    /// With what argument.
    pub input: &'a Datum,
    /// What was answered, if it took effect.
    pub answer: Option<&'a Datum>,
}

impl<'a> Asked<'a> {
    /// What `operation` of `history` asks.
    pub fn of(history: &'a History, operation: &'a Operation) -> Self {
        let completion = operation.completion.as_ref();
        let answer = completion.filter(|end| end.outcome == Outcome::Ok).map(|end| &end.value);
        Self { function: history.function(operation), input: &operation.input, answer }
    }

    /// The complaint about a function that a model does not have.
    pub fn no_function(&self, model: &str, functions: &str) -> String {
        format!("a {model} has no operation `{}`; it has {functions}", self.function)
    }

    /// The argument, if it is a whole number.
    pub fn number(&self) -> Result<i64, String> {
        self.input.int().ok_or_else(|| self.wrong("a whole number", self.input))
    }

    /// The argument, if it is a list of two: what is expected, and what to set.
    pub fn pair(&self) -> Result<(Datum, Datum), String> {
        match self.input.items() {
            Some([expected, value]) => Ok((expected.clone(), value.clone())),
            _ => Err(self.wrong("a list of two values, [expected new]", self.input)),
        }
    }

    /// The argument, if it is not nil.
    pub fn value(&self) -> Result<Datum, String> {
        match self.input {
            Datum::Nil => Err(self.wrong("a value", self.input)),
            value => Ok(value.clone()),
        }
    }

    /// Demands that the answer, if there is one, is what `fits` accepts.
    pub fn answered(&self, what: &str, fits: impl Fn(&Datum) -> bool) -> Result<(), String> {
        match self.answer {
            Some(answer) if !fits(answer) => {
                Err(format!("the answer of `{}` should be {what}, and is `{answer}`", self.function))
            }
            _ => Ok(()),
        }
    }

    fn wrong(&self, wanted: &str, got: &Datum) -> String {
        format!("the argument of `{}` should be {wanted}, and is `{got}`", self.function)
    }
}

/// Whether an answer is right; one that nobody saw always is.
fn agrees(seen: Option<&Datum>, right: &Datum) -> bool {
    seen.is_none_or(|seen| seen == right)
}

/// Whether the answer is a truth value.
fn is_bool(answer: &Datum) -> bool {
    matches!(answer, Datum::Bool(_))
}

/// A small number at random: few values make many conflicts.
fn small(chance: &mut Stream) -> Datum {
    Datum::Int(chance.below(4) as i64)
}
