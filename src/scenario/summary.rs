//! The summary of a run as data: what `summary.json` holds and what `--json` prints.
//!
//! Nothing in it depends on the machine or the clock on its wall, so the same run leaves the same bytes.

use super::run::{Expectation, PropertyReport, RunReport, Status};
use super::struck::FaultReport;
use crate::check::Standing;
use crate::engine::Span;
use crate::report::failure::Failure;
use crate::sim::{End, KindCounts};
use serde::Serialize;
use std::collections::BTreeMap;

/// A run in numbers. Lengths of time are nanoseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The version of this format.
    pub format_version: u32,
    /// The version of Faultlab.
    pub version: &'static str,
    /// The scenario's title.
    pub title: String,
    /// The pattern.
    pub pattern: &'static str,
    /// The seed.
    pub seed: u64,
    /// `pass`, `fail` or `unknown`.
    pub verdict: &'static str,
    /// Why the run was over: `finished`, `event-limit` or `panicked`.
    pub end: &'static str,
    /// The digest of the run.
    pub digest: String,
    /// How long the run was to last.
    pub duration_ns: u64,
    /// When it was over.
    pub ended_ns: u64,
    /// Events handled.
    pub events: u64,
    /// Every property.
    pub properties: Vec<PropertySummary>,
    /// Every bound of the scenario.
    pub expectations: Vec<ExpectationSummary>,
    /// Operations.
    pub operations: OperationSummary,
    /// What machines could not take, or lost.
    pub machines: MachineSummary,
    /// Every fault of the file, and how often it struck nobody.
    pub faults: Vec<FaultSummary>,
    /// Messages by kind.
    pub messages: BTreeMap<&'static str, MessageSummary>,
    /// Counters noted by the pattern.
    pub counters: BTreeMap<&'static str, u64>,
}

/// A property and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PropertySummary {
    name: &'static str,
    claim: &'static str,
    kind: &'static str,
    standing: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<String>,
    /// How it broke first, if a trace was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
}

/// A bound and the number that it was held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExpectationSummary {
    name: String,
    bound: String,
    actual: String,
    status: &'static str,
}

/// What became of operations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OperationSummary {
    invoked: u64,
    ok: u64,
    failed: u64,
    unknown: u64,
    open: u64,
    /// Operations that ended well, in 1,000 seconds of simulated time.
    per_kilosecond: u64,
    latency_p50_ns: Option<u64>,
    latency_p99_ns: Option<u64>,
    latency_max_ns: Option<u64>,
    /// The share of half-second windows in which an operation ended well, in parts per million.
    availability_ppm: Option<u32>,
}

/// What machines could not take, or lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachineSummary {
    inbox_overflows: u64,
    writes_lost: u64,
    writes_torn: u64,
    disk_failures: u64,
}

/// A fault of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultSummary {
    fault: &'static str,
    at_ns: u64,
    begun: u64,
    struck_nobody: u64,
}

/// What became of the messages of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageSummary {
    sent: u64,
    bytes: u64,
    lost: u64,
    duplicated: u64,
    cut: u64,
    capped: u64,
    dropped: u64,
    picked: u64,
    corrupted: u64,
    altered: u64,
    overflowed: u64,
    clogged: u64,
}

impl From<KindCounts> for MessageSummary {
    fn from(counts: KindCounts) -> Self {
        let KindCounts { sent, bytes, lost, duplicated, cut, capped, dropped, picked, .. } = counts;
        let KindCounts { corrupted, altered, overflowed, clogged, .. } = counts;
        Self { sent, bytes, lost, duplicated, cut, capped, dropped, picked, corrupted, altered, overflowed, clogged }
    }
}

impl From<&FaultReport> for FaultSummary {
    fn from(report: &FaultReport) -> Self {
        let FaultReport { name, at, begun, struck_nobody } = *report;
        Self { fault: name, at_ns: at.as_nanos(), begun, struck_nobody }
    }
}

impl Status {
    /// The status as a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unmet => "unmet",
            Self::Unknown => "unknown",
            Self::Ignored => "ignored",
        }
    }
}

impl From<&PropertyReport> for PropertySummary {
    fn from(report: &PropertyReport) -> Self {
        let claim = &report.judged.claim;
        let (standing, at, record, seen) = match &report.judged.standing {
            Standing::Held => ("held", None, None, None),
            Standing::Happened(time) => ("happened", Some(*time), None, None),
            Standing::Broken(violation) => {
                ("broken", Some(violation.time), Some(violation.record.0), Some(violation.text.clone()))
            }
            Standing::NeverHappened => ("never happened", None, None, None),
            Standing::Unknown => ("unknown", None, None, None),
        };
        let at_ns = at.map(crate::engine::Time::as_nanos);
        let (name, kind, status) = (claim.name, claim.kind.word(), report.status.word());
        Self { name, claim: claim.claim, kind, standing, status, at_ns, record, seen, failure: None }
    }
}

fn explained(report: &RunReport, property: &PropertyReport) -> PropertySummary {
    let failure = report.failures.iter().find(|failure| failure.property == property.judged.claim.name).cloned();
    PropertySummary { failure, ..PropertySummary::from(property) }
}

impl From<&Expectation> for ExpectationSummary {
    fn from(expectation: &Expectation) -> Self {
        let Expectation { name, bound, actual, status } = expectation;
        Self { name: name.clone(), bound: bound.to_string(), actual: actual.clone(), status: status.word() }
    }
}

impl From<&RunReport> for Summary {
    fn from(report: &RunReport) -> Self {
        let stats = &report.stats;
        let nanos = |span: Option<Span>| span.map(Span::as_nanos);
        let kilosecond =
            |count: u64| (u128::from(count) * 1_000_000_000_000 / u128::from(report.ended.as_nanos().max(1))) as u64;
        let messages = stats.kinds().into_iter().map(|(kind, counts)| (kind, MessageSummary::from(counts)));
        Self {
            format_version: 1,
            version: env!("CARGO_PKG_VERSION"),
            title: report.title.clone(),
            pattern: report.pattern,
            seed: report.seed,
            verdict: report.verdict.word(),
            end: match report.end {
                End::Finished => "finished",
                End::EventLimit => "event-limit",
                End::Panicked => "panicked",
            },
            digest: report.digest.to_string(),
            duration_ns: report.duration.as_nanos(),
            ended_ns: report.ended.as_nanos(),
            events: stats.events,
            properties: report.properties.iter().map(|property| explained(report, property)).collect(),
            expectations: report.expectations.iter().map(ExpectationSummary::from).collect(),
            operations: OperationSummary {
                invoked: stats.invoked,
                ok: stats.ok,
                failed: stats.failed,
                unknown: stats.unknown,
                open: stats.open(),
                per_kilosecond: kilosecond(stats.ok),
                latency_p50_ns: nanos(stats.latency.quantile(500)),
                latency_p99_ns: nanos(stats.latency.quantile(990)),
                latency_max_ns: nanos(stats.latency.max()),
                availability_ppm: report.availability().map(crate::engine::Share::as_ppm),
            },
            machines: MachineSummary {
                inbox_overflows: stats.inbox_overflows,
                writes_lost: stats.writes_lost,
                writes_torn: stats.writes_torn,
                disk_failures: stats.disk_failures,
            },
            faults: report.faults.iter().map(FaultSummary::from).collect(),
            messages: messages.collect(),
            counters: report.counters.clone(),
        }
    }
}
