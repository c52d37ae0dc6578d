//! The passes of a search, each of which takes away one kind of thing.

use super::{Broken, Search, ddmin, messages, names, numbers};
use crate::engine::trace::{Trace, What};
use crate::engine::{Span, Time};
use crate::scenario::{Document, RunOptions};
use std::collections::BTreeSet;
use toml::{Table, Value};

/// A pass, with its name for people.
type Pass = (&'static str, fn(&mut Search<'_>));

/// All passes, in the order of what they save.
pub(super) const ALL: [Pass; 10] = [
    ("the end of the run", truncate),
    ("sections", sections),
    ("settings", settings),
    ("kinds of faults", kinds_of_faults),
    ("faults", |search| ddmin::minimise(search, "fault")),
    ("operations", operations),
    ("clients and servers", names::fewer),
    ("single messages", messages::freeze),
    ("their numbers", messages::recount),
    ("numbers", numbers::simplify),
];

/// Sections whose absence means that everything is as it usually is.
const SECTIONS: [&str; 9] = ["regions", "clock", "network", "disk", "nodes", "config", "workload", "expect", "limits"];

/// Takes away what is only expected of a run, and does not change it.
pub(super) fn forget_expectations(document: &mut Document) {
    document.0.remove("about");
    if let Some(Value::Table(expect)) = document.0.get_mut("expect") {
        expect.retain(|name, _| name.starts_with("settle"));
        if expect.is_empty() {
            document.0.remove("expect");
        }
    }
}

/// Says what the scenario shows, and what it breaks.
pub(super) fn say(document: &mut Document, broken: &Broken, properties: &[&'static str]) {
    let title = format!("The least that breaks {}", broken.property);
    let about = format!("At {}: {}", broken.time, broken.text);
    document.0.insert("title".into(), Value::String(title));
    document.0.insert("about".into(), Value::String(about));
    let list = properties.iter().map(|name| Value::String((*name).to_owned())).collect();
    let expect = document.0.entry("expect").or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(expect) = expect {
        expect.insert("violates".into(), Value::Array(list));
    }
}

/// A nemesis and repeated faults become single faults, which can be taken away one by one.
pub(super) fn explicit(search: &mut Search<'_>) {
    search.pass = "repetitions";
    let Some(scenario) = search.read(&search.best) else { return };
    let single = scenario.explicit(&[]);
    search.attempt_with(|document| replace(document, single, &["nemesis", "fault"]));
}

/// At last faults say the names of those whom they strike, in place of a rule to choose them.
pub(super) fn name(search: &mut Search<'_>) {
    search.pass = "names";
    let Some(scenario) = search.read(&search.best) else { return };
    let report = scenario.run(&RunOptions { trace: true, ..RunOptions::default() });
    let named = scenario.explicit(&report.struck);
    search.attempt_with(|document| replace(document, named, &["nemesis", "fault"]));
}

/// Puts sections of another document in the place of one's own.
fn replace(document: &mut Document, mut other: Document, sections: &[&str]) {
    for section in sections {
        document.0.remove(*section);
        if let Some(value) = other.0.remove(*section) {
            document.0.insert((*section).to_owned(), value);
        }
    }
}

/// Ends the run soon after the violation, or, for what is judged at the end, as early as still shows it.
fn truncate(search: &mut Search<'_>) {
    let Some(mut shown) = span(search.best.0.get("duration")) else { return };
    let seen = search.found.broken.time.since(Time::ZERO) + Span::from_millis(1);
    // What saves little is not worth a duration that nobody can remember.
    if seen.as_nanos() > shown.as_nanos() / 10 * 9 {
        return;
    }
    if search.attempt_with(|document| end_at(document, seen)) {
        shown = seen;
    }
    let mut hidden = Span::ZERO;
    while shown.as_nanos() - hidden.as_nanos() > shown.as_nanos() / 50 + 1_000_000 && !search.stopped {
        let middle = Span::from_nanos(hidden.as_nanos() + (shown.as_nanos() - hidden.as_nanos()) / 2);
        match search.attempt_with(|document| end_at(document, middle)) {
            true => shown = middle,
            false => hidden = middle,
        }
    }
}

/// Ends the run at `end`, with whatever would have begun later.
pub(super) fn end_at(document: &mut Document, end: Span) {
    document.0.insert("duration".into(), Value::String(end.to_string()));
    for list in ["fault", "operation"] {
        if let Some(Value::Array(items)) = document.0.get_mut(list) {
            items.retain(|item| span(item.get("at")).is_none_or(|at| at < end));
            if items.is_empty() {
                document.0.remove(list);
            }
        }
    }
}

/// Whole sections.
fn sections(search: &mut Search<'_>) {
    for section in SECTIONS {
        search.attempt_with(|document| {
            document.0.remove(section);
        });
    }
}

/// Settings one by one; what is not said is as usual.
fn settings(search: &mut Search<'_>) {
    for section in SECTIONS {
        let keys: Vec<String> = match search.best.0.get(section) {
            Some(Value::Table(table)) => table.keys().cloned().collect(),
            Some(Value::Array(_)) => {
                ddmin::minimise(search, section);
                continue;
            }
            _ => continue,
        };
        for key in keys {
            search.attempt_with(|document| {
                let Some(Value::Table(table)) = document.0.get_mut(section) else { return };
                table.remove(&key);
                if table.is_empty() {
                    document.0.remove(section);
                }
            });
        }
    }
}

/// What a fault says beside what it does.
const CIRCUMSTANCES: [&str; 6] = ["at", "for", "every", "until", "wipe", "restart_delay"];

/// All faults of a kind at once, then what single faults say beyond what they do.
fn kinds_of_faults(search: &mut Search<'_>) {
    let kinds: BTreeSet<String> = faults(search).iter().map(kind).collect();
    for unwanted in kinds {
        search.attempt_with(|document| {
            if let Some(Value::Array(faults)) = document.0.get_mut("fault") {
                faults.retain(|fault| kind(fault) != unwanted);
                if faults.is_empty() {
                    document.0.remove("fault");
                }
            }
        });
    }
    for index in 0..faults(search).len() {
        for key in ["every", "until", "wipe", "restart_delay"] {
            search.attempt_with(|document| {
                let fault = document.0.get_mut("fault").and_then(|faults| faults.get_mut(index));
                if let Some(Value::Table(fault)) = fault {
                    fault.remove(key);
                }
            });
        }
    }
}

fn faults(search: &Search<'_>) -> Vec<Value> {
    search.best.0.get("fault").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// What a fault does, as its key in the file.
fn kind(fault: &Value) -> String {
    let keys = fault.as_table().into_iter().flat_map(Table::keys);
    keys.filter(|key| !CIRCUMSTANCES.contains(&key.as_str())).cloned().collect()
}

/// Lists what the clients were asked, each operation at its moment, and takes away what is not needed.
fn operations(search: &mut Search<'_>) {
    if !search.best.0.contains_key("operation") {
        let trace = search.read(&search.best).and_then(|scenario| {
            let options = RunOptions { trace: true, ..RunOptions::default() };
            scenario.run(&options).trace
        });
        let Some(list) = trace.as_ref().map(asked).filter(|list| !list.is_empty()) else { return };
        search.attempt_with(|document| {
            document.0.insert("operation".into(), Value::Array(list));
        });
    }
    ddmin::minimise(search, "operation");
}

/// What clients were asked in a run, as a file lists it.
fn asked(trace: &Trace) -> Vec<Value> {
    let asked = trace.records.iter().filter_map(|record| {
        let (What::Invoke { text, .. }, Some(client)) = (&record.what, record.node) else { return None };
        let name = &trace.header.nodes.get(client.index())?.name;
        let at = record.time.since(Time::ZERO).to_string();
        let fields = [("at", at), ("client", name.clone()), ("ask", text.clone())];
        let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), Value::String(value)));
        Some(Value::Table(fields.collect()))
    });
    asked.collect()
}

/// A length of time as a file says it.
pub(super) fn span(value: Option<&Value>) -> Option<Span> {
    value?.as_str()?.parse().ok()
}
