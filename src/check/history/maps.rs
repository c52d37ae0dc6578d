//! EDN maps, one for each event: `{:process 0, :type :invoke, :f :get, :key "7", :value nil}`.
//!
//! They stand one after the other, or in one vector or list; line breaks mean nothing.
//! `:process`, `:type` and `:f` must be there; `:key`, `:value` and `:time` (nanoseconds) may be; others, such as
//! `:index` and `:error`, are passed over. What a type means is as in [Jepsen's log lines](super::jepsen), with one
//! difference: a failed `cas` that names an `:error` was not answered, so it has no effect and no answer. The value may be
//! anything: a transaction is a list of lists, and the model that judges it reads it.

use super::recorder::{Event, Recorder};
use super::{BadHistory, Datum, EventKind, jepsen};
use crate::check::edn::{Form, Kind, Mistake, Reader};
use crate::engine::Time;
use crate::engine::trace::Outcome;

const HELP: &str = "expected such as `{:process 0, :type :invoke, :f :get, :key \"7\", :value nil}`";

/// Takes all maps of a text.
pub(super) fn take_all(recorder: &mut Recorder, text: &str) -> Result<(), BadHistory> {
    let bad = |Mistake { line, problem }| BadHistory::at(line, problem, HELP);
    let mut reader = Reader::new(text);
    let outer = reader.open_sequence();
    while let Some(form) = reader.next_in(outer).map_err(bad)? {
        take(recorder, &form)?;
    }
    match outer.and_then(|_| reader.next_in(None).transpose()).transpose().map_err(bad)? {
        None => Ok(()),
        Some(more) => {
            let message = format!("expected the end of the file, found {}", more.kind.what());
            Err(BadHistory::at(more.line, message, "all events stand in one vector, or none do"))
        }
    }
}

/// Takes one map.
fn take(recorder: &mut Recorder, form: &Form) -> Result<(), BadHistory> {
    let line = form.line;
    let bad = |message: String| BadHistory::at(line, message, HELP);
    if !matches!(form.kind, Kind::Map(_)) {
        return Err(bad(format!("expected a map, found {}", form.kind.what())));
    }
    let map = Datum::from(form);
    let field = |name: &str| map.get(name).ok_or_else(|| bad(format!("the map has no `:{name}`")));
    let process = match field("process")? {
        Datum::Int(number) if *number >= 0 => number.to_string(),
        Datum::Word(word) if &**word == "nemesis" => return Ok(()),
        Datum::Text(text) => text.to_string(),
        other => return Err(bad(format!("`{other}` is no process"))),
    };
    let word = |name: &str| match field(name)? {
        Datum::Word(word) => Ok(word),
        other => Err(bad(format!("`:{name}` should be a keyword, and is `{other}`"))),
    };
    let (kind, function) = (word("type")?, word("f")?);
    let value = map.get("value").cloned().unwrap_or_default();
    let time = match map.get("time") {
        None | Some(Datum::Nil) => None,
        Some(Datum::Int(nanos)) if *nanos >= 0 => Some(Time::from_nanos(*nanos as u64)),
        Some(other) => return Err(bad(format!("`:time` is `{other}`; it should be nanoseconds, zero or more"))),
    };
    let errs = map.get("error").is_some_and(|error| *error != Datum::Nil);
    let (kind, value) = match (&**kind, &**function) {
        ("fail", "cas") if errs => (EventKind::Complete(Outcome::Failed), Datum::Nil),
        (kind, function) => jepsen::meaning(&format!(":{kind}"), function, value).map_err(bad)?,
    };
    let key = map.get("key").cloned();
    recorder.take(Event { kind, process: &process, function: Some(&**function), key, value, time, line })
}
