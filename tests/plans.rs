//! Plans: what a seed leads to is a scenario like any other, and can be written down.

use faultlab::patterns;
use faultlab::scenario::{self, AnyScenario, RunOptions};
use std::path::{Path, PathBuf};

/// All scenario files, with their text.
fn files() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for pattern in patterns::ALL {
        let folder = Path::new("scenarios").join(pattern.name());
        let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        found.extend(paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap())));
    }
    found
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
