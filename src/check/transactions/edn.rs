//! Jepsen's notation for histories of transactions.
//!
//! A history is a sequence of maps, one for each event, in the order in which the events happened; or one vector or list
//! of such maps. Line breaks mean nothing.
//!
//! ```text
//! {:type :invoke, :f :txn, :process 3, :time 10, :index 0, :value [[:append 5 1] [:r 5 nil]]}
//! {:type :ok,     :f :txn, :process 3, :time 19, :index 1, :value [[:append 5 1] [:r 5 [1]]]}
//! ```
//!
//! `:type` (`:invoke`, `:ok`, `:fail` or `:info`), `:process` (an integer), `:f :txn` and `:value` are needed; `:time`
//! and `:index` are checked if they are there; other entries of the map are allowed and mean nothing here. Operations are
//! `[:append key integer]` and `[:w key integer]`, and `[:r key result]` where the result is `nil` before it is known.
//! After `:ok`, `nil` is the beginning: an empty list, or a register never written. A key is an integer, a keyword, a
//! symbol or a string. Events whose process is `:nemesis` tell of faults and are passed over.

use super::builder::{Builder, Event, Phase};
use super::history::{Action, History, Op, Status, Workload};
use crate::check::edn::{Form, Kind, Mistake, Reader};
use crate::check::history::BadHistory;

const HELP: &str = "expected such as `{:type :ok, :f :txn, :process 0, :value [[:append 5 1] [:r 5 [1]]]}`";

fn bad(line: u32, problem: impl Into<String>) -> BadHistory {
    BadHistory::at(line, problem, HELP)
}

fn unreadable(Mistake { line, problem }: Mistake) -> BadHistory {
    bad(line, problem)
}

/// Reads a history. Without a `workload`, the first operation that tells decides which it is.
///
/// # Errors
///
/// If the text is no such history: with the line and what was expected there.
pub fn read(text: &str, workload: Option<Workload>) -> Result<History, BadHistory> {
    let mut reader = Reader::new(text);
    let mut builder = Builder::new(workload);
    let outer = reader.open_sequence();
    while let Some(form) = reader.next_in(outer).map_err(unreadable)? {
        if let Some(event) = event(&form, &mut builder)? {
            builder.event(event)?;
        }
    }
    if outer.is_some()
        && let Some(form) = reader.next_in(None).map_err(unreadable)?
    {
        return Err(bad(form.line, format!("expected the end of the file, found {}", form.kind.what())));
    }
    builder.finish()
}

/// Writes a history, one event a line, so that [`read`] gets it back. Indices and times are left out.
pub fn write(history: &History) -> String {
    let mut events = Vec::new();
    for transaction in &history.transactions {
        events.push((transaction.invoked.place, "invoke", transaction));
        if let Some(completed) = transaction.completed {
            let phase = match transaction.status {
                Status::Ok => "ok",
                Status::Failed => "fail",
                Status::Unknown => "info",
            };
            events.push((completed.place, phase, transaction));
        }
    }
    events.sort_by_key(|(place, ..)| *place);
    let mut text = String::new();
    for (_, phase, transaction) in events {
        let op = |op: &Op| {
            let key = history.key(op.key);
            match &op.action {
                Action::Append(value) => format!("[:append {key} {value}]"),
                Action::Write(value) => format!("[:w {key} {value}]"),
                Action::Value(value) if phase == "ok" => format!("[:r {key} {value}]"),
                Action::List(list) if phase == "ok" => {
                    let items: Vec<String> = list.iter().map(i64::to_string).collect();
                    format!("[:r {key} [{}]]", items.join(" "))
                }
                _ => format!("[:r {key} nil]"),
            }
        };
        let ops: Vec<String> = transaction.ops.iter().map(op).collect();
        let (process, ops) = (transaction.process, ops.join(" "));
        text.push_str(&format!("{{:type :{phase}, :f :txn, :process {process}, :value [{ops}]}}\n"));
    }
    text
}

/// The entries of an event's map.
#[derive(Default)]
struct Entries<'a, 'b> {
    phase: Option<&'b Form<'a>>,
    function: Option<&'b Form<'a>>,
    process: Option<&'b Form<'a>>,
    time: Option<&'b Form<'a>>,
    index: Option<&'b Form<'a>>,
    value: Option<&'b Form<'a>>,
}

fn entries<'a, 'b>(form: &'b Form<'a>) -> Result<Entries<'a, 'b>, BadHistory> {
    let Kind::Map(map) = &form.kind else {
        return Err(expected("an event, which is a map such as {:type :ok, :f :txn, ...}", form));
    };
    let mut entries = Entries::default();
    for (name, value) in map {
        let Kind::Keyword(word) = name.kind else { continue };
        let entry = match word {
            "type" => &mut entries.phase,
            "f" => &mut entries.function,
            "process" => &mut entries.process,
            "time" => &mut entries.time,
            "index" => &mut entries.index,
            "value" => &mut entries.value,
            _ => continue,
        };
        if entry.replace(value).is_some() {
            return Err(bad(name.line, format!("the entry :{word} is there twice")));
        }
    }
    Ok(entries)
}

/// The event that a map stands for; `None` if it tells of a fault.
fn event(form: &Form, builder: &mut Builder) -> Result<Option<Event>, BadHistory> {
    let entries = entries(form)?;
    let need = |entry: Option<&'_ Form>, name: &str| -> Result<(), BadHistory> {
        entry.map(|_| ()).ok_or_else(|| bad(form.line, format!("this event has no :{name}")))
    };
    need(entries.process, "process")?;
    need(entries.phase, "type")?;
    let (Some(process), Some(phase)) = (entries.process, entries.phase) else { return Ok(None) };
    let process = match process.kind {
        Kind::Int(process) => process,
        Kind::Keyword("nemesis") => return Ok(None),
        _ => return Err(expected("an integer as :process", process)),
    };
    let phase = match phase.kind {
        Kind::Keyword("invoke") => Phase::Invoke,
        Kind::Keyword("ok") => Phase::Ok,
        Kind::Keyword("fail") => Phase::Fail,
        Kind::Keyword("info") => Phase::Info,
        _ => return Err(expected(":invoke, :ok, :fail or :info as :type", phase)),
    };
    match entries.function {
        Some(Form { kind: Kind::Keyword("txn"), .. }) => {}
        Some(other) => return Err(expected(":txn as :f", other)),
        None => return Err(bad(form.line, "this event has no :f; expected :f :txn")),
    }
    let integer = |entry: Option<&Form>, name: &str| match entry {
        None => Ok(None),
        Some(Form { kind: Kind::Nil, .. }) => Ok(None),
        Some(Form { kind: Kind::Int(number), .. }) => Ok(Some(*number)),
        Some(other) => Err(expected(&format!("an integer as :{name}"), other)),
    };
    let (time, index) = (integer(entries.time, "time")?, integer(entries.index, "index")?);
    let ops = match entries.value {
        Some(Form { kind: Kind::Sequence(ops), .. }) => {
            ops.iter().map(|form| operation(form, phase, builder)).collect::<Result<_, _>>()?
        }
        None | Some(Form { kind: Kind::Nil, .. }) if matches!(phase, Phase::Fail | Phase::Info) => Vec::new(),
        None => return Err(bad(form.line, "this event has no :value")),
        Some(other) => return Err(expected("a vector of operations as :value", other)),
    };
    Ok(Some(Event { line: form.line, phase, process, index, time, ops }))
}

/// One operation: `[:append k v]`, `[:w k v]`, `[:r k result]`.
fn operation(form: &Form, phase: Phase, builder: &mut Builder) -> Result<Op, BadHistory> {
    const SHAPE: &str = "an operation such as [:append 5 1], [:w 5 1] or [:r 5 nil]";
    let Kind::Sequence(parts) = &form.kind else { return Err(expected(SHAPE, form)) };
    let [function, key, value] = parts.as_slice() else {
        return Err(bad(form.line, format!("expected {SHAPE}, found {} parts", parts.len())));
    };
    let key = match &key.kind {
        Kind::Int(number) => builder.key(&number.to_string()),
        Kind::Keyword(word) => builder.key(&format!(":{word}")),
        Kind::Symbol(word) => builder.key(word),
        Kind::Text(text) => builder.key(&format!("{text:?}")),
        _ => return Err(expected("an integer, a keyword, a symbol or a string as key", key)),
    };
    let action = match (&function.kind, &value.kind) {
        (Kind::Keyword("append"), Kind::Int(value)) => Action::Append(*value),
        (Kind::Keyword("w"), Kind::Int(value)) => Action::Write(*value),
        (Kind::Keyword("append" | "w"), _) => return Err(expected("an integer to write", value)),
        (Kind::Keyword("r"), _) => result(value, phase)?,
        _ => return Err(expected(":append, :w or :r", function)),
    };
    Ok(Op { key, action })
}

/// What a read returned.
fn result(form: &Form, phase: Phase) -> Result<Action, BadHistory> {
    let action = match &form.kind {
        Kind::Nil if phase != Phase::Ok => return Ok(Action::Unread),
        Kind::Nil => Action::Nothing,
        Kind::Int(value) => Action::Value(*value),
        Kind::Sequence(items) if items.is_empty() => Action::Nothing,
        Kind::Sequence(items) => {
            let item = |item: &Form| match item.kind {
                Kind::Int(value) => Ok(value),
                _ => Err(expected("an integer in a list", item)),
            };
            Action::List(items.iter().map(item).collect::<Result<_, _>>()?)
        }
        _ => return Err(expected("nil, an integer or a vector of integers as what a read returned", form)),
    };
    // What a transaction read that did not commit binds nobody.
    Ok(if matches!(phase, Phase::Fail | Phase::Info) { Action::Unread } else { action })
}

fn expected(what: &str, found: &Form) -> BadHistory {
    bad(found.line, format!("expected {what}, found {}", found.kind.what()))
}
