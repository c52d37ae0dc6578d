//! Our own format: one JSON object a line.
//!
//! **The first line** describes the history:
//!
//! | field | meaning |
//! |---|---|
//! | `format` | always `faultlab-history` |
//! | `format_version` | always 1 |
//! | `model` | the model to judge by, such as `key-value`; may be missing |
//! | `events` | how many lines follow; may be missing, but without it nobody can tell that a file was cut at a line's end |
//!
//! **Every other line** is an event, in the order in which they happened:
//!
//! | field | meaning |
//! |---|---|
//! | `type` | `invoke`, `ok`, `failed` (certainly without effect) or `unknown` (perhaps with, perhaps later) |
//! | `process` | who: a text or a whole number; a process has one operation at a time |
//! | `f` | what is asked, such as `write`; an end may leave it out |
//! | `key` | the object asked, if there are several; may be missing |
//! | `value` | of an `invoke` the argument, of an `ok` the answer; missing means null |
//! | `t` | when, in nanoseconds; on every line or on none |
//!
//! An operation whose end is missing counts as `unknown`. Fields that are not in the table are refused, because a
//! misspelt field that is passed over would be a guess. Anything but a new field raises `format_version`.

use super::recorder::{Event, EventKind, Recorder};
use super::{BadHistory, Datum, History};
use crate::engine::Time;
use crate::engine::trace::Outcome;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::{self, Write};

/// The `format_version` of what [`write()`] writes.
pub const FORMAT_VERSION: u32 = 1;
/// The name of the format in the first line.
pub const FORMAT: &str = "faultlab-history";

const HELP: &str = "expected such as {\"type\":\"invoke\",\"process\":\"c1\",\"f\":\"write\",\"value\":1,\"t\":1000}";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head<'a> {
    #[serde(borrow)]
    format: Cow<'a, str>,
    format_version: u32,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    model: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    events: Option<u32>,
}

/// Every other line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    process: Process<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    f: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Datum>,
    #[serde(default, skip_serializing_if = "is_nil")]
    value: Datum,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<i64>,
}

/// A process is named by a text or a number.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Process<'a> {
    Name(#[serde(borrow)] Cow<'a, str>),
    Number(u64),
}

fn is_nil(value: &Datum) -> bool {
    *value == Datum::Nil
}

/// What the first line promises.
pub(super) struct Promise {
    pub(super) model: Option<String>,
    events: Option<u32>,
}

/// Takes all lines of a text, and returns what the first one promised.
pub(super) fn take_all(recorder: &mut Recorder, text: &str) -> Result<Promise, BadHistory> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty());
    let (mut last, first) = lines.next().unwrap_or((1, ""));
    let promise = head(last, first)?;
    for (line, text) in lines {
        take(recorder, line, text)?;
        last = line;
    }
    match promise.events {
        Some(promised) if promised != recorder.events() => {
            let message = format!("the head promises {promised} events, but there are {}", recorder.events());
            Err(BadHistory::at(last, message, "the file was cut, or put together from several"))
        }
        _ => Ok(promise),
    }
}

/// Reads the first line.
fn head(line: u32, text: &str) -> Result<Promise, BadHistory> {
    let help = "the first line should be {\"format\":\"faultlab-history\",\"format_version\":1}";
    let head: Head = serde_json::from_str(text)
        .map_err(|error| BadHistory::at(line, format!("the head cannot be read: {}", plain(&error)), help))?;
    if head.format != FORMAT {
        return Err(BadHistory::at(line, format!("the format is `{}`, not `{FORMAT}`", head.format), help));
    }
    if head.format_version != FORMAT_VERSION {
        let message =
            format!("the format has version {}, and only version {FORMAT_VERSION} is known", head.format_version);
        return Err(BadHistory::at(line, message, "a newer Faultlab may read it"));
    }
    Ok(Promise { model: head.model.map(Cow::into_owned), events: head.events })
}

/// Takes one line.
fn take(recorder: &mut Recorder, line: u32, text: &str) -> Result<(), BadHistory> {
    let bad = |message: String| BadHistory::at(line, message, HELP);
    let event: Line =
        serde_json::from_str(text).map_err(|error| bad(format!("the line cannot be read: {}", plain(&error))))?;
    let kind = match &*event.r#type {
        "invoke" => EventKind::Invoke,
        "ok" => EventKind::Complete(Outcome::Ok),
        "failed" => EventKind::Complete(Outcome::Failed),
        "unknown" => EventKind::Complete(Outcome::Unknown),
        other => return Err(bad(format!("`{other}` is no type; the types are invoke, ok, failed and unknown"))),
    };
    let time = match event.t {
        Some(nanos) if nanos < 0 => return Err(bad(format!("the time is {nanos}, before the beginning"))),
        time => time.map(|nanos| Time::from_nanos(nanos as u64)),
    };
    let process: Cow<str> = match event.process {
        Process::Name(name) => name,
        Process::Number(number) => number.to_string().into(),
    };
    let function = event.f.as_deref();
    recorder.take(Event { kind, process: &process, function, key: event.key, value: event.value, time, line })
}

/// An error of the JSON reader, without its line number: it counts every line as the first.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(message) => format!("{message} at column {}", error.column()),
        None => text,
    }
}

/// Writes a history.
///
/// # Errors
/// If it cannot be written.
pub fn write(history: &History, out: &mut impl Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    let head = Head {
        format: FORMAT.into(),
        format_version: FORMAT_VERSION,
        model: history.model.as_deref().map(Cow::from),
        events: Some(history.events),
    };
    push(&mut bytes, &head);
    // Events in their order: the operations only know where each of their two stands.
    let mut events = vec![(0, false); history.events as usize];
    for (place, operation) in history.operations.iter().enumerate() {
        events[operation.invoked.order as usize] = (place, false);
        if let Some(end) = &operation.completion {
            events[end.at.order as usize] = (place, true);
        }
    }
    for (place, ends) in events {
        push(&mut bytes, &line(history, place, ends));
        if bytes.len() > 1 << 16 {
            out.write_all(&bytes)?;
            bytes.clear();
        }
    }
    out.write_all(&bytes)
}

fn push(bytes: &mut Vec<u8>, line: &impl Serialize) {
    serde_json::to_writer(&mut *bytes, line).expect("writing plain data to memory cannot fail");
    bytes.push(b'\n');
}

fn line(history: &History, place: usize, ends: bool) -> Line<'_> {
    let operation = &history.operations[place];
    let completion = operation.completion.as_ref().filter(|_| ends);
    let (kind, value, at) = match completion {
        None => ("invoke", &operation.input, operation.invoked),
        Some(end) => (word(end.outcome), &end.value, end.at),
    };
    Line {
        r#type: kind.into(),
        process: Process::Name(history.process(operation).into()),
        f: Some(history.function(operation).into()),
        key: operation.key.clone(),
        value: value.clone(),
        t: history.timed.then_some(at.time.as_nanos() as i64),
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Failed => "failed",
        Outcome::Unknown => "unknown",
    }
}
