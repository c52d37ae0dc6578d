//! Chance on the network, frozen: instead of a share of lost messages, the few whose loss matters.
//!
//! A run that needs losses needs, as a rule, two or three of them. They are read off its trace and written as faults that drop
//! or duplicate single messages; which of those are needed is then a question like any other about faults.

use super::Search;
use crate::engine::NodeId;
use crate::engine::trace::{Passage, Trace, What};
use crate::scenario::RunOptions;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// More messages than this are not written down one by one; the cut of other things may leave fewer.
const MOST: usize = 400;

/// The settings that this replaces, with the fault that does it to single messages.
const CHANCES: [&str; 2] = ["loss", "duplicate"];

/// Replaces losses and duplicates by chance by those of single messages, and takes away those that are not needed.
pub(super) fn freeze(search: &mut Search<'_>) {
    let chance =
        |search: &Search<'_>, key: &str| search.best.0.get("network").is_some_and(|table| table.get(key).is_some());
    if !CHANCES.iter().any(|key| chance(search, key)) {
        return;
    }
    let trace = search.read(&search.best).and_then(|scenario| {
        let options = RunOptions { trace: true, ..RunOptions::default() };
        scenario.run(&options).trace
    });
    let Some(list) = trace.as_ref().map(singled_out).filter(|list| list.len() <= MOST) else { return };
    search.attempt_with(|document| {
        if let Some(Value::Table(network)) = document.0.get_mut("network") {
            CHANCES.iter().for_each(|key| drop(network.remove(*key)));
            if network.is_empty() {
                document.0.remove("network");
            }
        }
        let faults = document.0.entry("fault").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(faults) = faults {
            faults.extend(list);
        }
    });
}

/// A fault for each message that chance lost or repeated.
fn singled_out(trace: &Trace) -> Vec<Value> {
    let mut sent: BTreeMap<(NodeId, NodeId), i64> = BTreeMap::new();
    let mut faults = Vec::new();
    for record in &trace.records {
        let (Some(from), What::Send { to, passage, .. }) = (record.node, &record.what) else { continue };
        // What a partition stops is not counted on its link.
        if *passage == Passage::Cut {
            continue;
        }
        let nth = sent.entry((from, *to)).or_default();
        *nth += 1;
        let what = match passage {
            Passage::Lost => "drop",
            Passage::Duplicated { .. } => "duplicate",
            _ => continue,
        };
        let name = |node: NodeId| Value::String(trace.header.nodes[node.index()].name.clone());
        let picked = [("from", name(from)), ("to", name(*to)), ("nth", Value::Integer(*nth))];
        let picked: Table = picked.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let fault = [("at", Value::String("0s".into())), (what, Value::Table(picked))];
        faults.push(Value::Table(fault.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()));
    }
    faults
}

/// Faults of single messages.
const SINGLING: [&str; 3] = ["drop", "delay", "duplicate"];

fn renumber(fault: &mut Value, nth: i64) {
    for kind in SINGLING {
        if let Some(Value::Table(picked)) = fault.get_mut(kind) {
            picked.insert("nth".into(), Value::Integer(nth));
        }
    }
}

/// Operations that may stay when a message is looked for among earlier ones.
const FEW: [usize; 3] = [1, 2, 3];

/// Messages are counted on their link, so an operation that goes changes the number of the message that matters. Keeps only the
/// last few operations, and looks for the message anew.
pub(super) fn recount(search: &mut Search<'_>) {
    let operations = search.best.0.get("operation").and_then(Value::as_array).map_or(0, Vec::len);
    let faults = search.best.0.get("fault").and_then(Value::as_array).cloned().unwrap_or_default();
    let counted = |fault: &Value| SINGLING.iter().find_map(|kind| fault.get(kind)?.get("nth")?.as_integer());
    let places: Vec<(usize, i64)> =
        faults.iter().enumerate().filter_map(|(place, fault)| Some((place, counted(fault)?))).collect();
    let [(place, number)] = places[..] else { return };
    for keep in FEW.into_iter().filter(|keep| *keep < operations) {
        for nth in 1..=number.min(MOST as i64) {
            let found = search.attempt_with(|document| {
                if let Some(Value::Array(list)) = document.0.get_mut("operation") {
                    list.drain(..operations - keep);
                }
                if let Some(fault) = document.0.get_mut("fault").and_then(|faults| faults.get_mut(place)) {
                    renumber(fault, nth);
                }
            });
            if found {
                return;
            }
        }
    }
}
