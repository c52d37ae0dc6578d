//! Plans: what a seed leads to is a scenario like any other, and can be written down.

use faultlab::patterns;
use faultlab::scenario::{self, AnyScenario, Class, RunOptions};
use std::path::{Path, PathBuf};

/// All scenario files, with their text.
fn files() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(Path::new("scenarios"), &mut paths);
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap())).collect()
}

fn load(name: &str, text: &str) -> Box<dyn AnyScenario> {
    scenario::load(patterns::ALL, name, text).unwrap_or_else(|error| panic!("{name}: {error:?}\n{text}"))
}

#[test]
fn a_scenario_that_is_written_down_gives_the_same_run() {
    for (path, text) in files() {
        let name = path.display().to_string();
        let scenario = load(&name, &text);
        let written = scenario.document().text(&["A copy.".into()]);
        let again = load(&name, &written);
        assert_eq!(again.document().text(&["A copy.".into()]), written, "{name} is not written as it is read");
        let digest = |scenario: &dyn AnyScenario| scenario.run(&RunOptions::default()).digest.to_string();
        assert_eq!(digest(&*again), digest(&*scenario), "{name} became another run:\n{written}");
    }
}

#[test]
fn a_drawn_plan_is_a_file_and_gives_the_same_run_from_there() {
    for (path, text) in files() {
        let name = path.display().to_string();
        let scenario = load(&name, &text);
        for class in Class::ALL {
            for seed in 1..4 {
                let plan = scenario.draw(class, seed);
                let written = plan.document().text(&[]);
                let again = load(&format!("{name}, {class}, {seed}"), &written);
                let digest = |plan: &dyn AnyScenario| plan.run(&RunOptions::default()).digest;
                assert_eq!(digest(&*again), digest(&*plan), "{name}, {class}, {seed}:\n{written}");
            }
        }
    }
}

/// Thousands of plans are drawn in a sweep, and each that fails is written down to be shrunk.
#[test]
fn every_plan_is_a_sound_file() {
    for pattern in ["echo", "raft"] {
        let scenario = load(pattern, &format!("title = \"Plain\"\npattern = \"{pattern}\"\nduration = \"10s\""));
        for seed in 0..150 {
            for class in [Class::Faults, Class::Swarm, Class::Storm] {
                let written = scenario.draw(class, seed).document().text(&[]);
                load(&format!("{pattern}, {class}, {seed}"), &written);
            }
        }
    }
}

/// What the file says outlives every draw.
#[test]
fn what_a_file_says_is_not_drawn() {
    let text = "title = \"T\"\npattern = \"raft\"\nduration = \"5s\"\n[config]\nnodes = 7\nbug = \"quorum-off-by-one\"\n[network]\nloss = \"1%\"\n";
    let scenario = load("said", text);
    for seed in 0..50 {
        let plan = scenario.draw(Class::Storm, seed);
        assert_eq!(plan.nodes().iter().filter(|(_, client)| !client).count(), 7);
        let document = plan.document().0;
        assert_eq!(document["config"]["bug"].as_str(), Some("quorum-off-by-one"));
        assert_eq!(document["network"]["loss"].as_str(), Some("1%"));
    }
}
