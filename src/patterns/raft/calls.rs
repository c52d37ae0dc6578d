//! What clients ask, in the words of the key-value model, so that their history can be judged by it.

use super::server::{Answer, Msg, Op};
use super::store::{Command, Key, Output, Value};
use crate::check::history::Datum;
use crate::check::{Calls, Words};

/// How the operations and answers of the service are called.
pub(super) const CALLS: Calls<Msg> = Calls { asked, answered };

fn asked(op: &Op) -> Words {
    let number = |value: Value| Datum::Int(value.0.into());
    let (function, Key(key), input) = match *op {
        Op::Get { key } => ("get", key, Datum::Nil),
        // Operators are no clients of the store, and no workload asks this.
        Op::Admin(_) => return Words { function: "admin", key: None, input: Datum::Nil },
        Op::Change(Command::Put { key, value }) => ("put", key, number(value)),
        Op::Change(Command::Delete { key }) => ("delete", key, Datum::Nil),
        Op::Change(Command::CompareAndSet { key, expected, value }) => {
            ("cas", key, Datum::list([expected.map_or(Datum::Nil, number), number(value)]))
        }
    };
    Words { function, key: Some(Datum::Int(key.into())), input }
}

fn answered(answer: &Answer) -> Datum {
    match *answer {
        Answer::Done { output: Output::Value(value), .. } => {
            value.map_or(Datum::Nil, |value| Datum::Int(value.0.into()))
        }
        Answer::Done { output: Output::Swapped(swapped), .. } => Datum::Bool(swapped),
        Answer::Done { output: Output::Done, .. }
        | Answer::Arranged
        | Answer::Declined { .. }
        | Answer::Refused
        | Answer::TimedOut => Datum::Nil,
    }
}
