//! `list`, `explain`, `completions`, `--help` and wrong usage.

use crate::support::{GOOD, Place, code, steady};

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        steady(|| insta::assert_snapshot!($name, $text))
    };
}

#[test]
fn help_reads_well_for_a_newcomer() {
    let place = Place::new();
    snapshot!("help", place.run(&["--help"]).exits(code::PASSED).out);
    snapshot!("help_run", place.run(&["run", "--help"]).exits(code::PASSED).out);
    let none = place.run(&[]).exits(code::BAD_INPUT);
    assert_eq!(none.out, "");
    snapshot!("no_arguments", none.err);
}

/// The commands that the help tells a newcomer to start with do work.
#[test]
fn the_first_commands_of_the_help_work() {
    let place = Place::new();
    let help = place.run(&["--help"]).exits(code::PASSED).out;
    let first = help.split("Start with:").nth(1).unwrap().lines().map(str::trim);
    let commands: Vec<&str> = first.filter(|line| line.starts_with("faultlab ")).collect();
    assert!(commands.len() > 1, "{help}");
    for line in commands {
        let words: Vec<&str> = line.split("  ").next().unwrap().split(' ').skip(1).collect();
        let out = place.path("out").display().to_string();
        let files = if words[0] == "run" { vec!["--out", out.as_str()] } else { Vec::new() };
        let ran = place.command(&[words, files].concat()).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert_eq!(ran.status.code(), Some(code::PASSED), "{line}");
    }
}

#[test]
fn wrong_usage_exits_with_two_and_says_what_is_right() {
    let place = Place::with(&[("good.toml", GOOD)]);
    let said = |arguments: &[&str]| place.run(arguments).exits(code::BAD_INPUT).err;
    insta::assert_snapshot!(said(&["rum"]), @r"
    error: unrecognized subcommand 'rum'

      tip: a similar subcommand exists: 'run'

    Usage: faultlab <COMMAND>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["run"]), @r"
    error: the following required arguments were not provided:
      <PATH>...

    Usage: faultlab run <PATH>...

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["run", "good.toml", "--seed", "-4"]), @r"
    error: invalid value '-4' for '--seed <N>': a seed is a whole number from 0 to 9223372036854775807

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["run", "good.toml", "--sede", "4"]), @r"
    error: unexpected argument '--sede' found

      tip: a similar argument exists: '--seed'

    Usage: faultlab run --seed <N> <PATH>...

    For more information, try '--help'.
    ");
}

#[test]
fn list_names_patterns_and_scenarios() {
    let place = Place::with(&[("scenarios/echo/good.toml", GOOD)]);
    let ran = place.run(&["list"]).exits(code::PASSED);
    assert!(ran.out.contains("  echo "), "{}", ran.out);
    assert!(ran.out.contains("  scenarios/echo/good.toml\n      Every request is answered\n"), "{}", ran.out);
    let json: serde_json::Value =
        serde_json::from_str(&place.run(&["list", "--json"]).exits(code::PASSED).out).unwrap();
    assert_eq!(json["scenarios"][0]["file"], "scenarios/echo/good.toml");
    assert_eq!(json["patterns"][0]["name"], "echo");
    let nothing = Place::new().run(&["list"]).exits(code::PASSED);
    assert!(nothing.out.contains("none here: name a folder"), "{}", nothing.out);
    Place::new().run(&["list", "nowhere"]).exits(code::BAD_INPUT);
}

#[test]
fn explain_tells_all_about_a_pattern() {
    let place = Place::with(&[("scenarios/echo/good.toml", GOOD)]);
    snapshot!("explain_echo", place.run(&["explain", "echo"]).exits(code::PASSED).out);
    let json: serde_json::Value =
        serde_json::from_str(&place.run(&["explain", "echo", "--json"]).exits(code::PASSED).out).unwrap();
    assert_eq!(json["config"][0]["name"], "delivery");
}

#[test]
fn explain_lists_the_bugs_that_can_be_planted() {
    let place = Place::new();
    snapshot!("explain_raft_bugs", place.run(&["explain", "raft", "--bugs"]).exits(code::PASSED).out);
    insta::assert_snapshot!(place.run(&["explain", "echo", "--bugs"]).exits(code::PASSED).out, @"echo has no planted bugs.");
    let json: serde_json::Value =
        serde_json::from_str(&place.run(&["explain", "raft", "--json"]).exits(code::PASSED).out).unwrap();
    assert_eq!(json["bugs"][0]["scenario"], "raft/bugs/forget_vote.toml");
}

#[test]
fn explain_tells_about_one_property() {
    let place = Place::new();
    let said = |name| place.run(&["explain", name]).exits(code::PASSED).out;
    insta::assert_snapshot!(said("no-request-is-executed-twice"), @r"
    no-request-is-executed-twice (echo, always): No request is carried out twice.
      A payment carried out twice is the textbook damage of a retry without memory.
    ");
    insta::assert_snapshot!(said("no-panic"), @r"
    no-panic (every pattern, always): No handler panics.
      A panic takes a node down with everything that it had not yet written; in production it is a crash loop.
    ");
    let json = place.run(&["explain", "progress-after-faults", "--json"]).exits(code::PASSED).out;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()[0]["kind"], "settles");
}

#[test]
fn explain_of_an_unknown_name_guesses() {
    let place = Place::new();
    let said = |name| place.run(&["explain", name]).exits(code::BAD_INPUT).err;
    insta::assert_snapshot!(said("ekko"), @r"
    error: there is no pattern, property or fault `ekko`
      help: did you mean `echo`?
    ");
    insta::assert_snapshot!(said("no-request-executed-twice"), @r"
    error: there is no pattern, property or fault `no-request-executed-twice`
      help: did you mean `no-request-is-executed-twice`?
    ");
    steady(|| {
        insta::assert_snapshot!(said("zzz"), @r"
        error: there is no pattern, property or fault `zzz`
          help: the patterns are: [patterns]; `faultlab explain PATTERN` names its properties, `faultlab explain faults` the faults
        ");
    });
}

#[test]
fn completions_know_the_commands() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = place.run(&["completions", shell]).exits(code::PASSED).out;
        for word in ["run", "explain", "no-files"] {
            assert!(script.contains(word), "{shell} does not complete {word}");
        }
    }
    let ran = place.run(&["completions", "tcsh"]).exits(code::BAD_INPUT);
    assert!(ran.err.contains("possible values: bash"), "{}", ran.err);
}

#[test]
fn explain_tells_of_every_fault_with_a_scenario_to_run() {
    let place = Place::new();
    let explain = |name: &str| {
        let mut command = place.command(&["explain", name]);
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert_eq!(output.status.code(), Some(code::PASSED), "{name}");
        String::from_utf8(output.stdout).unwrap()
    };
    snapshot!("explain_one_way", explain("one_way"));
    let all = explain("faults");
    for fault in faultlab::scenario::faults() {
        let own = explain(&fault.name);
        assert!(own.contains("faultlab run scenarios/"), "{own}");
        assert!(all.contains(&format!("\n{}\n", fault.name)) || all.starts_with(&fault.name), "{}", fault.name);
    }
}
