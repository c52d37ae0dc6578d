//! A key-value store: `get`, `put`, `append` (to a text), `delete`, and `cas [expected new]`, each for one key.
//!
//! A key that has no value reads as nil. Some recorders write the empty text instead; both mean that nothing is there, so
//! both are taken for nil.

use super::{Asked, Datum, Model, agrees, is_bool};
use crate::engine::random::Stream;

/// One key of a store.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyValue;

/// What a store is asked about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// What is its value?
    Get,
    /// It gets this value.
    Put(Datum),
    /// Its value is a text, or nothing, and gets longer by this one.
    Append(Box<str>),
    /// It has no value any more.
    Delete,
    /// It gets the value `new` if it has `expected`.
    Cas {
        /// What must be there; nil for nothing.
        expected: Datum,
        /// What is to be there.
        new: Datum,
    },
}

/// The value, with nothing in place of the empty text.
fn present(value: &Datum) -> Datum {
    match value {
        Datum::Text(text) if text.is_empty() => Datum::Nil,
        value => value.clone(),
    }
}

fn is_nothing(value: &Datum) -> bool {
    match value {
        Datum::Nil => true,
        Datum::Text(text) => text.is_empty(),
        _ => false,
    }
}

impl Model for KeyValue {
    type State = Datum;
    type Op = Op;

    const NAME: &'static str = "key-value";

    fn initial(&self) -> Datum {
        Datum::Nil
    }

    fn step(&self, state: &Datum, op: &Op, seen: Option<&Datum>) -> Option<Datum> {
        match op {
            Op::Get => {
                let right = seen.is_none_or(|seen| seen == state || is_nothing(seen) && is_nothing(state));
                right.then(|| state.clone())
            }
            Op::Put(value) => Some(value.clone()),
            Op::Append(more) => match state {
                Datum::Nil => Some(present(&Datum::text(more))),
                Datum::Text(text) => Some(Datum::Text([text, &**more].concat().into())),
                _ => None,
            },
            Op::Delete => Some(Datum::Nil),
            Op::Cas { expected, new } => {
                let holds = state == expected;
                agrees(seen, &Datum::Bool(holds)).then(|| if holds { new } else { state }.clone())
            }
        }
    }

    fn read(&self, asked: &Asked<'_>) -> Result<Op, String> {
        match asked.function {
            "get" => Ok(Op::Get),
            "put" => asked.value().map(|value| Op::Put(present(&value))),
            "append" => match asked.input {
                Datum::Text(text) => Ok(Op::Append((&**text).into())),
                other => Err(format!("the argument of `append` should be a text, and is `{other}`")),
            },
            "delete" => Ok(Op::Delete),
            "cas" => {
                asked.answered("true or false", is_bool)?;
                let (expected, new) = asked.pair()?;
                Ok(Op::Cas { expected: present(&expected), new: present(&new) })
            }
            _ => Err(asked.no_function(Self::NAME, "`get`, `put`, `append`, `delete` and `cas`")),
        }
    }

    fn only_looks(&self, op: &Op, seen: Option<&Datum>) -> bool {
        match op {
            Op::Get => true,
            Op::Cas { .. } => seen == Some(&Datum::Bool(false)),
            _ => false,
        }
    }

    fn answer(&self, state: &Datum, op: &Op) -> Datum {
        match op {
            Op::Get => state.clone(),
            Op::Cas { expected, .. } => Datum::Bool(state == expected),
            _ => Datum::Nil,
        }
    }

    fn tell(&self, state: &Datum) -> String {
        format!("holds {state}")
    }

    fn writes<'a>(&self, op: &'a Op) -> Option<&'a Datum> {
        match op {
            Op::Put(value) | Op::Cas { new: value, .. } => Some(value),
            Op::Delete => Some(&Datum::Nil),
            _ => None,
        }
    }

    fn sees(&self, op: &Op, seen: &Datum) -> Option<Datum> {
        match op {
            Op::Get => Some(present(seen)),
            Op::Cas { expected, .. } => (*seen == Datum::Bool(true)).then(|| expected.clone()),
            _ => None,
        }
    }

    fn weight(&self, state: &Datum) -> usize {
        if let Datum::Text(text) = state { text.len() + 16 } else { 0 }
    }

    fn draw(&self, chance: &mut Stream) -> (&'static str, Datum) {
        let letter = |chance: &mut Stream| Datum::text(["", "a", "b", "c"][chance.below(4) as usize]);
        match chance.below(8) {
            0..3 => ("get", Datum::Nil),
            3 => ("put", letter(chance)),
            4..6 => ("append", letter(chance)),
            6 => ("delete", Datum::Nil),
            _ => ("cas", Datum::list([letter(chance), letter(chance)])),
        }
    }
}
