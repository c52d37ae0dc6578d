//! Settings of nodes, disks and clocks that cannot be meant.

use super::{Collector, names_nobody};
use crate::engine::trace::NodeInfo;
use crate::scenario::file::Scenario;
use crate::scenario::node_faults;
use crate::scenario::select::Selector;

/// What is wrong with settings whatever the cluster.
pub(super) fn settings<C, L>(file: &Scenario<C, L>, found: &mut Collector<'_>) {
    for (place, message, help) in node_faults::table_problems(file) {
        found.add(place, message, help);
    }
    for (index, clock) in file.clock.iter().enumerate() {
        if clock.offset.is_zero() && clock.drift.as_ppm() == 0 {
            let help = "give it an `offset` such as \"50ms\", a `drift` such as \"200ppm\", or both";
            found.add(&["clock", &index.to_string(), "node"], "this clock is right", help);
        }
    }
}

/// Settings for nodes that this cluster does not have.
pub(super) fn owners<C, L>(file: &Scenario<C, L>, infos: &[NodeInfo], found: &mut Collector<'_>) {
    if let Some(selector) = &file.disk.lying_sync {
        owner(&["disk", "lying_sync"], selector, "a disk", infos, found);
    }
    for (index, clock) in file.clock.iter().enumerate() {
        owner(&["clock", &index.to_string(), "node"], &clock.node, "a clock", infos, found);
    }
}

/// Settings are for nodes that are known before the run begins.
fn owner(place: &[&str], selector: &Selector, what: &str, infos: &[NodeInfo], found: &mut Collector<'_>) {
    match selector.fixed_nodes(infos) {
        Some(nodes) if !nodes.is_empty() => {}
        Some(_) => names_nobody(place, selector, infos, found),
        None => {
            let help = "settings are made before the run begins: use names, globs, a region, or \"all\"";
            found.add(place, format!("the setting of {what} cannot be for {}", selector.0), help);
        }
    }
}
