//! A counter: `add` a whole number, which may be negative, and `read` the sum. It begins at 0.

use super::{Asked, Datum, Model, agrees};
use crate::engine::random::Stream;

/// A counter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counter;

/// What a counter is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// What is the sum?
    Read,
    /// Make it larger by this.
    Add(i64),
}

impl Model for Counter {
    type State = i64;
    type Op = Op;

    const NAME: &'static str = "counter";

    fn initial(&self) -> i64 {
        0
    }

    fn step(&self, state: &i64, op: &Op, seen: Option<&Datum>) -> Option<i64> {
        match op {
            Op::Read => agrees(seen, &Datum::Int(*state)).then_some(*state),
            Op::Add(amount) => state.checked_add(*amount),
        }
    }

    fn read(&self, asked: &Asked<'_>) -> Result<Op, String> {
        match asked.function {
            "read" => asked.answered("a whole number", |answer| answer.int().is_some()).map(|()| Op::Read),
            "add" => asked.number().map(Op::Add),
            _ => Err(asked.no_function(Self::NAME, "`read` and `add`")),
        }
    }

    fn only_looks(&self, op: &Op, _: Option<&Datum>) -> bool {
        *op == Op::Read
    }

    fn answer(&self, state: &i64, op: &Op) -> Datum {
        match op {
            Op::Read => Datum::Int(*state),
            Op::Add(_) => Datum::Nil,
        }
    }

    fn tell(&self, state: &i64) -> String {
        format!("stands at {state}")
    }

    fn draw(&self, chance: &mut Stream) -> (&'static str, Datum) {
        match chance.below(2) {
            0 => ("read", Datum::Nil),
            _ => ("add", Datum::Int(chance.below(5) as i64 - 1)),
        }
    }
}
