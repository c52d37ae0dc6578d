//! What a sweep keeps of one seed: a line of its journal.
//!
//! A sweep asks other questions than a run. A drawn plan is harsher than the file, so what the file expects of itself
//! (bounds, and how soon the service settles) says nothing about it: only the pattern's properties count. `progress-after-faults`
//! counts where the file stands as it is written. `ignores` is honoured; what the file `violates` counts like
//! everything else, because a sweep counts, and does not demonstrate. A *sometimes* claim that did not happen under one
//! seed is no failure of that seed, but one that never happens in a whole sweep is reported.

use crate::check::{Judged, Kind, Standing, Verdict};
use crate::scenario::{AnyScenario, Class, RunOptions, RunReport, Status};
use crate::sim::End;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of one seed. Lengths of time are nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// The class of its plan.
    pub class: Class,
    /// Whether a property broke; unknown if the run was stopped, or a search reached its limits, before everything was judged.
    pub verdict: Verdict,
    /// The property that broke first: the earliest, and of several at once the first in the pattern's own order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Broken>,
    /// The others that broke.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// Of which nobody knows whether they hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// The *sometimes* claims, and whether each happened.
    pub sometimes: BTreeMap<String, bool>,
    /// Events handled.
    pub events: u64,
    /// When the run was over.
    pub ended_ns: u64,
    /// Operations that took effect, that certainly took none, and of which nobody knows.
    pub operations: [u64; 3],
    /// The median latency of those that took effect.
    pub latency_p50_ns: Option<u64>,
    /// The 99th percentile of their latency.
    pub latency_p99_ns: Option<u64>,
    /// The share of half-second windows in which an operation took effect, in parts per million.
    pub availability_ppm: Option<u32>,
    /// The pattern's counters.
    pub counters: BTreeMap<String, u64>,
    /// How many times each kind of trouble struck.
    pub troubles: BTreeMap<String, u64>,
    /// The digest of the run.
    pub digest: String,
}

/// A property that broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    /// Its name.
    pub property: String,
    /// When.
    pub at_ns: u64,
    /// What was seen.
    pub seen: String,
}

impl Outcome {
    /// Runs the plan that `seed` leads to in `class`.
    pub fn of(scenario: &dyn AnyScenario, class: Class, seed: u64) -> Self {
        let plan = scenario.draw(class, seed);
        Self::new(class, &plan.run(&RunOptions::default()))
    }

    fn new(class: Class, report: &RunReport) -> Self {
        let counts = |judged: &&Judged| match judged.claim.kind {
            Kind::Always | Kind::AtEnd => true,
            Kind::Settles => class == Class::Written,
            Kind::Sometimes => false,
        };
        let judged = || {
            let judged = report.properties.iter().filter(|property| property.status != Status::Ignored);
            judged.map(|property| &property.judged)
        };
        let mut broken: Vec<Broken> = judged().filter(counts).filter_map(|judged| broke(judged, report)).collect();
        broken.sort_by_key(|broken| broken.at_ns);
        let unknown = judged().filter(counts).filter(|judged| judged.standing == Standing::Unknown);
        let unknown: Vec<String> = unknown.map(|judged| judged.claim.name.to_owned()).collect();
        let sometimes = judged().filter(|judged| judged.claim.kind == Kind::Sometimes);
        let happened = |judged: &Judged| matches!(judged.standing, Standing::Happened(_) | Standing::Held);
        let verdict = match (broken.is_empty(), unknown.is_empty() && report.end == End::Finished) {
            (false, _) => Verdict::Fail,
            (true, false) => Verdict::Unknown,
            (true, true) => Verdict::Pass,
        };
        let mut broken = broken.into_iter();
        let stats = &report.stats;
        let quantile = |per_mille| stats.latency.quantile(per_mille).map(crate::engine::Span::as_nanos);
        Self {
            seed: report.seed,
            class,
            verdict,
            first: broken.next(),
            others: broken.map(|broken| broken.property).collect(),
            unknown,
            sometimes: sometimes.map(|judged| (judged.claim.name.to_owned(), happened(judged))).collect(),
            events: stats.events,
            ended_ns: report.ended.as_nanos(),
            operations: [stats.ok, stats.failed, stats.unknown],
            latency_p50_ns: quantile(500),
            latency_p99_ns: quantile(990),
            availability_ppm: report.availability().map(crate::engine::Share::as_ppm),
            counters: report.counters.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
            troubles: report.troubles.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
            digest: report.digest.to_string(),
        }
    }

    /// The properties that broke, the first one first.
    pub fn broken(&self) -> impl Iterator<Item = &str> {
        self.first.iter().map(|first| first.property.as_str()).chain(self.others.iter().map(String::as_str))
    }
}

fn broke(judged: &Judged, report: &RunReport) -> Option<Broken> {
    let (at, seen) = match &judged.standing {
        Standing::Broken(violation) => (violation.time, violation.text.clone()),
        Standing::NeverHappened => (report.ended, "it never happened".to_owned()),
        _ => return None,
    };
    Some(Broken { property: judged.claim.name.to_owned(), at_ns: at.as_nanos(), seen })
}
