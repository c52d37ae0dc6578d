//! Every picture is composed from runs that are realistic, empty, tiny, huge or hostile, and looked at shape by shape.

use super::picture::{Anchor, Picture, Shape};
use super::*;
use crate::check::judgement::{Consistency, Options, TABLE};
use crate::check::models::Model;
use crate::check::models::register::Register;
use crate::check::models::sample::Sample;
use crate::check::transactions::generate::{self, Engine, Settings};
use crate::check::transactions::{Workload, edn, judge_edn};
use crate::engine::trace::{DropReason, Outcome, Passage, What};
use crate::engine::{NodeId, Span, Time};
use crate::report::fixture::Fabric;

/// Twenty seconds of Raft: an election, a partition around the leader, a crash, a pause, some 20,000 records.
fn realistic() -> Trace {
    let mut run = Fabric::new("The leader is cut off with a minority", 5, 3, Span::from_secs(20));
    (0..5).for_each(|node| run.role(0, node, "follower"));
    (5..8).for_each(|node| run.role(0, node, "client"));
    for (micros, node, role) in [
        (212_000, 2, "pre-candidate"),
        (216_000, 2, "candidate"),
        (225_000, 2, "leader"),
        (4_300_000, 0, "pre-candidate"),
        (4_420_000, 0, "candidate"),
        (4_440_000, 0, "follower"),
        (4_510_000, 4, "candidate"),
        (4_530_000, 4, "leader"),
        (9_005_000, 2, "follower"),
        (14_300_000, 0, "candidate"),
        (14_800_000, 0, "leader"),
        (16_001_000, 4, "follower"),
    ] {
        run.role(micros, node, role);
    }
    run.fault(0, 4_000_000, 9_000_000, "partition n2 n3 c1 | n1 n4 n5 c2 c3", &[&[1, 2, 5], &[0, 3, 4, 6, 7]]);
    run.fault(1, 10_000_000, 12_000_000, "crash n2", &[]);
    run.add(10_000_000, 1, What::Crash { lost_writes: 2 });
    run.add(12_000_000, 1, What::Start { incarnation: 1 });
    run.role(12_000_000, 1, "follower");
    run.fault(2, 14_000_000, 16_000_000, "pause n5", &[]);
    run.add(14_000_000, 4, What::Pause);
    run.add(16_000_000, 4, What::Resume);
    run.fault(3, 17_000_000, 18_500_000, "lose 20% of messages", &[]);
    run.add(16_200_000, 0, What::Violation { property: "one leader a term".into(), text: "n1 and n5".into() });
    let mut op = 0;
    for client in 5..8u32 {
        let mut now = 300_000 + u64::from(client) * 7_000;
        while now < 19_900_000 {
            let cut = client == 5 && (4_000_000..9_000_000).contains(&now);
            let stuck = (4_000_000..4_550_000).contains(&now) || (14_000_000..14_800_000).contains(&now);
            let (took, outcome) = match op % 41 {
                _ if cut => (1_000_000, Outcome::Unknown),
                _ if stuck => (250_000, Outcome::Failed),
                7 => (90_000 + op * 37 % 60_000, Outcome::Ok),
                _ => (9_000 + op * 7_919 % 9_000, Outcome::Ok),
            };
            run.operation(op, client, now, now + took, outcome);
            now += took + 3_000;
            op += 1;
        }
    }
    for tick in 0..1_500u64 {
        for to in 0..4u32 {
            let micros = 230_000 + tick * 13_000 + u64::from(to);
            let passage = match (tick * 5 + u64::from(to)) % 97 {
                3 => Passage::Lost,
                _ if to == 1 && (308..670).contains(&tick) => Passage::Cut,
                5 => Passage::Duplicated { at: Time::ZERO, again: Time::ZERO },
                _ => Passage::Arrives { at: Time::ZERO },
            };
            let kind = if tick % 9 == 0 { "AppendEntries" } else { "AppendReply" };
            run.message(micros, if to == 2 { 4 } else { 2 }, to, kind, passage);
        }
    }
    for number in 0..40 {
        run.message(4_300_000 + number * 300, 0, (number % 4) as u32 + 1, "RequestVote", Passage::Lost);
        let reason = if number % 3 == 0 { DropReason::InboxFull } else { DropReason::Down };
        run.add(10_500_000 + number, 1, What::Drop { from: Some(NodeId(2)), kind: "AppendEntries", reason });
    }
    run.done()
}

/// A hundred nodes that never rest, two hundred faults, long and hostile names.
fn ugly() -> Trace {
    let title = "<script>alert(\"&\")</script> a title that is far longer than any sheet of paper is wide ".repeat(4);
    let mut run = Fabric::new(&title, 80, 20, Span::from_secs(3_600));
    run.trace.header.nodes[3].name = "a-server-with-a-very-long-name-indeed.eu-central-1.example.org".into();
    run.trace.header.nodes[4].name = "節点の名前がとても長い場合".into();
    run.trace.header.nodes[85].name = "\u{7}\n".into();
    const ROLES: [&str; 5] = ["follower", "candidate", "leader", "observer", "a role whose name does not fit anywhere"];
    const KINDS: [&str; 3] = ["AKindOfMessageWithAnExceedinglyLongNameThatGoesOnAndOn", "B", "C"];
    for step in 0..40_000u64 {
        let (micros, node) = (step * 90_000, (step / 5 * 31 % 80) as u32);
        run.role(micros, node, ROLES[(step * 7 % 5) as usize]);
        match step % 11 {
            0 => run.add(micros, (step / 33 * 17 % 80) as u32, What::Crash { lost_writes: 0 }),
            1 => run.add(micros + 20_000_000, (step / 33 * 17 % 80) as u32, What::Start { incarnation: 1 }),
            2 => run.add(micros, (step / 55 * 13 % 100) as u32, What::Pause),
            3 => run.add(micros + 9_000_000, (step / 55 * 13 % 100) as u32, What::Resume),
            4 => run.message(micros, node, 1, KINDS[(step % 3) as usize], Passage::Capped),
            5 => run.operation(step, 80 + node % 20, micros, micros + step * 100_000 % 40_000_000, Outcome::Ok),
            _ => {}
        }
        if step % 400 == 0 {
            run.add(
                micros,
                node,
                What::Violation { property: "nothing ever goes wrong".into(), text: "it did".into() },
            );
        }
    }
    for fault in 0..200u32 {
        let from = u64::from(fault) * 17_700_000;
        let text = format!("fault {fault}: a partition that somebody described at great length for all to read");
        run.fault(fault, from, from + 30_000_000, &text, &[&[fault % 80, 81], &[(fault + 1) % 80, 90]]);
    }
    run.trace.left_out = 123_456;
    run.done()
}

/// Runs at the edges of what there can be.
fn edges() -> Vec<Trace> {
    let empty = Fabric::new("", 0, 0, Span::ZERO).done();
    let mut one = Fabric::new("One node, one millisecond", 1, 0, Span::from_millis(1));
    one.role(0, 0, "node");
    let mut cut_at_once = Fabric::new("Nothing was kept", 3, 1, Span::from_secs(9));
    cut_at_once.trace.left_out = 1;
    let mut endless = Fabric::new("For ever", 2, 1, Span::MAX);
    endless.operation(0, 2, 5, 9, Outcome::Ok);
    let mut strange = Fabric::new("Records that fit nothing", 1, 1, Span::from_secs(1));
    strange.operation(0, 77, 5, 9, Outcome::Failed);
    strange.role(3, 66, "leader");
    strange.add(2_000_000, None, What::FaultEnd { fault: 9 });
    strange.add(3_000_000, None, What::Violation { property: "p".repeat(500), text: String::new() });
    let mut silent = Fabric::new("Only servers, and no operation", 3, 0, Span::from_secs(3_600));
    (0..3).for_each(|node| silent.role(0, node, "follower"));
    silent.fault(0, 1_000_000, 3_599_000_000, "slow disk on n1", &[]);
    let mut panicked = Fabric::new("A handler panics", 1, 0, Span::from_secs(2));
    panicked.role(0, 0, "follower");
    panicked.add(700_000, 0, What::Panic { text: "overflow".into() });
    vec![
        panicked.done(),
        empty,
        one.done(),
        cut_at_once.done(),
        endless.done(),
        strange.done(),
        silent.done(),
        realistic(),
        ugly(),
    ]
}

/// The space that a text takes: left, top, right, bottom.
type Extent = (i32, i32, i32, i32);

fn extent(shape: &Shape) -> Option<(Extent, &str)> {
    let Shape::Text { at: (x, y), text, anchor, look } = shape else { return None };
    let width = look.width(text);
    let left = match anchor {
        Anchor::Start => *x,
        Anchor::Middle => x - width / 2,
        Anchor::End => x - width,
    };
    let half = look.size as i32 / 2;
    Some(((left, y - half, left + width, y + half), text))
}

fn assert_well_laid_out(picture: &Picture) {
    let texts = picture.shapes.iter().filter_map(extent).collect::<Vec<_>>();
    for (place, (a, text)) in texts.iter().enumerate() {
        let inside = a.0 >= 0 && a.1 >= 0 && a.2 <= picture.width && a.3 <= picture.height;
        assert!(inside, "{text:?} leaves the sheet: {a:?}");
        for (b, other) in &texts[place + 1..] {
            let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
            assert!(apart, "{text:?} at {a:?} overlaps {other:?} at {b:?}");
        }
    }
}

#[test]
fn no_text_overlaps_another_or_leaves_the_sheet() {
    picture::register_fonts().unwrap();
    for trace in edges() {
        for (_, picture) in compose(&trace) {
            assert_well_laid_out(&picture);
        }
    }
}

#[test]
fn the_same_trace_gives_the_same_bytes() {
    let (first, second) = (realistic(), realistic());
    assert_eq!(draw(&first, Format::Svg).unwrap(), draw(&second, Format::Svg).unwrap());
    let small = edges().swap_remove(2);
    assert_eq!(draw(&small, Format::Png).unwrap(), draw(&small, Format::Png).unwrap());
}

#[test]
fn every_edge_can_be_drawn_and_stays_small() {
    for trace in edges() {
        let charts = draw(&trace, Format::Svg).unwrap();
        assert_eq!(charts.iter().map(|chart| chart.name).collect::<Vec<_>>(), ["timeline", "performance", "messages"]);
        for chart in charts {
            assert!(chart.bytes.len() < 1_000_000, "{} takes {} bytes", chart.name, chart.bytes.len());
        }
    }
    for trace in edges().iter().take(7) {
        for chart in draw(trace, Format::Png).unwrap() {
            assert!(chart.bytes.starts_with(b"\x89PNG"));
        }
    }
}

#[test]
fn what_people_wrote_stays_text() {
    for chart in draw(&ugly(), Format::Svg).unwrap() {
        let svg = String::from_utf8(chart.bytes).unwrap();
        assert!(svg.contains("&lt;script&gt;alert(&quot;&amp;&quot;)") && !svg.contains("<script"));
        assert!(!svg.contains('\u{7}'));
    }
}

#[test]
fn a_cut_trace_says_so() {
    for (_, picture) in compose(&ugly()) {
        let says = |text: &str| picture.shapes.iter().filter_map(extent).any(|(_, other)| other.contains(text));
        assert!(says("Trace cut at") && says("123,456 later records"));
    }
}

/// Pictures of what is wrong with made-up histories: an operation that fits nowhere, sessions and transactions that
/// contradict each other.
fn violations() -> Vec<Found> {
    let by = |name: &str| TABLE.iter().find(|entry| entry.name == name).expect("a known model");
    let mut found = Vec::new();
    for seed in 0..60u64 {
        let (clients, operations) = (2 + seed as u32 % 9, 8 + seed as u32 * 3 % 90);
        let sample =
            Sample { clients, operations, unknown: seed as u32 % 3 * 15, keys: seed as u32 % 2 * 3, distinct: true };
        let history = sample.mutated(&Register, seed);
        for consistency in [Consistency::Linearizable, Consistency::Session] {
            let options = Options { consistency, ..Options::default() };
            found.extend((by(Register::NAME).judge)(&history, &options).ok().and_then(|judgement| judgement.picture));
        }
        for engine in [Engine::SnapshotIsolation, Engine::ReadCommitted] {
            let settings = Settings { engine, seed, transactions: 60, longest: 12, ..Settings::default() };
            let text = edn::write(&generate::history(&settings));
            let (_, judgement) = judge_edn(&text, Workload::ListAppend, &Options::default()).expect("a sound history");
            found.extend(judgement.picture);
        }
    }
    found
}

#[test]
fn no_text_of_a_violation_overlaps_another_or_leaves_the_sheet() {
    picture::register_fonts().unwrap();
    let (mut lanes, mut circles) = (0, 0);
    for found in violations() {
        match &found {
            Found::Lanes(_) => lanes += 1,
            Found::Circle(_) => circles += 1,
        }
        assert_well_laid_out(&compose_violation(&found));
    }
    assert!(lanes >= 20 && circles >= 20, "{lanes} lanes, {circles} circles");
}
