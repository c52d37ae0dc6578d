//! What scenarios say of nodes, disks and clocks: mistakes are found at their line, with the range or a way out, and the
//! scenarios that teach these faults show what they claim whatever the seed.

use faultlab::check::Verdict;
use faultlab::patterns;
use faultlab::scenario::{self, RunOptions};
use std::path::Path;

const HEAD: &str = "title = \"t\"\npattern = \"echo\"\nduration = \"10s\"\n";

/// The first mistake in a scenario that goes on with `rest`, from line 4 on.
fn mistake(rest: &str) -> String {
    let text = format!("{HEAD}{rest}");
    match scenario::load(patterns::ALL, "s", &text) {
        Ok(_) => "none".into(),
        Err(error) => error.to_string(),
    }
}

fn fault(rest: &str) -> String {
    mistake(&format!("[[fault]]\nat = \"1s\"\nfor = \"1s\"\n{rest}\n"))
}

#[test]
fn what_is_right_is_taken() {
    let right = [
        "crash = \"server\"\nwipe = true\nrestart_delay = \"0s..2s\"",
        "slow = { who = \"server\", disk = 5 }",
        "slow = { who = \"server\", work = 10 }\n[nodes]\nwork = \"20us\"",
        "stall = { role = \"server\" }",
        "lying_sync = \"server\"",
        "disk_full = \"server\"",
        "disk_error = \"all\"",
        "clock_step = { who = \"c1\", by = \"-2s\" }",
        "clock_drift = { who = \"c?\", by = \"-10%\" }",
        "pause = \"server\"\n[disk]\nlying_sync = \"server\"\non_crash = \"torn\"\nbarrier = false",
        "pause = \"server\"\n[[clock]]\nnode = [\"c1\", \"server\"]\noffset = \"-50ms\"\ndrift = \"-200ppm\"",
    ];
    for rest in right {
        assert_eq!(fault(rest), "none", "{rest}");
    }
}

#[test]
fn mistakes_in_faults_are_found_at_their_line() {
    let wrong = [
        "",
        "slow = { who = \"server\", disk = 5 }\nstall = \"server\"",
        "slow = { who = \"server\" }",
        "slow = { who = \"server\", disk = 0 }",
        "slow = { who = \"server\", work = 10 }",
        "slow = { disk = 5 }",
        "slow = { who = \"sever\", disk = 5 }",
        "stall = \"server\"\n[disk]\nsync = \"0s\"",
        "disk_full = { role = \"leader\" }",
        "pause = \"server\"\nwipe = true",
        "pause = \"server\"\nrestart_delay = \"1s\"",
        "crash = \"server\"\nrestart_delay = \"2s..1s\"",
        "clock_step = { who = \"c1\", by = \"0s\" }",
        "clock_step = { who = \"c1\", by = \"-2h\" }",
        "clock_step = { who = \"c1\" }",
        "clock_drift = { who = \"c1\", by = \"-60%\" }",
        "clock_drift = { who = \"c1\", by = \"200\" }",
    ];
    let said: Vec<String> = wrong.iter().map(|rest| fault(rest)).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn mistakes_in_settings_are_found_at_their_line() {
    let wrong = [
        "[nodes]\nwork = \"11s\"",
        "[nodes]\nworks = \"1s\"",
        "[disk]\non_crash = \"burn\"",
        "[disk]\nsync = \"0s\"\non_crash = \"torn\"",
        "[disk]\nsync = \"0s\"\nbarrier = false",
        "[disk]\nlying_sync = \"n9\"",
        "[disk]\nlying_sync = \"random\"",
        "[[clock]]\nnode = \"c1\"",
        "[[clock]]\nnode = \"c9\"\noffset = \"1s\"",
        "[[clock]]\nnode = { role = \"server\" }\noffset = \"1s\"",
        "[[clock]]\nnode = \"c1\"\noffset = \"50\"",
        "[[clock]]\nnode = \"c1\"\ndrift = \"101%\"",
        "[[fault]]\nat = \"1s\"\ncrash = \"server\"\nrestart_delay = \"1s\"",
    ];
    let said: Vec<String> = wrong.iter().map(|rest| mistake(rest)).collect();
    insta::assert_snapshot!(said.join("\n"));
}

/// Each scenario teaches one thing, and not by the luck of its seed.
#[test]
fn the_lessons_hold_for_other_seeds() {
    let lessons = [
        "echo/clock_set_back",
        "echo/full_disk_stops_the_server",
        "echo/overloaded_inbox",
        "echo/torn_log_tail",
        "raft/clocks_that_disagree",
        "raft/leader_with_a_slow_clock",
        "raft/leader_on_a_slow_disk",
        "raft/lying_disks_lose_acknowledged_writes",
        "raft/staggered_restart",
        "raft/sync_off_forgets_votes",
        "raft/wiped_disk_breaks_the_promise",
    ];
    for lesson in lessons {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{lesson}.toml"));
        let text = std::fs::read_to_string(path).unwrap();
        let scenario = scenario::load(patterns::ALL, lesson, &text).unwrap();
        for seed in 1..=5 {
            let report = scenario.run(&RunOptions { seed: Some(seed), trace: false });
            let broken: Vec<_> = report.violations().collect();
            assert_eq!(report.verdict, Verdict::Pass, "{lesson} {seed}: {broken:?} {:?}", report.expectations);
        }
    }
}
