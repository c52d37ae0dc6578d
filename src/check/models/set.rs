//! A set: `add` and `remove` a value, ask whether it `contains` one, or `read` them all in any order.

use super::{Asked, Datum, Model, agrees, is_bool, small};
use crate::engine::random::Stream;
use std::collections::BTreeSet;

/// A set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Set;

/// What a set is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// What do you hold?
    Read,
    /// Do you hold this?
    Contains(Datum),
    /// Hold this.
    Add(Datum),
    /// Do not hold this any more.
    Remove(Datum),
}

impl Model for Set {
    type State = BTreeSet<Datum>;
    type Op = Op;

    const NAME: &'static str = "set";

    fn initial(&self) -> Self::State {
        BTreeSet::new()
    }

    fn step(&self, state: &Self::State, op: &Op, seen: Option<&Datum>) -> Option<Self::State> {
        match op {
            Op::Read => {
                let holds = |seen: &Datum| {
                    let items = seen.items().unwrap_or_default();
                    items.len() == state.len() && items.iter().all(|item| state.contains(item))
                };
                seen.is_none_or(holds).then(|| state.clone())
            }
            Op::Contains(value) => agrees(seen, &Datum::Bool(state.contains(value))).then(|| state.clone()),
            Op::Add(value) => {
                let mut next = state.clone();
                next.insert(value.clone());
                Some(next)
            }
            Op::Remove(value) => {
                let mut next = state.clone();
                next.remove(value);
                Some(next)
            }
        }
    }

    fn read(&self, asked: &Asked<'_>) -> Result<Op, String> {
        match asked.function {
            "read" => {
                let distinct = |answer: &Datum| {
                    answer.items().is_some_and(|items| items.iter().collect::<BTreeSet<_>>().len() == items.len())
                };
                asked.answered("a list of different values", distinct).map(|()| Op::Read)
            }
            "contains" => asked.answered("true or false", is_bool).and_then(|()| asked.value()).map(Op::Contains),
            "add" => asked.value().map(Op::Add),
            "remove" => asked.value().map(Op::Remove),
            _ => Err(asked.no_function(Self::NAME, "`read`, `contains`, `add` and `remove`")),
        }
    }

    fn only_looks(&self, op: &Op, _: Option<&Datum>) -> bool {
        matches!(op, Op::Read | Op::Contains(_))
    }

    fn answer(&self, state: &Self::State, op: &Op) -> Datum {
        match op {
            Op::Read => Datum::list(state.iter().cloned()),
            Op::Contains(value) => Datum::Bool(state.contains(value)),
            Op::Add(_) | Op::Remove(_) => Datum::Nil,
        }
    }

    fn tell(&self, state: &Self::State) -> String {
        format!("holds {}", Datum::list(state.iter().cloned()))
    }

    fn weight(&self, state: &Self::State) -> usize {
        state.len() * 40
    }

    fn draw(&self, chance: &mut Stream) -> (&'static str, Datum) {
        match chance.below(5) {
            0 => ("read", Datum::Nil),
            1 => ("contains", small(chance)),
            2 => ("remove", small(chance)),
            _ => ("add", small(chance)),
        }
    }
}
