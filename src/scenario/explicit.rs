//! A run as a file without chance about its faults: each at its moment, with the names of those whom it struck.
//!
//! Faults keep their order, so the run that the new file describes is the same, event by event. What a fault of single links
//! selects is left as it was written, and so is a selector that met nobody.

use super::file::{FaultTable, Scenario};
use super::pattern::Pattern;
use super::run;
use super::select::Selector;
use super::struck::EVERY_FAULT;
use crate::sim::fault::Who;

/// The scenario with the faults of its run, `struck` telling whom each of them met.
pub(super) fn explicit<P: Pattern>(
    file: &Scenario<P::Config, P::Load>,
    struck: &[Vec<Vec<String>>],
) -> Scenario<P::Config, P::Load> {
    let cluster = P::cluster(&file.config, &file.workload);
    let timetable = run::timetable::<P>(file, file.seed, &cluster);
    let mut single: Vec<FaultTable> = timetable.iter().flat_map(|table| singles(table, file)).collect();
    for (fault, groups) in single.iter_mut().zip(struck) {
        name(fault, groups);
    }
    let mut whole = Scenario { fault: single, nemesis: None, ..file.clone() };
    // A nemesis may miss; a file that says the same fault must admit that it does.
    if struck.iter().any(|groups| groups.iter().all(Vec::is_empty)) {
        allow_misses(&mut whole);
    }
    whole
}

/// Lets faults strike nobody.
pub(super) fn allow_misses<C, L>(file: &mut Scenario<C, L>) {
    let name = EVERY_FAULT.name.to_owned();
    if !file.expect.ignores.contains(&name) && !file.expect.violates.contains(&name) {
        file.expect.ignores.push(name);
    }
}

/// A fault for each time that it strikes.
fn singles<C, L>(table: &FaultTable, file: &Scenario<C, L>) -> Vec<FaultTable> {
    let moments = run::strikes(table, file.duration).take(run::MOST_FAULTS);
    moments.map(|at| FaultTable { at, every: None, until: None, ..table.clone() }).collect()
}

fn name(fault: &mut FaultTable, groups: &[Vec<String>]) {
    if groups.is_empty() || groups.iter().any(Vec::is_empty) {
        return;
    }
    if let Some(partition) = &mut fault.partition {
        for (selector, names) in partition.iter_mut().zip(groups) {
            selector.0 = Who::Named(names.clone());
        }
        return;
    }
    let simple = [
        &mut fault.crash,
        &mut fault.pause,
        &mut fault.stall,
        &mut fault.lying_sync,
        &mut fault.disk_full,
        &mut fault.disk_error,
    ];
    let tables = [
        fault.slow.as_mut().map(|slow| &mut slow.who),
        fault.clock_step.as_mut().map(|step| &mut step.who),
        fault.clock_drift.as_mut().map(|drift| &mut drift.who),
    ];
    let selectors = simple.into_iter().filter_map(Option::as_mut).chain(tables.into_iter().flatten());
    for Selector(who) in selectors {
        *who = Who::Named(groups[0].clone());
    }
}
