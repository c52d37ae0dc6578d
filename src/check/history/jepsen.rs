//! Log lines of Jepsen: `INFO  jepsen.util - 4 :invoke :write 1`.
//!
//! After the dash stand the process, the type, the function and the value, apart by blanks. Lines of other loggers are
//! passed over, as are the lines of `:nemesis`, which is not a client. Jepsen writes `:fail` of a `cas` when the
//! comparison failed, so that is an answer, *not swapped*, and it is held against the model; any other `:fail` means no
//! effect. `:info`, or `:timed-out` in place of the value, means that nobody knows. A process that got `:info` may
//! go on; its lost operation stays open.

use super::recorder::{Event, EventKind, Recorder};
use super::{BadHistory, Datum};
use crate::check::edn;
use crate::engine::trace::Outcome;

const HELP: &str = "expected such as `INFO  jepsen.util - 4 :invoke :write 1`";

/// Takes all lines of a text.
pub(super) fn take_all(recorder: &mut Recorder, text: &str) -> Result<(), BadHistory> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty());
    lines.try_for_each(|(line, text)| take(recorder, line, text))
}

/// Takes one line.
fn take(recorder: &mut Recorder, line: u32, text: &str) -> Result<(), BadHistory> {
    let bad = |message: String| BadHistory::at(line, message, HELP);
    let Some((before, after)) = text.split_once(" - ") else {
        return Err(bad(format!("`{}` is no line of a Jepsen log", shorten(text))));
    };
    let mut words = before.split_whitespace();
    let (level, logger) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    if !matches!(level, "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR") {
        return Err(bad(format!("`{}` is no line of a Jepsen log", shorten(text))));
    }
    if logger != "jepsen.util" {
        return Ok(());
    }
    let mut rest = after.trim();
    let mut next = |what: &str| {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after.trim_start();
        if word.is_empty() { Err(bad(format!("the line ends before the {what}"))) } else { Ok(word) }
    };
    let process = next("process")?;
    if process == ":nemesis" {
        return Ok(());
    }
    if process.parse::<u64>().is_err() {
        return Err(bad(format!("`{process}` is no number of a process")));
    }
    let (kind, function) = (next("type")?, next("function")?);
    let Some(function) = function.strip_prefix(':') else {
        return Err(bad(format!("`{function}` is no function such as `:read`")));
    };
    if rest.is_empty() {
        return Err(bad("the line ends before the value".into()));
    }
    let value = edn::Reader::only(rest, line);
    let value = value.map_err(|mistake| bad(format!("the value cannot be read: {}", mistake.problem)))?;
    let value = Datum::from(&value);
    let (kind, value) = meaning(kind, function, value).map_err(bad)?;
    recorder.take(Event { kind, process, function: Some(function), key: None, value, time: None, line })
}

/// What a type and a value say, in Jepsen's habits.
pub(super) fn meaning(kind: &str, function: &str, value: Datum) -> Result<(EventKind, Datum), String> {
    let timed_out = matches!(&value, Datum::Word(word) if &**word == "timed-out");
    let outcome = match kind {
        ":invoke" => return Ok((EventKind::Invoke, value)),
        ":ok" if timed_out => return Err("an operation that timed out cannot have ended well".into()),
        ":ok" => Outcome::Ok,
        ":info" | ":timed-out" => Outcome::Unknown,
        ":fail" if timed_out => Outcome::Unknown,
        ":fail" if function == "cas" => return Ok((EventKind::Complete(Outcome::Ok), Datum::Bool(false))),
        ":fail" => Outcome::Failed,
        other => return Err(format!("`{other}` is no type; the types are :invoke, :ok, :fail and :info")),
    };
    let value = match outcome {
        Outcome::Ok if function == "cas" => Datum::Bool(true),
        Outcome::Ok => value,
        _ => Datum::Nil,
    };
    Ok((EventKind::Complete(outcome), value))
}

/// The beginning of a text, for messages.
pub(super) fn shorten(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
