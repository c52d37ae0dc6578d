//! Shrinking: the smallest scenario that still breaks the same property.
//!
//! What is shrunk is the scenario itself, as a [`Document`]: settings, faults and operations are cut out of it and
//! numbers made rounder, and after each change it is read and run again. A candidate counts only if the *same* property
//! is the first to break; otherwise a search for one bug would slip to another. A candidate that makes no sense any more
//! (a fault that strikes a node which is gone) cannot be read, and costs nothing.
//!
//! The order is that of what a cut saves: first the end of the run, then whole sections of settings, then faults and
//! operations by delta debugging (Zeller and Hildebrandt 2002), then clients and servers, and last the numbers. All of it
//! is repeated until nothing more can go.
//!
//! The seed is never touched: another seed is another run, and not a smaller one. Chance is addressed, not streamed, so
//! what a cut leaves behaves as before.

mod ddmin;
mod messages;
mod names;
mod numbers;
mod passes;

use crate::check::Standing;
use crate::engine::Time;
use crate::engine::digest::Digest;
use crate::scenario::{AnyPattern, AnyScenario, Document, RunOptions, RunReport};
use std::collections::BTreeSet;
use toml::Value;

/// How much a search may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Candidates that are run.
    pub runs: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { runs: 4_000 }
    }
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being cut.
    pub pass: &'static str,
    /// Candidates run so far.
    pub runs: u32,
    /// Of those, the ones that still broke the property.
    pub accepted: u32,
    /// What is left.
    pub size: Size,
}

/// How large a scenario is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// Faults.
    pub faults: usize,
    /// Operations, if they are listed.
    pub operations: Option<usize>,
    /// Settings that differ from their defaults.
    pub settings: usize,
}

/// What a search leaves.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The smallest scenario found; it names what it breaks in `[expect] violates`.
    pub document: Document,
    /// The property that it breaks first.
    pub property: &'static str,
    /// What was seen when it broke.
    pub text: String,
    /// When it broke.
    pub time: Time,
    /// The events that its run takes, and those that the run took before.
    pub events: (u64, u64),
    /// How large it was, and is.
    pub sizes: (Size, Size),
    /// Candidates run.
    pub runs: u32,
    /// Whether the search came to its end, or was stopped by its budget or from outside.
    pub finished: bool,
}

/// Why nothing could be shrunk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShrinkError {
    /// Nothing breaks under this seed.
    #[error("nothing breaks in this run, so there is nothing to shrink")]
    NothingBreaks,
    /// Something else breaks.
    #[error("`{wanted}` does not break in this run; what breaks is {}", .broken.join(", "))]
    OtherBreaks {
        /// The property asked for.
        wanted: String,
        /// Those that break.
        broken: Vec<&'static str>,
    },
}

/// Searches for the smallest scenario that breaks what `scenario` breaks: `property`, or whatever breaks first. `watch`
/// hears of every step and says whether to go on; what was found until then counts.
///
/// # Errors
/// If the property does not break to begin with.
pub fn shrink(
    pattern: &dyn AnyPattern,
    scenario: &dyn AnyScenario,
    property: Option<&str>,
    budget: Budget,
    watch: &mut dyn FnMut(&Progress) -> bool,
) -> Result<Shrunk, ShrinkError> {
    let report = scenario.run(&RunOptions::default());
    let broken = broken(&report);
    let first = match property {
        None => broken.first().ok_or(ShrinkError::NothingBreaks)?,
        Some(wanted) => broken.iter().find(|broken| broken.property == wanted).ok_or_else(|| {
            let broken = broken.iter().map(|broken| broken.property).collect();
            ShrinkError::OtherBreaks { wanted: wanted.to_owned(), broken }
        })?,
    };
    // Asked for a property that is not the first, the search can only ask that it is among those that break.
    let leads = broken.first().is_some_and(|leader| leader.property == first.property);
    let mut document = scenario.document();
    passes::forget_expectations(&mut document);
    let mut search = Search {
        pattern,
        property: first.property,
        leads,
        before: (report.stats.events, size(&document)),
        most_events: report.stats.events.saturating_mul(2).max(10_000),
        best: document,
        found: Found { broken: first.clone(), events: report.stats.events },
        budget,
        runs: 0,
        accepted: 0,
        pass: "",
        tried: BTreeSet::new(),
        stopped: false,
        watch,
    };
    search.run();
    Ok(search.finish())
}

/// A property that broke.
#[derive(Clone, Debug)]
struct Broken {
    property: &'static str,
    time: Time,
    text: String,
}

/// What broke in a run, in the order in which it did.
fn broken(report: &RunReport) -> Vec<Broken> {
    let broken = report.properties.iter().filter_map(|property| match &property.judged.standing {
        Standing::Broken(violation) => {
            let text = violation.text.clone();
            Some(Broken { property: property.judged.claim.name, time: violation.time, text })
        }
        _ => None,
    });
    let mut broken: Vec<_> = broken.collect();
    broken.sort_by_key(|broken| broken.time);
    broken
}

/// What the best candidate so far showed.
struct Found {
    broken: Broken,
    events: u64,
}

/// A search under way.
struct Search<'a> {
    pattern: &'a dyn AnyPattern,
    property: &'static str,
    /// Whether the property must be the first to break.
    leads: bool,
    before: (u64, Size),
    most_events: u64,
    best: Document,
    found: Found,
    budget: Budget,
    runs: u32,
    accepted: u32,
    pass: &'static str,
    /// What was tried already, by its digest.
    tried: BTreeSet<u128>,
    stopped: bool,
    watch: &'a mut dyn FnMut(&Progress) -> bool,
}

/// Rounds of all passes; each begins where the last one could do no more.
const MOST_ROUNDS: usize = 6;

impl Search<'_> {
    fn run(&mut self) {
        passes::explicit(self);
        self.rounds();
        passes::name(self);
    }

    fn rounds(&mut self) {
        for _ in 0..MOST_ROUNDS {
            let before = self.accepted;
            for (name, pass) in passes::ALL {
                self.pass = name;
                pass(self);
                if self.stopped {
                    return;
                }
            }
            if self.accepted == before {
                return;
            }
        }
    }

    /// Takes the candidate if it breaks the same property. Settings that nobody wrote down stay as they are.
    fn attempt(&mut self, candidate: Document) -> bool {
        if self.stopped || candidate == self.best || !self.tried.insert(digest(&candidate)) {
            return false;
        }
        let Some(found) = self.try_out(&candidate) else { return false };
        self.best = candidate;
        self.found = found;
        self.accepted += 1;
        true
    }

    /// As [`attempt`](Self::attempt), with a change made to the best so far.
    fn attempt_with(&mut self, change: impl FnOnce(&mut Document)) -> bool {
        let mut candidate = self.best.clone();
        change(&mut candidate);
        self.attempt(candidate)
    }

    fn try_out(&mut self, candidate: &Document) -> Option<Found> {
        let scenario = self.read(candidate)?;
        self.runs += 1;
        let report = scenario.run(&RunOptions::default());
        let progress = Progress { pass: self.pass, runs: self.runs, accepted: self.accepted, size: size(&self.best) };
        self.stopped = !(self.watch)(&progress) || self.runs >= self.budget.runs;
        let broken = broken(&report);
        let found = match self.leads {
            true => broken.into_iter().next().filter(|broken| broken.property == self.property),
            false => broken.into_iter().find(|broken| broken.property == self.property),
        };
        found.map(|broken| Found { broken, events: report.stats.events })
    }

    /// The candidate as a scenario, with a bound on its events: a cut can make a run explode.
    fn read(&self, candidate: &Document) -> Option<Box<dyn AnyScenario>> {
        let mut bounded = candidate.clone();
        let limits = bounded.0.entry("limits").or_insert_with(|| Value::Table(toml::Table::new()));
        if let Value::Table(limits) = limits {
            limits.entry("events").or_insert(Value::Integer(self.most_events as i64));
        }
        self.pattern.load("candidate", &bounded.text(&[])).ok()
    }

    fn finish(self) -> Shrunk {
        let Found { broken, events } = self.found;
        let mut document = self.best;
        let after = size(&document);
        let also = self.pattern.load("candidate", &document.text(&[])).map(|scenario| {
            let report = scenario.run(&RunOptions::default());
            self::broken(&report).into_iter().map(|broken| broken.property).collect::<Vec<_>>()
        });
        passes::say(&mut document, &broken, &also.unwrap_or_else(|_| vec![broken.property]));
        Shrunk {
            document,
            property: broken.property,
            text: broken.text,
            time: broken.time,
            events: (self.before.0, events),
            sizes: (self.before.1, after),
            runs: self.runs,
            finished: !self.stopped,
        }
    }
}

fn digest(document: &Document) -> u128 {
    Digest::of(&document.text(&[]))
}

/// How large a document is.
pub fn size(document: &Document) -> Size {
    let count = |name: &str| document.0.get(name).and_then(Value::as_array).map(Vec::len);
    let settings = ["config", "workload", "network", "disk", "nodes"].into_iter().filter_map(|name| {
        let table = document.0.get(name)?.as_table()?;
        Some(table.len())
    });
    Size { faults: count("fault").unwrap_or(0), operations: count("operation"), settings: settings.sum() }
}
