//! Every scenario that Faultlab ships meets its expectations, and gives the run that is on record.
//!
//! The record is a snapshot with a digest for each scenario. It holds on every machine, in debug and in release; when a
//! change is meant to alter runs, `INSTA_UPDATE=always cargo test --test scenarios` writes it anew.

use faultlab::check::Verdict;
use faultlab::patterns;
use faultlab::scenario::{self, AnyScenario, RunOptions};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn scenarios() -> Vec<(String, Box<dyn AnyScenario>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let load = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().display().to_string().replace('\\', "/");
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario = scenario::load(patterns::ALL, &name, &text).unwrap_or_else(|error| panic!("{error}"));
        (name, scenario)
    };
    files(&root).into_iter().map(load).collect()
}

#[test]
fn every_scenario_meets_its_expectations_and_gives_the_run_on_record() {
    let mut record = String::new();
    for (name, scenario) in scenarios() {
        let report = scenario.run(&RunOptions::default());
        let violations: Vec<_> = report.violations().collect();
        assert_eq!(report.verdict, Verdict::Pass, "{name}: {violations:?} {:?}", report.expectations);
        let _ = writeln!(record, "{} {:>7} events  {name}", report.digest, report.stats.events);
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("digests", record) });
}

#[test]
fn every_pattern_has_scenarios_and_one_that_breaks_a_property() {
    let scenarios = scenarios();
    for pattern in patterns::ALL {
        let own = scenarios.iter().filter(|(_, scenario)| scenario.pattern() == pattern.name());
        assert!(own.clone().count() >= 4, "{} has too few scenarios", pattern.name());
        assert!(own.clone().any(|(_, scenario)| !scenario.violates().is_empty()), "{} breaks nothing", pattern.name());
    }
}

#[test]
fn another_seed_gives_another_run_and_the_same_seed_the_same_with_or_without_a_trace() {
    for (name, scenario) in scenarios() {
        let run = |seed, trace| scenario.run(&RunOptions { seed: Some(seed), trace }).digest;
        assert_eq!(run(1, false), run(1, true), "{name}: a trace changes the run");
        assert_ne!(run(1, false), run(2, false), "{name}: the seed makes no difference");
    }
}

#[test]
fn a_trace_is_the_same_bytes_twice() {
    let (_, scenario) = scenarios().into_iter().find(|(name, _)| name == "raft/leader_isolated.toml").unwrap();
    let write = || {
        let report = scenario.run(&RunOptions { seed: None, trace: true });
        let mut bytes = Vec::new();
        faultlab::report::jsonl::write(&report.trace.unwrap(), &mut bytes).unwrap();
        bytes
    };
    assert_eq!(write(), write());
}

#[test]
fn every_record_of_a_trace_names_a_cause_that_came_before_it() {
    for (name, scenario) in scenarios() {
        let trace = scenario.run(&RunOptions { seed: None, trace: true }).trace.unwrap();
        let mut known = std::collections::BTreeSet::new();
        for record in &trace.records {
            if let Some(cause) = record.cause {
                assert!(known.contains(&cause), "{name}: {record:?} is caused by what is not in the trace");
            }
            known.insert(record.id);
        }
    }
}
