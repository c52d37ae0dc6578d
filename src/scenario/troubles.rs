//! What goes wrong in a plan, counted by kind.

use super::file::{FaultTable, Scenario};
use super::run::strikes;
use crate::engine::Share;
use std::collections::BTreeMap;

/// Whether a fault, or the network, has a kind of trouble.
type Has<T> = fn(&T) -> bool;

/// The kinds of faults, each once for every time that it strikes.
const FAULTS: [(&str, Has<FaultTable>); 11] = [
    ("partition", |fault| fault.partition.is_some()),
    ("crash", |fault| fault.crash.is_some()),
    ("wipe", |fault| fault.wipe),
    ("pause", |fault| fault.pause.is_some()),
    ("slow", |fault| fault.slow.is_some()),
    ("stall", |fault| fault.stall.is_some()),
    ("lying_sync", |fault| fault.lying_sync.is_some()),
    ("disk_full", |fault| fault.disk_full.is_some()),
    ("disk_error", |fault| fault.disk_error.is_some()),
    ("clock_step", |fault| fault.clock_step.is_some()),
    ("clock_drift", |fault| fault.clock_drift.is_some()),
];

/// Every kind of trouble that can be counted.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    FAULTS.iter().map(|(name, _)| *name).chain(["loss", "duplicate", "reorder"])
}

/// How many times each kind of fault strikes; what the network does to messages throughout the run counts once. Kinds
/// that do not occur are left out.
pub(super) fn of<C, L>(file: &Scenario<C, L>) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for fault in &file.fault {
        let times = strikes(fault, file.duration).count() as u64;
        for (name, _) in FAULTS.iter().filter(|(_, has)| has(fault)) {
            *counts.entry(*name).or_default() += times;
        }
    }
    let network = &file.network;
    let some = |share: &Option<Share>| share.is_some_and(|share| share != Share::NEVER);
    let on = |whole: Share| whole != Share::NEVER;
    for (name, present) in [
        ("loss", on(network.loss) || network.link.iter().any(|link| some(&link.loss))),
        ("duplicate", on(network.duplicate) || network.link.iter().any(|link| some(&link.duplicate))),
        ("reorder", on(network.reorder) || network.link.iter().any(|link| some(&link.reorder))),
    ] {
        if present {
            counts.insert(name, 1);
        }
    }
    counts
}
