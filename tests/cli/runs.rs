//! `faultlab run`: verdicts, summaries, exit codes, options.

use crate::support::{BAD, GOOD, Place, code, steady};

const DEMONSTRATION: &str = r#"
title    = "Retries without memory carry some requests out twice"
pattern  = "echo"
seed     = 7
duration = "20s"

[config]
delivery = "at-least-once"

[network]
latency = "1ms..8ms"
loss    = "2%"

[expect]
violates = ["no-request-is-executed-twice"]
retries  = "> 0"
availability = ">= 90%"
"#;

/// A year takes a thousand million events; the limit makes the test quick.
const YEAR: &str = r#"
title    = "A year"
pattern  = "echo"
duration = "8760h"

[limits]
events = 20_000

[expect]
operations_ok = "> 1000000"
"#;

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        steady(|| insta::assert_snapshot!($name, $text))
    };
}

#[test]
fn a_demonstration_passes_because_the_property_breaks() {
    let place = Place::with(&[("twice.toml", DEMONSTRATION)]);
    let ran = place.run(&["run", "twice.toml"]).exits(code::PASSED);
    snapshot!("demonstration", ran.out);
    snapshot!("demonstration_notes", ran.err);
}

#[test]
fn a_demonstration_fails_when_the_property_holds() {
    let place = Place::with(&[("once.toml", &DEMONSTRATION.replace("at-least-once", "exactly-once"))]);
    let ran = place.run(&["run", "once.toml", "--no-files"]).exits(code::VIOLATED);
    assert!(ran.out.contains("\nFAIL\n"), "{}", ran.out);
    assert!(ran.out.contains("✗ no-request-is-executed-twice"), "{}", ran.out);
    assert!(ran.out.contains("it holds, but this scenario expects it to break"), "{}", ran.out);
}

#[test]
fn a_violation_says_when_and_what() {
    let place = Place::with(&[("lost.toml", BAD)]);
    let ran = place.run(&["run", "lost.toml", "--no-files"]).exits(code::VIOLATED);
    snapshot!("violation", ran.out);
}

#[test]
fn a_year_stops_at_the_event_limit_and_says_where() {
    let place = Place::with(&[("year.toml", YEAR)]);
    let ran = place.run(&["run", "year.toml", "--no-files"]).exits(code::UNKNOWN);
    snapshot!("year", ran.out);
    let ran = place.run(&["run", "year.toml", "--no-files", "--quiet"]).exits(code::UNKNOWN);
    snapshot!("year_quiet", ran.out);
}

#[test]
fn no_line_is_wider_than_a_terminal_should_be() {
    let place = Place::with(&[("twice.toml", DEMONSTRATION), ("lost.toml", BAD), ("year.toml", YEAR)]);
    let ran = place.run(&["run", ".", "--no-files"]);
    let wide: Vec<&str> = ran.out.lines().filter(|line| line.chars().count() > 110).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn several_runs_end_with_a_table() {
    let place = Place::with(&[
        ("all/good.toml", GOOD),
        ("all/deeper/lost.toml", BAD),
        ("all/deeper/still/year.toml", YEAR),
        ("all/deeper/notes.md", "not a scenario"),
        ("all/.hidden/secret.toml", "not a scenario"),
        ("all/wrong.toml", "pattern = \"echo\""),
    ]);
    let ran = place.run(&["run", "all", "--no-files"]).exits(code::BAD_INPUT);
    let table = &ran.out[ran.out.find("Verdict").unwrap()..];
    snapshot!("table", table);
    assert!(
        ran.out.contains("toml\n\nToo many requests are lost\n") || ran.out.contains("\n\nA year\n"),
        "{}",
        ran.out
    );
    place.run(&["run", "all/deeper", "--no-files"]).exits(code::VIOLATED);
    place.run(&["run", "all/deeper/still", "all/good.toml", "--no-files"]).exits(code::UNKNOWN);
}

#[test]
fn quiet_is_a_line_a_run() {
    let place = Place::with(&[("a/good.toml", GOOD), ("a/lost.toml", BAD), ("a/year.toml", YEAR)]);
    let ran = place.run(&["run", "a", "--quiet", "--no-files"]).exits(code::VIOLATED);
    snapshot!("quiet", ran.out);
    assert_eq!(ran.err, "");
}

#[test]
fn json_is_a_line_a_run() {
    let place = Place::with(&[("a/good.toml", GOOD), ("a/lost.toml", BAD)]);
    let ran = place.run(&["run", "a", "--json", "--no-files"]).exits(code::VIOLATED);
    let lines: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!([&lines[0]["file"], &lines[1]["file"]], ["a/good.toml", "a/lost.toml"]);
    assert_eq!([&lines[0]["verdict"], &lines[1]["verdict"]], ["pass", "fail"]);
    assert_eq!(lines[0]["digest"].as_str().unwrap().len(), 32);
    let broken = lines[1]["properties"].as_array().unwrap().iter().find(|p| p["standing"] == "broken").unwrap();
    assert!(broken["at_ns"].as_u64().unwrap() % 1_000_000 != 0, "times are exact in JSON: {broken}");
}

#[test]
fn standard_output_is_the_same_every_time() {
    let place = Place::with(&[("good.toml", GOOD)]);
    let run = || place.run(&["run", "good.toml"]).exits(code::PASSED).out;
    assert_eq!(run(), run());
}

#[test]
fn another_seed_is_another_run_and_can_be_replayed() {
    let place = Place::with(&[("my good.toml", GOOD)]);
    let ran = place.run(&["run", "my good.toml", "--seed", "42", "--no-files"]).exits(code::PASSED);
    assert!(ran.out.contains("seed 42 "), "{}", ran.out);
    assert!(ran.out.contains("Replay faultlab run 'my good.toml' --seed 42\n"), "{}", ran.out);
    let own = place.run(&["run", "my good.toml", "--no-files"]).exits(code::PASSED);
    assert!(own.out.contains("Replay faultlab run 'my good.toml'\n"), "{}", own.out);
    let digest = |out: &str| out.lines().find(|line| line.starts_with("Digest")).unwrap().to_string();
    assert_ne!(digest(&ran.out), digest(&own.out));
}

#[test]
fn there_is_colour_only_where_it_is_wanted() {
    let place = Place::with(&[("good.toml", GOOD), ("lost.toml", BAD), ("wrong.toml", "pattern = \"ecco\"")]);
    let arguments = ["run", ".", "--no-files"];
    let plain = place.run(&arguments);
    assert!(!plain.out.contains('\x1b') && !plain.err.contains('\x1b'));
    let forced = place.command(&arguments).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(forced.stdout.contains(&0x1b) && forced.stderr.contains(&0x1b));
    let refused = place.command(&arguments).env("NO_COLOR", "1").output().unwrap();
    assert!(!refused.stdout.contains(&0x1b) && !refused.stderr.contains(&0x1b));
}
