//! What README.md shows is what Faultlab does.
#![cfg(feature = "cli")]

use faultlab::patterns;
use faultlab::report::charts;
use faultlab::scenario::{self, RunOptions};
use std::path::Path;

/// The picture is a chart of the scenario that the first command runs.
#[test]
fn the_picture_is_the_one_that_the_first_command_draws() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("scenarios/raft/leader_isolated.toml")).unwrap();
    let scenario = scenario::load(patterns::ALL, "leader_isolated.toml", &text).unwrap();
    let trace = scenario.run(&RunOptions { seed: None, trace: true }).trace.unwrap();
    let charts = charts::draw(&trace, charts::Format::Svg).unwrap();
    let drawn = charts.into_iter().find(|chart| chart.name == "timeline").unwrap().bytes;
    let place = root.join("assets/leader_isolated.svg");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&place, &drawn).unwrap();
    }
    let shown = std::fs::read(&place).unwrap();
    assert!(
        shown == drawn,
        "assets/leader_isolated.svg is stale: INSTA_UPDATE=always cargo test --test readme draws it anew"
    );
}

/// The table of patterns names all of them, and no other.
#[test]
fn the_table_of_patterns_is_complete() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let named: Vec<&str> =
        readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |")).map(|(name, _)| name).collect();
    let known: Vec<&str> = patterns::ALL.iter().map(|pattern| pattern.name()).collect();
    assert_eq!(named, known);
}
