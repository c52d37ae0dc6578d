//! What went wrong in a run, counted by kind: not what was planned, but what met somebody.

use super::file::NetworkTable;
use crate::actor::Protocol;
use crate::engine::Share;
use crate::sim::World;
use std::collections::BTreeMap;

/// Faults by the keys under which scenario files have them.
const FAULTS: [&str; 21] = [
    "partition",
    "one_way",
    "bridge",
    "ring",
    "degrade",
    "clog",
    "bandwidth",
    "drop",
    "delay",
    "duplicate",
    "corrupt",
    "corrupt_silently",
    "crash",
    "pause",
    "slow",
    "stall",
    "lying_sync",
    "disk_full",
    "disk_error",
    "clock_step",
    "clock_drift",
];

/// What the network does to messages throughout a run.
const NETWORK: [&str; 3] = ["messages lost", "messages duplicated", "messages reordered"];

/// Every kind of trouble that can be counted.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    FAULTS.into_iter().chain(NETWORK)
}

/// How many faults of each kind met somebody, and for what chance did on the network, that it did. Kinds that did not
/// occur are left out.
pub(super) fn of<P: Protocol>(network: &NetworkTable, world: &World<P>) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for (fault, strike) in world.faults().iter().zip(world.strikes()) {
        if strike.met > 0 {
            *counts.entry(fault.action.word()).or_default() += 1;
        }
    }
    let kinds = world.stats().kinds();
    let reorders = |share: Share| share != Share::NEVER;
    let happened = [
        kinds.values().any(|kind| kind.lost > 0),
        kinds.values().any(|kind| kind.duplicated > 0),
        reorders(network.reorder) || network.link.iter().any(|link| link.reorder.is_some_and(reorders)),
    ];
    counts.extend(NETWORK.into_iter().zip(happened).filter(|(_, happened)| *happened).map(|(name, _)| (name, 1)));
    counts
}
