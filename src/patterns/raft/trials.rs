//! Whole runs in the simulator, judged by all properties: what is right stays right under faults, and what is planted
//! is found.

use super::*;
use crate::check::{Judge, Standing};
use crate::engine::law::Law;
use crate::engine::random::{Domain, Stream};
use crate::engine::survival::OnCrash;
use crate::engine::{Share, Span, SpanRange, Time};
use crate::scenario::Pattern;
use crate::sim::fault::{Action, Fault, Who};
use crate::sim::workload::Load;
use crate::sim::{Setup, World};

fn millis(min: u64, max: u64) -> SpanRange {
    SpanRange::new(Span::from_millis(min), Span::from_millis(max))
}

fn setup(config: &Config, load: &workload::Load, seed: u64, duration: Span) -> Setup<Msg> {
    let mut setup = Setup::new(Raft::cluster(config, load), seed, duration);
    setup.network.latency = Law::Uniform(millis(1, 8));
    setup.sync = Law::Uniform(SpanRange::new(Span::from_micros(100), Span::from_millis(2)));
    let (workload, pace) = <Raft as Pattern>::load(config, load);
    setup.load = Some(Load { workload, pace, from: Time::ZERO, until: Time::MAX });
    setup
}

/// Runs a cluster of this configuration to the end or to the first violation; returns what was violated, and the world.
fn judge(config: &Config, setup: Setup<Msg>) -> (Option<(&'static str, String)>, World<Msg>) {
    let mut world = World::new(setup);
    let mut judge: Judge<Msg> = Judge::new(Raft::monitors(config, &workload::Load::default()));
    while let Some(step) = world.step() {
        if let Some(broken) = judge.step(&world, step.record).into_iter().next() {
            return (Some(broken), world);
        }
    }
    if let Some(panic) = world.panic() {
        return (Some(("no-panic", panic.text.clone())), world);
    }
    let judged = judge.finish(&world);
    for judged in &judged {
        let fine = matches!(judged.standing, Standing::Held | Standing::Happened(_));
        assert!(fine, "{}: {:?}", judged.claim.name, judged.standing);
    }
    (None, world)
}

/// Crashes, partitions and loss, drawn from the seed; every other seed draws them thick and fast, so that whole
/// elections happen between two blows.
fn trouble(setup: &mut Setup<Msg>) {
    let mut chance = Stream::new(setup.seed, Domain::Fault, u64::MAX);
    let thick = setup.seed % 2 == 1;
    setup.network.loss = Share::from_ppm(20_000);
    setup.network.duplicate = Share::from_ppm(20_000);
    setup.network.reorder = Share::from_ppm(50_000);
    setup.nodes.on_crash = [OnCrash::Lose, OnCrash::Prefix, OnCrash::Subset][setup.seed as usize / 10 % 3];
    let (gap, length) = if thick { (millis(10, 80), millis(3, 150)) } else { (millis(20, 700), millis(3, 600)) };
    let mut at = Time::ZERO + Span::from_millis(200);
    while at < Time::ZERO + Span::from_secs(7) {
        let short = thick && chance.below(2) == 0;
        let lasts = Some(if short { Span::from_millis(3) } else { chance.span(length) });
        let action = match chance.below(6) {
            0 => Action::Partition(vec![Who::Minority, Who::Rest]),
            1 => Action::Partition(vec![Who::Role("leader".into()), Who::Rest]),
            2 => Action::Crash(Who::Role("leader".into())),
            3 => Action::Crash(Who::Random(1 + chance.below(2) as u32)),
            4 => Action::Crash(Who::Role("follower".into())),
            _ => Action::Pause(Who::Role("leader".into())),
        };
        setup.faults.push(Fault { at, lasts, action });
        at += chance.span(gap);
    }
}

/// The configuration of a trial: large and small clusters, with and without the gentler elections, large batches and
/// single entries, elections that are easily split.
fn config(seed: u64, bug: Option<Bug>) -> Config {
    let base = Config { bug, ..Config::default() };
    match seed / 2 % 8 {
        0 => base,
        1 => Config { pre_vote: false, check_quorum: false, max_batch: 1, max_inflight: 1, ..base },
        2 => Config { nodes: 3, reads: Reads::Log, snapshot_after: 20, snapshot_keep: 5, ..base },
        3 => Config { nodes: 4, pre_vote: false, max_batch: 2, election_timeout: millis(150, 180), ..base },
        4 => {
            let election_timeout = millis(60, 68);
            let base = Config { max_batch: 1, max_inflight: 1, snapshot_after: 10, snapshot_keep: 0, ..base };
            Config { pre_vote: false, check_quorum: false, election_timeout, ..base }
        }
        5 => Config { nodes: 7, standby: 3, reads: Reads::Lease, snapshot_after: 15, snapshot_keep: 3, ..base },
        6 => Config { nodes: 6, standby: 2, changes: Changes::Single, pre_vote: false, follower_reads: true, ..base },
        _ => {
            let (changes, catch_up) = (Changes::Single, CatchUp::Never);
            Config { nodes: 5, standby: 1, changes, catch_up, election_timeout: millis(60, 68), ..base }
        }
    }
}

/// What an operator does meanwhile, where servers stand by: members come and go, and leadership is handed on.
fn load(config: &Config, seed: u64) -> workload::Load {
    let mut chance = Stream::new(seed, Domain::Fault, u64::MAX - 1);
    let mut load = workload::Load::default();
    let mut at = Span::from_millis(300);
    while config.standby > 0 && at < Span::from_secs(9) {
        at = at + chance.span(millis(50, 900));
        let name = format!("n{}", 1 + chance.below(u64::from(config.nodes)));
        let mut line = Reconfigure { at, ..Reconfigure::default() };
        match chance.below(6) {
            0 | 1 => line.add = Some(name),
            2 => line.remove = Some(name),
            3 => line.add_learner = Some(name),
            4 if config.changes == Changes::Joint => {
                let first = chance.below(u64::from(config.nodes) - 2);
                line.members = Some((first..first + 3).map(|id| format!("n{}", id + 1)).collect());
            }
            _ => {
                load.transfer.push(Handover { at, to: name, ..Handover::default() });
                continue;
            }
        }
        load.reconfigure.push(line);
    }
    load
}

fn trial(seed: u64, bug: Option<Bug>) -> Option<(&'static str, String)> {
    let config = config(seed, bug);
    let mut setup = setup(&config, &load(&config, seed), seed, Span::from_secs(10));
    trouble(&mut setup);
    judge(&config, setup).0
}

#[test]
fn calm_runs_elect_once_and_serve() {
    for seed in 0..20 {
        let config = Config::default();
        let setup = setup(&config, &workload::Load::default(), seed, Span::from_secs(5));
        let (broken, world) = judge(&config, setup);
        assert_eq!(broken, None, "seed {seed}");
        assert_eq!(world.stats().note("elections"), 1, "seed {seed}");
    }
}

#[test]
fn nothing_breaks_under_faults() {
    for seed in 0..200 {
        assert_eq!(trial(seed, None), None, "seed {seed}");
    }
    let alone = Config { nodes: 1, ..Config::default() };
    assert_eq!(judge(&alone, setup(&alone, &workload::Load::default(), 1, Span::from_secs(5))).0, None);
}

#[test]
#[ignore = "takes a minute or more; for changes to the protocol or its properties"]
fn nothing_breaks_in_many_more_trials() {
    for seed in 200..2_000 {
        assert_eq!(trial(seed, None), None, "seed {seed}");
    }
}

/// Bugs that need more than chance deals out here in little time: clocks that drift, messages that take half a second, a
/// crash or an operator at the very worst moment. Their scenarios in `scenarios/raft/bugs` kill them.
const NOT_BY_CHANCE: &[Bug] = &[
    Bug::CountOldTerms,
    Bug::SnapshotNotAtomic,
    Bug::ReadJoinsRound,
    Bug::LeaseIgnoresDrift,
    Bug::ChangeBeforeOwnCommit,
    Bug::TransferSkipsLogCheck,
];

/// Each bug is found, by the property that its description names; how many trials that takes says how hard it is.
#[test]
fn planted_bugs_are_found() {
    let by_chance = |(bug, _): &(&Bug, &crate::scenario::Bug)| !NOT_BY_CHANCE.contains(bug);
    for (bug, about) in Bug::ALL.iter().zip(Bug::TABLE).filter(by_chance) {
        let caught = |seed| trial(seed, Some(*bug)).filter(|(property, _)| *property == about.caught_by);
        let found = (0..2_000).find_map(|seed| caught(seed).map(|(_, text)| (seed, text)));
        println!("{}: {found:?}", about.name);
        assert!(found.is_some(), "{} was not found by {}", about.name, about.caught_by);
    }
}
