//! A register that can also compare: `cas [expected new]` sets the new value if the register holds what is expected, and
//! answers whether it did.

use super::register::{self, Register};
use super::{Asked, Datum, Model, agrees, is_bool, small};
use crate::engine::random::Stream;

/// A register with compare-and-set.
#[derive(Clone, Copy, Debug, Default)]
pub struct CasRegister;

/// What such a register is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// What any register is asked.
    Plain(register::Op),
    /// Hold `new` if you hold `expected`.
    Cas {
        /// What must be there.
        expected: Datum,
        /// What is to be there.
        new: Datum,
    },
}

impl Model for CasRegister {
    type State = Datum;
    type Op = Op;

    const NAME: &'static str = "cas-register";

    fn initial(&self) -> Datum {
        Datum::Nil
    }

    fn step(&self, state: &Datum, op: &Op, seen: Option<&Datum>) -> Option<Datum> {
        match op {
            Op::Plain(op) => Register.step(state, op, seen),
            Op::Cas { expected, new } => {
                let holds = state == expected;
                agrees(seen, &Datum::Bool(holds)).then(|| if holds { new } else { state }.clone())
            }
        }
    }

    fn read(&self, asked: &Asked<'_>) -> Result<Op, String> {
        match asked.function {
            "cas" => {
                asked.answered("true or false", is_bool)?;
                let (expected, new) = asked.pair()?;
                Ok(Op::Cas { expected, new })
            }
            "read" | "write" => Register.read(asked).map(Op::Plain),
            _ => Err(asked.no_function(Self::NAME, "`read`, `write` and `cas`")),
        }
    }

    fn only_looks(&self, op: &Op, seen: Option<&Datum>) -> bool {
        match op {
            Op::Plain(op) => Register.only_looks(op, seen),
            Op::Cas { .. } => seen == Some(&Datum::Bool(false)),
        }
    }

    fn answer(&self, state: &Datum, op: &Op) -> Datum {
        match op {
            Op::Plain(op) => Register.answer(state, op),
            Op::Cas { expected, .. } => Datum::Bool(state == expected),
        }
    }

    fn tell(&self, state: &Datum) -> String {
        Register.tell(state)
    }

    fn writes<'a>(&self, op: &'a Op) -> Option<&'a Datum> {
        match op {
            Op::Plain(op) => Register.writes(op),
            Op::Cas { new, .. } => Some(new),
        }
    }

    fn sees(&self, op: &Op, seen: &Datum) -> Option<Datum> {
        match op {
            Op::Plain(op) => Register.sees(op, seen),
            Op::Cas { expected, .. } => (*seen == Datum::Bool(true)).then(|| expected.clone()),
        }
    }

    fn draw(&self, chance: &mut Stream) -> (&'static str, Datum) {
        match chance.below(3) {
            0 => ("cas", Datum::list([small(chance), small(chance)])),
            _ => Register.draw(chance),
        }
    }
}
