//! Anomalies in sentences that somebody can check against the history.

use super::anomaly::{Anomaly, Dependency};
use super::cycles::Cycle;
use super::history::{Action, History, Op, Txn, Workload};
use super::inference::{Edge, Evidence};
use super::list_append;

/// What a transaction read of a key in one of its operations.
fn read(history: &History, txn: Txn, op: usize) -> String {
    let op = &history.transaction(txn).ops[op];
    format!("read key {} as {}", history.key(op.key), history.seen(&op.action))
}

/// Why one transaction came before the other, in a sentence.
pub(super) fn dependency(history: &History, edge: &Edge) -> String {
    let Edge { from, to, key, value, before, .. } = *edge;
    let name = history.key(key);
    let list = history.workload == Workload::ListAppend;
    match edge.why {
        Dependency::Ww => {
            format!(
                "{from} appended {before} to key {name}; {to} appended {value} after it, so {from} came before {to}: ww"
            )
        }
        Dependency::Wr => {
            let wrote =
                if list { format!("appended {value} to key {name}") } else { format!("wrote {value} to key {name}") };
            let sees = |action: &Action| match action {
                Action::List(list) => list.contains(&value),
                other => other.value() == Some(Some(value)),
            };
            let read = find_read(history, to, edge, sees);
            let holds = if list { format!(", which holds {value}") } else { String::new() };
            format!("{from} {wrote}; {to} {read}{holds}, so {from} came before {to}: wr")
        }
        Dependency::Rw => {
            let misses = |action: &Action| {
                if list {
                    list_append::misses(action, value)
                } else {
                    action.value().is_some_and(|seen| seen != Some(value))
                }
            };
            let read = find_read(history, from, edge, misses);
            let (wrote, lacks) = if list {
                (format!("appended {value} to key {name}"), format!(", which does not yet hold {value}"))
            } else {
                (format!("wrote {value} to key {name}"), format!(", which is older than {value}"))
            };
            format!("{to} {wrote}; {from} {read}{lacks}, so {from} came before {to}: rw")
        }
        Dependency::Process => {
            let process = history.transaction(from).process;
            format!("process {process} ran {from} and then {to}, so {from} came before {to}: process")
        }
        Dependency::Realtime => realtime(history, from, to),
    }
}

fn realtime(history: &History, from: Txn, to: Txn) -> String {
    let ended = history.transaction(from).completed.unwrap_or(history.transaction(from).invoked);
    let began = history.transaction(to).invoked;
    let when = match (ended.time, began.time) {
        (Some(ended), Some(began)) => format!("at {ended} ns, and {to} began at {began} ns"),
        _ => format!("in line {}, and {to} began in line {}", ended.line, began.line),
    };
    format!("{from} was answered {when}, so {from} came before {to}: realtime")
}

/// The last read of the edge's key by `txn` that `fits`.
fn find_read(history: &History, txn: Txn, edge: &Edge, fits: impl Fn(&Action) -> bool) -> String {
    let ops = &history.transaction(txn).ops;
    let at = ops.iter().rposition(|op| op.key == edge.key && fits(&op.action));
    at.map_or_else(|| format!("read key {}", history.key(edge.key)), |at| read(history, txn, at))
}

/// A cycle, edge by edge, with what follows from it.
pub(super) fn cycle(history: &History, cycle: &Cycle) -> Vec<String> {
    let mut sentences: Vec<String> = cycle.edges.iter().map(|edge| dependency(history, edge)).collect();
    let first = cycle.edges[0].from;
    sentences.push(format!("So {first} came before itself, which is a contradiction."));
    sentences
}

/// The longest read of the key in question by `txn`.
fn longest_read(history: &History, evidence: &Evidence, txn: Txn) -> String {
    let length = |op: &Op| if op.key == evidence.key { op.action.list().map(<[i64]>::len) } else { None };
    let ops = history.transaction(txn).ops.iter().enumerate();
    let longest = ops.filter_map(|(at, op)| length(op).map(|length| (length, at))).max();
    longest.map_or_else(|| format!("read key {}", history.key(evidence.key)), |(_, at)| read(history, txn, at))
}

/// An anomaly without a cycle.
pub(super) fn evidence(history: &History, evidence: &Evidence) -> Vec<String> {
    let Evidence { anomaly, key, value, ref txns, op } = *evidence;
    let name = history.key(key);
    let first = txns[0];
    let saw = || format!("{first} {}", read(history, first, op));
    let value = value.map_or_else(|| "nil".to_owned(), |value| value.to_string());
    let wrote = match history.workload {
        Workload::ListAppend => format!("appended {value} to key {name}"),
        Workload::Register => format!("wrote {value} to key {name}"),
    };
    let other = txns.get(1).copied().unwrap_or(first);
    let sentence = match anomaly {
        Anomaly::GarbageRead => format!("{}, but no transaction ever wrote {value} to this key.", saw()),
        Anomaly::DuplicateElements => format!("{}, which holds {value} twice; it was appended once.", saw()),
        Anomaly::ScrambledWrites => {
            let read = longest_read(history, evidence, other);
            format!(
                "{first} {wrote} later than its other appends to it, so they should stand before {value}, but {other} {read}."
            )
        }
        Anomaly::IncompatibleOrder => {
            let theirs = longest_read(history, evidence, other);
            format!("{}, but {other} {theirs}; neither is a beginning of the other.", saw())
        }
        Anomaly::AbortedRead => format!("{other} {wrote} and aborted, but {}.", saw()),
        Anomaly::DirtyUpdate => {
            format!("{other} aborted, but {first} {wrote} behind what {other} had appended there.")
        }
        Anomaly::IntermediateRead => {
            format!("{other} {wrote} and went on to write the key again, but {}, the state in the middle.", saw())
        }
        Anomaly::FutureRead => format!("{}, but only afterwards the same transaction {wrote}.", saw()),
        Anomaly::Internal => format!(
            "{}, which contradicts what the same transaction had read from or written to the key before.",
            saw()
        ),
        Anomaly::LostUpdate => {
            let others: Vec<String> = txns[1..].iter().map(Txn::to_string).collect();
            let others = others.join(" and ");
            format!("{}, and {others} saw the same; then all of them wrote the key, blind to each other.", saw())
        }
        Anomaly::Cycle(..) => unreachable!("a cycle is told by its edges"),
    };
    vec![sentence]
}
