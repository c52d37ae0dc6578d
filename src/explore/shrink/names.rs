//! Fewer clients and servers.
//!
//! How many there are is a whole number among a pattern's settings, and so are other things that are better small: keys,
//! batches. With a node its name goes, from faults, links and operations.

use super::Search;
use crate::scenario::Document;
use std::collections::BTreeSet;
use toml::{Table, Value};

/// Numbers of settings that are tried in place of a larger one.
const SMALL: [i64; 6] = [0, 1, 2, 3, 4, 5];

/// Makes whole numbers among the pattern's settings smaller, the smallest first: those that the file says, and those that
/// decide how many nodes there are.
pub(super) fn fewer(search: &mut Search<'_>) {
    merge_clients(search);
    for (section, key, default) in whole_numbers(search) {
        let said = search.best.0.get(section).and_then(|table| table.get(&key)).and_then(Value::as_integer);
        let now = said.unwrap_or(default);
        let candidates = SMALL.into_iter().chain([now / 2, now - 1]).filter(|number| *number < now);
        let candidates: BTreeSet<i64> = candidates.filter(|number| *number >= 0).collect();
        for number in candidates {
            let mut candidate = search.best.clone();
            set(&mut candidate, section, &key, Value::Integer(number));
            let gone = gone(search, &candidate);
            if gone.is_empty() && said.is_none() {
                break;
            }
            let whole = candidate.clone();
            forget(&mut candidate, &gone);
            if search.attempt(candidate) || (!gone.is_empty() && renamed(search, &whole, &gone)) {
                break;
            }
        }
    }
}

/// Tries to let another node go than the last one, by giving the last one's name to it.
fn renamed(search: &mut Search<'_>, smaller: &Document, gone: &BTreeSet<String>) -> bool {
    let [last] = gone.iter().collect::<Vec<_>>()[..] else { return false };
    let Some(scenario) = search.read(&search.best) else { return false };
    let nodes = scenario.nodes();
    let Some((_, client)) = nodes.iter().find(|(name, _)| name == last) else { return false };
    let others = nodes.iter().filter(|(name, kind)| name != last && kind == client);
    others.map(|(name, _)| name.clone()).collect::<Vec<_>>().into_iter().any(|other| {
        let mut candidate = smaller.clone();
        each_name(&mut candidate, &mut |name| {
            let swapped = if name == other {
                last
            } else if name == *last {
                &other
            } else {
                name
            };
            Some(swapped.to_owned())
        });
        forget(&mut candidate, gone);
        search.attempt(candidate)
    })
}

/// The pattern's settings that are whole numbers, with their defaults.
fn whole_numbers(search: &Search<'_>) -> Vec<(&'static str, String, i64)> {
    let sections = [("config", search.pattern.config_settings()), ("workload", search.pattern.load_settings())];
    let numbers = sections.into_iter().flat_map(|(section, settings)| {
        settings.into_iter().filter_map(move |setting| Some((section, setting.name, setting.default.parse().ok()?)))
    });
    numbers.collect()
}

fn set(document: &mut Document, section: &str, key: &str, value: Value) {
    let table = document.0.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(table) = table {
        table.insert(key.to_owned(), value);
    }
}

/// What decides which nodes there are, and what no scenario can do without.
const KEPT: [&str; 5] = ["title", "pattern", "duration", "config", "workload"];

/// The nodes that the best scenario so far has and the candidate has not.
fn gone(search: &Search<'_>, candidate: &Document) -> BTreeSet<String> {
    let names = |document: &Document| -> BTreeSet<String> {
        let mut bare = document.clone();
        bare.0.retain(|section, _| KEPT.contains(&section));
        let scenario = search.pattern.load("candidate", &bare.text(&[])).ok();
        scenario.map(|scenario| scenario.nodes().into_iter().map(|(name, _)| name).collect()).unwrap_or_default()
    };
    let left = names(candidate);
    match left.is_empty() {
        true => BTreeSet::new(),
        false => names(&search.best).difference(&left).cloned().collect(),
    }
}

/// Takes these names out of everything that names nodes, and what is left without a name as well.
fn forget(document: &mut Document, gone: &BTreeSet<String>) {
    if gone.is_empty() {
        return;
    }
    each_name(document, &mut |name| (!gone.contains(name)).then(|| name.to_owned()));
}

/// Sections in which nodes are named.
const NAMING: [&str; 5] = ["fault", "operation", "clock", "regions", "network"];

/// Passes every text in the sections that name nodes through `change`; a text that becomes nothing is taken away, and so
/// is what loses all of its names.
fn each_name(document: &mut Document, change: &mut dyn FnMut(&str) -> Option<String>) {
    for section in NAMING {
        let Some(whole) = document.0.remove(section) else { continue };
        let mut value = whole.clone();
        if rename(&mut value, change) {
            document.0.insert(section.to_owned(), value);
        } else if section == "operation" {
            // Without any operation listed the workload would ask its own again; as it is the candidate cannot be read.
            document.0.insert(section.to_owned(), whole);
        }
    }
}

/// Whether anything is left.
fn rename(value: &mut Value, change: &mut dyn FnMut(&str) -> Option<String>) -> bool {
    match value {
        Value::String(text) => match change(text) {
            Some(new) => {
                *text = new;
                true
            }
            None => false,
        },
        Value::Array(items) => {
            items.retain_mut(|item| rename(item, change));
            !items.is_empty()
        }
        Value::Table(table) => {
            let keys: Vec<String> = table.keys().cloned().collect();
            // A fault, link or operation that lost one of its ends means nothing any more.
            keys.iter().all(|key| table.get_mut(key).is_none_or(|value| rename(value, change)))
        }
        _ => true,
    }
}

/// Tries to let one client ask for all that another one asked for.
fn merge_clients(search: &mut Search<'_>) {
    let clients = |search: &Search<'_>| -> BTreeSet<String> {
        let list = search.best.0.get("operation").and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().filter_map(|item| item.get("client")?.as_str().map(str::to_owned)).collect()
    };
    let all: Vec<String> = clients(search).into_iter().collect();
    for from in all.iter().rev() {
        for to in all.iter().filter(|to| *to < from) {
            let merged = search.attempt_with(|document| {
                let list = document.0.get_mut("operation").and_then(Value::as_array_mut);
                for item in list.into_iter().flatten() {
                    if item.get("client").and_then(Value::as_str) == Some(from) {
                        item["client"] = Value::String(to.clone());
                    }
                }
            });
            if merged {
                break;
            }
        }
    }
}
