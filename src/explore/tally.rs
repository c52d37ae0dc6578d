//! What many outcomes come to, in memory that does not grow with them.
//!
//! A tally hears of outcomes one by one, in the order of their seeds. Whether they come from runs, from the journal of a sweep that
//! was interrupted, or from several parts put together makes no difference: the summary is the same to the byte.

use super::journal::Header;
use super::outcome::Outcome;
use super::statistics::wilson;
use crate::check::Verdict;
use crate::engine::Span;
use crate::engine::metrics::Histogram;
use crate::scenario::{Class, troubles};
use serde::Serialize;
use std::collections::BTreeMap;

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    classes: BTreeMap<Class, Verdicts>,
    properties: BTreeMap<String, Property>,
    sometimes: BTreeMap<String, u64>,
    troubles: BTreeMap<String, Trouble>,
    measures: BTreeMap<String, Histogram>,
    events: u128,
}

/// How many seeds came to which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdicts {
    /// All of them.
    pub seeds: u64,
    /// Those under which a property broke.
    pub failed: u64,
    /// Those of which nobody knows.
    pub unknown: u64,
}

/// How often one property broke.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Property {
    /// Under how many seeds.
    pub broken: u64,
    /// Under how many of them it was the first to break.
    pub broken_first: u64,
    /// Under how many seeds nobody knows.
    pub unknown: u64,
    /// By class, under how many seeds it broke.
    pub by_class: BTreeMap<Class, u64>,
    /// The first seed under which it was the first to break.
    pub first: Option<Example>,
    /// The seed with the fewest events under which it was the first to break.
    pub fewest_events: Option<Example>,
}

/// A seed that shows a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The seed.
    pub seed: u64,
    /// The class of its plan.
    pub class: Class,
    /// How many events its run takes.
    pub events: u64,
    /// When the property broke.
    pub at_ns: u64,
    /// What was seen.
    pub seen: String,
}

/// How often one kind of trouble struck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// In how many runs.
    pub seeds: u64,
    /// How many times in all.
    pub strikes: u64,
}

impl Tally {
    /// Takes in one outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        let verdicts = self.classes.entry(outcome.class).or_default();
        verdicts.seeds += 1;
        verdicts.failed += u64::from(outcome.verdict == Verdict::Fail);
        verdicts.unknown += u64::from(outcome.verdict == Verdict::Unknown);
        self.add_properties(outcome);
        for (name, happened) in &outcome.sometimes {
            *entry(&mut self.sometimes, name) += u64::from(*happened);
        }
        for (name, strikes) in &outcome.troubles {
            let trouble = entry(&mut self.troubles, name);
            trouble.seeds += 1;
            trouble.strikes += strikes;
        }
        self.events += u128::from(outcome.events);
        self.measure(outcome);
    }

    fn add_properties(&mut self, outcome: &Outcome) {
        for name in outcome.broken() {
            let property = entry(&mut self.properties, name);
            property.broken += 1;
            *property.by_class.entry(outcome.class).or_default() += 1;
        }
        for name in &outcome.unknown {
            entry(&mut self.properties, name).unknown += 1;
        }
        let Some(first) = &outcome.first else { return };
        let property = entry(&mut self.properties, &first.property);
        property.broken_first += 1;
        let example = || Example {
            seed: outcome.seed,
            class: outcome.class,
            events: outcome.events,
            at_ns: first.at_ns,
            seen: first.seen.clone(),
        };
        if property.fewest_events.as_ref().is_none_or(|fewest| outcome.events < fewest.events) {
            property.fewest_events = Some(example());
        }
        if property.first.is_none() {
            property.first = Some(example());
        }
    }

    fn measure(&mut self, outcome: &Outcome) {
        let [ok, failed, unknown] = outcome.operations;
        let measures = [
            ("events", Some(outcome.events)),
            ("operations_ok", Some(ok)),
            ("operations_failed", Some(failed)),
            ("operations_unknown", Some(unknown)),
            ("latency_p50_ns", outcome.latency_p50_ns),
            ("latency_p99_ns", outcome.latency_p99_ns),
            ("availability_ppm", outcome.availability_ppm.map(u64::from)),
        ];
        let counters = outcome.counters.iter().map(|(name, count)| (name.as_str(), Some(*count)));
        for (name, value) in measures.into_iter().chain(counters) {
            if let Some(value) = value {
                entry(&mut self.measures, name).record(Span::from_nanos(value));
            }
        }
    }

    /// How many seeds came to which verdict, all classes together.
    pub fn verdicts(&self) -> Verdicts {
        self.classes.values().fold(Verdicts::default(), |sum, class| Verdicts {
            seeds: sum.seeds + class.seeds,
            failed: sum.failed + class.failed,
            unknown: sum.unknown + class.unknown,
        })
    }

    /// By class.
    pub fn classes(&self) -> &BTreeMap<Class, Verdicts> {
        &self.classes
    }

    /// The properties that broke, or of which nobody knows, by name.
    pub fn properties(&self) -> &BTreeMap<String, Property> {
        &self.properties
    }

    /// The *sometimes* claims that happened under no seed.
    pub fn never_happened(&self) -> impl Iterator<Item = &str> {
        self.sometimes.iter().filter(|(_, seeds)| **seeds == 0).map(|(name, _)| name.as_str())
    }

    /// The kinds of trouble that struck under no seed.
    pub fn never_struck(&self) -> impl Iterator<Item = &'static str> {
        troubles::kinds().filter(|kind| !self.troubles.contains_key(*kind))
    }

    /// The distribution over seeds of a measure: `events`, `latency_p99_ns`, or a counter of the pattern.
    pub fn distribution(&self, name: &str) -> Option<&Histogram> {
        self.measures.get(name)
    }

    /// All distributions, by name.
    pub fn distributions(&self) -> impl Iterator<Item = (&str, &Histogram)> {
        self.measures.iter().map(|(name, histogram)| (name.as_str(), histogram))
    }

    /// Events of all runs together.
    pub fn events(&self) -> u128 {
        self.events
    }

    /// The verdict of the whole: a failure is one even if something else is unknown.
    pub fn verdict(&self) -> Verdict {
        match self.verdicts() {
            Verdicts { failed: 1.., .. } => Verdict::Fail,
            Verdicts { unknown: 1.., .. } => Verdict::Unknown,
            _ => Verdict::Pass,
        }
    }
}

/// The entry of a name, which is copied only if it is new.
fn entry<'a, V: Default>(table: &'a mut BTreeMap<String, V>, name: &str) -> &'a mut V {
    if !table.contains_key(name) {
        table.insert(name.to_owned(), V::default());
    }
    table.get_mut(name).expect("it was put in if it was missing")
}

/// A sweep in numbers: what `summary.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The version of this format.
    pub format_version: u32,
    /// The version of Faultlab.
    pub version: String,
    /// The pattern.
    pub pattern: String,
    /// The scenario's title.
    pub title: String,
    /// The digest of the scenario's file.
    pub file_digest: String,
    /// The mix.
    pub mix: String,
    /// The first seed.
    pub from: u64,
    /// How many seeds came to which verdict.
    #[serde(flatten)]
    pub verdicts: Verdicts,
    /// `pass`, `fail` or `unknown`.
    pub verdict: Verdict,
    /// By class.
    pub classes: BTreeMap<Class, Verdicts>,
    /// The properties that broke, or of which nobody knows.
    pub properties: BTreeMap<String, PropertySummary>,
    /// By *sometimes* claim, under how many seeds it happened.
    pub sometimes: BTreeMap<String, u64>,
    /// By kind of trouble, how often it struck, those that never did with zeros.
    pub troubles: BTreeMap<String, Trouble>,
    /// Distributions over seeds.
    pub distributions: BTreeMap<String, DistributionSummary>,
}

/// One property, with the share of seeds under which it broke and the 95 % confidence interval (Wilson).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PropertySummary {
    /// Its counts.
    #[serde(flatten)]
    pub property: Property,
    /// The share of seeds under which it broke.
    pub rate: f64,
    /// The interval's lower end.
    pub rate_low: f64,
    /// The interval's upper end.
    pub rate_high: f64,
}

/// A distribution over seeds; all but the count, the mean and the largest are up to 3 % too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DistributionSummary {
    count: u64,
    mean: u64,
    p1: u64,
    p10: u64,
    p50: u64,
    p90: u64,
    p99: u64,
    max: u64,
}

/// What a sweep is a sweep of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The pattern.
    pub pattern: String,
    /// The scenario's title.
    pub title: String,
    /// The digest of its file.
    pub file_digest: String,
    /// The mix, as it is written in `--mix`.
    pub mix: String,
    /// The first seed.
    pub from: u64,
}

impl From<&Header> for Subject {
    fn from(header: &Header) -> Self {
        let Header { pattern, title, file_digest, mix, .. } = header.clone();
        Self { pattern, title, file_digest, mix, from: header.part().start }
    }
}

impl Tally {
    /// The summary.
    pub fn summary(&self, subject: &Subject) -> Summary {
        let verdicts = self.verdicts();
        let property = |(name, property): (&String, &Property)| {
            let (rate_low, rate_high) = wilson(property.broken, verdicts.seeds);
            let rate = property.broken as f64 / verdicts.seeds.max(1) as f64;
            (name.clone(), PropertySummary { property: property.clone(), rate, rate_low, rate_high })
        };
        let trouble = |name: &str| (name.to_owned(), self.troubles.get(name).copied().unwrap_or_default());
        Summary {
            format_version: 1,
            version: env!("CARGO_PKG_VERSION").into(),
            pattern: subject.pattern.clone(),
            title: subject.title.clone(),
            file_digest: subject.file_digest.clone(),
            mix: subject.mix.clone(),
            from: subject.from,
            verdicts,
            verdict: self.verdict(),
            classes: self.classes.clone(),
            properties: self.properties.iter().map(property).collect(),
            sometimes: self.sometimes.clone(),
            troubles: troubles::kinds().map(trouble).collect(),
            distributions: self.measures.iter().map(|(name, measure)| (name.clone(), distribution(measure))).collect(),
        }
    }
}

fn distribution(measure: &Histogram) -> DistributionSummary {
    let number = |span: Option<Span>| span.map_or(0, Span::as_nanos);
    let quantile = |per_mille| number(measure.quantile(per_mille));
    DistributionSummary {
        count: measure.count(),
        mean: number(measure.mean()),
        p1: quantile(10),
        p10: quantile(100),
        p50: quantile(500),
        p90: quantile(900),
        p99: quantile(990),
        max: number(measure.max()),
    }
}
