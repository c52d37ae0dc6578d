//! `faultlab explain faults`: what a `[[fault]]` can be, from the types that read it, each with a scenario to run.

use super::list::{self, ScenarioRow};
use super::numbers::wrapped;
use super::output::{BOLD, DIM, styled};
use crate::scenario::{self, FaultInfo, FaultSetting};
use std::fmt::Write as _;
use std::path::Path;

/// The faults of this name: all for `faults`, none if there is no such fault.
pub(super) fn named(name: &str) -> Option<Vec<FaultInfo>> {
    let all = scenario::faults();
    match name {
        "faults" => Some(all),
        _ => all.into_iter().find(|fault| fault.name == name).map(|fault| vec![fault]),
    }
}

/// The faults for people.
pub(super) fn text(faults: &[FaultInfo], scenarios: &Path) -> String {
    let known = list::known(scenarios);
    let mut out = String::new();
    for fault in faults {
        one(&mut out, fault, &examples(fault, &known, if faults.len() == 1 { usize::MAX } else { 1 }));
    }
    let _ = writeln!(out, "{}", styled(BOLD, "When: beside every fault"));
    settings(&mut out, &scenario::timetable());
    let _ = writeln!(out, "\n{}\n    {}", styled(BOLD, "Whom"), wrapped(&scenario::whom(), "    "));
    let about = "Whom a fault strikes is decided at the moment when it begins. Roles, \"random\", \"minority\", \"majority\" and \"all\" \
        choose among servers; names, globs and regions among all nodes.";
    let _ = writeln!(out, "    {}", styled(DIM, &wrapped(about, "    ")));
    out
}

/// Random faults for people: the settings of `[nemesis]` and its kinds.
pub(super) fn nemesis(scenarios: &Path) -> String {
    let (known, (own, kinds)) = (list::known(scenarios), scenario::nemesis_info());
    let about = "Random faults, drawn from the seed before the run begins. `faultlab run FILE --write-explicit OUT` writes the \
        same run down with every fault at its moment.";
    let mut out = format!("{}\n  {}\n", styled(BOLD, "[nemesis]"), wrapped(about, "  "));
    settings(&mut out, &own);
    let _ = writeln!(out, "\n{}", styled(BOLD, "Kinds"));
    for (name, about) in kinds {
        let _ = writeln!(out, "  {name:<12} {}", wrapped(&about, &" ".repeat(15)));
    }
    let with = |row: &&ScenarioRow| std::fs::read_to_string(&row.file).is_ok_and(|text| text.contains("\n[nemesis]"));
    for row in known.iter().filter(with) {
        let _ = writeln!(out, "  faultlab run {}\n      {}", row.file, styled(DIM, &wrapped(&row.title, "      ")));
    }
    out
}

fn one(out: &mut String, fault: &FaultInfo, examples: &[&ScenarioRow]) {
    let _ = writeln!(out, "{}\n  {}", styled(BOLD, &fault.name), wrapped(&fault.about, "  "));
    if !fault.written.is_empty() {
        let _ = writeln!(out, "  {}", styled(DIM, &wrapped(&fault.written, "  ")));
    }
    settings(out, &fault.settings);
    if !fault.beside.is_empty() {
        let _ = writeln!(out, "  beside it");
        settings(out, &fault.beside);
    }
    for row in examples {
        let _ = writeln!(out, "  faultlab run {}\n      {}", row.file, styled(DIM, &wrapped(&row.title, "      ")));
    }
    let _ = writeln!(out);
}

fn settings(out: &mut String, settings: &[FaultSetting]) {
    for FaultSetting { name, written, required, about } in settings {
        let must = if *required { ", required" } else { "" };
        let _ = writeln!(out, "    {}", wrapped(&format!("{name} ({written}{must})"), "      "));
        let _ = writeln!(out, "      {}", styled(DIM, &wrapped(about, "      ")));
    }
}

/// Scenarios that show the fault, those with the fewest others first.
fn examples<'a>(fault: &FaultInfo, known: &'a [ScenarioRow], most: usize) -> Vec<&'a ScenarioRow> {
    let mut rows: Vec<_> = known.iter().filter(|row| row.faults.contains(&fault.name.as_str())).collect();
    rows.sort_by_key(|row| row.faults.len());
    rows.truncate(most);
    rows
}

/// The faults for programs.
pub(super) fn json(faults: &[FaultInfo], scenarios: &Path) -> String {
    let known = list::known(scenarios);
    let value = |fault: &FaultInfo| {
        let files: Vec<&str> = examples(fault, &known, usize::MAX).iter().map(|row| row.file.as_str()).collect();
        serde_json::json!({ "fault": fault, "scenarios": files })
    };
    let all = serde_json::json!({
        "faults": faults.iter().map(value).collect::<Vec<_>>(),
        "timetable": scenario::timetable(),
        "whom": scenario::whom(),
    });
    serde_json::to_string_pretty(&all).expect("an explanation is plain data") + "\n"
}
