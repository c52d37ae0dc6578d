//! How fast a judged run of Raft is: five servers, three clients, every property on.
//!
//! `cargo bench --bench raft`. An element is a handled event; a run is 100 simulated seconds.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use faultlab::check::Judge;
use faultlab::patterns;
use faultlab::patterns::raft::workload::Load;
use faultlab::patterns::raft::{Config, Msg, Raft};
use faultlab::prelude::*;
use faultlab::scenario::{self, Pattern, RunOptions};
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

fn run(mut world: World<Msg>, judged: bool) -> u64 {
    let monitors = Raft::monitors(&Config::default(), &Load::default());
    let mut judge = Judge::new(if judged { monitors } else { Vec::new() });
    while let Some(step) = world.step() {
        let broken = judge.step(&world, step.record);
        assert!(broken.is_empty(), "{broken:?}");
    }
    world.stats().events
}

fn raft(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("raft");
    group.throughput(Throughput::Elements(run(world(), true)));
    for (name, judged) in [("bare", false), ("judged", true)] {
        let each = |world| black_box(run(world, judged));
        group.bench_function(name, |bencher| bencher.iter_batched(world, each, BatchSize::LargeInput));
    }
    group.finish();
}

/// Crashes, partitions, pauses and clocks that are off, at random moments, as a scenario has them.
const NEMESIS: &str = r#"
title = "Nemesis"
pattern = "raft"
duration = "100s"
[network]
latency = "1ms..8ms"
[nemesis]
kinds = ["crash", "partition", "isolate", "pause", "clock-step", "clock-drift"]
every = "100ms..2s"
"#;

fn nemesis(criterion: &mut Criterion) {
    let scenario = scenario::load(patterns::ALL, "nemesis", NEMESIS).expect("the scenario is sound");
    let run = || scenario.run(&RunOptions::default());
    let mut group = criterion.benchmark_group("raft");
    group.throughput(Throughput::Elements(run().stats.events));
    group.bench_function("nemesis", |bencher| bencher.iter(|| black_box(run())));
    group.finish();
}

criterion_group!(benches, raft, nemesis);
criterion_main!(benches);
