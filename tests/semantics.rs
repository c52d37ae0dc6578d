//! What the simulator promises about nodes, disks, alarms, workloads and faults, seen through small actors.

use faultlab::engine::law::Law;
use faultlab::engine::network::LinkSettings;
use faultlab::engine::random::Stream;
use faultlab::engine::trace::{DropReason, Outcome, Recorder, What};
use faultlab::prelude::*;
use faultlab::sim::fault::{Action, Fault, Who};
use faultlab::sim::workload::{Load, Pace, Workload};
use faultlab::sim::{Cluster, End, Limits, Setup, World};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Say(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Alarm {
    Tick,
    Once,
}

/// A disk that counts what was written to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Tally(u64);

impl Durable for Tally {
    type Write = u64;

    fn apply(&mut self, write: &u64) {
        self.0 += write;
    }
}

protocol!(Say { Timer = Alarm, Op = u64, Ret = u64, Disk = Tally });

/// What a node does is told by data, so that each test reads in one place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Probe {
    /// Sends this at the start.
    greet: Option<NodeId>,
    /// Answers each message, after this much work.
    answer_after: Option<Span>,
    /// Writes this before it answers.
    write: Option<u64>,
    /// Ticks this often.
    tick: Option<Span>,
    /// Sets an alarm for this long from the start.
    once: Option<Span>,
    /// Panics at this message.
    panic_at: Option<u64>,
    heard: Vec<(LocalTime, u64)>,
    ticks: u64,
    rang: bool,
    starts_seen: u64,
}

impl Actor<Say> for Probe {
    fn on_start(&mut self, ctx: &mut Context<Say>) {
        self.starts_seen += 1;
        if let Some(to) = self.greet {
            ctx.send(to, Say(1));
        }
        if let Some(after) = self.tick {
            ctx.arm(Alarm::Tick, after);
        }
        if let Some(after) = self.once {
            ctx.arm(Alarm::Once, after);
        }
    }

    fn on_message(&mut self, from: NodeId, Say(number): Say, ctx: &mut Context<Say>) {
        assert_ne!(self.panic_at, Some(number), "the probe was told to panic");
        self.heard.push((ctx.clock(), number));
        if let Some(write) = self.write {
            ctx.write(write);
        }
        if let Some(work) = self.answer_after {
            ctx.work(work);
            ctx.send(from, Say(number + 1));
        }
    }

    fn on_timer(&mut self, timer: Alarm, ctx: &mut Context<Say>) {
        match timer {
            Alarm::Once => self.rang = true,
            Alarm::Tick => {
                self.ticks += 1;
                ctx.arm(Alarm::Tick, self.tick.unwrap_or(Span::MAX));
                if let Some(to) = self.greet {
                    ctx.send(to, Say(self.ticks));
                }
            }
        }
    }

    fn on_op(&mut self, id: OpId, op: u64, ctx: &mut Context<Say>) {
        if let Some(write) = self.write {
            ctx.write(write);
        }
        if let Some(work) = self.answer_after {
            ctx.work(work);
        }
        ctx.reply(id, op);
    }
}

struct Count;

impl Workload<Say> for Count {
    fn next(&mut self, _: usize, number: u64, _: &mut Stream) -> Option<u64> {
        Some(number)
    }

    fn outcome(&self, _: &u64) -> Outcome {
        Outcome::Ok
    }
}

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);

const fn ms(millis: u64) -> Span {
    Span::from_millis(millis)
}

fn at(millis: u64) -> Time {
    Time::ZERO + ms(millis)
}

/// Two servers over links of exactly 1 ms, for one second.
fn setup(a: Probe, b: Probe) -> Setup<Say> {
    let mut cluster = Cluster::new();
    cluster.server("a", a);
    cluster.server("b", b);
    let mut setup = Setup::new(cluster, 7, Span::from_secs(1));
    setup.network = LinkSettings { latency: Law::Constant(ms(1)), ..LinkSettings::default() };
    setup
}

fn run(setup: Setup<Say>) -> World<Say> {
    let mut world = World::new(setup);
    world.record_into(Box::new(Recorder::new(100_000)));
    while world.step().is_some() {}
    world
}

fn probe(world: &World<Say>, node: NodeId) -> &Probe {
    world.actor(node).unwrap()
}

fn count(world: &mut World<Say>, wanted: impl Fn(&What) -> bool) -> usize {
    world.sink_mut::<Recorder>().unwrap().records().iter().filter(|record| wanted(&record.what)).count()
}

#[test]
fn a_busy_node_takes_one_input_after_the_other() {
    let greeter = Probe { greet: Some(B), tick: Some(ms(10)), ..Probe::default() };
    let worker = Probe { answer_after: Some(ms(25)), ..Probe::default() };
    let world = run(setup(greeter, worker));
    // Something arrives every 10 ms and takes 25: forty are done in a second, each when the one before is finished.
    let heard = &probe(&world, B).heard;
    assert_eq!(heard.len(), 40);
    assert!(heard.windows(2).all(|pair| pair[1].0.since(pair[0].0) == ms(25)), "{heard:?}");
    // What follows the work leaves when the work is done.
    assert_eq!(probe(&world, A).heard[0].0, LocalTime::from_nanos(27_000_000));
}

#[test]
fn an_inbox_has_a_bound_and_what_exceeds_it_is_counted() {
    let greeter = Probe { greet: Some(B), tick: Some(ms(10)), ..Probe::default() };
    let worker = Probe { answer_after: Some(ms(100)), ..Probe::default() };
    let mut setup = setup(greeter, worker);
    setup.limits = Limits { inbox: 5, ..Limits::default() };
    let mut world = run(setup);
    let full = |what: &What| matches!(what, What::Drop { reason: DropReason::InboxFull, .. });
    assert_eq!(count(&mut world, full) as u64, world.stats().kinds()["message"].dropped);
    assert!(world.stats().kinds()["message"].dropped > 70);
}

#[test]
fn sends_wait_until_what_was_written_before_them_is_durable() {
    let greeter = Probe { greet: Some(B), ..Probe::default() };
    let writer = Probe { write: Some(5), answer_after: Some(Span::ZERO), ..Probe::default() };
    let mut setup = setup(greeter, writer);
    setup.sync = Law::Constant(ms(30));
    let world = run(setup);
    assert_eq!(world.synced(B), &Tally(5));
    // 1 ms there, 30 ms until it is durable, 1 ms back.
    assert_eq!(probe(&world, A).heard, [(LocalTime::from_nanos(32_000_000), 2)]);
}

#[test]
fn a_crash_takes_memory_alarms_and_what_was_not_durable() {
    let greeter = Probe { greet: Some(B), tick: Some(ms(10)), ..Probe::default() };
    let writer = Probe { write: Some(1), answer_after: Some(Span::ZERO), once: Some(ms(200)), ..Probe::default() };
    let mut setup = setup(greeter, writer);
    setup.sync = Law::Constant(ms(30));
    let crash = |from, lasts| Fault {
        at: at(from),
        lasts: Some(ms(lasts)),
        action: Action::Crash(Who::Named(vec!["b".into()])),
    };
    setup.faults = vec![crash(100, 50), crash(305, 1)];
    let mut world = run(setup);
    assert_eq!(world.incarnation(B), 2);
    // The alarm of the first incarnation would have rung at 200 ms, that of the second at 350; only the third's rings.
    assert_eq!(count(&mut world, |what| matches!(what, What::Timer { name, .. } if name == "Once")), 1);
    assert_eq!(probe(&world, B).starts_seen, 1, "a restarted node remembers nothing");
    let lost = |what: &What| matches!(what, What::Crash { lost_writes } if *lost_writes > 0);
    assert_eq!(count(&mut world, lost), 2);
    assert!(world.synced(B).0 < world.stats().kinds()["message"].sent);
    let down = |what: &What| matches!(what, What::Drop { reason: DropReason::Down, .. });
    assert_eq!(count(&mut world, down), 5, "what arrives in 50 ms finds nobody");
}

#[test]
fn a_paused_node_handles_nothing_and_then_everything_in_order() {
    let greeter = Probe { greet: Some(B), tick: Some(ms(10)), ..Probe::default() };
    let mut setup = setup(greeter, Probe { tick: Some(ms(1)), ..Probe::default() });
    setup.faults =
        vec![Fault { at: at(100), lasts: Some(ms(300)), action: Action::Pause(Who::Named(vec!["b".into()])) }];
    let world = run(setup);
    let heard = &probe(&world, B).heard;
    let while_paused = |time: LocalTime| (100_000_001..400_000_000).contains(&time.as_nanos());
    assert!(!heard.iter().any(|(time, _)| while_paused(*time)));
    assert!(heard.is_sorted(), "what waited is handled in the order in which it came");
    // One tick is due when the pause begins, one alarm waits in the inbox: time that was slept through is not made up for.
    assert!((690..=701).contains(&probe(&world, B).ticks), "{}", probe(&world, B).ticks);
}

#[test]
fn a_partition_stops_what_is_sent_and_not_what_is_on_its_way() {
    let greeter = Probe { greet: Some(B), tick: Some(ms(10)), ..Probe::default() };
    let mut setup = setup(greeter, Probe::default());
    setup.network.latency = Law::Constant(ms(15));
    let groups = vec![Who::Named(vec!["a".into()]), Who::Rest];
    setup.faults = vec![Fault { at: at(95), lasts: Some(ms(100)), action: Action::Partition(groups) }];
    let world = run(setup);
    let during = |time: LocalTime| (95_000_001..195_000_000).contains(&time.as_nanos());
    let heard: Vec<u64> =
        probe(&world, B).heard.iter().filter(|(time, _)| during(*time)).map(|(_, tick)| *tick).collect();
    assert_eq!(heard, [9], "sent at 90 ms, before the cut");
    assert_eq!(world.stats().kinds()["message"].cut, 10);
}

#[test]
fn a_storm_of_duplicates_stays_finite() {
    let greeter = Probe { greet: Some(B), answer_after: Some(Span::ZERO), ..Probe::default() };
    let echo = Probe { answer_after: Some(Span::ZERO), ..Probe::default() };
    let mut setup = setup(greeter, echo);
    setup.network.duplicate = Share::from_ppm(600_000);
    setup.limits = Limits { in_flight: 50, events: 1_000_000, ..Limits::default() };
    let world = run(setup);
    assert_eq!(world.end(), Some(End::Finished));
    assert!(world.stats().kinds()["message"].capped > 100);
    assert!(world.pending() <= 110);
}

#[test]
fn a_run_that_exceeds_its_events_says_so() {
    let mut setup = setup(Probe { tick: Some(Span::from_nanos(1)), ..Probe::default() }, Probe::default());
    setup.limits = Limits { events: 1_000, ..Limits::default() };
    let world = run(setup);
    assert_eq!((world.end(), world.stats().events), (Some(End::EventLimit), 1_000));
}

#[test]
fn a_panicking_handler_ends_the_run_and_is_named() {
    let greeter = Probe { greet: Some(B), ..Probe::default() };
    let world = run(setup(greeter, Probe { panic_at: Some(1), ..Probe::default() }));
    assert_eq!(world.end(), Some(End::Panicked));
    let panic = world.panic().unwrap();
    assert_eq!(panic.node, B);
    assert!(panic.text.contains("told to panic"), "{}", panic.text);
}

/// A client that answers at once, or after some work, asked at a pace.
fn load(pace: Pace, client: Probe) -> World<Say> {
    let mut cluster = Cluster::new();
    cluster.client("c1", client);
    let mut setup = Setup::new(cluster, 7, Span::from_secs(10));
    setup.load = Some(Load { workload: Box::new(Count), pace, from: Time::ZERO, until: at(10_000) });
    run(setup)
}

#[test]
fn a_closed_loop_slows_down_with_its_answers_and_an_open_loop_does_not() {
    let slow = || Probe { answer_after: Some(ms(100)), ..Probe::default() };
    let closed = load(Pace::Closed { think: ms(100).into() }, slow());
    assert_eq!(closed.stats().invoked, 50, "100 ms to think and 100 ms to answer");
    let open = load(Pace::Constant { rate: Rate::per_second(20) }, slow());
    assert_eq!(open.stats().invoked, 200);
    assert!(open.stats().ok <= 100, "twice as much is asked as can be answered");
    let latency = open.stats().latency.max().unwrap();
    assert!(latency > Span::from_secs(4), "and the queue grows: {latency}");
}

#[test]
fn a_poisson_process_has_its_rate_and_an_uneven_pace() {
    let world = load(Pace::Poisson { rate: Rate::per_second(200) }, Probe::default());
    assert!((1_850..2_150).contains(&world.stats().invoked), "{} in 10 s", world.stats().invoked);
}

#[test]
fn operations_of_a_client_that_crashes_end_unknown() {
    let mut cluster = Cluster::new();
    cluster.client("c1", Probe { answer_after: Some(ms(100)), ..Probe::default() });
    let mut setup = Setup::new(cluster, 7, Span::from_secs(1));
    let pace = Pace::Closed { think: ms(10).into() };
    setup.load = Some(Load { workload: Box::new(Count), pace, from: Time::ZERO, until: at(1_000) });
    setup.faults =
        vec![Fault { at: at(600), lasts: Some(ms(100)), action: Action::Crash(Who::Named(vec!["c1".into()])) }];
    let world = run(setup);
    assert_eq!(world.stats().unknown, 1);
    assert!(world.stats().ok >= 7, "it is asked again after its restart");
}

#[test]
fn memory_is_flat_in_simulated_time() {
    let pending = |secs| {
        let greeter = Probe { greet: Some(B), tick: Some(ms(1)), ..Probe::default() };
        let mut setup = setup(greeter, Probe::default());
        setup.duration = Span::from_secs(secs);
        let mut world = World::new(setup);
        let mut most = 0;
        while world.step().is_some() {
            most = most.max(world.pending());
        }
        most
    };
    assert_eq!(pending(1), pending(20));
}
