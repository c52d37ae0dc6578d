//! What scenarios say of links: mistakes are found at their line, with the range or a way out, and the scenarios that
//! teach faults show what they claim whatever the seed.

use faultlab::check::Verdict;
use faultlab::patterns;
use faultlab::scenario::{self, RunOptions};
use std::collections::BTreeSet;
use std::path::Path;

/// The first mistake in a scenario of echo (`server`, `c1` to `c3`) that goes on with `rest`, from line 4 on.
fn mistake(rest: &str) -> String {
    of("echo", rest)
}

fn of(pattern: &str, rest: &str) -> String {
    let text = format!("title = \"t\"\npattern = \"{pattern}\"\nduration = \"10s\"\n{rest}");
    match scenario::load(patterns::ALL, "s", &text) {
        Ok(_) => "none".into(),
        Err(error) => error.to_string(),
    }
}

fn fault(pattern: &str, rest: &str) -> String {
    of(pattern, &format!("[[fault]]\nat = \"1s\"\nfor = \"1s\"\n{rest}\n"))
}

#[test]
fn what_is_right_is_taken() {
    let right = [
        ("echo", "one_way = { from = \"c1\", to = \"server\" }"),
        ("raft", "one_way = { from = { role = \"leader\" }, to = \"rest\" }"),
        ("raft", "bridge = \"n1\""),
        ("raft", "ring = \"all\""),
        ("echo", "degrade = { latency = { median = \"5ms\", p99 = \"90ms\" }, loss = \"10%\" }"),
        ("raft", "degrade = { from = \"n?\", to = \"rest\", both_ways = true, reorder = 0.5, reorder_delay = \"1s\" }"),
        ("echo", "clog = { from = \"server\", release = \"random\" }"),
        ("echo", "bandwidth = { rate = \"2KiB/s\", queue = \"64KB\" }"),
        ("echo", "drop = { kind = \"request\", nth = 3 }"),
        ("echo", "delay = { every = 2, by = \"10ms..20ms\" }"),
        ("echo", "duplicate = { share = \"5%\" }"),
        ("raft", "corrupt = { share = 1 }"),
        ("echo", "corrupt_silently = { to = \"server\", share = \"1%\" }"),
        ("echo", "pause = \"server\"\n[network]\nbandwidth = \"1MB/s\"\nqueue = \"64KB\""),
        ("echo", "pause = \"server\"\n[[network.link]]\nfrom = \"c1\"\nto = \"server\"\nbandwidth = \"1KB/s\""),
    ];
    for (pattern, rest) in right {
        assert_eq!(fault(pattern, rest), "none", "{rest}");
    }
}

#[test]
fn mistakes_in_faults_of_links_are_found_at_their_line() {
    let wrong = [
        ("echo", "one_way = { from = \"c1\" }"),
        ("echo", "one_way = { from = \"c1\", to = \"sever\" }"),
        ("echo", "one_way = { from = \"rest\", to = \"rest\" }"),
        ("echo", "one_way = { from = \"server\", to = \"server\" }"),
        ("echo", "one_way = { from = \"c1\", to = \"server\" }\nclog = {}"),
        ("raft", "one_way = { from = { role = \"leeder\" }, to = \"n1\" }"),
        ("echo", "bridge = \"server\""),
        ("raft", "bridge = \"rest\""),
        ("raft", "ring = [\"n1\", \"n2\", \"n3\"]"),
        ("echo", "degrade = { to = \"server\" }"),
        ("echo", "degrade = { loss = \"120%\" }"),
        ("echo", "degrade = { reorder_delay = \"1s\" }"),
        ("echo", "degrade = { lose = \"10%\" }"),
        ("echo", "clog = { release = \"shuffled\" }"),
        ("echo", "bandwidth = { queue = \"64KB\" }"),
        ("echo", "bandwidth = { rate = \"1MB\" }"),
        ("echo", "bandwidth = { rate = \"0B/s\" }"),
        ("echo", "bandwidth = { rate = 1000 }"),
        ("echo", "bandwidth = { rate = \"1MB/s\", queue = \"9TB\" }"),
        ("echo", "drop = { nth = 2, share = \"5%\" }"),
        ("echo", "drop = { count = 0 }"),
        ("echo", "drop = { every = 1 }"),
        ("echo", "drop = { count = -1 }"),
        ("echo", "duplicate = { share = 0 }"),
        ("echo", "delay = { nth = 2 }"),
        ("echo", "delay = { by = \"0s\" }"),
        ("echo", "drop = { by = \"1s\" }"),
        ("echo", "corrupt = {}"),
        ("echo", "corrupt = { share = \"0%\" }"),
        ("raft", "corrupt_silently = { share = \"1%\" }"),
    ];
    let said: Vec<String> = wrong.iter().map(|(pattern, rest)| fault(pattern, rest)).collect();
    assert!(said.iter().all(|said| said != "none"));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn mistakes_in_bandwidth_are_found_at_their_line() {
    let wrong = [
        "[network]\nqueue = \"64KB\"",
        "[network]\nbandwidth = \"1MB\"",
        "[[network.link]]\nfrom = \"c1\"\nto = \"server\"\nqueue = \"64KB\"",
    ];
    let said: Vec<String> = wrong.iter().map(|rest| mistake(rest)).collect();
    insta::assert_snapshot!(said.join("\n"));
}

fn scenario(name: &str) -> Box<dyn scenario::AnyScenario> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.toml"));
    scenario::load(patterns::ALL, name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Each scenario teaches one thing, and not by the luck of its seed.
#[test]
fn the_lessons_hold_for_other_seeds() {
    let lessons = [
        "echo/corruption_unnoticed",
        "echo/doubled_requests_run_twice",
        "echo/late_replies_cost_retries",
        "raft/bridge_holds",
        "raft/bridge_ping_pong",
        "raft/clogged_link_lets_go_at_random",
        "raft/corruption_is_loss",
        "raft/deaf_server_deposes_every_leader",
        "raft/deaf_server_is_ignored",
        "raft/degraded_links",
        "raft/disks_that_lie_for_a_while",
        "raft/one_link_cut_deposes_a_leader",
        "raft/one_link_cut_goes_unnoticed",
        "raft/ring_of_majorities",
        "raft/star_with_check_quorum",
        "raft/star_without_check_quorum",
        "raft/starved_link",
        "raft/third_append_is_lost",
    ];
    for lesson in lessons {
        let scenario = scenario(lesson);
        for seed in 1..=5 {
            let report = scenario.run(&RunOptions { seed: Some(seed), trace: false });
            let broken: Vec<_> = report.violations().collect();
            assert_eq!(report.verdict, Verdict::Pass, "{lesson} {seed}: {broken:?} {:?}", report.expectations);
        }
    }
}

#[test]
fn every_fault_has_a_scenario_that_shows_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut shown = BTreeSet::new();
    for pattern in patterns::ALL {
        for file in std::fs::read_dir(folder.join(pattern.name())).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            shown.extend(scenario::load(patterns::ALL, &path.display().to_string(), &text).unwrap().faults());
        }
    }
    let known: Vec<String> = scenario::faults().into_iter().map(|fault| fault.name).collect();
    let missing: Vec<_> = known.iter().filter(|name| !shown.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "no scenario shows {missing:?}");
    assert!(shown.iter().all(|name| known.iter().any(|known| known == name)), "{shown:?} {known:?}");
}

#[test]
fn faults_that_contradict_each_other_are_found() {
    let crash = "[[fault]]\nat = \"1s\"\nfor = \"3s\"\ncrash = \"server\"\n";
    let other = |rest: &str| mistake(&format!("{crash}[[fault]]\n{rest}\n"));
    let said = [
        other("at = \"2s\"\nfor = \"1s\"\ncrash = \"server\""),
        other("at = \"3s\"\nfor = \"5s\"\npause = \"server\""),
        other("at = \"4s\"\nfor = \"1s\"\ncrash = \"server\""),
        other("at = \"2s\"\nfor = \"1s\"\ncrash = \"c1\""),
        other("at = \"2s\"\nfor = \"0s\"\npause = \"c1\""),
    ];
    insta::assert_snapshot!(said.join("\n"), @r#"
    s:11:9: this crashes server at 2s, but another fault takes server down at 1s (begin when the nodes are up again, or make the first one longer)
    s:11:9: this pauses server at 3s, but another fault takes server down at 1s (begin when the nodes are up again, or make the first one longer)
    none
    none
    s:10:7: a fault of no length does nothing (write such as for = "2s")
    "#);
}

/// A fault that met nobody has shown nothing: the run does not pass, and says why.
#[test]
fn a_fault_that_never_strikes_leaves_the_verdict_open() {
    let run = |rest: &str| {
        let text = format!("title = \"t\"\npattern = \"echo\"\nduration = \"3s\"\n{rest}");
        scenario::load(patterns::ALL, "s", &text).unwrap().run(&RunOptions::default())
    };
    let drop = "[[fault]]\nat = \"1s\"\nfor = \"200ms\"\nevery = \"1s\"\n";
    let none = run(&format!("{drop}drop = {{ kind = \"repply\" }}\n"));
    assert_eq!(none.verdict, Verdict::Unknown);
    assert_eq!((none.faults[0].begun, none.faults[0].struck_nobody), (2, 2));
    let late = run(&format!("{drop}drop = {{ kind = \"reply\", from = \"server\", to = \"c1\", nth = 9999 }}\n"));
    assert_eq!(late.verdict, Verdict::Unknown, "there never was a message with that number");
    let some = run(&format!("{drop}delay = {{ kind = \"reply\", by = \"1ms\" }}\n"));
    assert_eq!((some.verdict, some.faults[0].struck_nobody), (Verdict::Pass, 0));
    let ignored =
        run(&format!("{drop}drop = {{ kind = \"repply\" }}\n[expect]\nignores = [\"every-fault-strikes\"]\n"));
    assert_eq!(ignored.verdict, Verdict::Pass);
}
