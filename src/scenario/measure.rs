//! What every run can be bounded by in `[expect]`, whatever its pattern.

use crate::engine::Span;
use crate::sim::Stats;

/// What a measure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Count,
    Time,
    Share,
}

/// Something every run can be bounded by.
pub(super) struct Measure {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) unit: Unit,
    pub(super) read: fn(&Stats) -> Option<u64>,
}

/// What every run can be bounded by, whatever its pattern.
pub(super) const MEASURES: &[Measure] = &[
    Measure {
        name: "operations_ok",
        about: "Operations that took effect",
        unit: Unit::Count,
        read: |stats| Some(stats.ok),
    },
    Measure {
        name: "operations_failed",
        about: "Operations that certainly took no effect",
        unit: Unit::Count,
        read: |stats| Some(stats.failed),
    },
    Measure {
        name: "operations_unknown",
        about: "Operations of which nobody knows whether they took effect",
        unit: Unit::Count,
        read: |stats| Some(stats.unknown),
    },
    Measure {
        name: "latency_p50",
        about: "The median latency of operations that took effect",
        unit: Unit::Time,
        read: |stats| quantile(stats, 500),
    },
    Measure {
        name: "latency_p99",
        about: "The 99th percentile of their latency",
        unit: Unit::Time,
        read: |stats| quantile(stats, 990),
    },
    Measure {
        name: "latency_max",
        about: "The longest latency",
        unit: Unit::Time,
        read: |stats| stats.latency.max().map(Span::as_nanos),
    },
    Measure {
        name: "availability",
        about: "The share of half-second windows in which an operation took effect",
        unit: Unit::Share,
        read: |stats| stats.availability().map(|s| u64::from(s.as_ppm())),
    },
    Measure {
        name: "messages_lost",
        about: "Messages lost by chance",
        unit: Unit::Count,
        read: |stats| Some(stats.kinds().values().map(|k| k.lost).sum()),
    },
    Measure {
        name: "inbox_overflows",
        about: "Inputs dropped because a node's inbox was full",
        unit: Unit::Count,
        read: |stats| Some(stats.inbox_overflows),
    },
    Measure {
        name: "writes_lost",
        about: "Writes that crashes took back",
        unit: Unit::Count,
        read: |stats| Some(stats.writes_lost),
    },
    Measure {
        name: "writes_torn",
        about: "Records that were found torn, and dropped",
        unit: Unit::Count,
        read: |stats| Some(stats.writes_torn),
    },
    Measure {
        name: "disk_failures",
        about: "Nodes that stopped because a write or a sync failed",
        unit: Unit::Count,
        read: |stats| Some(stats.disk_failures),
    },
];

fn quantile(stats: &Stats, per_mille: u32) -> Option<u64> {
    stats.latency.quantile(per_mille).map(Span::as_nanos)
}
