//! Each test names a claim about how beginnings and ends are paired.

use super::*;
use crate::report::fixture::Fabric;

const SECOND: u64 = 1_000_000;

fn run() -> Fabric {
    Fabric::new("A run", 2, 1, Span::from_secs(10))
}

fn interval(from: u64, to: u64) -> Interval {
    Interval { from: Time::from_nanos(from * 1_000_000_000), to: Time::from_nanos(to * 1_000_000_000) }
}

fn role(role: &'static str, from: u64, to: u64) -> RoleSpan {
    RoleSpan { role, during: interval(from, to) }
}

#[test]
fn a_crash_without_a_restart_lasts_to_the_end() {
    let mut run = run();
    run.role(0, 0, "follower");
    run.add(4 * SECOND, 0, What::Crash { lost_writes: 0 });
    let trace = run.done();
    let timeline = Timeline::of(&trace);
    assert_eq!(timeline.lines[0].down, [interval(4, 10)]);
    assert_eq!(timeline.lines[0].roles, [role("follower", 0, 4)]);
}

#[test]
fn a_restarted_node_has_its_last_role_until_it_takes_another() {
    let mut run = run();
    run.role(0, 0, "follower");
    run.role(2 * SECOND, 0, "leader");
    run.add(3 * SECOND, 0, What::Pause);
    run.add(4 * SECOND, 0, What::Crash { lost_writes: 0 });
    run.add(5 * SECOND, 0, What::Start { incarnation: 1 });
    run.role(5 * SECOND, 0, "follower");
    run.add(7 * SECOND, 0, What::Crash { lost_writes: 0 });
    run.add(8 * SECOND, 0, What::Start { incarnation: 2 });
    let trace = run.done();
    let timeline = Timeline::of(&trace);
    let line = &timeline.lines[0];
    let expected = [("follower", 0, 2), ("leader", 2, 4), ("follower", 5, 7), ("follower", 8, 10)];
    assert_eq!(line.roles, expected.map(|(name, from, to)| role(name, from, to)));
    assert_eq!(line.down, [interval(4, 5), interval(7, 8)]);
    assert_eq!(line.paused, [interval(3, 4)], "a crash ends a pause");
    assert_eq!(timeline.changes.iter().map(|change| change.role).collect::<Vec<_>>(), ["leader", "follower"]);
}

#[test]
fn the_first_recorded_role_was_there_from_the_start() {
    let mut run = run();
    run.add(2 * SECOND, 0, What::Crash { lost_writes: 0 });
    run.add(3 * SECOND, 0, What::Start { incarnation: 1 });
    run.role(6 * SECOND, 0, "follower");
    run.add(4 * SECOND, 1, What::Start { incarnation: 0 });
    run.role(4 * SECOND, 1, "node");
    let trace = run.done();
    let timeline = Timeline::of(&trace);
    assert_eq!(timeline.lines[0].roles, [role("follower", 0, 2), role("follower", 3, 10)]);
    assert_eq!(timeline.lines[1].roles, [role("node", 4, 10)], "a node that joins late was nothing before");
    assert_eq!(timeline.changes, [], "the first role is no change");
}

#[test]
fn a_fault_lasts_from_its_begin_to_its_end() {
    let mut run = run();
    run.fault(0, SECOND, 4 * SECOND, "partition n1 | n2", &[&[0], &[1]]);
    run.add(
        5 * SECOND,
        None,
        What::FaultBegin { fault: 1, text: "slow disk".into(), groups: Vec::new(), ends: Vec::new() },
    );
    run.add(6 * SECOND, None, What::FaultEnd { fault: 7 });
    let trace = run.done();
    let timeline = Timeline::of(&trace);
    let seen = timeline.faults.iter().map(|fault| (fault.text, fault.groups.len(), fault.during)).collect::<Vec<_>>();
    assert_eq!(seen, [("partition n1 | n2", 2, interval(1, 4)), ("slow disk", 0, interval(5, 10))]);
}

#[test]
fn nothing_is_claimed_behind_the_cut_of_a_trace() {
    let mut run = run();
    run.role(0, 0, "follower");
    run.add(SECOND, None, What::FaultBegin { fault: 0, text: "crash n2".into(), groups: Vec::new(), ends: Vec::new() });
    run.add(SECOND, 1, What::Crash { lost_writes: 0 });
    run.add(2 * SECOND, 2, What::Invoke { op: 1, text: "Get".into() });
    run.trace.left_out = 3;
    let trace = run.done();
    let timeline = Timeline::of(&trace);
    assert_eq!((timeline.end, timeline.horizon()), (interval(0, 10).to, interval(0, 2).to));
    assert_eq!(timeline.lines[0].roles, [role("follower", 0, 2)]);
    assert_eq!(timeline.lines[1].down, [interval(1, 2)]);
    assert_eq!(timeline.faults[0].during, interval(1, 2));
    assert_eq!(timeline.operations[0].latency(), None);
}

#[test]
fn operations_end_with_an_outcome_and_a_latency() {
    let mut run = run();
    run.operation(1, 2, SECOND, 3 * SECOND, Outcome::Failed);
    let trace = run.done();
    let timeline = Timeline::of(&trace);
    let operation = &timeline.operations[0];
    assert_eq!(operation.ended, Some((interval(0, 3).to, Outcome::Failed)));
    assert_eq!(operation.latency(), Some(Span::from_secs(2)));
}

#[test]
fn every_copy_of_a_message_has_one_fate() {
    let mut run = run();
    let at = Time::ZERO;
    for passage in [Passage::Lost, Passage::Cut, Passage::Capped, Passage::Arrives { at }] {
        run.message(0, 0, 1, "Ping", passage);
    }
    run.message(0, 0, 1, "Ping", Passage::Duplicated { at, again: at });
    run.add(9, 1, What::Drop { from: Some(NodeId(0)), kind: "Ping", reason: DropReason::Down });
    run.add(9, 1, What::Drop { from: None, kind: "op", reason: DropReason::InboxFull });
    run.message(0, 0, 1, "Pong", Passage::Lost);
    let trace = run.done();
    let timeline = Timeline::of(&trace);
    let ping = timeline.messages[0];
    let fates = [ping.lost, ping.cut, ping.capped, ping.handled, ping.met_down, ping.met_full, ping.unhandled()];
    assert_eq!((ping.kind, ping.sent, ping.duplicated, fates), ("Ping", 5, 1, [1, 1, 1, 2, 1, 0, 0]));
    assert_eq!(timeline.messages.len(), 2, "an operation is not a message");
}

#[test]
fn violations_and_panics_are_marked() {
    let mut run = run();
    run.add(SECOND, 1, What::Panic { text: "index out of bounds".into() });
    run.add(2 * SECOND, None, What::Violation { property: "one leader".into(), text: "two".into() });
    let trace = run.done();
    let timeline = Timeline::of(&trace);
    let seen = timeline.violations.iter().map(|mark| (mark.node, mark.property, mark.text)).collect::<Vec<_>>();
    assert_eq!(seen, [(Some(NodeId(1)), "panic", "index out of bounds"), (None, "one leader", "two")]);
}

#[test]
fn a_panic_ends_the_run() {
    let mut run = run();
    run.role(0, 0, "follower");
    run.add(SECOND, 0, What::Panic { text: "overflow".into() });
    let trace = run.done();
    let timeline = Timeline::of(&trace);
    assert_eq!((timeline.end, timeline.cut), (interval(0, 10).to, Some(interval(0, 1).to)));
    assert_eq!(timeline.lines[0].roles, [role("follower", 0, 1)]);
}

#[test]
fn what_is_wrong_with_a_machine_outlasts_a_crash_and_ends_with_its_fault() {
    use crate::engine::trace::Impairment::{DiskFull, Slow};
    let mut run = run();
    run.add(SECOND, 0, What::Impaired { by: Slow });
    run.add(2 * SECOND, 0, What::Impaired { by: DiskFull });
    run.add(3 * SECOND, 0, What::Crash { lost_writes: 0 });
    run.add(4 * SECOND, 0, What::Mended { of: DiskFull });
    run.add(5 * SECOND, 0, What::ClockStep { by: crate::engine::SignedSpan::ZERO });
    let trace = run.done();
    let line = &Timeline::of(&trace).lines[0];
    let impaired: Vec<_> = line.impaired.iter().map(|span| (span.by, span.during)).collect();
    assert_eq!(impaired, [(DiskFull, interval(2, 4)), (Slow, interval(1, 10))]);
    assert_eq!(line.clock_steps, [Time::from_nanos(5_000_000_000)]);
}
