//! Scenarios that once made a right system look wrong, or the tool hang or fall over.

use faultlab::check::Verdict;
use faultlab::patterns;
use faultlab::scenario::{self, RunOptions, RunReport};

fn run(text: &str) -> RunReport {
    scenario::load(patterns::ALL, "case.toml", text)
        .unwrap_or_else(|error| panic!("{error}"))
        .run(&RunOptions::default())
}

#[test]
fn what_a_crash_undid_may_be_carried_out_again() {
    let report = run("title = 'A slow disk and a server that crashes often'\npattern = 'echo'\nduration = '20s'\n\
        [disk]\nsync = '30ms'\n[config]\ngive_up = '10s'\n\
        [[fault]]\nat = '500ms'\nfor = '100ms'\nevery = '700ms'\nuntil = '15s'\ncrash = 'server'\n");
    assert_eq!(report.verdict, Verdict::Pass, "{:?}", report.violations().collect::<Vec<_>>());
}

#[test]
fn a_fault_that_strikes_too_often_is_refused_at_once() {
    let text = "title = 'Too often'\npattern = 'echo'\nduration = '1h'\n[expect]\nsettles_within = '1s'\n\
        [[fault]]\nat = '1s'\nfor = '1ns'\nevery = '2ns'\ncrash = 'server'\n";
    let error = scenario::load(patterns::ALL, "case.toml", text).err().unwrap().to_string();
    assert!(error.contains("too many faults"), "{error}");
}

#[test]
fn hundreds_of_different_links_and_groups_are_no_trouble() {
    let mut text = String::from("title = 'Many'\npattern = 'echo'\nduration = '1s'\n[workload]\nclients = 400\n");
    for client in 1..=400 {
        text += &format!("[[network.link]]\nfrom = 'c{client}'\nto = 'server'\nlatency = '{client}us'\n");
    }
    let groups: Vec<String> = (1..=400).map(|client| format!("'c{client}'")).collect();
    text += &format!("[[fault]]\nat = '500ms'\nfor = '100ms'\npartition = [{}]\n", groups.join(", "));
    assert_eq!(run(&text).verdict, Verdict::Pass);
}

#[test]
fn an_open_loop_that_asks_more_than_is_answered_is_refused_and_not_stored_up() {
    let report = run("title = 'Overload'\npattern = 'raft'\nduration = '5s'\n\
        [workload]\nclients = 1\npace = { rate = '20000/s' }\n[expect]\nignores = ['an-operation-completes']\n\
        [[fault]]\nat = '1s'\ncrash = 'all'\n");
    assert!(report.stats.failed > 50_000, "{} refused", report.stats.failed);
}

#[test]
fn a_client_that_is_down_is_asked_again_when_it_is_back() {
    let report = run("title = 'Down'\npattern = 'echo'\nduration = '20s'\n\
        [workload]\nclients = 1\npace = { think = '0s' }\n\
        [[fault]]\nat = '1s'\nfor = '15s'\ncrash = 'c1'\n");
    assert_eq!(report.verdict, Verdict::Pass);
    assert!(report.stats.events < 50_000, "{} events", report.stats.events);
    assert_eq!(report.stats.unknown, 1);
}
