//! How soon planted bugs are found: the measure of a sweep, and of the properties that it judges by.
//!
//! A bug that is planted and not found says that plans are too gentle or properties too weak; a failure of the correct version that one
//! of them is wrong. Both are measured from the same scenario, which says nothing but what is planted, so that everything else
//! is drawn.

use super::mix::Mix;
use super::statistics::wilson;
use super::sweep::{OurFault, Sweep};
use super::tally::{Property, Tally};
use crate::scenario::{AnyPattern, AnyScenario, Bug, ScenarioError};
use std::ops::ControlFlow;

/// How many finds settle how often a bug is found: the share is then known to within some 20 %.
pub const ENOUGH: u64 = 100;

/// How much a row of the scoreboard may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// How many seeds are tried.
    pub seeds: u64,
    /// How many failing ones are enough.
    pub enough: u64,
    /// How many threads work.
    pub jobs: usize,
}

/// One row: a bug, or the correct version, and what a sweep of it found.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was planted.
    pub bug: Option<Bug>,
    /// What was found.
    pub tally: Tally,
    /// Whether somebody stopped the sweep.
    pub stopped: bool,
}

/// The text of the scenario with this bug.
pub fn text(pattern: &dyn AnyPattern, bug: Option<&Bug>) -> String {
    let planted = bug.map_or(String::new(), |bug| format!("\n[config]\nbug = \"{}\"\n", bug.name));
    let title = bug.map_or("Nothing is planted".to_owned(), |bug| format!("Planted: {}", bug.name));
    format!("title    = \"{title}\"\npattern  = \"{}\"\nduration = \"10s\"\n{planted}", pattern.name())
}

/// The scenario with this bug.
///
/// # Errors
/// If the pattern has no such bug, or needs settings that have no defaults.
pub fn scenario(pattern: &dyn AnyPattern, bug: Option<&Bug>) -> Result<Box<dyn AnyScenario>, ScenarioError> {
    pattern.load(bug.map_or("nothing planted", |bug| bug.name), &text(pattern, bug))
}

/// Sweeps one row. `stop` is asked now and then whether somebody wants to stop; `hear` is told after each seed how many failed.
///
/// # Errors
/// A seed whose run broke Faultlab itself.
pub fn measure(
    scenario: &dyn AnyScenario,
    bug: Option<Bug>,
    mix: Mix,
    effort: Effort,
    stop: &dyn Fn() -> bool,
    hear: &mut dyn FnMut(u64),
) -> Result<Row, OurFault> {
    let mut tally = Tally::default();
    let sweep = Sweep { scenario, mix, jobs: effort.jobs };
    let all = sweep.run(0..effort.seeds, stop, &mut |outcome| {
        tally.add(&outcome);
        let found = tally.verdicts().failed;
        hear(found);
        if found < effort.enough { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let stopped = !all && tally.verdicts().failed < effort.enough;
    Ok(Row { bug, tally, stopped })
}

impl Row {
    /// How many seeds found it, and of how many.
    pub fn found(&self) -> (u64, u64) {
        let verdicts = self.tally.verdicts();
        (verdicts.failed, verdicts.seeds)
    }

    /// The share of seeds that find it, with the 95 % confidence interval.
    pub fn share(&self) -> (f64, f64, f64) {
        let (found, of) = self.found();
        let (low, high) = wilson(found, of);
        (found as f64 / of.max(1) as f64, low, high)
    }

    /// How many seeds it takes on average to find it; none if it was not found.
    pub fn expected_seeds(&self) -> Option<f64> {
        let (found, of) = self.found();
        (found > 0).then(|| of as f64 / found as f64)
    }

    /// The first seed that finds it.
    pub fn first_seed(&self) -> Option<u64> {
        self.tally.properties().values().filter_map(|property| property.first.as_ref()).map(|first| first.seed).min()
    }

    /// The property that breaks first most often; of several the first by name.
    pub fn catcher(&self) -> Option<(&str, &Property)> {
        let properties = self.tally.properties().iter().filter(|(_, property)| property.broken_first > 0);
        let best = properties.min_by_key(|(_, property)| std::cmp::Reverse(property.broken_first));
        best.map(|(name, property)| (name.as_str(), property))
    }
}
