//! Transactions in histories of any format: operations called `txn`, whose values are lists of small operations.
//!
//! What is a keyword in EDN is a text in JSON, so `["append","x",1]` means what `[:append x 1]` does. Everything else is
//! as in Jepsen's own notation ([`edn`](super::edn)), and is checked by the same [`Builder`].

use super::builder::{Builder, Event, Phase};
use super::history::{Action, History, Op, Workload};
use crate::check::history::{self, BadHistory, Datum, Moment, Operation};
use crate::engine::trace::Outcome;

const HELP: &str =
    "expected such as {\"type\":\"ok\",\"process\":0,\"f\":\"txn\",\"value\":[[\"append\",\"x\",1],[\"r\",\"x\",[1]]]}";

/// The transactions of a history.
///
/// # Errors
/// The first operation that is no transaction of the workload, with its line.
pub(super) fn transactions(recorded: &history::History, workload: Workload) -> Result<History, BadHistory> {
    let mut events = Vec::with_capacity(recorded.events as usize);
    for operation in &recorded.operations {
        let function = recorded.function(operation);
        if function != "txn" {
            let message = format!("`{function}` is no transaction; expected `txn`");
            return Err(BadHistory::at(operation.invoked.line, message, HELP));
        }
        events.push((operation.invoked, Phase::Invoke, operation, &operation.input));
        if let Some(end) = &operation.completion {
            let phase = match end.outcome {
                Outcome::Ok => Phase::Ok,
                Outcome::Failed => Phase::Fail,
                Outcome::Unknown => Phase::Info,
            };
            events.push((end.at, phase, operation, &end.value));
        }
    }
    events.sort_unstable_by_key(|(at, ..)| at.order);
    let mut builder = Builder::new(Some(workload));
    for (at, phase, operation, value) in events {
        let event = event(at, phase, operation, value, recorded.timed, &mut builder)?;
        builder.event(event)?;
    }
    builder.finish()
}

fn event(
    at: Moment,
    phase: Phase,
    operation: &Operation,
    value: &Datum,
    timed: bool,
    builder: &mut Builder,
) -> Result<Event, BadHistory> {
    let ops = match value {
        Datum::Nil if matches!(phase, Phase::Fail | Phase::Info) => Vec::new(),
        Datum::List(ops) => ops.iter().map(|op| read(op, at.line, phase, builder)).collect::<Result<_, _>>()?,
        other => return Err(expected("a list of operations", other, at.line)),
    };
    let time = timed.then(|| i64::try_from(at.time.as_nanos()).unwrap_or(i64::MAX));
    Ok(Event { line: at.line, phase, process: i64::from(operation.process), index: None, time, ops })
}

/// One operation: `["append", k, v]`, `["w", k, v]`, `["r", k, result]`.
fn read(op: &Datum, line: u32, phase: Phase, builder: &mut Builder) -> Result<Op, BadHistory> {
    const SHAPE: &str = "an operation such as [\"append\",\"x\",1], [\"w\",\"x\",1] or [\"r\",\"x\",null]";
    let Some([function, key, value]) = op.items() else { return Err(expected(SHAPE, op, line)) };
    let key = match key {
        Datum::Int(_) | Datum::Text(_) | Datum::Word(_) => builder.key(&key.to_string()),
        other => return Err(expected("a whole number or a text as key", other, line)),
    };
    let action = match (function.word(), value) {
        (Some("append"), Datum::Int(value)) => Action::Append(*value),
        (Some("w"), Datum::Int(value)) => Action::Write(*value),
        (Some("append" | "w"), _) => return Err(expected("a whole number to write", value, line)),
        (Some("r"), _) => result(value, line, phase)?,
        _ => return Err(expected("append, w or r", function, line)),
    };
    Ok(Op { key, action })
}

/// What a read returned.
fn result(value: &Datum, line: u32, phase: Phase) -> Result<Action, BadHistory> {
    let action = match value {
        Datum::Nil if phase != Phase::Ok => Action::Unread,
        Datum::Nil => Action::Nothing,
        Datum::Int(value) => Action::Value(*value),
        Datum::List(items) if items.is_empty() => Action::Nothing,
        Datum::List(items) => {
            let item = |item: &Datum| item.int().ok_or_else(|| expected("a whole number in a list", item, line));
            Action::List(items.iter().map(item).collect::<Result<_, _>>()?)
        }
        other => return Err(expected("null, a whole number or a list as what a read returned", other, line)),
    };
    // What a transaction read that did not commit binds nobody.
    Ok(if matches!(phase, Phase::Fail | Phase::Info) { Action::Unread } else { action })
}

fn expected(what: &str, found: &Datum, line: u32) -> BadHistory {
    BadHistory::at(line, format!("expected {what}, found `{found}`"), HELP)
}
