//! How a broken property is told to somebody who did not write it.

use super::support::{Place, code};
use std::path::Path;

fn told(scenario: &str) -> String {
    let place = Place::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(scenario);
    let ran = place.run(&["run", path.to_str().expect("a plain path")]).exits(code::PASSED);
    let lines = ran.out.lines().skip_while(|line| !line.starts_with("How "));
    let lines = lines.take_while(|line| !matches!(*line, "Expectations" | "Operations"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_violation_is_told_with_its_past() {
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "snapshots" }, {
        insta::assert_snapshot!("failure_half_is_a_majority", told("raft/bug_quorum_off_by_one.toml"));
        insta::assert_snapshot!("failure_of_another_bug", told("raft/bug_ack_before_durable.toml"));
    });
}
