//! What single machines go through, seen with the eyes of a small actor: each test names what a user would miss.

use crate::actor::{Actor, Context, Durable, Protocol};
use crate::engine::law::Law;
use crate::engine::survival::OnCrash;
use crate::engine::trace::{DropReason, Impairment, Record, Recorder, What};
use crate::engine::{Drift, LocalTime, NodeId, SignedSpan, Span, SpanRange, Time};
use crate::sim::ailment::{Ailment, Slowness};
use crate::sim::fault::{Action, Fault, Who};
use crate::sim::{Cluster, Setup, World};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Saved(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Tick;

/// Numbers, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Numbers(Vec<u64>);

impl Durable for Numbers {
    type Write = u64;

    fn apply(&mut self, write: &u64) {
        self.0.push(*write);
    }
}

impl Protocol for Saved {
    type Timer = Tick;
    type Op = ();
    type Ret = ();
    type Disk = Numbers;
}

/// Every 10 ms of its own clock it notes the time, writes the next number and tells the listener.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Writer {
    listener: NodeId,
    ticks: Vec<LocalTime>,
}

impl Writer {
    const PERIOD: Span = Span::from_millis(10);
}

impl Actor<Saved> for Writer {
    fn on_start(&mut self, ctx: &mut Context<Saved>) {
        ctx.arm(Tick, Self::PERIOD);
    }

    fn on_message(&mut self, _: NodeId, _: Saved, _: &mut Context<Saved>) {}

    fn on_timer(&mut self, _: Tick, ctx: &mut Context<Saved>) {
        self.ticks.push(ctx.clock());
        let number = ctx.disk().0.last().map_or(1, |last| last + 1);
        ctx.write(number);
        ctx.send(self.listener, Saved(number));
        ctx.arm(Tick, Self::PERIOD);
    }
}

/// Remembers what it was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Listener(Vec<u64>);

impl Actor<Saved> for Listener {
    fn on_message(&mut self, _: NodeId, Saved(number): Saved, _: &mut Context<Saved>) {
        self.0.push(number);
    }
}

const WRITER: NodeId = NodeId(0);
const LISTENER: NodeId = NodeId(1);

fn millis(millis: u64) -> Span {
    Span::from_millis(millis)
}

fn at(time: u64) -> Time {
    Time::ZERO + millis(time)
}

/// A writer whose syncs take 1 ms, and a listener 1 ms away.
fn setup(duration: u64) -> Setup<Saved> {
    let mut cluster = Cluster::new();
    cluster.server("writer", Writer { listener: LISTENER, ticks: Vec::new() });
    cluster.server("listener", Listener::default());
    let mut setup = Setup::new(cluster, 7, millis(duration));
    setup.network.latency = Law::Constant(millis(1));
    setup
}

fn fault(setup: &mut Setup<Saved>, from: u64, lasts: u64, ailment: Ailment) {
    let action = Action::Node(Who::Named(vec!["writer".into()]), ailment);
    setup.faults.push(Fault { at: at(from), lasts: (lasts > 0).then(|| millis(lasts)), action });
}

fn crash(setup: &mut Setup<Saved>, from: u64, lasts: u64) {
    let delay = SpanRange::exactly(Span::ZERO);
    fault(setup, from, lasts, Ailment::Crash { wipe: false, restart_delay: delay });
}

fn run(setup: Setup<Saved>) -> World<Saved> {
    let mut world = World::new(setup);
    world.record_into(Box::new(Recorder::new(100_000)));
    while world.step().is_some() {}
    assert_eq!(world.panic(), None);
    world
}

fn records(world: &mut World<Saved>) -> Vec<Record> {
    world.sink_mut::<Recorder>().unwrap().take()
}

/// When records of this sort were made, in milliseconds.
fn when(world: &mut World<Saved>, wanted: impl Fn(&What) -> bool) -> Vec<u64> {
    let records = records(world);
    records.iter().filter(|record| wanted(&record.what)).map(|record| record.time.as_nanos() / 1_000_000).collect()
}

fn ticks(world: &World<Saved>) -> Vec<u64> {
    let writer = world.actor::<Writer>(WRITER).unwrap();
    writer.ticks.iter().map(|reading| reading.as_nanos() / 1_000_000).collect()
}

fn heard(world: &World<Saved>) -> &[u64] {
    &world.actor::<Listener>(LISTENER).unwrap().0
}

#[test]
fn a_wiped_node_starts_again_as_if_it_were_new() {
    let mut wiped = setup(100);
    let delay = SpanRange::exactly(millis(3));
    fault(&mut wiped, 35, 10, Ailment::Crash { wipe: true, restart_delay: delay });
    let mut world = run(wiped);
    assert_eq!(world.synced(WRITER).0, [1, 2, 3, 4, 5], "it counts from one again");
    assert_eq!(heard(&world), [1, 2, 3, 1, 2, 3, 4, 5], "and says again what it had said");
    let starts = when(&mut world, |what| matches!(what, What::Start { incarnation: 1 }));
    assert_eq!(starts, [48], "3 ms after the fault's end");
}

#[test]
fn after_a_power_cut_nodes_start_again_one_by_one() {
    let mut setup = setup(3_000);
    let restart_delay = SpanRange::new(Span::ZERO, Span::from_secs(1));
    let action = Action::Node(Who::All, Ailment::Crash { wipe: false, restart_delay });
    for round in 0..2 {
        setup.faults.push(Fault { at: at(100 + round * 1_400), lasts: Some(millis(100)), action: action.clone() });
    }
    let starts = when(&mut run(setup), |what| matches!(what, What::Start { incarnation } if *incarnation > 0));
    assert_eq!(starts.len(), 4);
    assert!(starts[..2].iter().all(|start| (200..=1_200).contains(start)), "{starts:?}");
    assert_ne!(starts[1] - starts[0], starts[3] - starts[2], "each restart draws anew");
}

#[test]
fn a_crash_for_good_is_for_good() {
    let mut gone = setup(1_000);
    crash(&mut gone, 35, 0);
    let world = run(gone);
    assert!(!world.is_up(WRITER));
    assert_eq!(heard(&world), [1, 2, 3]);
}

/// Four writes wait for a sync that takes 40 ms when the crash strikes.
fn crash_with_writes_under_way(policy: OnCrash, seed: u64) -> World<Saved> {
    let mut slow = setup(60);
    slow.seed = seed;
    slow.sync = Law::Constant(millis(40));
    slow.nodes.on_crash = policy;
    crash(&mut slow, 45, 5);
    run(slow)
}

fn left(policy: OnCrash) -> std::collections::BTreeSet<Vec<u64>> {
    let left = |seed| {
        let world = crash_with_writes_under_way(policy, seed);
        assert!(heard(&world).is_empty(), "nobody was told of what was not durable");
        let disk = world.synced(WRITER).0.clone();
        assert_eq!(world.stats().writes_lost, 4 - disk.len() as u64);
        disk
    };
    (0..60).map(left).collect()
}

#[test]
fn what_a_crash_leaves_is_what_the_policy_allows() {
    let prefixes = |longest: u64| (0..=longest).map(|last| (1..=last).collect()).collect();
    assert_eq!(left(OnCrash::Lose), [vec![]].into());
    assert_eq!(left(OnCrash::Prefix), prefixes(4));
    assert_eq!(left(OnCrash::Torn), prefixes(3));
    let subsets = left(OnCrash::Subset);
    assert_eq!(subsets.len(), 16);
    assert!(subsets.contains(&vec![2, 4]) && subsets.iter().all(|left| left.is_sorted()));
}

#[test]
fn a_torn_record_is_found_when_the_node_starts_again() {
    let mut world = crash_with_writes_under_way(OnCrash::Torn, 7);
    assert_eq!(when(&mut world, |what| *what == What::TornWrite), [50]);
    assert_eq!(world.stats().writes_torn, 1);
    let mut world = crash_with_writes_under_way(OnCrash::Prefix, 7);
    assert!(when(&mut world, |what| *what == What::TornWrite).is_empty());
}

#[test]
fn a_lying_sync_is_believed_and_a_crash_takes_back_what_was_said() {
    let mut lying = setup(100);
    fault(&mut lying, 25, 30, Ailment::LyingSync);
    crash(&mut lying, 45, 5);
    let world = run(lying);
    assert_eq!(heard(&world)[..5], [1, 2, 3, 4, 3], "3 and 4 were said, lost, and said again");
}

#[test]
fn the_next_honest_sync_makes_up_for_the_lies() {
    for sync in [Span::ZERO, millis(1)] {
        let mut lying = setup(100);
        lying.sync = Law::Constant(sync);
        fault(&mut lying, 15, 30, Ailment::LyingSync);
        crash(&mut lying, 55, 5);
        let world = run(lying);
        assert_eq!(heard(&world)[..6], [1, 2, 3, 4, 5, 6], "the sync at 50 ms was honest");
    }
    let mut lying = setup(100);
    lying.nodes.lying = vec![WRITER];
    crash(&mut lying, 55, 5);
    assert_eq!(run(lying).synced(WRITER).0, [0; 0], "a disk that lies throughout keeps nothing");
}

#[test]
fn a_stalled_disk_holds_back_what_the_node_wants_to_say() {
    let mut stalled = setup(100);
    stalled.sync = Law::Constant(millis(4));
    // Strikes in the middle of a sync, which has 2 ms to go when the disk moves again.
    fault(&mut stalled, 12, 30, Ailment::Stall);
    let mut world = run(stalled);
    let syncs = when(&mut world, |what| matches!(what, What::Sync { .. }));
    assert_eq!(syncs[..3], [44, 48, 54], "{syncs:?}");
    assert_eq!(world.stats().kinds()["message"].sent, 9);
    assert_eq!(heard(&world), [1, 2, 3, 4, 5, 6, 7, 8, 9], "late, but in order");
}

#[test]
fn a_crash_during_a_stall_forgets_the_sync() {
    let mut stalled = setup(100);
    fault(&mut stalled, 5, 40, Ailment::Stall);
    crash(&mut stalled, 15, 5);
    let world = run(stalled);
    assert_eq!(world.synced(WRITER).0, heard(&world));
}

#[test]
fn a_full_disk_stops_the_node_until_there_is_room() {
    let mut full = setup(100);
    fault(&mut full, 25, 30, Ailment::DiskFull);
    let mut world = run(full);
    assert_eq!(heard(&world), [1, 2, 3, 4, 5, 6], "nothing durable is lost");
    assert_eq!(world.stats().disk_failures, 1);
    let records = records(&mut world);
    let failed = records.iter().find(|r| r.what == What::DiskFailed { by: Impairment::DiskFull }).unwrap();
    let crash = records.iter().find(|r| matches!(r.what, What::Crash { .. })).unwrap();
    let start = records.iter().find(|r| r.what == What::Start { incarnation: 1 }).unwrap();
    assert_eq!((failed.time, crash.time, start.time), (at(30), at(30), at(55)));
    assert_eq!(crash.cause, Some(failed.id), "the trace says why it crashed");
}

#[test]
fn a_failed_sync_stops_the_node_before_it_says_anything() {
    for sync in [millis(1), Span::ZERO] {
        let mut error = setup(100);
        error.sync = Law::Constant(sync);
        fault(&mut error, 25, 30, Ailment::DiskError);
        fault(&mut error, 28, 40, Ailment::DiskFull);
        let mut world = run(error);
        assert_eq!(heard(&world), [1, 2, 3, 4, 5], "the third was lost with the sync, and written again");
        let starts = when(&mut world, |what| matches!(what, What::Start { incarnation: 1 }));
        assert_eq!(starts, [68], "it starts when nothing is wrong any more");
    }
}

#[test]
fn without_the_barrier_a_crash_takes_back_what_was_said() {
    let mut off = setup(60);
    off.sync = Law::Constant(millis(40));
    off.nodes.barrier = false;
    crash(&mut off, 45, 1);
    let world = run(off);
    assert_eq!(heard(&world), [1, 2, 3, 4, 1], "it said four numbers that it has forgotten");
}

#[test]
fn handling_takes_time_and_a_slow_node_takes_longer() {
    let mut busy = setup(100);
    busy.nodes.work = millis(2);
    fault(&mut busy, 45, 20, Ailment::Slow(Slowness { work: 3, disk: 5 }));
    let mut world = run(busy);
    // The first alarm is set when starting is done, at 2 ms; each next one when handling is done.
    let syncs = when(&mut world, |what| matches!(what, What::Sync { .. }));
    assert_eq!(syncs[..3], [15, 27, 39], "12 + 2 of work + 1 of sync");
    assert_eq!(syncs[3], 59, "48 + 6 of work + 5 of sync");
}

#[test]
fn what_a_full_inbox_cannot_take_is_dropped_and_counted() {
    let mut busy = setup(1_000);
    busy.nodes.work = millis(50);
    busy.limits.inbox = 2;
    for number in 0..8 {
        busy.cluster.server(format!("w{number}"), Writer { listener: LISTENER, ticks: Vec::new() });
    }
    let mut world = run(busy);
    let full = when(&mut world, |what| matches!(what, What::Drop { reason: DropReason::InboxFull, .. })).len() as u64;
    assert!(full > 0);
    assert_eq!(world.stats().inbox_overflows, full);
    assert!(heard(&world).len() <= 1_000 / 50, "a node handles no more than it has time for");
}

#[test]
fn alarms_follow_the_rate_of_the_clock() {
    let mut slow = setup(1_000);
    slow.nodes.clocks = vec![(WRITER, SignedSpan::ZERO, Drift::from_ppm(-100_000))];
    let world = run(slow);
    let ticks = ticks(&world);
    assert_eq!(ticks.len(), 89, "an alarm of 10 ms goes off every 11.1 ms");
    assert!(ticks.iter().enumerate().all(|(place, tick)| *tick == 10 * (place as u64 + 1)), "and the node cannot tell");
}

#[test]
fn a_window_of_drift_moves_the_alarms_that_are_set_already() {
    let mut drifting = setup(100);
    // The alarm for 20 ms has 5 ms to go when the clock begins to run twice as fast; the one at 22.5 + 5 ms likewise.
    fault(&mut drifting, 15, 10, Ailment::ClockDrift(Drift::FASTEST));
    let mut world = run(drifting);
    let fired: Vec<u64> = records(&mut world)
        .iter()
        .filter(|record| matches!(record.what, What::Timer { .. }))
        .map(|record| record.time.as_nanos() / 100_000)
        .collect();
    assert_eq!(fired[..4], [100, 175, 225, 300], "in tenths of a millisecond");
    assert_eq!(ticks(&world)[..4], [10, 20, 30, 40]);
}

#[test]
fn a_step_moves_what_the_clock_shows_and_no_alarm() {
    let mut stepped = setup(100);
    fault(&mut stepped, 25, 20, Ailment::ClockStep("-1s".parse().unwrap()));
    let mut world = run(stepped);
    let ticks = ticks(&world);
    assert_eq!(ticks[..6], [1_010, 1_020, 30, 40, 1_050, 1_060], "back by a second, and right again");
    let steps = when(&mut world, |what| matches!(what, What::ClockStep { .. }));
    assert_eq!(steps, [25, 45]);
    assert_eq!(world.stats().kinds()["message"].sent, 9, "every 10 ms all the same");
}

#[test]
fn an_offset_is_of_one_node_and_survives_a_crash() {
    let mut off = setup(100);
    off.nodes.clocks = vec![(WRITER, "-50ms".parse().unwrap(), Drift::NONE)];
    crash(&mut off, 35, 5);
    let world = run(off);
    assert_eq!(ticks(&world)[0], 50, "40 ms, when it starts again, and 10 more");
    assert_eq!(world.local_clock(LISTENER).since(world.local_clock(WRITER)), millis(50));
}

/// An ailment that is over leaves no trace in the run that follows; one that never begins leaves none at all.
#[test]
fn what_is_wrong_with_one_node_changes_nothing_elsewhere() {
    let untouched = |ailment: Option<Ailment>| {
        let mut both = setup(200);
        both.cluster.server("other", Writer { listener: LISTENER, ticks: Vec::new() });
        both.sync = Law::Uniform(SpanRange::new(Span::ZERO, millis(3)));
        if let Some(ailment) = ailment {
            fault(&mut both, 25, 50, ailment);
        }
        let mut world = run(both);
        when_of(&mut world, NodeId(2))
    };
    let calm = untouched(None);
    for ailment in [
        Ailment::Crash { wipe: true, restart_delay: SpanRange::exactly(millis(5)) },
        Ailment::Slow(Slowness { work: 2, disk: 7 }),
        Ailment::Stall,
        Ailment::DiskError,
        Ailment::ClockDrift(Drift::SLOWEST),
    ] {
        assert_eq!(untouched(Some(ailment.clone())), calm, "{ailment:?}");
    }
}

fn when_of(world: &mut World<Saved>, node: NodeId) -> Vec<(Time, What)> {
    let of_node = |record: &Record| record.node == Some(node);
    records(world).into_iter().filter(of_node).map(|record| (record.time, record.what)).collect()
}
