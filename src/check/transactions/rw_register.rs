//! What histories of registers prove.
//!
//! A register shows only its present value, so the order of versions is mostly hidden. Three things are certain,
//! because every value is written once:
//!
//! - who wrote what a read returned (wr);
//! - the beginning comes before every write, so who read nothing missed every write of the key (rw);
//! - a transaction that reads one version and then writes another replaces the one that it read, so everybody else who
//!   read the first version missed the second (rw). Elle calls this *writes follow reads* within a transaction.
//!
//! No ww dependency is drawn: the only ones known run beside a wr dependency, so write cycles (G0) cannot be told from
//! circular information flow (G1c), and saying the milder of the two is never wrong. That a register is written in the
//! order of real time is likewise not assumed: it is what is to be proved.

use super::anomaly::{Anomaly, Dependency};
use super::history::{History, Key, Status, Txn};
use super::inference::{Edge, Evidence, Inference, Writes};

/// A read by a committed transaction of what others wrote.
#[derive(Clone, Copy)]
struct Observation {
    key: Key,
    /// `None` is the beginning.
    value: Option<i64>,
    txn: Txn,
    op: usize,
    /// What the transaction writes to the key afterwards.
    replaced_by: Option<i64>,
}

/// Fills in what the history proves.
pub(super) fn infer(history: &History, writes: &Writes, inference: &mut Inference) {
    let mut observations = observe(history, inference);
    observations.sort_by_key(|observation| (observation.key, observation.value));
    for observation in &observations {
        judge_read(history, writes, observation, inference);
    }
    for same in observations.chunk_by(|left, right| (left.key, left.value) == (right.key, right.value)) {
        replaced(history, writes, same, inference);
    }
}

/// The reads of what others wrote, of all committed transactions. Contradictions within a transaction are booked.
fn observe(history: &History, inference: &mut Inference) -> Vec<Observation> {
    let mut observations: Vec<Observation> = Vec::new();
    for (txn, transaction) in history.numbered() {
        if transaction.status != Status::Ok {
            continue;
        }
        let first = observations.len();
        for (op, read) in transaction.ops.iter().enumerate() {
            let Some(value) = read.action.value() else { continue };
            let key = read.key;
            let same = |other: &&super::history::Op| other.key == key;
            let mut book = |anomaly| {
                inference.found(Evidence { anomaly, key, value, txns: vec![txn], op });
            };
            let own = transaction.ops[..op].iter().rev().filter(same).find_map(|other| other.action.written());
            if own.is_some() {
                if own != value {
                    book(Anomaly::Internal);
                }
                continue;
            }
            let mut later = transaction.ops[op + 1..].iter().filter(same).filter_map(|other| other.action.written());
            if value.is_some() && later.clone().any(|later| Some(later) == value) {
                book(Anomaly::FutureRead);
                continue;
            }
            let earlier = observations[first..].iter().rev().find(|earlier| earlier.key == key);
            if earlier.is_some_and(|earlier| earlier.value != value) {
                book(Anomaly::Internal);
            }
            observations.push(Observation { key, value, txn, op, replaced_by: later.next() });
        }
    }
    observations
}

/// wr, G1a, G1b, garbage.
fn judge_read(history: &History, writes: &Writes, read: &Observation, inference: &mut Inference) {
    let Observation { key, value: Some(value), txn, op, .. } = *read else { return };
    let book = |anomaly, other: Option<Txn>, inference: &mut Inference| {
        let txns = std::iter::once(txn).chain(other).collect();
        inference.found(Evidence { anomaly, key, value: Some(value), txns, op });
    };
    let Some(write) = writes.find(key, value) else {
        book(Anomaly::GarbageRead, None, inference);
        return;
    };
    inference.saw(history, write.txn);
    if history.transaction(write.txn).status == Status::Failed {
        book(Anomaly::AbortedRead, Some(write.txn), inference);
        return;
    }
    if !write.last && write.txn != txn {
        book(Anomaly::IntermediateRead, Some(write.txn), inference);
    }
    inference.edge(Edge { from: write.txn, to: txn, why: Dependency::Wr, key, before: 0, value });
}

/// rw and lost updates: those who read the same version, and those who replaced it.
fn replaced(history: &History, writes: &Writes, same: &[Observation], inference: &mut Inference) {
    let Observation { key, value, .. } = same[0];
    let mut readers: Vec<Txn> = same.iter().map(|read| read.txn).collect();
    readers.sort_unstable();
    readers.dedup();
    let mut updaters: Vec<(Txn, i64)> =
        same.iter().filter_map(|read| read.replaced_by.map(|next| (read.txn, next))).collect();
    updaters.sort_unstable();
    updaters.dedup_by_key(|(txn, _)| *txn);
    if updaters.len() > 1 {
        let txns: Vec<Txn> = updaters.iter().map(|(txn, _)| *txn).collect();
        let op = same.iter().find(|read| read.txn == txns[0]).map_or(0, |read| read.op);
        inference.found(Evidence { anomaly: Anomaly::LostUpdate, key, value, txns, op });
    }
    match value {
        Some(_) => inference.missed(history, key, &readers, &updaters),
        None => {
            let present = writes.of(key).iter().filter(|write| inference.is_present(write.txn));
            let writers: Vec<(Txn, i64)> = present.map(|write| (write.txn, write.value)).collect();
            inference.missed(history, key, &readers, &writers);
        }
    }
}
