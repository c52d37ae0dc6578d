//! raft-rs and Faultlab's Raft on the same task: five servers, a network that delays each message by 1 to 3 ms and loses one
//! in a hundred, commands that are proposed one at a time or 16 at once until 10,000 are committed.
//!
//! raft-rs runs in the barest loop there is: a heap of messages by time, storage in memory, no clients, no disks, no
//! record of what happened. Faultlab's Raft runs in its simulator as it is, with clients, disk syncs and the digest, trace
//! and properties off. Wall time decides; the best of five runs counts. How much simulated time each took is printed as
//! well: it shows what appends that overtake one another do to a pipeline.

use faultlab::engine::Share;
use faultlab::engine::law::Law;
use faultlab::patterns::raft::workload::{Load, Mix};
use faultlab::patterns::raft::{Config, Raft};
use faultlab::prelude::*;
use faultlab::scenario::{Pace, Pattern};
use faultlab::sim::{Setup, World, workload};
use raft::prelude::Message;
use raft::storage::MemStorage;
use raft::{RawNode, StateRole};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

const SERVERS: u64 = 5;
const COMMANDS: u64 = 10_000;
/// A tick of raft-rs; an election takes ten of them, a heartbeat three.
const TICK: u64 = 15_000;

/// Numbers that look random (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }
}

/// A message on its way; ordered by its time of arrival in microseconds.
struct Flying {
    at: u64,
    number: u64,
    message: Message,
}

impl PartialEq for Flying {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Flying {}

impl PartialOrd for Flying {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Flying {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

struct Cluster {
    nodes: Vec<RawNode<MemStorage>>,
    flying: BinaryHeap<Reverse<Flying>>,
    chance: Chance,
    now: u64,
    sent: u64,
    /// How many commands each server has seen committed.
    committed: Vec<u64>,
}

impl Cluster {
    fn new() -> Self {
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        let node = |id| {
            let config = raft::Config {
                id,
                election_tick: 10,
                heartbeat_tick: 3,
                max_inflight_msgs: 256,
                max_size_per_msg: 1 << 20,
                pre_vote: true,
                check_quorum: true,
                ..raft::Config::default()
            };
            let storage = MemStorage::new_with_conf_state(((1..=SERVERS).collect::<Vec<_>>(), vec![]));
            RawNode::new(&config, storage, &logger).expect("the settings are valid")
        };
        Self {
            nodes: (1..=SERVERS).map(node).collect(),
            flying: BinaryHeap::new(),
            chance: Chance(7),
            now: 0,
            sent: 0,
            committed: vec![0; SERVERS as usize],
        }
    }

    fn send(&mut self, messages: Vec<Message>) {
        for message in messages {
            self.sent += 1;
            if self.chance.below(100) > 0 {
                let at = self.now + 1_000 + self.chance.below(2_001);
                self.flying.push(Reverse(Flying { at, number: self.sent, message }));
            }
        }
    }

    /// Does what a server is ready to do: writes, sends, applies.
    fn serve(&mut self, index: usize) {
        while self.nodes[index].has_ready() {
            let node = &mut self.nodes[index];
            let mut ready = node.ready();
            let store = node.raft.raft_log.store.clone();
            let mut messages = ready.take_messages();
            let mut applied = count(&ready.take_committed_entries());
            store.wl().append(ready.entries()).expect("the log has no hole");
            if let Some(state) = ready.hs() {
                store.wl().set_hardstate(state.clone());
            }
            messages.extend(ready.take_persisted_messages());
            let mut light = node.advance(ready);
            if let Some(commit) = light.commit_index() {
                store.wl().mut_hard_state().commit = commit;
            }
            messages.extend(light.take_messages());
            applied += count(&light.take_committed_entries());
            node.advance_apply();
            self.committed[index] += applied;
            self.send(messages);
        }
    }

    fn leader(&self) -> Option<usize> {
        self.nodes.iter().position(|node| node.raft.state == StateRole::Leader)
    }

    /// Runs until `COMMANDS` are committed, with so many proposed and not committed at any time.
    fn run(&mut self, in_flight: u64) {
        let (mut proposed, mut tick) = (0, TICK);
        loop {
            if let Some(leader) = self.leader() {
                if self.committed[leader] >= COMMANDS {
                    return;
                }
                while proposed < self.committed[leader] + in_flight
                    && self.nodes[leader].propose(vec![], vec![0; 16]).is_ok()
                {
                    proposed += 1;
                    self.serve(leader);
                }
            }
            match self.flying.peek() {
                Some(Reverse(first)) if first.at < tick => {
                    let Some(Reverse(Flying { at, message, .. })) = self.flying.pop() else { return };
                    self.now = at;
                    let to = message.to as usize - 1;
                    // A server refuses what it cannot use, and that is fine.
                    let _ = self.nodes[to].step(message);
                    self.serve(to);
                }
                _ => {
                    self.now = tick;
                    tick += TICK;
                    for index in 0..self.nodes.len() {
                        self.nodes[index].tick();
                        self.serve(index);
                    }
                }
            }
        }
    }
}

/// How many of the entries are commands.
fn count(entries: &[raft::prelude::Entry]) -> u64 {
    entries.iter().filter(|entry| !entry.data.is_empty()).count() as u64
}

/// Faultlab's world for the same task.
fn world(clients: u32) -> World<faultlab::patterns::raft::Msg> {
    let config = Config::default();
    let mix = Mix { read: 0, write: 1, compare_and_set: 0, delete: 0 };
    let load = Load { clients, mix, pace: Pace::closed(Span::ZERO), ..Load::default() };
    let mut setup = Setup::new(Raft::cluster(&config, &load), 7, Span::from_secs(100_000));
    let (workload, pace) = <Raft as Pattern>::load(&config, &load);
    setup.load = Some(workload::Load { workload, pace, from: Time::ZERO, until: Time::MAX });
    setup.network.latency = Law::Uniform(SpanRange::new(Span::from_millis(1), Span::from_millis(3)));
    setup.network.loss = Share::from_ppm(10_000);
    setup.sync = Law::Constant(Span::from_micros(100));
    World::new(setup)
}

/// The best wall time of five, and the simulated time of that run in seconds.
fn best(mut run: impl FnMut() -> (Duration, f64)) -> (Duration, f64) {
    (0..5).map(|_| run()).min_by_key(|(wall, _)| *wall).unwrap_or_default()
}

fn main() {
    for in_flight in [1, 16] {
        let theirs = best(|| {
            let mut cluster = Cluster::new();
            let start = Instant::now();
            cluster.run(in_flight);
            (start.elapsed(), cluster.now as f64 / 1e6)
        });
        let ours = best(|| {
            let mut world = world(in_flight as u32);
            let start = Instant::now();
            while world.stats().ok < COMMANDS && world.step().is_some() {}
            (start.elapsed(), (world.now().since(Time::ZERO)).as_nanos() as f64 / 1e9)
        });
        let rate = |(wall, _): (Duration, f64)| COMMANDS as f64 / wall.as_secs_f64();
        println!(
            "{in_flight:>2} in flight: Faultlab {:>7.0} commands/s ({:.1} simulated seconds), raft-rs {:>7.0} ({:.1}), ratio {:.1}",
            rate(ours),
            ours.1,
            rate(theirs),
            theirs.1,
            rate(ours) / rate(theirs)
        );
    }
}
