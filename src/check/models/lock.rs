//! A lock with fencing tokens, and the resource that it guards.
//!
//! `acquire` answers with a token, a number larger than every token before, or with nil if somebody else holds the lock.
//! `release TOKEN` answers whether that token held the lock; `expire TOKEN` is the same, recorded by the service when a
//! lease runs out. `use TOKEN` touches the resource, which answers true, unless it has seen a larger token: then the
//! caller has slept through the end of its lease, and is refused.
//!
//! Of an `acquire` whose outcome is unknown nobody knows the token. It is taken to be the smallest possible one, which
//! leaves all later answers possible that any other would, until an answered `release` or `expire` tells what it was.

use super::{Asked, Datum, Model, agrees, is_bool};
use crate::engine::random::Stream;

/// A lock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lock;

/// What a lock is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Let me in.
    Acquire,
    /// This token gives the lock back, or has lost it.
    Release(i64),
    /// This token touches the resource.
    Use(i64),
}

/// What a lock holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    held: bool,
    /// Whether the holder was told its token.
    told: bool,
    /// The largest token granted.
    granted: i64,
    /// The largest token that the resource has seen.
    used: i64,
}

impl Lock {
    fn holds(state: &State, token: i64) -> bool {
        state.held && state.granted == token
    }
}

impl Model for Lock {
    type State = State;
    type Op = Op;

    const NAME: &'static str = "lock";

    fn initial(&self) -> State {
        State { held: false, told: false, granted: 0, used: 0 }
    }

    fn step(&self, state: &State, op: &Op, seen: Option<&Datum>) -> Option<State> {
        let mut next = state.clone();
        match op {
            Op::Acquire if state.held => agrees(seen, &Datum::Nil).then_some(next),
            Op::Acquire => {
                let token = match seen {
                    None => state.granted.checked_add(1)?,
                    Some(seen) => seen.int().filter(|token| *token > state.granted)?,
                };
                (next.held, next.told, next.granted) = (true, seen.is_some(), token);
                Some(next)
            }
            Op::Release(token) => {
                let holds = match seen {
                    // The token was unknown so far, and only bounded from below.
                    Some(said) if state.held && !state.told && *token >= state.granted => *said == Datum::Bool(true),
                    _ => Self::holds(state, *token),
                };
                if holds {
                    (next.held, next.granted) = (false, *token);
                }
                agrees(seen, &Datum::Bool(holds)).then_some(next)
            }
            Op::Use(token) => {
                next.used = state.used.max(*token);
                agrees(seen, &Datum::Bool(*token >= state.used)).then_some(next)
            }
        }
    }

    fn read(&self, asked: &Asked<'_>) -> Result<Op, String> {
        if asked.function == "acquire" {
            let fits = |answer: &Datum| *answer == Datum::Nil || answer.int().is_some_and(|token| token > 0);
            return asked.answered("a token, a number above 0, or nil", fits).map(|()| Op::Acquire);
        }
        asked.answered("true or false", is_bool)?;
        match asked.function {
            "release" | "expire" => asked.number().map(Op::Release),
            "use" => asked.number().map(Op::Use),
            _ => Err(asked.no_function(Self::NAME, "`acquire`, `release`, `expire` and `use`")),
        }
    }

    fn only_looks(&self, op: &Op, seen: Option<&Datum>) -> bool {
        let refusal = if *op == Op::Acquire { Datum::Nil } else { Datum::Bool(false) };
        seen == Some(&refusal)
    }

    fn answer(&self, state: &State, op: &Op) -> Datum {
        match op {
            Op::Acquire if state.held => Datum::Nil,
            Op::Acquire => Datum::Int(state.granted.saturating_add(1)),
            Op::Release(token) => Datum::Bool(Self::holds(state, *token)),
            Op::Use(token) => Datum::Bool(*token >= state.used),
        }
    }

    fn tell(&self, state: &State) -> String {
        let State { held, granted, used, .. } = state;
        let lock =
            if *held { format!("is held with token {granted}") } else { format!("is free, {granted} the last token") };
        if *used > 0 { format!("{lock}, and its resource has seen token {used}") } else { lock }
    }

    fn draw(&self, chance: &mut Stream) -> (&'static str, Datum) {
        let token = Datum::Int(1 + chance.below(4) as i64);
        match chance.below(4) {
            0 | 1 => ("acquire", Datum::Nil),
            2 => ("release", token),
            _ => ("use", token),
        }
    }
}
