//! The checker against a checker that tries everything, and against histories whose verdicts are known.

use super::*;
use crate::check::Verdict;
use crate::check::history::{Datum, Event, EventKind, Recorder};
use crate::check::judgement::{Options, TABLE};
use crate::check::models::cas_register::CasRegister;
use crate::check::models::counter::Counter;
use crate::check::models::key_value::KeyValue;
use crate::check::models::list::List;
use crate::check::models::lock::Lock;
use crate::check::models::queue::Queue;
use crate::check::models::register::Register;
use crate::check::models::sample::Sample;
use crate::check::models::set::Set;
use crate::engine::trace::Outcome;
use std::path::Path;

/// Tries every order of what is left, with no memory and no cleverness.
fn any_order<M: Model>(model: &M, calls: &[Call<'_, M::Op>], left: &mut Vec<usize>, state: &M::State) -> bool {
    if left.iter().all(|place| calls[*place].end == NEVER) {
        return true;
    }
    for at in 0..left.len() {
        let call = &calls[left[at]];
        if left.iter().any(|other| calls[*other].end < call.begin) {
            continue;
        }
        if let Some(next) = model.step(state, &call.op, call.seen) {
            let place = left.remove(at);
            let found = any_order(model, calls, left, &next);
            left.insert(at, place);
            if found {
                return true;
            }
        }
    }
    false
}

/// Histories of one model on which both checkers must agree; returns how many were linearizable.
fn compare<M: Model>(model: &M, count: u64) -> u64 {
    let mut holds = 0;
    for seed in 0..count {
        let sample = Sample {
            clients: 2 + seed as u32 % 4,
            operations: 3 + seed as u32 % 5,
            unknown: [0, 0, 30, 60][seed as usize / 7 % 4],
            keys: 0,
            distinct: false,
        };
        let legal = seed % 4 == 0;
        let history = if legal { sample.legal(model, seed) } else { sample.mutated(model, seed) };
        for part in parts(model, &history).expect("a made-up history can be read") {
            let mut all: Vec<usize> = (0..part.calls.len()).collect();
            let expected = any_order(model, &part.calls, &mut all, &model.initial());
            let found = search(model, &part.calls, &mut Limits::default());
            assert!(expected || !legal, "{} {seed}: a legal history must be legal: {history:?}", M::NAME);
            match &found {
                Found::Order(order) => {
                    assert!(expected, "{} {seed}: {history:?}", M::NAME);
                    check_order(model, &part.calls, order);
                    holds += 1;
                }
                Found::Stuck { order, culprit } => {
                    assert!(!expected, "{} {seed}: {history:?}", M::NAME);
                    assert!(!order.contains(culprit));
                    explain(model, &history, &part, order, *culprit);
                    check_culprit(model, &part.calls, *culprit);
                }
                Found::Exhausted => panic!("{} {seed}: small histories exhaust nothing", M::NAME),
            }
        }
    }
    holds
}

/// An order that was found is legal, respects time and leaves nothing out that must be in.
fn check_order<M: Model>(model: &M, calls: &[Call<'_, M::Op>], order: &[u32]) {
    let mut state = model.initial();
    for (at, place) in order.iter().enumerate() {
        let call = &calls[*place as usize];
        assert!(order[at + 1..].iter().all(|later| calls[*later as usize].end > call.begin), "against time: {order:?}");
        state = model.step(&state, &call.op, call.seen).expect("a legal order");
    }
    let missing = |place: &u32| calls[*place as usize].end != NEVER && !order.contains(place);
    assert!(!(0..calls.len() as u32).any(|place| missing(&place)));
}

/// Up to just before the culprit's end the history has an order, and with that end it has none.
fn check_culprit<M: Model>(model: &M, calls: &[Call<'_, M::Op>], culprit: u32) {
    let end = calls[culprit as usize].end;
    for (limit, expected) in [(end, true), (end + 1, false)] {
        let begun = calls.iter().filter(|call| call.begin < limit);
        let cut: Vec<_> = begun
            .map(|call| {
                let over = call.end < limit;
                // What has not ended by then may be left out, but if it takes effect, its answer is known to us.
                Call {
                    op: call.op.clone(),
                    seen: call.seen,
                    begin: call.begin,
                    end: if over { call.end } else { NEVER },
                }
            })
            .collect();
        let mut all: Vec<usize> = (0..cut.len()).collect();
        assert_eq!(any_order(model, &cut, &mut all, &model.initial()), expected);
    }
}

#[test]
fn the_search_agrees_with_trying_everything() {
    let count = 10_000;
    let holds = [
        compare(&Register, count),
        compare(&CasRegister, count),
        compare(&KeyValue, count),
        compare(&Counter, count),
        compare(&Set, count),
        compare(&Queue, count),
        compare(&Lock, count),
        compare(&List, count),
    ];
    for holds in holds {
        // Neither verdict may be rare, or the comparison shows little.
        assert!(holds > count / 3 && holds < count * 49 / 50, "{holds} of {count} were linearizable");
    }
}

#[test]
fn the_short_way_agrees_with_trying_everything() {
    let mut counts = [0; 2];
    for seed in 0..20_000 {
        let (clients, unknown) = (2 + seed as u32 % 4, [0, 40][seed as usize / 8 % 2]);
        let sample = Sample { clients, operations: 3 + seed as u32 % 5, unknown, keys: 0, distinct: true };
        let history = if seed % 3 == 0 { sample.legal(&Register, seed) } else { sample.mutated(&Register, seed) };
        for part in parts(&Register, &history).expect("a made-up history can be read") {
            let Some(found) = zones::linearizable(&Register, &part.calls) else { continue };
            let mut all: Vec<usize> = (0..part.calls.len()).collect();
            assert_eq!(found, any_order(&Register, &part.calls, &mut all, &Datum::Nil), "{seed}: {history:?}");
            counts[usize::from(found)] += 1;
        }
    }
    assert!(counts.into_iter().all(|count| count > 1_000), "{counts:?}");
}

#[test]
fn recorded_histories_get_their_known_verdicts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/histories");
    let Ok(verdicts) = std::fs::read_to_string(folder.join("verdicts.tsv")) else {
        println!("skipped: there are no recorded histories beside this folder");
        return;
    };
    let mut count = 0;
    for line in verdicts.lines().skip(1) {
        let (file, expected) = line.split_once('\t').expect("a file and its verdict");
        let text = std::fs::read_to_string(folder.join(file)).expect("a file that verdicts.tsv names");
        let history = History::read(&text, None).unwrap_or_else(|error| panic!("{file}: {error}"));
        let model = if file.starts_with("etcd") { "cas-register" } else { "key-value" };
        let entry = TABLE.iter().find(|entry| entry.name == model).expect("a known model");
        let judgement = (entry.judge)(&history, &Options::default()).unwrap_or_else(|error| panic!("{file}: {error}"));
        let verdict = if expected == "linearizable" { Verdict::Pass } else { Verdict::Fail };
        assert_eq!(judgement.verdict, verdict, "{file}: {}", judgement.headline);
        count += 1;
    }
    println!("{count} histories");
}

/// `count` writes that overlap and of which nobody knows anything, and reads that nothing explains.
fn exploding(count: i64) -> History {
    let mut recorder = Recorder::default();
    let mut take = |kind, process: i64, value| {
        let (process, function) = (process.to_string(), if process < 0 { "read" } else { "write" });
        recorder.take(Event {
            kind,
            process: &process,
            function: Some(function),
            key: None,
            value,
            time: None,
            line: 0,
        })
    };
    for process in 0..count {
        take(EventKind::Invoke, process, Datum::Int(process)).expect("a first operation");
    }
    for value in [0, 3, 5, 7, count] {
        take(EventKind::Invoke, -1, Datum::Nil).expect("one at a time");
        take(EventKind::Complete(Outcome::Ok), -1, Datum::Int(value)).expect("one at a time");
    }
    recorder.finish(None)
}

#[test]
fn a_history_that_explodes_is_unknown_within_the_limits() {
    let history = exploding(50);
    for limits in [Limits { steps: 100_000, ..Limits::default() }, Limits { bytes: 10 << 20, ..Limits::default() }] {
        let found = check(&Register, &history, limits).expect("a register's history");
        assert!(matches!(found, Linearizability::Unknown { keys: 1, steps } if steps <= limits.steps), "{found:?}");
    }
}

#[test]
fn a_small_explosion_is_still_decided() {
    let found = check(&Register, &exploding(8), Limits::default()).expect("a register's history");
    assert!(matches!(found, Linearizability::Broken(_)), "{found:?}");
}

#[test]
fn long_histories_take_little() {
    for (clients, distinct) in [(5, true), (5, false), (20, false)] {
        let sample = Sample { clients, operations: 5_000, unknown: 0, keys: 0, distinct };
        let history = sample.legal(&Register, 7);
        let limits = Limits { steps: 3_000_000, bytes: 64 << 20 };
        let found = check(&Register, &history, limits).expect("a register's history");
        assert_eq!(found, Linearizability::Holds { keys: 1 }, "{clients} clients");
    }
}
