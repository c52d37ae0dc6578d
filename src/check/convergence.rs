//! Convergence: once nobody writes any more, everybody comes to read the same.
//!
//! For each key the last read of each client counts, if it began after every write had ended. These must agree, and on a
//! value that was written. A write of unknown outcome never ends as far as anybody knows, so it is taken to be over when
//! it was given up; what it wrote may be what everybody agrees on. If nothing was read after the last write, nobody knows.

use super::Verdict;
use super::history::{BadHistory, Datum, History};
use super::judgement::Judgement;
use super::models::Model;
use super::models::reading::{Part, parts};
use super::story::{Picture, Story};
use std::collections::BTreeMap;

/// Judges whether the clients of each key agree in the end.
///
/// # Errors
/// The first operation that means nothing to the model.
pub fn judge<M: Model>(model: &M, history: &History) -> Result<Judgement, BadHistory> {
    let (mut keys, mut unread) = (0, 0);
    for part in parts(model, history)? {
        let last = last_reads(model, history, &part);
        keys += 1;
        // One client that agrees with itself shows nothing.
        if last.len() < 2 {
            unread += 1;
            continue;
        }
        let values: Vec<&Datum> = last.values().map(|(value, _)| value).collect();
        let differs = values.iter().any(|value| *value != values[0]);
        let written = |value: &Datum| part.calls.iter().any(|call| model.writes(&call.op) == Some(value));
        let whole =
            part.calls.iter().all(|call| model.only_looks(&call.op, call.seen) || model.writes(&call.op).is_some());
        let invented = whole && *values[0] != Datum::Nil && !written(values[0]);
        if differs || invented {
            return Ok(broken(history, &part, &last, differs));
        }
    }
    Ok(match unread {
        0 => Judgement::pass("the clients agree on every key in the end"),
        _ => Judgement::unknown(format!("{unread} of {keys} keys were not read by two clients after the last write")),
    })
}

/// For each process, the value of its last read after all writes, and which operation that is.
fn last_reads<M: Model>(model: &M, history: &History, part: &Part<'_, M::Op>) -> BTreeMap<u32, (Datum, u32)> {
    let over = |source: &u32| {
        let operation = &history.operations[*source as usize];
        operation.completion.as_ref().map_or(operation.invoked.order, |end| end.at.order)
    };
    let writes = part.calls.iter().zip(&part.sources).filter(|(call, _)| !model.only_looks(&call.op, call.seen));
    let quiet = writes.map(|(_, source)| over(source)).max();
    let mut last = BTreeMap::new();
    for (call, source) in part.calls.iter().zip(&part.sources) {
        let after = quiet.is_none_or(|quiet| call.begin > quiet);
        if let Some(seen) = call.seen.filter(|_| after && model.only_looks(&call.op, call.seen)) {
            let value = model.sees(&call.op, seen).unwrap_or_else(|| seen.clone());
            last.insert(history.operations[*source as usize].process, (value, *source));
        }
    }
    last
}

fn broken<O>(history: &History, part: &Part<'_, O>, last: &BTreeMap<u32, (Datum, u32)>, differs: bool) -> Judgement {
    let of_key = part.key.map_or(String::new(), |key| format!(" of key {key}"));
    let sources: Vec<u32> = last.values().map(|(_, source)| *source).collect();
    let conflict = match differs {
        true => "clients still read different values after the last write had ended".to_owned(),
        false => "the clients agree on a value that nothing wrote".to_owned(),
    };
    let tell = |source: &u32| history.tell(&history.operations[*source as usize]);
    let mut text = format!("The last reads{of_key}:\n");
    for source in &sources {
        text.push_str(&format!("  {}\n", tell(source)));
    }
    let mut shown = sources.clone();
    shown.sort_unstable();
    let story = Story::of(history, format!("No convergence{of_key}"), conflict.clone(), &shown, &[], &sources);
    let detail = serde_json::json!({ "key": part.key, "reads": sources.iter().map(tell).collect::<Vec<_>>() });
    let headline = format!("no convergence{of_key}: {conflict}");
    Judgement { verdict: Verdict::Fail, headline, text, detail, picture: Some(Picture::Lanes(story)) }
}
