//! Shrinking real failures to the least that shows them.

use faultlab::explore::shrink::{Budget, ShrinkError, Shrunk, shrink};
use faultlab::patterns;
use faultlab::scenario::{self, AnyPattern, AnyScenario, RunOptions};

fn load(text: &str) -> Box<dyn AnyScenario> {
    scenario::load(patterns::ALL, "test.toml", text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

fn raft() -> &'static dyn AnyPattern {
    *patterns::ALL.iter().find(|pattern| pattern.name() == "raft").unwrap()
}

/// Shrinks, and makes sure that what is left passes as a demonstration of the same failure.
fn shrunk(scenario: &dyn AnyScenario) -> (Shrunk, String) {
    let shrunk = shrink(raft(), scenario, None, Budget::default(), &mut |_| true).unwrap();
    let text = shrunk.document.text(&[]);
    println!("{text}\n{} {:?} {:?} {} runs", shrunk.property, shrunk.sizes, shrunk.events, shrunk.runs);
    let report = load(&text).run(&RunOptions::default());
    assert!(report.violations().any(|(name, _)| name == shrunk.property), "{text}");
    assert_eq!(report.verdict, faultlab::check::Verdict::Pass, "{text}");
    (shrunk, text)
}

#[test]
fn what_is_left_breaks_the_same_property_and_little_more_is_left() {
    let scenario = load(
        r#"
title = "Votes without a look at the log"
pattern = "raft"
seed = 3
duration = "20s"
[config]
bug = "vote-without-log-check"
pre_vote = false
[network]
loss = "1%"
[[fault]]
at = "1s"
for = "800ms"
every = "1600ms"
partition = ["minority", "rest"]
"#,
    );
    let (shrunk, text) = shrunk(&*scenario);
    assert!(shrunk.finished, "{text}");
    assert!(shrunk.sizes.1.faults + shrunk.sizes.1.operations.unwrap_or(99) <= 4, "{text}");
    assert!(!text.contains("loss"), "{text}");
}

/// One lost reply is all that it takes to carry a request out twice.
#[test]
fn chance_on_the_network_is_narrowed_down_to_single_messages() {
    let scenario = load(
        r#"
title = "Retries without memory"
pattern = "echo"
seed = 7
duration = "10s"
[config]
delivery = "at-least-once"
[network]
loss = "5%"
duplicate = "1%"
"#,
    );
    let echo = *patterns::ALL.iter().find(|pattern| pattern.name() == "echo").unwrap();
    let shrunk =
        shrink(echo, &*scenario, Some("no-request-is-executed-twice"), Budget::default(), &mut |_| true).unwrap();
    let text = shrunk.document.text(&[]);
    assert!(!text.contains("loss") && !text.contains("[network]"), "{text}");
    assert_eq!((shrunk.sizes.1.faults, shrunk.sizes.1.operations), (1, Some(1)), "{text}");
    assert!(text.contains("drop = { from = \"server\"") || text.contains("duplicate = {"), "{text}");
}

#[test]
fn a_run_in_which_nothing_breaks_cannot_be_shrunk() {
    let calm = load("title = \"Calm\"\npattern = \"raft\"\nduration = \"2s\"");
    let error = shrink(raft(), &*calm, None, Budget::default(), &mut |_| true).unwrap_err();
    assert_eq!(error, ShrinkError::NothingBreaks);
}
