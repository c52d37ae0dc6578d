//! Whether the faults of a scenario struck anybody.
//!
//! Whom a fault strikes is decided when it begins, so that a file can be right and its fault strike nobody all the same:
//! nobody leads at that moment, no message of that kind passes. A scenario whose fault never strikes anybody shows
//! nothing about that fault, and must not pass as if it had.

use super::fault_info;
use super::file::{FaultTable, Scenario};
use super::run::strikes;
use crate::check::{Claim, Judged, Kind, Standing};
use crate::engine::Span;
use crate::sim::Strike;

/// The claim that a scenario with faults is judged by.
pub(crate) const EVERY_FAULT: Claim = Claim {
    name: "every-fault-strikes",
    claim: "Every fault strikes a node, a link or a message at least once",
    why: "A test whose fault hits nobody passes for the wrong reason.",
    kind: Kind::Sometimes,
};

/// A fault of the file, and how often it struck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultReport {
    /// What it is: the key under which the file has it.
    pub name: &'static str,
    /// When it begins for the first time.
    pub at: Span,
    /// How often it began.
    pub begun: u64,
    /// How often of these it met no node, no link and no message.
    pub struck_nobody: u64,
}

impl FaultReport {
    /// Whether it began and never met anybody.
    pub fn is_idle(&self) -> bool {
        self.begun > 0 && self.struck_nobody == self.begun
    }
}

/// Sums up, for each fault of the file, what became of its repetitions.
pub(super) fn reports<C, L>(file: &Scenario<C, L>, mut struck: impl Iterator<Item = Strike>) -> Vec<FaultReport> {
    let report = |fault: &FaultTable| {
        let name = *fault_info::named(fault).first()?;
        let mut report = FaultReport { name, at: fault.at, begun: 0, struck_nobody: 0 };
        for strike in struck.by_ref().take(strikes(fault, file.duration).count()) {
            report.begun += u64::from(strike.begun);
            report.struck_nobody += u64::from(strike.begun && strike.met == 0);
        }
        Some(report)
    };
    file.fault.iter().filter_map(report).collect()
}

/// The claim's standing, if the scenario has faults. That one never struck leaves open what it would have done.
pub(super) fn judged(faults: &[FaultReport]) -> Option<Judged> {
    let standing = if faults.iter().any(FaultReport::is_idle) { Standing::Unknown } else { Standing::Held };
    (!faults.is_empty()).then_some(Judged { claim: EVERY_FAULT, standing })
}
