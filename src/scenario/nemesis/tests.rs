//! What a nemesis draws, over many seeds.

use super::*;

fn nemesis(text: &str) -> NemesisTable {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}

fn run(seed: u64) -> Run<'static> {
    Run { seed, duration: Span::from_secs(20), servers: 5, roles: &["follower", "leader"], others: &[] }
}

fn size(who: &Who) -> u32 {
    match who {
        Who::Random(count) => *count,
        Who::One(_) => 1,
        Who::Minority => 2,
        other => panic!("{other} is no usual target"),
    }
}

#[test]
fn a_majority_is_never_harmed() {
    let nemesis = nemesis("kinds = [\"crash\", \"partition\", \"pause\"]\nevery = \"50ms..1s\"\nat_once = 5");
    let mut most = 0;
    for seed in 0..200 {
        let faults = nemesis.draw(&run(seed));
        let interval = |fault: &FaultTable| {
            let partition = fault.partition.as_ref().map(|groups| &groups[0]);
            let who = fault.crash.as_ref().or(fault.pause.as_ref()).or(partition).expect("one of the kinds");
            (fault.at, fault.at + fault.lasts.unwrap(), size(&who.0))
        };
        for (at, ..) in faults.iter().map(interval) {
            let harmed =
                faults.iter().map(interval).filter(|(from, to, _)| *from <= at && at < *to).map(|(.., n)| n).sum();
            most = most.max(harmed);
        }
    }
    assert_eq!(most, 2, "two of five may be harmed at once, and sometimes two are");
}

#[test]
fn gaps_and_lengths_are_spread_over_the_orders_of_magnitude() {
    let nemesis = nemesis("kinds = [\"slow-disk\"]\nevery = \"10ms..20ms\"\nfor = \"1ms..1s\"\nat_once = 1000");
    let lengths: Vec<u64> = (0..20)
        .flat_map(|seed| nemesis.draw(&run(seed)))
        .filter(|fault| fault.at < Span::from_secs(14))
        .map(|fault| fault.lasts.unwrap().as_nanos() / 1_000_000)
        .collect();
    for (low, high) in [(1, 10), (10, 100), (100, 1_000)] {
        let share = lengths.iter().filter(|length| (low..high).contains(*length)).count() * 100 / lengths.len();
        assert!((25..42).contains(&share), "{share} % of the lengths lie between {low} and {high} ms");
    }
}

#[test]
fn quiet_phases_are_quiet() {
    let phases = "[[phase]]\nfor = \"3s\"\nkinds = [\"pause\"]\n[[phase]]\nfor = \"2s\"\nkinds = []\n";
    let nemesis = nemesis(&format!("kinds = []\nevery = \"20ms..200ms\"\n{phases}"));
    let faults: Vec<_> = (0..20).flat_map(|seed| nemesis.draw(&run(seed))).collect();
    assert!(faults.len() > 200, "{}", faults.len());
    for fault in faults {
        let within = fault.at.as_nanos() % 5_000_000_000 + fault.lasts.unwrap().as_nanos();
        assert!(fault.pause.is_some() && within <= 3_000_000_000, "{fault:?}");
    }
}

#[test]
fn another_seed_gives_other_faults_and_the_same_seed_the_same() {
    let nemesis = nemesis("kinds = [\"crash\", \"clock-step\"]");
    let text = |seed| format!("{:?}", nemesis.draw(&run(seed)));
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}

#[test]
fn what_the_file_itself_takes_down_counts_as_harmed() {
    let nemesis = nemesis("kinds = [\"crash\"]\nevery = \"50ms..500ms\"");
    let mut own = FaultTable::at(Span::from_secs(4), Span::from_secs(8));
    own.crash = Some(Selector(Who::Named(vec!["n1".into(), "n2".into()])));
    let others = [own];
    for seed in 0..50 {
        for fault in nemesis.draw(&Run { others: &others, ..run(seed) }) {
            let (from, until) = (fault.at, fault.at + fault.lasts.unwrap());
            assert!(until <= Span::from_secs(4) || from >= Span::from_secs(12), "two are down already: {fault:?}");
        }
    }
}

/// Each fault is drawn from a stream of its own.
#[test]
fn a_fault_more_in_the_file_leaves_those_elsewhere_in_time_as_they_were() {
    let nemesis = nemesis("kinds = [\"crash\", \"pause\"]\nevery = \"100ms..1s\"\nfor = \"10ms..200ms\"");
    let mut own = FaultTable::at(Span::from_secs(4), Span::from_secs(1));
    own.crash = Some(Selector(Who::Named(vec!["n1".into(), "n2".into()])));
    let others = [own];
    let early = |faults: Vec<FaultTable>| -> Vec<String> {
        let outside = |at: Span| at < Span::from_millis(3_700) || at > Span::from_millis(5_300);
        faults.iter().filter(|fault| outside(fault.at)).map(|fault| format!("{fault:?}")).collect()
    };
    for seed in 0..20 {
        let without = early(nemesis.draw(&run(seed)));
        assert_eq!(early(nemesis.draw(&Run { others: &others, ..run(seed) })), without);
    }
}
