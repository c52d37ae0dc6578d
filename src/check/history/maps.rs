//! EDN maps, one a line: `{:process 0, :type :invoke, :f :get, :key "7", :value nil}`.
//!
//! `:process`, `:type` and `:f` must be there; `:key`, `:value` and `:time` (nanoseconds) may be; others, such as
//! `:index` and `:error`, are passed over. What a type means is as in [Jepsen's log lines](super::jepsen), with one
//! difference: a failed `cas` that names an `:error` was not answered, so it has no effect and no answer. The value may be
//! anything: a transaction is a list of lists, and the model that judges it reads it.

use super::recorder::{Event, Recorder};
use super::{BadHistory, Datum, EventKind, edn, jepsen};
use crate::engine::Time;
use crate::engine::trace::Outcome;

const HELP: &str = "expected such as `{:process 0, :type :invoke, :f :get, :key \"7\", :value nil}`";

/// Takes one line.
pub(super) fn take(recorder: &mut Recorder, line: u32, text: &str) -> Result<(), BadHistory> {
    let bad = |message: String| BadHistory::at(line, message, HELP);
    let map = edn::read(text).map_err(|message| bad(format!("the map cannot be read: {message}")))?;
    if !matches!(map, Datum::Map(_)) {
        return Err(bad(format!("`{}` is no map", jepsen::shorten(text))));
    }
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
