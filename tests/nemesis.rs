//! Random faults: what a nemesis did can be written down, and a core that is healed comes to rest.

use faultlab::check::{Standing, Verdict};
use faultlab::patterns;
use faultlab::scenario::{self, AnyScenario, RunOptions};

fn load(text: &str) -> Box<dyn AnyScenario> {
    scenario::load(patterns::ALL, "test.toml", text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(format!("{}/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

const WITH_NEMESIS: [&str; 5] = [
    "raft/nemesis_of_machines_and_links",
    "raft/leader_hunter",
    "raft/clocks_astray",
    "raft/quiet_hours",
    "echo/settles_after_trouble",
];

#[test]
fn a_run_with_a_nemesis_written_down_without_it_is_the_same_run() {
    for name in WITH_NEMESIS {
        for seed in 1..=6 {
            let text = read(name);
            let at = text.find("seed ").unwrap();
            let end = at + text[at..].find('\n').unwrap();
            let scenario = load(&format!("{}seed = {seed}{}", &text[..at], &text[end..]));
            let report = scenario.run(&RunOptions { trace: true, ..RunOptions::default() });
            let written = scenario.explicit(&report.struck).text(&[]);
            assert!(!written.contains("[nemesis]"), "{written}");
            let again = load(&written).run(&RunOptions::default());
            assert_eq!(again.digest, report.digest, "{name}, seed {seed}:\n{written}");
        }
    }
}

/// Every kind of fault that a nemesis knows.
const EVERY_KIND: &str = r#"
title    = "Everything at once"
pattern  = "raft"
duration = "10s"
[nodes]
work = "10us"
[nemesis]
kinds = [
    "partition", "isolate", "crash", "restart", "blackout", "pause", "slow-disk", "stall", "disk-full", "disk-error",
    "clock-step", "clock-drift", "deaf", "mute", "slow-links", "lossy-links", "clog",
]
every = "20ms..200ms"
at_once = 6
keep_majority = false
"#;

#[test]
fn every_kind_can_be_written_down_and_breaks_no_promise() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 1..=12 {
        let scenario = load(&EVERY_KIND.replace("[nodes]", &format!("seed = {seed}\n[nodes]")));
        let report = scenario.run(&RunOptions { trace: true, ..RunOptions::default() });
        assert_eq!(report.violations().collect::<Vec<_>>(), [], "seed {seed}");
        let document = scenario.explicit(&report.struck);
        let again = load(&document.text(&[])).run(&RunOptions::default());
        assert_eq!(again.digest, report.digest, "seed {seed}:\n{}", document.text(&[]));
        let keys = document.0["fault"].as_array().unwrap().iter().flat_map(|fault| fault.as_table().unwrap().keys());
        seen.extend(keys.filter(|key| !["at", "for"].contains(&key.as_str())).cloned());
    }
    let all = ["clock_drift", "clock_step", "clog", "crash", "degrade", "disk_error", "disk_full", "one_way"];
    let all = all.into_iter().chain(["partition", "pause", "slow", "stall"]);
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), all.collect::<Vec<_>>());
}

/// A node that is struck by name in the written file is the one that the nemesis struck.
#[test]
fn the_written_file_names_those_who_were_struck() {
    let scenario = load(&read("raft/leader_hunter"));
    let report = scenario.run(&RunOptions { trace: true, ..RunOptions::default() });
    let document = scenario.explicit(&report.struck);
    let faults = document.0["fault"].as_array().unwrap();
    assert!(faults.len() >= 6, "{}", faults.len());
    let named = faults.iter().filter(|fault| fault.get("crash").or(fault.get("pause")).is_some_and(|who| who.is_str()));
    let partitions = faults.iter().filter(|fault| fault.get("partition").is_some());
    assert!(named.count() + partitions.count() + 2 >= faults.len(), "{}", document.text(&[]));
}

/// Nothing outside the core is healed: the others stay down to the end.
#[test]
fn settling_heals_the_core_and_nobody_else() {
    let patient =
        read("raft/settling_takes_an_election").replace("4500ms", "2s").replace("100ms\", core", "2s\", core");
    let scenario = load(&patient.replace("violates", "# violates"));
    let report = scenario.run(&RunOptions { trace: true, ..RunOptions::default() });
    let settles = report.properties.iter().find(|property| property.judged.claim.name == "core-settles").unwrap();
    assert!(matches!(settles.judged.standing, Standing::Happened(_)), "{:?}", settles.judged.standing);
    let starts = report.trace.unwrap().records.into_iter().filter(
        |record| matches!(record.what, faultlab::engine::trace::What::Start { incarnation } if incarnation > 0),
    );
    assert_eq!(starts.count(), 3, "three of five servers are a core");
}

#[test]
fn a_core_that_does_not_settle_says_who_waits_for_what() {
    let report = load(&read("raft/settling_takes_an_election")).run(&RunOptions::default());
    assert_eq!(report.verdict, Verdict::Pass);
    let (_, text) = report.violations().next().unwrap();
    assert!(text.starts_with("100ms after it was healed the core is not at rest: "), "{text}");
    assert!(text.contains("waits for a leader in term"), "{text}");
}
