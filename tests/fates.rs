//! Removing one fault, or one message, leaves the fates of messages on other links untouched, and those of earlier messages
//! on the same link: chance is a function of seed, link and number, and nothing else.
//!
//! The nodes here send by the clock and answer nothing, so that who sends what does not depend on what arrives.

use faultlab::engine::network::LinkSettings;
use faultlab::engine::network::pipe::Bandwidth;
use faultlab::engine::network::window::{Change, Degraded, Release, Selection, Treatment, Which};
use faultlab::engine::trace::{Passage, Record, Sink, What};
use faultlab::engine::{ByteRate, NodeId, Share, Span, SpanRange, Time};
use faultlab::prelude::*;
use faultlab::sim::fault::{Action, Fault, Links, Who};
use faultlab::sim::{Cluster, Setup, World};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Beat(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Tick;

protocol!(Beat { Timer = Tick });

const NODES: u32 = 5;

/// Sends one numbered message to everybody every millisecond; leaves one out if told so.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Metronome {
    beats: u32,
    leaves_out: Option<(NodeId, u32)>,
}

impl Actor<Beat> for Metronome {
    fn on_start(&mut self, ctx: &mut Context<Beat>) {
        ctx.arm(Tick, Span::from_millis(1));
    }

    fn on_message(&mut self, _: NodeId, _: Beat, _: &mut Context<Beat>) {}

    fn on_timer(&mut self, _: Tick, ctx: &mut Context<Beat>) {
        self.beats += 1;
        let own = ctx.id();
        for to in (0..NODES).map(NodeId).filter(|to| *to != own) {
            if self.leaves_out != Some((to, self.beats)) {
                ctx.send(to, Beat(self.beats));
            }
        }
        ctx.arm(Tick, Span::from_millis(1));
    }
}

/// When a message was sent, its number, and what became of it.
type MessageFate = (Time, String, String);

/// What became of each message, by link, in the order of sending.
#[derive(Default)]
struct Fates(BTreeMap<(NodeId, NodeId), Vec<MessageFate>>);

impl Sink for Fates {
    fn record(&mut self, record: Record) {
        if let (What::Send { to, text, passage, .. }, Some(from)) = (record.what, record.node) {
            // Which place in the timetable a clog has is no part of a message's fate.
            let passage = match passage {
                Passage::Clogged { place, .. } => format!("clogged at {place}"),
                passage => format!("{passage:?}"),
            };
            self.0.entry((from, to)).or_default().push((record.time, text, passage));
        }
    }
}

fn share(percent: u32) -> Share {
    Share::from_ppm(percent * 10_000)
}

fn run(faults: &[Fault], leaves_out: Option<(NodeId, NodeId, u32)>) -> Fates {
    let mut cluster = Cluster::new();
    for node in 0..NODES {
        let leaves_out = leaves_out.filter(|(from, ..)| from.0 == node).map(|(_, to, beat)| (to, beat));
        cluster.server(format!("n{}", node + 1), Metronome { beats: 0, leaves_out });
    }
    let mut setup = Setup::new(cluster, 11, Span::from_millis(400));
    setup.network =
        LinkSettings { loss: share(10), duplicate: share(10), reorder: share(20), ..LinkSettings::default() };
    setup.faults = faults.to_vec();
    let mut world = World::new(setup);
    world.record_into(Box::new(Fates::default()));
    while world.step().is_some() {}
    std::mem::take(world.sink_mut::<Fates>().unwrap())
}

fn named(name: &str) -> Who {
    Who::Named(vec![name.into()])
}

fn links(from: &str, to: &str) -> Links {
    Links { from: named(from), to: named(to), both_ways: false }
}

fn fault(at: u64, action: Action) -> Fault {
    Fault { at: Time::ZERO + Span::from_millis(at), lasts: Some(Span::from_millis(100)), action }
}

fn select(which: Which, treatment: Treatment) -> Change {
    Change::Select(Selection { kind: None, which }, treatment)
}

/// One fault of each kind of chance, each on a link of its own; on n1 -> n2 two overlap.
fn faults() -> Vec<Fault> {
    let delay = Treatment::Delay(SpanRange::new(Span::from_millis(1), Span::from_millis(30)));
    let degraded = Degraded { loss: Some(share(50)), ..Degraded::default() };
    let narrow = Bandwidth { rate: ByteRate::per_second(50_000), queue: None };
    let window = |from, to, change| Action::Window(links(from, to), change);
    vec![
        fault(50, window("n1", "n2", select(Which::Share(share(30)), Treatment::Drop))),
        fault(60, window("n1", "n2", select(Which::Share(share(30)), delay))),
        fault(70, window("n2", "n3", select(Which::Every(3), Treatment::Duplicate))),
        fault(80, window("n3", "n4", Change::Degrade(degraded))),
        fault(90, window("n4", "n5", Change::Clog(Release::Shuffled))),
        fault(100, window("n5", "n1", Change::Narrow(narrow))),
        fault(110, window("n2", "n1", Change::Corrupt { share: share(40), silently: false })),
        fault(120, Action::OneWay(links("n3", "n1"))),
    ]
}

fn ends(action: &Action) -> (NodeId, NodeId) {
    let (Action::Window(links, _) | Action::OneWay(links)) = action else { panic!("{action:?}") };
    let node = |who: &Who| match who {
        Who::Named(names) => NodeId(names[0][1..].parse::<u32>().unwrap() - 1),
        other => panic!("{other}"),
    };
    (node(&links.from), node(&links.to))
}

#[test]
fn removing_a_fault_changes_only_its_own_links_and_nothing_before_it() {
    let all = faults();
    let with = run(&all, None);
    for (index, removed) in all.iter().enumerate() {
        let mut rest = all.clone();
        rest.remove(index);
        let without = run(&rest, None);
        let mut changed = 0;
        for (link, fates) in &with.0 {
            let others = &without.0[link];
            if *link != ends(&removed.action) {
                assert_eq!(fates, others, "{link:?} without {removed:?}");
                continue;
            }
            assert_eq!(fates.len(), others.len());
            for (fate, other) in fates.iter().zip(others) {
                let in_window = fate.0 >= removed.at && fate.0 <= removed.at + removed.lasts.unwrap();
                // What waits in a narrow link's queue is late for a little longer.
                assert!(fate == other || in_window, "{fate:?} {other:?} without {removed:?}");
                changed += u32::from(fate != other);
            }
        }
        assert!(changed > 0, "{removed:?} did nothing");
    }
}

/// A fault that chooses at random chooses the same whatever other faults there are.
#[test]
fn removing_a_fault_leaves_the_choices_of_others() {
    let random = |at| fault(at, Action::Ring(Who::Random(4)));
    let text = |faults: &[Fault]| {
        #[derive(Default)]
        struct Texts(Vec<(Time, String)>);
        impl Sink for Texts {
            fn record(&mut self, record: Record) {
                if let What::FaultBegin { text, .. } = record.what {
                    self.0.push((record.time, text));
                }
            }
        }
        let mut cluster = Cluster::new();
        for node in 0..9 {
            cluster.server(format!("n{node}"), Metronome { beats: 0, leaves_out: None });
        }
        let mut setup = Setup::<Beat>::new(cluster, 3, Span::from_millis(300));
        setup.faults = faults.to_vec();
        let mut world = World::new(setup);
        world.record_into(Box::new(Texts::default()));
        while world.step().is_some() {}
        std::mem::take(world.sink_mut::<Texts>().unwrap()).0
    };
    let all: Vec<Fault> = (1..=6).map(|step| random(step * 30)).collect();
    let with = text(&all);
    assert!(with.windows(2).any(|pair| pair[0].1 != pair[1].1), "chance chooses: {with:?}");
    for index in 0..all.len() {
        let (mut rest, mut expected) = (all.clone(), with.clone());
        rest.remove(index);
        expected.remove(index);
        assert_eq!(text(&rest), expected);
    }
}

#[test]
fn removing_a_message_changes_no_other_link_and_nothing_before_it() {
    let with = run(&faults(), None);
    for (from, to, beat) in [(0, 1, 70), (3, 4, 150), (4, 0, 120), (1, 3, 5)] {
        let link = (NodeId(from), NodeId(to));
        let without = run(&faults(), Some((link.0, link.1, beat)));
        for (other, fates) in &with.0 {
            match *other == link {
                false => assert_eq!(fates, &without.0[other], "{other:?} without message {beat} of {link:?}"),
                true => {
                    let before = beat as usize - 1;
                    assert_eq!(fates[..before], without.0[other][..before]);
                    assert_eq!(fates.len(), without.0[other].len() + 1);
                }
            }
        }
    }
}
