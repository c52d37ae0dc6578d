//! How fast Raft is.
//!
//! `cargo bench --bench raft`. In the group `raft` an element is a handled event, a run is 100 simulated seconds of five
//! servers and three clients, bare, with the properties of the protocol, or with every property on. In the group `commands` an element is a committed command: five
//! servers that lose one message in a hundred, and 10,000 commands, one at a time or 16.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use faultlab::check::Judge;
use faultlab::engine::Share;
use faultlab::patterns::raft::members::Members;
use faultlab::patterns::raft::properties::{Safety, Snapshots};
use faultlab::patterns::raft::server::core_of;
use faultlab::patterns::raft::workload::{Load, Mix};
use faultlab::patterns::raft::{Config, Msg, Raft, Store};
use faultlab::prelude::*;
use faultlab::scenario::{Pace, Pattern};
use faultlab::sim::{Setup, World, workload};
use std::hint::black_box;

fn world() -> World<Msg> {
    let (config, load) = (Config::default(), Load::default());
    let mut setup = Setup::new(Raft::cluster(&config, &load), 7, Span::from_secs(100));
    let (workload, pace) = <Raft as Pattern>::load(&config, &load);
    setup.load = Some(workload::Load { workload, pace, from: Time::ZERO, until: Time::MAX });
    setup.network.latency =
        faultlab::engine::law::Law::Uniform(SpanRange::new(Span::from_millis(1), Span::from_millis(8)));
    World::new(setup)
}

/// What watches a run.
#[derive(Clone, Copy)]
enum Watch {
    Nobody,
    /// The properties of the protocol.
    Safety,
    /// These, and what clients were told, judged twice.
    Everything,
}

fn run(mut world: World<Msg>, watch: Watch) -> u64 {
    let config = Config::default();
    let mut judge: Judge<Msg> = Judge::new(match watch {
        Watch::Nobody => Vec::new(),
        Watch::Safety => vec![
            Box::new(Safety::new(core_of)),
            Box::new(Snapshots::new(core_of, Store::default(), true)),
            Box::new(Members::new(core_of, Some(config.election_timeout.min))),
        ],
        Watch::Everything => Raft::monitors(&config, &Load::default()),
    });
    while let Some(step) = world.step() {
        let broken = judge.step(&world, step.record);
        assert!(broken.is_empty(), "{broken:?}");
    }
    world.stats().events
}

fn raft(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("raft");
    group.throughput(Throughput::Elements(run(world(), Watch::Nobody)));
    for (name, watch) in [("bare", Watch::Nobody), ("safety", Watch::Safety), ("judged", Watch::Everything)] {
        let each = |world| black_box(run(world, watch));
        group.bench_function(name, |bencher| bencher.iter_batched(world, each, BatchSize::LargeInput));
    }
    group.finish();
}

/// Five servers, `clients` clients that ask one command after the other without a pause, and a network that loses one
/// message in a hundred and shuffles the others.
fn busy(clients: u32) -> World<Msg> {
    let config = Config::default();
    let mix = Mix { read: 0, write: 1, compare_and_set: 0, delete: 0 };
    let load = Load { clients, mix, pace: Pace::closed(Span::ZERO), ..Load::default() };
    let mut setup = Setup::new(Raft::cluster(&config, &load), 7, Span::from_secs(100_000));
    let (workload, pace) = <Raft as Pattern>::load(&config, &load);
    setup.load = Some(workload::Load { workload, pace, from: Time::ZERO, until: Time::MAX });
    setup.network.latency =
        faultlab::engine::law::Law::Uniform(SpanRange::new(Span::from_millis(1), Span::from_millis(3)));
    setup.network.loss = Share::from_ppm(10_000);
    setup.sync = faultlab::engine::law::Law::Constant(Span::from_micros(100));
    World::new(setup)
}

/// Runs until so many commands have been answered.
fn commit(mut world: World<Msg>, commands: u64) -> u64 {
    while world.stats().ok < commands {
        assert!(world.step().is_some(), "the load never ends");
    }
    world.stats().events
}

fn commands(criterion: &mut Criterion) {
    const COMMANDS: u64 = 10_000;
    let mut group = criterion.benchmark_group("commands");
    group.throughput(Throughput::Elements(COMMANDS)).sample_size(20);
    for clients in [1, 16] {
        let name = format!("{clients}-in-flight");
        let each = |world| black_box(commit(world, COMMANDS));
        group.bench_function(name, |bencher| bencher.iter_batched(|| busy(clients), each, BatchSize::LargeInput));
    }
    group.finish();
}

criterion_group!(benches, raft, commands);
criterion_main!(benches);
