//! Paths that lead nowhere, and files that are written whole or not at all.

use crate::support::{BAD, GOOD, Place, Ran, code, steady};
use std::io::Read;
use std::process::Stdio;

fn error(ran: &Ran) -> String {
    assert_eq!(ran.out, "");
    ran.err.clone()
}

#[test]
fn a_missing_file_is_answered_with_the_nearest_one() {
    let place = Place::with(&[("scenarios/echo/exactly_once.toml", GOOD)]);
    let said = |path| error(&place.run(&["run", path]).exits(code::BAD_INPUT));
    insta::assert_snapshot!(said("scenarios/echo/exactly_one.toml"), @r"
    error: scenarios/echo/exactly_one.toml: there is no such file or folder
      help: did you mean scenarios/echo/exactly_once.toml?
    ");
    insta::assert_snapshot!(said("scenarios/ecko/exactly_once.toml"), @r"
    error: scenarios/ecko/exactly_once.toml: there is no such file or folder
      help: did you mean scenarios/echo/exactly_once.toml?
    ");
    insta::assert_snapshot!(said("elsewhere.toml"), @r"
    error: elsewhere.toml: there is no such file or folder
      help: `faultlab list` shows the scenarios below this folder
    ");
}

#[test]
fn paths_that_hold_no_scenario_say_why() {
    let place = Place::with(&[("notes/readme.md", "nothing"), ("good.toml", GOOD)]);
    place.write("latin.toml", b"title = \"x\"\npattern = \"ech\xf6\"\n");
    place.write("huge.toml", vec![b'#'; 5 << 20]);
    let said = |path| error(&place.run(&["run", path]).exits(code::BAD_INPUT));
    insta::assert_snapshot!(said("notes"), @r"
    error: there is no scenario in the folder notes
      help: a scenario is a file that ends in .toml
    ");
    insta::assert_snapshot!(said("good.toml/good.toml"), @r"
    error: good.toml/good.toml: a file is in the place of a folder
      help: did you mean good.toml?
    ");
    insta::assert_snapshot!(said("latin.toml"), @r"
    error: latin.toml:2: the file is not valid UTF-8 from byte 26 on
      help: save it as UTF-8
    ");
    insta::assert_snapshot!(said("huge.toml"), @r"
    error: huge.toml is larger than 4 MiB
      help: nothing that faultlab reads is that long: is it another file?
    ");
}

#[test]
fn a_run_leaves_a_summary_a_trace_and_charts() {
    let place = Place::with(&[("good.toml", GOOD)]);
    let ran = place.run(&["run", "good.toml", "--png"]).exits(code::PASSED);
    insta::assert_snapshot!(place.tree().join("\n"), @r"
    good.toml
    out/
    out/echo/
    out/echo/good/
    out/echo/good/charts/
    out/echo/good/charts/messages.png
    out/echo/good/charts/messages.svg
    out/echo/good/charts/performance.png
    out/echo/good/charts/performance.svg
    out/echo/good/charts/timeline.png
    out/echo/good/charts/timeline.svg
    out/echo/good/summary.json
    out/echo/good/trace.jsonl
    ");
    assert!(ran.err.contains("Wrote out/echo/good\n"), "{}", ran.err);
    let picture = std::fs::read(place.path("out/echo/good/charts/timeline.png")).unwrap();
    assert_eq!(&picture[..8], b"\x89PNG\r\n\x1a\n");
    let summary: serde_json::Value = serde_json::from_str(&place.read("out/echo/good/summary.json")).unwrap();
    assert_eq!(summary["verdict"], "pass");
}

#[test]
fn no_files_means_no_files() {
    let place = Place::with(&[("good.toml", GOOD)]);
    let ran = place.run(&["run", "good.toml", "--no-files"]).exits(code::PASSED);
    assert_eq!(place.tree(), ["good.toml"]);
    assert!(!ran.err.contains("Wrote"));
    place.run(&["run", "good.toml", "--no-files", "--png"]).exits(code::BAD_INPUT);
}

#[test]
fn scenarios_of_the_same_name_do_not_overwrite_each_other() {
    let place = Place::with(&[("a/same.toml", GOOD), ("b/same.toml", BAD)]);
    place.run(&["run", "a/same.toml", "b/same.toml", "--quiet"]).exits(code::VIOLATED);
    let verdict = |folder: &str| {
        let text = place.read(&format!("out/echo/{folder}/summary.json"));
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["verdict"].as_str().unwrap().to_string()
    };
    assert_eq!([verdict("same"), verdict("same-2")], ["pass", "fail"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_left_as_it_was() {
    let place = Place::with(&[("good.toml", GOOD), ("in_the_way", "a file")]);
    let before = place.tree();
    let ran = place.run(&["run", "good.toml", "--out", "in_the_way/results"]).exits(code::BAD_INPUT);
    insta::assert_snapshot!(error(&ran), @r"
    error: in_the_way/results/echo/good cannot be written: a file is in the place of a folder
      help: choose another folder with --out, or --no-files to write nothing
    ");
    assert_eq!(place.tree(), before);
    assert_eq!(place.read("in_the_way"), "a file");
}

/// The last file of several is the one that cannot be written: those before it must not appear either.
#[test]
fn output_is_written_whole_or_not_at_all() {
    let place = Place::with(&[("good.toml", GOOD), ("out/echo/good/summary.json", "old")]);
    std::fs::create_dir_all(place.path("out/echo/good/charts/timeline.svg")).unwrap();
    let before = place.tree();
    let ran = place.run(&["run", "good.toml"]).exits(code::BAD_INPUT);
    insta::assert_snapshot!(error(&ran), @r"
    error: out/echo/good/charts/timeline.svg cannot be written: a folder is in the place of a file
      help: choose another folder with --out, or --no-files to write nothing
    ");
    assert_eq!(place.tree(), before, "neither temporary files nor some of the results");
    assert_eq!(place.read("out/echo/good/summary.json"), "old");
}

/// `faultlab run .. | head -c 1` is nobody's fault, and the files are complete all the same.
#[test]
fn a_pipe_closed_early_is_no_fault() {
    let place = Place::with(&[("lost.toml", BAD)]);
    for arguments in [&["run", "lost.toml"][..], &["list"], &["explain", "echo"], &["schema"], &["--help"]] {
        let mut child = place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let code = child.wait().unwrap().code();
        assert!(!said.contains("panicked") && !said.contains("this is a fault of faultlab"), "{arguments:?}: {said}");
        let expected = if arguments[0] == "run" { code::VIOLATED } else { code::PASSED };
        assert_eq!(code, Some(expected), "{arguments:?}: {said}");
    }
    let trace = place.read("out/echo/lost/trace.jsonl");
    assert!(trace.ends_with('\n') && trace.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(place.tree().iter().all(|file| !file.contains(".tmp")));
}

#[test]
fn mistakes_read_the_same_in_a_folder_of_scenarios() {
    let place = Place::with(&[("all/one.toml", "pattern = \"ecco\"\n"), ("all/two.toml", GOOD)]);
    let ran = place.run(&["list", "all"]).exits(code::BAD_INPUT);
    steady(|| insta::assert_snapshot!("list_with_a_mistake", ran.err));
    assert!(ran.out.contains("all/two.toml\n"), "{}", ran.out);
}
