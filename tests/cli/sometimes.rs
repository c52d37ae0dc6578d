//! A claim that something happens at some time: a run in which it never does fails, unless the scenario says otherwise.

use super::support::{Place, code};

/// Twenty milliseconds are too few for a server to be elected, so no operation completes.
const SHORT: &str = "title = \"Nothing comes of it\"\npattern = \"raft\"\nseed = 7\nduration = \"20ms\"\n";

#[test]
fn what_never_happened_fails_unless_the_scenario_says_otherwise() {
    let says = |how: &str| format!("{SHORT}[expect]\n{how} = [\"a-leader-is-elected\", \"an-operation-completes\"]\n");
    let (ignored, demonstrated) = (says("ignores"), says("violates"));
    let place = Place::with(&[("plain.toml", SHORT), ("ignored.toml", &ignored), ("demonstrated.toml", &demonstrated)]);
    let ran = place.run(&["run", "plain.toml"]).exits(code::VIOLATED);
    assert!(ran.out.contains("it never happened"), "{}", ran.out);
    place.run(&["run", "ignored.toml"]).exits(code::PASSED);
    place.run(&["run", "demonstrated.toml"]).exits(code::PASSED);
}
