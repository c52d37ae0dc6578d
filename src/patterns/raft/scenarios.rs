//! The pattern as scenario files run it.

use super::Raft;
use crate::check::Verdict;
use crate::scenario::{AnyPattern, AnyScenario, RunOptions};

fn scenario(text: &str) -> Box<dyn AnyScenario> {
    let head = "title = \"A test\"\npattern = \"raft\"\nduration = \"10s\"\n";
    Raft.load("test.toml", &format!("{head}{text}")).unwrap_or_else(|error| panic!("{error:?}"))
}

#[test]
fn a_leader_cut_off_loses_no_acknowledged_write() {
    let scenario = scenario(
        r#"
        [config]
        nodes = 5
        election_timeout = "150ms..300ms"
        [workload]
        clients = 3
        mix = { read = 7, write = 3 }
        [[fault]]
        at = "2s"
        for = "2s"
        partition = [["n1", "n2"], ["n3", "n4", "n5"]]
        [[fault]]
        at = "5s"
        crash = { role = "leader" }
        for = "1s"
        [expect]
        elections = "<= 5"
        "#,
    );
    for seed in 0..20 {
        let report = scenario.run(&RunOptions { seed: Some(seed), trace: false });
        assert_eq!(report.verdict, Verdict::Pass, "seed {seed}: {report:?}");
        assert!(report.stats.ok > 100, "seed {seed}");
    }
}

#[test]
fn local_reads_are_shown_to_be_stale() {
    let scenario = scenario(
        r#"
        [config]
        reads = "local"
        [expect]
        violates = ["reads-are-fresh", "linearizable"]
        "#,
    );
    assert_eq!(scenario.run(&RunOptions::default()).verdict, Verdict::Pass);
}

#[test]
fn impossible_settings_are_refused() {
    let text = "title = \"A test\"\npattern = \"raft\"\nduration = \"1s\"\n[config]\nnodes = 100\n";
    assert!(Raft.load("test.toml", text).is_err());
    assert!(Raft.load("test.toml", &text.replace("nodes = 100", "heartbeat = \"1s\"")).is_err());
    assert!(Raft.load("test.toml", &text.replace("nodes = 100", "bug = \"no-such-bug\"")).is_err());
}

#[test]
fn bugs_are_planted_by_name() {
    for bug in Raft.bugs() {
        scenario(&format!("[config]\nbug = \"{}\"\n", bug.name));
        let claims = Raft.claims();
        assert!(claims.iter().any(|claim| claim.name == bug.caught_by), "{} names no property", bug.name);
    }
}

#[test]
fn every_setting_is_described() {
    let settings = Raft.config_settings().into_iter().chain(Raft.load_settings());
    for setting in settings {
        assert!(!setting.about.is_empty(), "`{}` needs a description", setting.name);
    }
    assert!(Raft.schema().get("properties").is_some());
}
