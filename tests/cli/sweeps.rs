//! `faultlab sweep`, `faultlab merge` and `faultlab bugs`.

use crate::support::{Place, code, steady};
use std::fs::OpenOptions;
use std::thread;
use std::time::Duration;

const DOUBLE: &str = r#"
title    = "Everybody gets a vote"
pattern  = "raft"
duration = "3s"

[config]
bug = "double-vote"
"#;

const CORRECT: &str = r#"
title    = "Nothing is planted"
pattern  = "raft"
duration = "2s"
"#;

const SWEEP: &str = "out/raft/double/sweep";

fn journal(place: &Place) -> String {
    place.read(&format!("{SWEEP}/sweep.jsonl"))
}

fn summary(place: &Place) -> String {
    place.read(&format!("{SWEEP}/summary.json"))
}

/// A sweep of 60 seeds that was never interrupted: its journal and its summary.
fn whole() -> (String, String) {
    let place = Place::with(&[("double.toml", DOUBLE)]);
    place.run(&["sweep", "double.toml", "--seeds", "60", "--jobs", "1"]).exits(code::VIOLATED);
    (journal(&place), summary(&place))
}

#[test]
fn what_a_sweep_says_and_leaves_does_not_depend_on_the_number_of_jobs() {
    let sweep = |jobs: &str| {
        let place = Place::with(&[("double.toml", DOUBLE)]);
        let ran = place.run(&["sweep", "double.toml", "--seeds", "60", "--jobs", jobs]).exits(code::VIOLATED);
        let chart = place.read(&format!("{SWEEP}/charts/rates.svg"));
        (ran.out, journal(&place), summary(&place), chart)
    };
    let alone = sweep("1");
    assert!(alone == sweep("2") && alone == sweep("3"), "the number of threads shows in the result");
    steady(|| insta::assert_snapshot!("sweep", alone.0));
}

#[test]
fn the_commands_at_the_end_show_what_was_found() {
    let place = Place::with(&[("double.toml", DOUBLE)]);
    let out = place.run(&["sweep", "double.toml", "--seeds", "20"]).exits(code::VIOLATED).out;
    let replay =
        out.lines().find_map(|line| line.trim().strip_prefix("faultlab run ")).expect("a command to go on with");
    let arguments: Vec<&str> = ["run"].into_iter().chain(replay.split(' ')).chain(["--no-files"]).collect();
    let ran = place.run(&arguments).exits(code::VIOLATED);
    assert!(ran.out.contains("both elected in term"), "{}", ran.out);
}

#[test]
fn a_killed_sweep_goes_on_as_if_nothing_had_happened() {
    let (journal_of_whole, summary_of_whole) = whole();
    let place = Place::with(&[("double.toml", DOUBLE)]);
    let arguments = ["sweep", "double.toml", "--seeds", "60", "--jobs", "2", "--quiet"];
    let mut child = place.command(&arguments).spawn().unwrap();
    let path = place.path(&format!("{SWEEP}/sweep.jsonl"));
    let lines = || std::fs::read_to_string(&path).map_or(0, |text| text.lines().count());
    let going = (0..60_000).any(|_| {
        thread::sleep(Duration::from_millis(1));
        lines() >= 8
    });
    assert!(going, "the sweep does not get going");
    child.kill().unwrap();
    child.wait().unwrap();
    // However fast the machine is, some of it is left to do, and the last line is torn.
    let written = std::fs::metadata(&path).unwrap().len();
    let keep = written.min(journal_of_whole.len() as u64 / 2 + 7);
    OpenOptions::new().write(true).open(&path).unwrap().set_len(keep - 3).unwrap();
    let ran = place.run(&arguments).exits(code::VIOLATED);
    assert!(ran.err.contains("Going on with"), "{}", ran.err);
    assert!(summary(&place) == summary_of_whole && journal(&place) == journal_of_whole);
    // Once more there is nothing left to do.
    let again = place.run(&["sweep", "double.toml", "--seeds", "60"]).exits(code::VIOLATED);
    assert!(!again.err.contains("Ran "), "{}", again.err);
    assert!(summary(&place) == summary_of_whole && journal(&place) == journal_of_whole);
}

/// What Ctrl-C leaves is never a pass.
#[cfg(unix)]
#[test]
fn an_interrupted_sweep_says_that_nobody_knows() {
    let place = Place::with(&[("correct.toml", CORRECT)]);
    let mut command = place.command(&["sweep", "correct.toml", "--seeds", "1000000", "--quiet"]);
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let path = place.path("out/raft/correct/sweep/sweep.jsonl");
    let going = (0..60_000).any(|_| {
        thread::sleep(Duration::from_millis(1));
        std::fs::read_to_string(&path).is_ok_and(|text| text.lines().count() > 4)
    });
    assert!(going, "the sweep does not get going");
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let ran = crate::support::Ran::from(child.wait_with_output().unwrap()).exits(code::UNKNOWN);
    assert!(ran.out.starts_with("UNKNOWN") && ran.err.contains("goes on where it stopped"), "{} {}", ran.out, ran.err);
    assert!(!place.path("out/raft/correct/sweep/summary.json").exists());
}

#[cfg(unix)]
#[test]
fn a_full_disk_loses_nothing() {
    let (journal_of_whole, _) = whole();
    let place = Place::with(&[("double.toml", DOUBLE)]);
    let command = format!(
        "trap '' XFSZ; ulimit -f 8; exec {} sweep double.toml --seeds 60 --quiet",
        env!("CARGO_BIN_EXE_faultlab")
    );
    let full = std::process::Command::new("bash").args(["-c", &command]).current_dir(place.path("")).output().unwrap();
    let said = String::from_utf8(full.stderr).unwrap();
    assert_eq!(full.status.code(), Some(code::BAD_INPUT), "{said}");
    assert!(said.contains("cannot be written any further") && said.contains("goes on where it stopped"), "{said}");
    assert!(journal_of_whole.starts_with(&journal(&place)) && journal(&place).ends_with('\n'));
    place.run(&["sweep", "double.toml", "--seeds", "60", "--quiet"]).exits(code::VIOLATED);
    assert_eq!(journal(&place), journal_of_whole);
}

#[test]
fn parts_make_the_whole() {
    let (journal_of_whole, summary_of_whole) = whole();
    let place = Place::with(&[("double.toml", DOUBLE)]);
    for part in ["1/3", "2/3", "3/3"] {
        place.run(&["sweep", "double.toml", "--seeds", "60", "--shard", part, "--quiet"]);
    }
    let [one, two, three] = [1, 2, 3].map(|part| format!("out/raft/double/sweep-{part}of3"));
    let three = format!("{three}/sweep.jsonl");
    place.run(&["merge", &three, &one, &two, "--out", "whole"]).exits(code::VIOLATED);
    assert_eq!(place.read("whole/summary.json"), summary_of_whole);
    assert_eq!(place.read("whole/sweep.jsonl"), journal_of_whole);
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let place = Place::with(&[("double.toml", DOUBLE), ("other.toml", &DOUBLE.replace("3s", "2s"))]);
    let part = |arguments: &[&str]| {
        let common = ["sweep", "--seeds", "6", "--quiet"];
        place.run(&common.iter().chain(arguments).copied().collect::<Vec<_>>());
    };
    for shard in ["1/3", "2/3", "3/3"] {
        part(&["double.toml", "--shard", shard]);
    }
    part(&["other.toml", "--shard", "3/3"]);
    part(&["double.toml", "--shard", "3/3", "--mix", "storm", "--out", "storm"]);
    let cut = place.read("out/raft/double/sweep-2of3/sweep.jsonl");
    place.write("cut.jsonl", &cut[..cut.len() - 9]);
    place.write(
        "twice.jsonl",
        cut.lines().chain(cut.lines().skip(1)).map(|line| format!("{line}\n")).collect::<String>(),
    );
    place.write("none.jsonl", "");
    let [one, two, three] = [1, 2, 3].map(|part| format!("out/raft/double/sweep-{part}of3"));
    let mut errors = String::new();
    for parts in [
        &[&one[..], &two][..],
        &[&one, &two, &two],
        &[&one, &two, "out/raft/other/sweep-3of3"],
        &[&one, &two, "storm/raft/double/sweep-3of3"],
        &[&one, "cut.jsonl", &three],
        &[&one, "twice.jsonl", &three],
        &["none.jsonl"],
        &["double.toml"],
        &["missing.jsonl"],
    ] {
        let arguments: Vec<&str> =
            ["merge"].into_iter().chain(parts.iter().copied()).chain(["--out", "whole"]).collect();
        let said = place.run(&arguments).exits(code::BAD_INPUT).err;
        errors.push_str(&format!("$ faultlab {}\n{said}\n", arguments.join(" ")));
    }
    assert!(!place.path("whole").exists(), "a refusal leaves nothing");
    steady(|| insta::assert_snapshot!("merge_mistakes", errors));
}

#[test]
fn a_sweep_that_makes_no_sense_is_refused() {
    let place = Place::with(&[("double.toml", DOUBLE), ("correct.toml", CORRECT)]);
    let mut errors = String::new();
    let mut refused = |arguments: &[&str]| {
        let said = place.run(arguments).exits(code::BAD_INPUT).err;
        errors.push_str(&format!("$ faultlab {}\n{said}\n", arguments.join(" ")));
    };
    for arguments in [
        &["sweep", "double.toml", "--seeds", "0"][..],
        &["sweep", "double.toml", "--seeds", "many"],
        &["sweep", "double.toml", "--from", "18446744073709551615"],
        &["sweep", "double.toml", "--jobs", "0"],
        &["sweep", "double.toml", "--jobs", "100000"],
        &["sweep", "double.toml", "--mix", "wild"],
        &["sweep", "double.toml", "--mix", "storm=1,storm=2"],
        &["sweep", "double.toml", "--mix", "storm=0"],
        &["sweep", "double.toml", "--shard", "0/4"],
        &["sweep", "double.toml", "--shard", "5/4"],
        &["sweep", "double.toml", "--shard", "half"],
        &["sweep", "double.toml", "--seeds", "3", "--shard", "1/4"],
        &["sweep", "missing.toml"],
        &["bugs", "rafft"],
        &["bugs", "raft", "--bug", "double-votes"],
        &["bugs", "echo", "--bug", "double-vote"],
    ] {
        refused(arguments);
    }
    assert_eq!(place.tree(), ["correct.toml", "double.toml"], "a refusal leaves nothing");
    place.run(&["sweep", "correct.toml", "--seeds", "4", "--quiet"]).exits(code::PASSED);
    let path = "out/raft/correct/sweep/sweep.jsonl";
    let good = place.read(path);
    refused(&["sweep", "correct.toml", "--seeds", "4", "--mix", "storm"]);
    refused(&["sweep", "correct.toml", "--seeds", "5"]);
    for (from, to) in [
        ("\"0.1.0\"", "\"0.0.9\""),
        ("\"format_version\":1", "\"format_version\":99"),
        ("\"seed\":2", "\"seed\":7"),
        ("\"events\"", "\"vents\""),
    ] {
        place.write(path, good.replacen(from, to, 1));
        refused(&["sweep", "correct.toml", "--seeds", "4"]);
        assert_eq!(place.read(path), good.replacen(from, to, 1), "a journal that is refused stays as it is");
    }
    place.write("correct.toml", CORRECT.replace("2s", "1s"));
    place.write(path, &good);
    refused(&["sweep", "correct.toml", "--seeds", "4"]);
    place.run(&["sweep", "correct.toml", "--seeds", "4", "--fresh", "--quiet"]).exits(code::PASSED);
    assert_ne!(place.read(path), good);
    steady(|| insta::assert_snapshot!("sweep_mistakes", errors));
}

#[test]
fn a_sweep_can_end_at_the_first_failure() {
    let sweep = |jobs: &str| {
        let place = Place::with(&[("double.toml", DOUBLE)]);
        let arguments = ["sweep", "double.toml", "--seeds", "60", "--fail-fast", "--jobs", jobs, "--json"];
        let out = place.run(&arguments).exits(code::VIOLATED).out;
        // The journal is not complete, and the same command stays at what it found.
        assert_eq!(place.run(&arguments).exits(code::VIOLATED).out, out);
        out
    };
    let found: serde_json::Value = serde_json::from_str(&sweep("1")).unwrap();
    assert_eq!((found["failed"].as_u64(), found["verdict"].as_str()), (Some(1), Some("fail")));
    assert!(found["seeds"].as_u64() < Some(60), "{found}");
    assert_eq!(sweep("1"), sweep("3"));
}

#[test]
fn a_run_that_was_cut_short_makes_a_sweep_unknown() {
    let place = Place::with(&[("cut.toml", &format!("{CORRECT}[limits]\nevents = 50\n"))]);
    let ran = place.run(&["sweep", "cut.toml", "--seeds", "4", "--mix", "calm", "--quiet"]).exits(code::UNKNOWN);
    assert!(ran.out.starts_with("UNKNOWN cut.toml: 4 seeds, 0 failed, 4 unknown"), "{}", ran.out);
}

/// What each of these takes is known: more seeds would only be slower.
#[test]
fn planted_bugs_are_found_within_their_budgets() {
    let plain = |pattern: &str| format!("title = \"Nothing planted\"\npattern = \"{pattern}\"\nduration = \"10s\"");
    let place = Place::with(&[("echo.toml", &plain("echo")), ("raft.toml", &plain("raft"))]);
    let board = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&place.run(arguments).exits(code::PASSED).out).unwrap()
    };
    let bugs = ["double-vote", "vote-without-log-check", "no-session-table", "no-prev-check", "read-before-own-commit"];
    let arguments = ["bugs", "raft", "--seeds", "40", "--json", "--bug"];
    let found = board(&arguments.into_iter().chain(bugs).collect::<Vec<_>>());
    for (row, bug) in found["rows"].as_array().unwrap().iter().zip(bugs) {
        assert_eq!(row["bug"], bug);
        assert!(row["found"].as_u64() > Some(0), "{bug} is not found: {row}");
    }
    for pattern in ["echo", "raft"] {
        let sound = place.run(&["sweep", &format!("{pattern}.toml"), "--seeds", "40"]);
        assert_eq!(sound.code, code::PASSED, "a false alarm of {pattern}: {}", sound.out);
    }
}
