//! How fast the simulator is: actors over the full network model, trace off.
//!
//! `cargo bench --bench engine`. The figures in README.md and ARCHITECTURE.md come from here. Criterion prints
//! elements a second; an element is a handled event.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use faultlab::engine::law::Law;
use faultlab::engine::network::LinkSettings;
use faultlab::prelude::*;
use faultlab::sim::{Cluster, Limits, Setup, World};
use std::hint::black_box;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Msg {
    Ping(u64),
    Beat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Alarm {
    Election,
    Heartbeat,
}

protocol!(Msg { Timer = Alarm });

/// Sends back what it gets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Player {
    opening: Option<NodeId>,
    rallies: u64,
}

impl Actor<Msg> for Player {
    fn on_start(&mut self, ctx: &mut Context<Msg>) {
        if let Some(peer) = self.opening {
            ctx.send(peer, Msg::Ping(0));
        }
    }

    fn on_message(&mut self, from: NodeId, _: Msg, ctx: &mut Context<Msg>) {
        self.rallies += 1;
        ctx.send(from, Msg::Ping(self.rallies));
    }
}

/// Starts some rumours and passes every rumour on to a random node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Gossiper {
    nodes: u64,
    rumours: u32,
    heard: u64,
}

impl Actor<Msg> for Gossiper {
    fn on_start(&mut self, ctx: &mut Context<Msg>) {
        for _ in 0..self.rumours {
            let to = NodeId(ctx.choose(self.nodes) as u32);
            ctx.send(to, Msg::Ping(0));
        }
    }

    fn on_message(&mut self, _: NodeId, message: Msg, ctx: &mut Context<Msg>) {
        self.heard += 1;
        // Never to itself: that would arrive at once and not through the network.
        let to = (u64::from(ctx.id().0) + 1 + ctx.choose(self.nodes - 1)) % self.nodes;
        ctx.send(NodeId(to as u32), message);
    }
}

/// One leader beats; everybody else sets an election timer anew at each beat.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Follower {
    nodes: u32,
    elections: u32,
}

const ELECTION: SpanRange = SpanRange::new(Span::from_millis(150), Span::from_millis(300));

impl Actor<Msg> for Follower {
    fn on_start(&mut self, ctx: &mut Context<Msg>) {
        match ctx.id() {
            NodeId(0) => ctx.arm(Alarm::Heartbeat, Span::from_millis(50)),
            _ => ctx.arm(Alarm::Election, ELECTION),
        }
    }

    fn on_message(&mut self, _: NodeId, _: Msg, ctx: &mut Context<Msg>) {
        ctx.arm(Alarm::Election, ELECTION);
    }

    fn on_timer(&mut self, timer: Alarm, ctx: &mut Context<Msg>) {
        match timer {
            Alarm::Election => self.elections += 1,
            Alarm::Heartbeat => {
                for node in 1..self.nodes {
                    ctx.send(NodeId(node), Msg::Beat);
                }
                ctx.arm(Alarm::Heartbeat, Span::from_millis(50));
            }
        }
    }
}

fn uniform(min: u64, max: u64) -> LinkSettings {
    let latency = Law::Uniform(SpanRange::new(Span::from_millis(min), Span::from_millis(max)));
    LinkSettings { latency, ..LinkSettings::default() }
}

fn world(cluster: Cluster<Msg>, network: LinkSettings, events: u64) -> World<Msg> {
    let mut setup = Setup::new(cluster, 7, Span::MAX);
    setup.network = network;
    setup.limits = Limits { events, ..Limits::default() };
    World::new(setup)
}

fn run(mut world: World<Msg>) -> u64 {
    while world.step().is_some() {}
    world.stats().events
}

fn ping_pong() -> Cluster<Msg> {
    let mut cluster = Cluster::new();
    cluster.server("a", Player { opening: Some(NodeId(1)), rallies: 0 });
    cluster.server("b", Player { opening: None, rallies: 0 });
    cluster
}

fn gossip(nodes: u32, rumours: u32) -> Cluster<Msg> {
    let mut cluster = Cluster::new();
    for node in 0..nodes {
        cluster.server(format!("n{node}"), Gossiper { nodes: u64::from(nodes), rumours, heard: 0 });
    }
    cluster
}

fn heartbeats(nodes: u32) -> Cluster<Msg> {
    let mut cluster = Cluster::new();
    for node in 0..nodes {
        cluster.server(format!("n{node}"), Follower { nodes, elections: 0 });
    }
    cluster
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engine");
    group.sample_size(10);
    let mut case = |name: &str, events: u64, build: &dyn Fn() -> World<Msg>| {
        group.throughput(Throughput::Elements(events));
        group.bench_function(name, |bencher| {
            bencher.iter_batched(build, |world| black_box(run(world)), BatchSize::PerIteration);
        });
    };
    case("ping-pong, 2 nodes", 1_000_000, &|| world(ping_pong(), uniform(1, 10), 1_000_000));
    case("gossip, 100 nodes, 1,000 in flight", 1_000_000, &|| world(gossip(100, 10), uniform(1, 100), 1_000_000));
    case("gossip, 10,000 nodes, 100,000 in flight", 2_000_000, &|| {
        world(gossip(10_000, 10), uniform(1, 100), 2_000_000)
    });
    case("election timers, 1,000 nodes", 1_000_000, &|| world(heartbeats(1_000), uniform(1, 10), 1_000_000));
    group.throughput(Throughput::Elements(1));
    group.bench_function("small simulation, 5 nodes, 200 deliveries, building included", |bencher| {
        bencher.iter(|| black_box(run(world(gossip(5, 1), uniform(1, 10), 205))));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
