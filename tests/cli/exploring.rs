//! `faultlab shrink` and `faultlab reproduce`.

use crate::support::{Place, code, steady};

const BUG: &str = r#"
title    = "Votes without a look at the log"
pattern  = "raft"
seed     = 3
duration = "20s"

[config]
bug      = "vote-without-log-check"
pre_vote = false

[[fault]]
at    = "1s"
for   = "800ms"
every = "1600ms"
partition = ["minority", "rest"]
"#;

#[test]
fn what_shrinking_leaves_is_a_scenario_that_passes_by_breaking_the_same_property() {
    let place = Place::with(&[("bug.toml", BUG)]);
    let shrunk = place.run(&["shrink", "bug.toml", "--out", "least.toml"]).exits(code::PASSED);
    steady(|| insta::assert_snapshot!("shrunk", shrunk.out));
    assert_eq!(place.read("least.toml"), shrunk.out);
    let ran = place.run(&["run", "least.toml", "--no-files"]).exits(code::PASSED);
    assert!(ran.out.contains("it breaks leader-completeness"), "{}", ran.out);
}

#[test]
fn a_drawn_plan_is_shrunk_and_replayed_by_its_class() {
    let place = Place::with(&[("bug.toml", &BUG.replace("[[fault]]", "[expect]\n#"))]);
    place.write("bug.toml", BUG.split("[[fault]]").next().unwrap());
    let failing = (0..60).map(|seed| seed.to_string()).find(|seed| {
        let ran = place.run(&["run", "bug.toml", "--seed", seed, "--class", "storm", "--no-files"]);
        ran.code == code::VIOLATED && ran.out.contains(&format!("bug.toml --seed {seed} --class storm"))
    });
    let seed = failing.expect("one of 60 storms finds the bug");
    let shrunk = place.run(&["shrink", "bug.toml", "--seed", &seed, "--class", "storm", "--json"]).exits(code::PASSED);
    let found: serde_json::Value = serde_json::from_str(&shrunk.out).unwrap();
    assert_eq!(found["finished"], true, "{found}");
    assert!(found["after"]["faults"].as_u64() <= Some(3), "{found}");
    place.run(&["run", found["wrote"].as_str().unwrap(), "--no-files"]).exits(code::PASSED);
}

#[test]
fn what_cannot_be_shrunk_is_said() {
    let place =
        Place::with(&[("bug.toml", BUG), ("calm.toml", "title = \"Calm\"\npattern = \"raft\"\nduration = \"2s\"")]);
    let said = |arguments: &[&str]| place.run(arguments).exits(code::BAD_INPUT).err;
    let mut errors = String::new();
    for arguments in [
        &["shrink", "calm.toml"][..],
        &["shrink", "calm.toml", "--seed", "7", "--class", "calm"],
        &["shrink", "bug.toml", "--property", "election-safety"],
        &["shrink", "bug.toml", "--class", "wild"],
        &["shrink", "bug.toml", "--runs", "0"],
        &["reproduce", "raft-split-vote"],
    ] {
        errors.push_str(&format!("$ faultlab {}\n{}\n", arguments.join(" "), said(arguments)));
    }
    steady(|| insta::assert_snapshot!("exploring_mistakes", errors));
    assert_eq!(place.tree(), ["bug.toml", "calm.toml"], "a refusal leaves no file");
}

#[test]
fn published_results_are_met_with_few_trials_too() {
    let place = Place::new();
    let listed = place.run(&["reproduce"]).exits(code::PASSED);
    steady(|| insta::assert_snapshot!("studies", listed.out));
    let jobs = |jobs: &str| {
        place.run(&["reproduce", "raft-split-votes", "--trials", "3000", "--jobs", jobs]).exits(code::PASSED).out
    };
    let alone = jobs("1");
    assert_eq!(alone, jobs("3"), "the number of threads shows in the result");
    steady(|| insta::assert_snapshot!("split_votes", alone));
    place.run(&["reproduce", "raft-election-time", "--trials", "3000", "--out", "out"]).exits(code::PASSED);
    assert!(place.read("out/studies/raft-election-time.svg").contains("5 servers, 2 down"));
}
