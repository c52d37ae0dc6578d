//! Transactions: which isolation level a history of transactions can have come from.
//!
//! A database promises that transactions take effect as if one after the other, or something weaker. From outside one
//! sees only what each client asked and was told. This module works out what *must* have happened: which transaction
//! came before which, from what the reads returned; and if that leads in a circle, no order explains the history, and
//! the shape of the circle says which promise is broken. The method is Elle's (Kingsbury and Alvaro, VLDB 2020), the
//! theory Adya's (1999).
//!
//! It needs no model and no search through orders, so it is fast, and what it reports is certain: every arrow is
//! proved by a read. What it is not is complete for every history. It is for lists whose order of versions is fully
//! observed; where reads are missing, arrows are, and a broken promise may go unnoticed. A level that is not ruled out
//! is therefore called possible, never proved.
//!
//! Reading order: [`history`] and [`builder`] (what is known), [`edn`] and `recorded` (how it is
//! written down), `list_append` and
//! `rw_register` (what it proves), `orders` (what clients and clocks prove), `cycles` (where it contradicts itself),
//! [`anomaly`] (what that is called), [`isolation`] (what that rules out), [`report`] (saying so), [`generate`]
//! (histories to try it on).

pub mod anomaly;
pub mod builder;
mod cycles;
pub mod edn;
pub mod generate;
pub mod history;
mod inference;
pub mod isolation;
mod judgement;
mod list_append;
mod orders;
mod recorded;
pub mod report;
mod rw_register;
mod stories;
#[cfg(test)]
mod tests;

pub use anomaly::{Anomaly, Clock, Dependency, Shape};
pub use history::{History, Workload};
pub use isolation::Level;
pub use judgement::{judge_edn, judge_recorded};
pub use report::Report;

use super::history::BadHistory;
use inference::{Inference, Writes};

/// How to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What the history is made of; without it, the first operation that tells decides.
    pub workload: Option<Workload>,
    /// The level that is demanded.
    pub level: Level,
    /// Whether the order in which each client ran its transactions counts. A level that depends on it turns it on.
    pub process: bool,
    /// Whether the order of real time counts. A level that depends on it turns it on.
    pub realtime: bool,
    /// How many occurrences of each anomaly are told.
    pub examples: usize,
    /// How many steps the search for cycles may take before the verdict is unknown.
    pub budget: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workload: None,
            level: Level::StrictSerializable,
            process: true,
            realtime: true,
            examples: 3,
            budget: 50_000_000,
        }
    }
}

impl Options {
    /// The orders that count.
    fn clocks(&self) -> Vec<Clock> {
        let mut clocks = vec![Clock::Data];
        let needs = self.level.clock();
        if self.process || needs == Clock::Process {
            clocks.push(Clock::Process);
        }
        if self.realtime || needs == Clock::Realtime {
            clocks.push(Clock::Realtime);
        }
        clocks
    }
}

/// Judges a history in Jepsen's notation.
///
/// # Errors
///
/// If the text is no such history: with the line and what was expected there.
pub fn judge(text: &str, options: &Options) -> Result<Report, BadHistory> {
    Ok(check(&edn::read(text, options.workload)?, options))
}

/// Judges a history.
pub fn check(history: &History, options: &Options) -> Report {
    let writes = Writes::new(history);
    let mut inference = Inference::new(history, options.examples);
    match history.workload {
        Workload::ListAppend => list_append::infer(history, &writes, &mut inference),
        Workload::Register => rw_register::infer(history, &writes, &mut inference),
    }
    let clocks = options.clocks();
    if clocks.contains(&Clock::Process) {
        orders::processes(history, &mut inference);
    }
    if clocks.contains(&Clock::Realtime) {
        orders::realtime(history, &mut inference);
    }
    let found = cycles::search(history.transactions.len(), &inference.edges, &clocks, options.examples, options.budget);
    report::report(history, options.level, &clocks, &inference, &found)
}
