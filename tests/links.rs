//! What scenarios say of links: mistakes are found at their line, with the range or a way out.

use faultlab::patterns;
use faultlab::scenario;

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
