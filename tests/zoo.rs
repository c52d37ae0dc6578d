//! Every bug that a pattern can plant dies: in the scenario that its description names, by the property that it names, and
//! before any other property breaks. Without the bug the same scenario breaks nothing.

use faultlab::check::Standing;
use faultlab::check::Verdict;
use faultlab::patterns;
use faultlab::scenario::{self, AnyScenario, Bug, RunOptions, RunReport};
use std::path::Path;

/// A bug's scenario, with the bug and without.
fn scenarios(bug: &Bug) -> [Box<dyn AnyScenario>; 2] {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(bug.scenario);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut file: toml::Table = text.parse().unwrap();
    let config = file["config"].as_table_mut().unwrap();
    assert_eq!(config.remove("bug"), Some(bug.name.into()), "{} plants another bug", bug.scenario);
    let expect = file["expect"].as_table_mut().unwrap();
    expect.remove("violates");
    expect.remove("ignores");
    [text, file.to_string()].map(|text| {
        scenario::load(patterns::ALL, bug.scenario, &text).unwrap_or_else(|error| panic!("{}: {error}", bug.scenario))
    })
}

/// The property that broke first.
fn first(report: &RunReport) -> Option<&'static str> {
    let broken = report.properties.iter().filter_map(|property| match &property.judged.standing {
        Standing::Broken(violation) => Some((violation.record, property.judged.claim.name)),
        _ => None,
    });
    broken.min().map(|(_, name)| name)
}

#[test]
fn every_planted_bug_dies_by_the_property_that_its_description_names() {
    for bug in patterns::ALL.iter().flat_map(|pattern| pattern.bugs()) {
        let [with, without] = scenarios(bug);
        assert!(with.violates().iter().any(|name| name == bug.caught_by), "{} expects something else", bug.scenario);
        let report = with.run(&RunOptions::default());
        assert_eq!(report.verdict, Verdict::Pass, "{}: {:?}", bug.name, report.violations().collect::<Vec<_>>());
        assert_eq!(first(&report), Some(bug.caught_by), "{}", bug.name);
        let report = without.run(&RunOptions::default());
        let broken: Vec<_> = report.violations().collect();
        assert_eq!(report.verdict, Verdict::Pass, "without {}: {broken:?} {:?}", bug.name, report.expectations);
    }
}

#[test]
fn every_planted_bug_says_what_it_is_and_where_it_was_seen() {
    for pattern in patterns::ALL {
        let claims = pattern.claims();
        for bug in pattern.bugs() {
            assert!(claims.iter().any(|claim| claim.name == bug.caught_by), "{} names no property", bug.name);
            assert!(bug.about.ends_with('.') && bug.history.ends_with('.'), "{} lacks its story", bug.name);
        }
    }
}
