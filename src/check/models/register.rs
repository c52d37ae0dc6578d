//! A register: `write` a value, `read` the last one written. At first it holds nil.

use super::{Asked, Datum, Model, agrees, small};
use crate::engine::random::Stream;

/// A register.
#[derive(Clone, Copy, Debug, Default)]
pub struct Register;

/// What a register is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// What do you hold?
    Read,
    /// Hold this.
    Write(Datum),
}

impl Model for Register {
    type State = Datum;
    type Op = Op;

    const NAME: &'static str = "register";

    fn initial(&self) -> Datum {
        Datum::Nil
    }

    fn step(&self, state: &Datum, op: &Op, seen: Option<&Datum>) -> Option<Datum> {
        match op {
            Op::Read => agrees(seen, state).then(|| state.clone()),
            Op::Write(value) => Some(value.clone()),
        }
    }

    fn read(&self, asked: &Asked<'_>) -> Result<Op, String> {
        match asked.function {
            "read" => Ok(Op::Read),
            "write" => Ok(Op::Write(asked.value()?)),
            _ => Err(asked.no_function(Self::NAME, "`read` and `write`")),
        }
    }

    fn only_looks(&self, op: &Op, _: Option<&Datum>) -> bool {
        *op == Op::Read
    }

    fn answer(&self, state: &Datum, op: &Op) -> Datum {
        match op {
            Op::Read => state.clone(),
            Op::Write(_) => Datum::Nil,
        }
    }

    fn tell(&self, state: &Datum) -> String {
        format!("holds {state}")
    }

    fn writes<'a>(&self, op: &'a Op) -> Option<&'a Datum> {
        if let Op::Write(value) = op { Some(value) } else { None }
    }

    fn sees(&self, op: &Op, seen: &Datum) -> Option<Datum> {
        (*op == Op::Read).then(|| seen.clone())
    }

    fn draw(&self, chance: &mut Stream) -> (&'static str, Datum) {
        match chance.below(2) {
            0 => ("read", Datum::Nil),
            _ => ("write", small(chance)),
        }
    }
}
