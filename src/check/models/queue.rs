//! A queue, first in, first out: `enqueue` a value, `dequeue` the oldest, or nil if there is none.

use super::{Asked, Datum, Model, agrees, small};
use crate::engine::random::Stream;
use std::collections::VecDeque;

/// A queue.
#[derive(Clone, Copy, Debug, Default)]
pub struct Queue;

/// What a queue is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Take this.
    Enqueue(Datum),
    /// Give the oldest.
    Dequeue,
}

impl Model for Queue {
    type State = VecDeque<Datum>;
    type Op = Op;

    const NAME: &'static str = "queue";

    fn initial(&self) -> Self::State {
        VecDeque::new()
    }

    fn step(&self, state: &Self::State, op: &Op, seen: Option<&Datum>) -> Option<Self::State> {
        match op {
            Op::Enqueue(value) => {
                let mut next = state.clone();
                next.push_back(value.clone());
                Some(next)
            }
            Op::Dequeue => {
                agrees(seen, state.front().unwrap_or(&Datum::Nil)).then(|| state.iter().skip(1).cloned().collect())
            }
        }
    }

    fn read(&self, asked: &Asked<'_>) -> Result<Op, String> {
        match asked.function {
            "enqueue" => asked.value().map(Op::Enqueue),
            "dequeue" => Ok(Op::Dequeue),
            _ => Err(asked.no_function(Self::NAME, "`enqueue` and `dequeue`")),
        }
    }

    fn only_looks(&self, op: &Op, seen: Option<&Datum>) -> bool {
        *op == Op::Dequeue && seen == Some(&Datum::Nil)
    }

    fn answer(&self, state: &Self::State, op: &Op) -> Datum {
        match op {
            Op::Enqueue(_) => Datum::Nil,
            Op::Dequeue => state.front().cloned().unwrap_or_default(),
        }
    }

    fn tell(&self, state: &Self::State) -> String {
        match state.front() {
            None => "is empty".to_owned(),
            Some(front) => format!("holds {} values, {front} the oldest", state.len()),
        }
    }

    fn weight(&self, state: &Self::State) -> usize {
        state.len() * 24
    }

    fn draw(&self, chance: &mut Stream) -> (&'static str, Datum) {
        match chance.below(2) {
            0 => ("dequeue", Datum::Nil),
            _ => ("enqueue", small(chance)),
        }
    }
}
