//! A list that only grows: `append` a value, `read` all of them in order.

use super::{Asked, Datum, Model, small};
use crate::engine::random::Stream;

/// A list.
#[derive(Clone, Copy, Debug, Default)]
pub struct List;

/// What a list is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// What do you hold?
    Read,
    /// Hold this, after everything else.
    Append(Datum),
}

impl Model for List {
    type State = Vec<Datum>;
    type Op = Op;

    const NAME: &'static str = "list";

    fn initial(&self) -> Self::State {
        Vec::new()
    }

    fn step(&self, state: &Self::State, op: &Op, seen: Option<&Datum>) -> Option<Self::State> {
        match op {
            Op::Read => seen.is_none_or(|seen| seen.items() == Some(state)).then(|| state.clone()),
            Op::Append(value) => Some(state.iter().chain([value]).cloned().collect()),
        }
    }

    fn read(&self, asked: &Asked<'_>) -> Result<Op, String> {
        match asked.function {
            "read" => asked.answered("a list", |answer| answer.items().is_some()).map(|()| Op::Read),
            "append" => asked.value().map(Op::Append),
            _ => Err(asked.no_function(Self::NAME, "`read` and `append`")),
        }
    }

    fn only_looks(&self, op: &Op, _: Option<&Datum>) -> bool {
        *op == Op::Read
    }

    fn answer(&self, state: &Self::State, op: &Op) -> Datum {
        match op {
            Op::Read => Datum::list(state.iter().cloned()),
            Op::Append(_) => Datum::Nil,
        }
    }

    fn tell(&self, state: &Self::State) -> String {
        format!("holds {}", Datum::list(state.iter().cloned()))
    }

    fn weight(&self, state: &Self::State) -> usize {
        state.len() * 24
    }

    fn draw(&self, chance: &mut Stream) -> (&'static str, Datum) {
        match chance.below(2) {
            0 => ("read", Datum::Nil),
            _ => ("append", small(chance)),
        }
    }
}
