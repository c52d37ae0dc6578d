//! The judge against trying every order.
//!
//! Two statements are tested on small histories. *Soundness*: if some serial order explains a history, the judge finds
//! nothing. *Completeness*: if none does and the order of versions of every list is observed, it finds something.

use crate::check::transactions::generate::{self, Engine, Settings};
use crate::check::transactions::history::{Action, History, Op, Status, Transaction};
use crate::check::transactions::{Level, Options, Workload, check, edn};
use crate::engine::random::{Domain, Stream};

/// Whether some order of the committed transactions, and of any of the unknown ones, explains every read; in
/// `realtime`, one that puts nothing before what had ended when it began.
fn explainable(history: &History, realtime: bool) -> bool {
    let live: Vec<&Transaction> =
        history.transactions.iter().filter(|transaction| transaction.status != Status::Failed).collect();
    let mut state = vec![Vec::new(); history.keys.len()];
    place(&live, &mut vec![false; live.len()], &mut state, realtime)
}

fn place(live: &[&Transaction], placed: &mut [bool], state: &mut [Vec<i64>], realtime: bool) -> bool {
    if (0..live.len()).all(|at| placed[at] || live[at].status == Status::Unknown) {
        return true;
    }
    for at in 0..live.len() {
        let before = |other: usize| {
            let ended = live[other].completed.filter(|_| live[other].status == Status::Ok);
            ended.is_some_and(|ended| ended.place < live[at].invoked.place)
        };
        if placed[at] || realtime && (0..live.len()).any(|other| !placed[other] && before(other)) {
            continue;
        }
        let lengths: Vec<usize> = state.iter().map(Vec::len).collect();
        placed[at] = true;
        let fits = live[at].ops.iter().all(|op| apply(op, state));
        if fits && place(live, placed, state, realtime) {
            return true;
        }
        placed[at] = false;
        state.iter_mut().zip(lengths).for_each(|(list, length)| list.truncate(length));
    }
    false
}

/// Runs an operation; says whether a read returns what it did.
fn apply(op: &Op, state: &mut [Vec<i64>]) -> bool {
    let list = &mut state[op.key.0 as usize];
    match &op.action {
        Action::Append(value) | Action::Write(value) => list.push(*value),
        Action::List(seen) => return seen == list,
        Action::Value(seen) => return list.last() == Some(seen),
        Action::Nothing => return list.is_empty(),
        Action::Unread => {}
    }
    true
}

/// Whether reads show every list's whole order: at most one committed append to a key is in no read, and of an unknown
/// transaction either everything is in one or nothing.
fn fully_observed(history: &History) -> bool {
    let shown = |op: &Op| {
        let value = op.action.written().expect("only writes are asked about");
        let committed = history.transactions.iter().filter(|transaction| transaction.status == Status::Ok);
        let mut reads = committed.flat_map(|transaction| &transaction.ops).filter(|read| read.key == op.key);
        reads.any(|read| read.action.list().is_some_and(|list| list.contains(&value)))
    };
    let mut hidden = vec![0; history.keys.len()];
    for transaction in &history.transactions {
        let writes: Vec<&Op> = transaction.ops.iter().filter(|op| op.action.written().is_some()).collect();
        let unseen = writes.iter().filter(|op| !shown(op));
        match transaction.status {
            Status::Ok => unseen.for_each(|op| hidden[op.key.0 as usize] += 1),
            Status::Unknown if unseen.clone().count() % writes.len().max(1) != 0 => return false,
            Status::Unknown | Status::Failed => {}
        }
    }
    hidden.iter().all(|count| *count < 2)
}

/// A small history of a random engine, in half of the cases with one read falsified.
fn draw(seed: u64, workload: Workload) -> History {
    const ENGINES: [Engine; 6] = [
        Engine::Serializable,
        Engine::SnapshotIsolation,
        Engine::BlindSnapshots,
        Engine::ReadCommitted,
        Engine::ReadUncommitted,
        Engine::StaleReads,
    ];
    let mut chance = Stream::new(seed, Domain::Fault, 1);
    let settings = Settings {
        seed,
        engine: ENGINES[chance.below(6) as usize],
        workload,
        transactions: 2 + chance.below(5) as u32,
        clients: 2 + chance.below(3) as u32,
        shortest: 1,
        longest: 2 + chance.below(3) as u32,
        keys: 1 + chance.below(3) as u32,
        writes_per_key: 100,
        aborts: 10 * chance.below(2) as u32,
        unknowns: 10 * chance.below(2) as u32,
    };
    let mut history = generate::history(&settings);
    if chance.below(2) == 0 {
        falsify(&mut history, &mut chance);
    }
    history
}

/// Changes what one read returned.
fn falsify(history: &mut History, chance: &mut Stream) {
    let committed = history.transactions.iter_mut().filter(|transaction| transaction.status == Status::Ok);
    let mut reads: Vec<&mut Action> = committed
        .flat_map(|transaction| &mut transaction.ops)
        .map(|op| &mut op.action)
        .filter(|action| action.written().is_none())
        .collect();
    if reads.is_empty() {
        return;
    }
    let at = chance.below(reads.len() as u64) as usize;
    let extra = 1 + chance.below(4) as i64;
    let changed = match &*reads[at] {
        Action::List(list) => {
            let mut list = list.clone();
            match chance.below(3) {
                0 => list.truncate(list.len() - 1),
                1 => list.push(extra),
                _ => {
                    let other = chance.below(list.len() as u64) as usize;
                    list.swap(0, other);
                }
            }
            if list.is_empty() { Action::Nothing } else { Action::List(list) }
        }
        Action::Value(_) if chance.below(3) == 0 => Action::Nothing,
        Action::Value(_) => Action::Value(extra),
        _ => return,
    };
    *reads[at] = changed;
}

struct Tally {
    explained: u32,
    convicted: u32,
    observed: u32,
}

/// Compares on `count` histories.
fn compare(workload: Workload, realtime: bool, count: u64) -> Tally {
    let mut tally = Tally { explained: 0, convicted: 0, observed: 0 };
    for seed in 0..count {
        let history = draw(seed, workload);
        let level = if realtime { Level::StrictSerializable } else { Level::Serializable };
        let options = Options { level, process: false, realtime, ..Options::default() };
        let report = check(&history, &options);
        let explained = explainable(&history, realtime);
        let observed = workload == Workload::ListAppend && fully_observed(&history);
        assert!(
            !explained || report.anomalies.is_empty(),
            "seed {seed}: an order explains it, yet\n{report}\n{}",
            edn::write(&history)
        );
        assert!(
            explained || !observed || !report.anomalies.is_empty(),
            "seed {seed}: no order explains it, and all orders of versions are observed, yet nothing was found\n{}",
            edn::write(&history)
        );
        tally.explained += u32::from(explained);
        tally.convicted += u32::from(!report.anomalies.is_empty());
        tally.observed += u32::from(observed);
    }
    tally
}

#[test]
fn lists_agree_with_brute_force() {
    let tally = compare(Workload::ListAppend, false, 50_000);
    let Tally { explained, convicted, observed } = tally;
    assert!(observed >= 10_000, "only {observed} histories were fully observed");
    assert!(explained >= 10_000 && convicted >= 10_000, "{explained} explained, {convicted} convicted: too one-sided");
}

#[test]
fn lists_agree_with_brute_force_in_real_time() {
    let tally = compare(Workload::ListAppend, true, 20_000);
    assert!(tally.observed >= 5_000 && tally.convicted >= 5_000);
}

#[test]
fn registers_are_never_convicted_wrongly() {
    let tally = compare(Workload::Register, false, 10_000);
    assert!(tally.convicted >= 1_000, "only {} convicted", tally.convicted);
    compare(Workload::Register, true, 10_000);
}
