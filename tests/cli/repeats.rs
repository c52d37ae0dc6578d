//! `faultlab run --verify` and `faultlab diff`: is it the same run, and if not, where does it part?

use crate::support::{GOOD, Place, code};

#[test]
fn a_run_is_verified_in_a_fresh_process_which_leaves_nothing_behind() {
    let place = Place::with(&[("good.toml", GOOD)]);
    let ran = place.run(&["run", "good.toml", "--verify", "--seed", "3"]).exits(code::PASSED);
    assert!(ran.err.contains("Verified: a fresh process made the same"), "{}", ran.err);
    assert!(!place.tree().iter().any(|name| name.contains("verify")), "{:?}", place.tree());
}

#[test]
fn the_same_run_is_the_same_and_another_seed_parts_somewhere() {
    let place = Place::with(&[("good.toml", GOOD)]);
    for (out, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
        place.run(&["run", "good.toml", "--quiet", "--seed", seed, "--out", out]).exits(code::PASSED);
    }
    let same = place.run(&["diff", "a/echo/good", "b/echo/good/trace.jsonl"]).exits(code::PASSED);
    assert!(same.out.starts_with("SAME: all "), "{}", same.out);
    let parted = place.run(&["diff", "a/echo/good", "c/echo/good"]).exits(code::VIOLATED);
    assert!(
        parted.out.contains("The runs were not set up alike") && parted.out.contains("records in common"),
        "{}",
        parted.out
    );
}

#[test]
fn a_single_changed_record_is_shown_from_both_sides() {
    let place = Place::with(&[("good.toml", GOOD)]);
    place.run(&["run", "good.toml", "--quiet"]).exits(code::PASSED);
    let trace = place.read("out/echo/good/trace.jsonl");
    let changed = trace.replacen("\"event\":\"deliver\",\"from\":\"c1\"", "\"event\":\"deliver\",\"from\":\"c9\"", 1);
    place.write("changed.jsonl", &changed);
    let ran = place.run(&["diff", "out/echo/good", "changed.jsonl", "--json"]).exits(code::VIOLATED);
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&found["first"]["a"]["from"], &found["first"]["b"]["from"]), (&"c1".into(), &"c9".into()));
}

#[test]
fn what_is_no_trace_is_refused() {
    let place = Place::with(&[("good.toml", GOOD)]);
    let ran = place.run(&["diff", "good.toml", "good.toml"]).exits(code::BAD_INPUT);
    assert!(ran.err.contains("good.toml: this is no trace of faultlab"), "{}", ran.err);
    place.run(&["diff", "missing.jsonl", "good.toml"]).exits(code::BAD_INPUT);
}
