//! The judgement of a history, for people ([`std::fmt::Display`]) and for programs ([`Serialize`]).
//!
//! A report names each anomaly, tells a few occurrences transaction by transaction, and draws the conclusions: which
//! levels are ruled out, which remain possible, and whether the demanded one is among them.

use super::anomaly::{Anomaly, Clock, Dependency};
use super::cycles::{Cycle, Found};
use super::history::{History, Status, Txn, Workload};
use super::inference::{Evidence, Inference};
use super::isolation::{self, Level};
use super::stories;
use crate::check::Verdict;
use serde::{Serialize, Serializer};
use std::fmt;

/// The judgement of a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether the history can have come from a database of the demanded level: fail if not, unknown if the budget ran
    /// out before that was clear.
    #[serde(serialize_with = "as_word")]
    pub verdict: Verdict,
    /// The demanded level.
    pub level: Level,
    /// What the history is made of.
    pub workload: Workload,
    /// How many transactions committed.
    pub committed: usize,
    /// How many aborted.
    pub aborted: usize,
    /// Of how many nobody knows.
    pub unknown: usize,
    /// What went wrong, the worst first.
    pub anomalies: Vec<AnomalyReport>,
    /// The weakest levels that are ruled out; every stronger one is, too.
    pub ruled_out: Vec<Level>,
    /// The strongest levels that remain possible, among those whose orders were looked at.
    pub possible: Vec<Level>,
    /// What the budget did not suffice to look for.
    pub cut_short: Vec<Anomaly>,
}

/// One kind of anomaly in a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnomalyReport {
    /// Which.
    pub anomaly: Anomaly,
    /// What it is, in a sentence.
    pub meaning: &'static str,
    /// How often it occurs; cycles that share transactions count once.
    pub count: u64,
    /// The weakest levels that forbid it.
    pub ruled_out: Vec<Level>,
    /// The first occurrences.
    pub examples: Vec<Example>,
}

/// One occurrence of an anomaly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Who took part.
    pub transactions: Vec<Participant>,
    /// What happened, in sentences.
    pub story: Vec<String>,
    /// The cycle, if it is one.
    pub cycle: Vec<Step>,
}

/// A transaction that takes part in an anomaly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Participant {
    /// Its name in this report.
    pub name: Txn,
    /// The line of its invocation.
    pub line: u32,
    /// Its client.
    pub process: i64,
    /// What it did.
    pub operations: String,
    /// How it ended.
    pub outcome: &'static str,
}

/// A step of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What came first.
    pub from: Txn,
    /// What came later.
    pub to: Txn,
    /// Why.
    pub why: Dependency,
}

fn as_word<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verdict.word())
}

/// Draws the conclusions.
pub(super) fn report(
    history: &History,
    level: Level,
    clocks: &[Clock],
    inference: &Inference,
    found: &Found,
) -> Report {
    let mut counts = inference.counts.clone();
    counts.extend(&found.counts);
    let names: Vec<Anomaly> = counts.keys().copied().collect();
    let describe = |(anomaly, count): (&Anomaly, &u64)| {
        let plain = inference.evidence.iter().filter(|evidence| evidence.anomaly == *anomaly);
        let cycles = found.cycles.iter().filter(|cycle| cycle.anomaly == *anomaly);
        AnomalyReport {
            anomaly: *anomaly,
            meaning: anomaly.meaning(),
            count: *count,
            ruled_out: isolation::weakest_ruled_out(&[*anomaly]),
            examples: plain
                .map(|evidence| of_evidence(history, evidence))
                .chain(cycles.map(|cycle| of_cycle(history, cycle)))
                .collect(),
        }
    };
    let cut_short: Vec<Anomaly> = found.cut_short.iter().copied().collect();
    let could_break = |anomaly: &Anomaly| isolation::rules_out(*anomaly, level);
    let verdict = if names.iter().any(could_break) {
        Verdict::Fail
    } else if cut_short.iter().any(could_break) {
        Verdict::Unknown
    } else {
        Verdict::Pass
    };
    let with = |status| history.transactions.iter().filter(|transaction| transaction.status == status).count();
    Report {
        verdict,
        level,
        workload: history.workload,
        committed: with(Status::Ok),
        aborted: with(Status::Failed),
        unknown: with(Status::Unknown),
        anomalies: counts.iter().map(describe).collect(),
        ruled_out: isolation::weakest_ruled_out(&names),
        possible: isolation::strongest_possible(&names, clocks),
        cut_short,
    }
}

fn of_evidence(history: &History, evidence: &Evidence) -> Example {
    let transactions = evidence.txns.iter().map(|txn| participant(history, *txn)).collect();
    Example { transactions, story: stories::evidence(history, evidence), cycle: Vec::new() }
}

fn of_cycle(history: &History, cycle: &Cycle) -> Example {
    let mut txns: Vec<Txn> = cycle.edges.iter().map(|edge| edge.from).collect();
    txns.sort_unstable();
    txns.dedup();
    Example {
        transactions: txns.into_iter().map(|txn| participant(history, txn)).collect(),
        story: stories::cycle(history, cycle),
        cycle: cycle.edges.iter().map(|edge| Step { from: edge.from, to: edge.to, why: edge.why }).collect(),
    }
}

fn participant(history: &History, txn: Txn) -> Participant {
    let transaction = history.transaction(txn);
    let outcome = match transaction.status {
        Status::Ok => "committed",
        Status::Failed => "aborted",
        Status::Unknown => "outcome unknown",
    };
    Participant {
        name: txn,
        line: transaction.invoked.line,
        process: transaction.process,
        operations: history.describe(txn),
        outcome,
    }
}

impl Report {
    /// The anomalies by name, the worst first.
    pub fn names(&self) -> Vec<&'static str> {
        self.anomalies.iter().map(|found| found.anomaly.name()).collect()
    }
}

fn list(levels: &[Level]) -> String {
    levels.iter().map(|level| level.name()).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.committed + self.aborted + self.unknown;
        let Self { workload, committed, aborted, unknown, level, .. } = self;
        writeln!(out, "{}: {level}", self.verdict.word())?;
        writeln!(
            out,
            "{all} {} transactions: {committed} committed, {aborted} aborted, {unknown} of unknown outcome",
            workload.word()
        )?;
        for found in &self.anomalies {
            write!(out, "\n{found}")?;
        }
        writeln!(out)?;
        if self.ruled_out.is_empty() {
            writeln!(out, "No level is ruled out.")?;
        } else {
            writeln!(out, "Ruled out: {}, and every stronger level.", list(&self.ruled_out))?;
        }
        match self.possible.as_slice() {
            [] => writeln!(out, "No level that was looked at remains possible.")?,
            possible => writeln!(out, "Strongest that remains possible: {}.", list(possible))?,
        }
        if !self.cut_short.is_empty() {
            let names: Vec<&str> = self.cut_short.iter().map(|anomaly| anomaly.name()).collect();
            writeln!(out, "The budget ran out in the search for {}; more may be wrong.", names.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for AnomalyReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = if self.count == 1 { "once".to_owned() } else { format!("{} times", self.count) };
        writeln!(out, "{}, {times}: {}", self.anomaly, self.meaning)?;
        writeln!(out, "  rules out {} and what is stronger", list(&self.ruled_out))?;
        for example in &self.examples {
            for one in &example.transactions {
                let Participant { name, line, process, operations, outcome } = one;
                writeln!(out, "    {name} (line {line}, process {process}, {outcome}): {operations}")?;
            }
            for sentence in &example.story {
                writeln!(out, "  - {sentence}")?;
            }
        }
        Ok(())
    }
}
