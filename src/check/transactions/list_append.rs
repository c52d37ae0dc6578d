//! What histories of lists prove.
//!
//! A list that only grows carries its own history: who reads `[1 2 3]` knows that 1 was appended first, then 2, then 3.
//! The longest read of a key therefore gives the order of its versions, every other read must be a beginning of it,
//! and the place where a read ends says what it saw (wr) and what it missed (rw). This is Elle's central trick
//! (section 3 of the paper).
//!
//! A committed append that no read shows comes after everything that the longest read shows, otherwise that read would
//! show it. The order among several such appends is unknown, and none is assumed.
//!
//! A read behind an append of the same transaction shows that append at its end; what stands before it is what the
//! transaction saw of the others. A read that does not is inconsistent in itself and proves nothing else.

use super::anomaly::{Anomaly, Dependency};
use super::history::{Action, History, Key, Op, Status, Txn};
use super::inference::{Edge, Evidence, Inference, Write, Writes};

/// A read of a committed transaction.
#[derive(Clone, Copy)]
struct Observation<'a> {
    key: Key,
    txn: Txn,
    op: usize,
    /// All that it returned.
    seen: &'a [i64],
    /// How much of that is by other transactions.
    base: usize,
    /// Whether the transaction appends to the key only after this read.
    updates: bool,
}

/// Fills in what the history proves.
pub(super) fn infer(history: &History, writes: &Writes, inference: &mut Inference) {
    let observations = observe(history, inference);
    let groups: Vec<&[Observation]> = observations.chunk_by(|left, right| left.key == right.key).collect();
    let mut versions: Vec<Option<Versions>> = (0..history.keys.len()).map(|_| None).collect();
    for group in &groups {
        let key = group[0].key;
        let order = version_order(group, inference);
        for value in order.iter() {
            if let Some(write) = writes.find(key, *value) {
                inference.saw(history, write.txn);
            }
        }
        versions[key.0 as usize] = Some(Versions::new(history, writes, key, order));
    }
    for group in groups {
        let versions = versions[group[0].key.0 as usize].as_ref().expect("every group has just got its versions");
        versions.judge_reads(history, writes, group, inference);
        versions.judge_writes(group, inference);
        versions.chain(inference);
        versions.connect(history, group, inference);
        lost_updates(versions.order, group, inference);
    }
}

/// The consistent reads of all committed transactions, by key and then by transaction.
fn observe<'a>(history: &'a History, inference: &mut Inference) -> Vec<Observation<'a>> {
    let mut observations: Vec<Observation> = Vec::new();
    for (txn, transaction) in history.numbered() {
        if transaction.status != Status::Ok {
            continue;
        }
        let first = observations.len();
        for (op, Op { key, action }) in transaction.ops.iter().enumerate() {
            let Some(seen) = action.list() else { continue };
            let appended = |ops: &[Op]| -> Vec<i64> {
                ops.iter().filter(|other| other.key == *key).filter_map(|other| other.action.written()).collect()
            };
            let (own, later) = (appended(&transaction.ops[..op]), appended(&transaction.ops[op + 1..]));
            let mut book = |anomaly, value| {
                inference.found(Evidence { anomaly, key: *key, value, txns: vec![txn], op });
            };
            if let Some(value) = later.iter().find(|value| seen.contains(value)) {
                book(Anomaly::FutureRead, Some(*value));
                continue;
            }
            let Some(base) = seen.strip_suffix(own.as_slice()) else {
                book(Anomaly::Internal, own.last().copied());
                continue;
            };
            let earlier = observations[first..].iter().rev().find(|earlier| earlier.key == *key);
            if earlier.is_some_and(|earlier| &earlier.seen[..earlier.base] != base) {
                book(Anomaly::Internal, None);
            }
            let updates = own.is_empty() && !later.is_empty();
            observations.push(Observation { key: *key, txn, op, seen, base: base.len(), updates });
        }
    }
    observations.sort_by_key(|observation| observation.key);
    observations
}

/// The longest read of a key without a repeated element. Reads with repetitions are booked.
fn version_order<'a>(group: &[Observation<'a>], inference: &mut Inference) -> &'a [i64] {
    let mut longest: &'a [i64] = &[];
    let mut candidates: Vec<&Observation<'a>> = group.iter().collect();
    candidates.sort_by_key(|observation| std::cmp::Reverse(observation.seen.len()));
    for observation in candidates {
        if longest.starts_with(observation.seen) {
            continue;
        }
        match repeated(observation.seen) {
            None if longest.is_empty() => longest = observation.seen,
            None => {}
            value => inference.found(Evidence {
                anomaly: Anomaly::DuplicateElements,
                key: observation.key,
                value,
                txns: vec![observation.txn],
                op: observation.op,
            }),
        }
    }
    longest
}

fn repeated(list: &[i64]) -> Option<i64> {
    let mut sorted = list.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// The versions of one key in their order.
struct Versions<'a> {
    key: Key,
    order: &'a [i64],
    /// The write of each element; `None` for an element that nobody wrote.
    writes: Vec<Option<Write>>,
    /// Committed appends that no read shows.
    unobserved: Vec<(Txn, i64)>,
    /// Every write to the key with its place in the order, `usize::MAX` if no read shows it; by transaction and
    /// operation.
    places: Vec<(Write, usize)>,
}

impl<'a> Versions<'a> {
    fn new(history: &History, writes: &Writes, key: Key, order: &'a [i64]) -> Self {
        let all = writes.of(key);
        let mut places: Vec<(Write, usize)> = all.iter().map(|write| (*write, usize::MAX)).collect();
        let mut find = |(place, value): (usize, &i64)| {
            let at = writes.position(key, *value)?;
            places[at].1 = place;
            Some(all[at])
        };
        let in_order = order.iter().enumerate().map(&mut find).collect();
        let hidden = |(write, place): &(Write, usize)| {
            let committed = history.transaction(write.txn).status == Status::Ok;
            (*place == usize::MAX && committed).then_some((write.txn, write.value))
        };
        let unobserved = places.iter().filter_map(hidden).collect();
        places.sort_unstable_by_key(|(write, _)| (write.txn, write.op));
        Self { key, order, writes: in_order, unobserved, places }
    }

    /// G1a, G1b, garbage, incompatible orders, dirty updates.
    fn judge_reads(&self, history: &History, writes: &Writes, group: &[Observation], inference: &mut Inference) {
        let failed = |write: &Write| history.transaction(write.txn).status == Status::Failed;
        let suspicious = |write: &Option<Write>| write.as_ref().is_none_or(failed);
        let bad: Vec<usize> = (0..self.order.len()).filter(|at| suspicious(&self.writes[*at])).collect();
        let owner = group.iter().find(|observation| std::ptr::eq(observation.seen, self.order));
        for observation in group {
            let Observation { key, txn, op, seen, base, .. } = *observation;
            let mut book = |anomaly, value, others: Option<Txn>| {
                let txns = std::iter::once(txn).chain(others).collect();
                inference.found(Evidence { anomaly, key, value, txns, op });
            };
            let mut judge = |value: i64, write: Option<Write>| match write {
                None => book(Anomaly::GarbageRead, Some(value), None),
                Some(write) if failed(&write) => book(Anomaly::AbortedRead, Some(value), Some(write.txn)),
                Some(_) => {}
            };
            let compatible = self.order.starts_with(seen);
            if compatible {
                bad.iter().take_while(|at| **at < seen.len()).for_each(|at| judge(self.order[*at], self.writes[*at]));
            } else {
                seen.iter().for_each(|value| judge(*value, writes.find(key, *value)));
            }
            if !compatible && repeated(seen).is_none() {
                book(Anomaly::IncompatibleOrder, None, owner.map(|owner| owner.txn));
            }
            let last = base.checked_sub(1).and_then(|at| writes.find(key, seen[at]));
            if let Some(write) = last.filter(|write| !write.last && write.txn != txn) {
                book(Anomaly::IntermediateRead, Some(write.value), Some(write.txn));
            }
        }
        let committed = |write: &&Write| history.transaction(write.txn).status == Status::Ok;
        for (at, write) in self.writes.iter().enumerate() {
            let Some(aborted) = write.as_ref().filter(|write| failed(write)) else { continue };
            if let Some(next) = self.writes[at + 1..].iter().flatten().find(committed) {
                inference.found(Evidence {
                    anomaly: Anomaly::DirtyUpdate,
                    key: self.key,
                    value: Some(next.value),
                    txns: vec![next.txn, aborted.txn],
                    op: 0,
                });
            }
        }
    }

    /// Scrambled writes: a transaction's appends stand in the order in which it made them.
    fn judge_writes(&self, group: &[Observation], inference: &mut Inference) {
        let Some(owner) = group.iter().find(|observation| std::ptr::eq(observation.seen, self.order)) else { return };
        for own in self.places.chunk_by(|left, right| left.0.txn == right.0.txn) {
            let Some(pair) = own.windows(2).find(|pair| pair[0].1 > pair[1].1) else { continue };
            let later = pair[1].0;
            if inference.is_present(later.txn) {
                inference.found(Evidence {
                    anomaly: Anomaly::ScrambledWrites,
                    key: self.key,
                    value: Some(later.value),
                    txns: vec![later.txn, owner.txn],
                    op: later.op as usize,
                });
            }
        }
    }

    /// The nearest version at or behind `at` whose transaction is in the graph, and the nearest before it.
    fn present_from(&self, at: usize, inference: &Inference) -> Option<Write> {
        self.writes[at..].iter().flatten().find(|write| inference.is_present(write.txn)).copied()
    }

    fn present_before(&self, at: usize, inference: &Inference) -> Option<Write> {
        self.writes[..at].iter().rev().flatten().find(|write| inference.is_present(write.txn)).copied()
    }

    /// ww: from each version to the next.
    fn chain(&self, inference: &mut Inference) {
        let present: Vec<Write> =
            self.writes.iter().flatten().filter(|write| inference.is_present(write.txn)).copied().collect();
        let edge = |from: &Write, to: Txn, value| Edge {
            from: from.txn,
            to,
            why: Dependency::Ww,
            key: self.key,
            before: from.value,
            value,
        };
        for pair in present.windows(2) {
            inference.edge(edge(&pair[0], pair[1].txn, pair[1].value));
        }
        if let Some(last) = present.last() {
            for (to, value) in &self.unobserved {
                inference.edge(edge(last, *to, *value));
            }
        }
    }

    /// wr and rw: from what a read saw last, to what it missed first.
    fn connect(&self, history: &History, group: &[Observation], inference: &mut Inference) {
        let mut latest = Vec::new();
        for observation in group.iter().filter(|observation| self.order.starts_with(observation.seen)) {
            let Observation { key, txn, base, .. } = *observation;
            let source = self.present_before(base, inference);
            if let Some(write) = source {
                inference.edge(Edge {
                    from: write.txn,
                    to: txn,
                    why: Dependency::Wr,
                    key,
                    before: 0,
                    value: write.value,
                });
            }
            match self.present_from(base, inference) {
                // A read in the middle of a transaction is G1b, and not also a cycle of the two.
                Some(next) if source.is_some_and(|write| write.txn == next.txn) => {}
                Some(next) => {
                    inference.edge(Edge {
                        from: txn,
                        to: next.txn,
                        why: Dependency::Rw,
                        key,
                        before: 0,
                        value: next.value,
                    });
                }
                None => latest.push(txn),
            }
        }
        inference.missed(history, self.key, &latest, &self.unobserved);
    }
}

/// Transactions that read the same version of a key and then appended to it.
fn lost_updates(order: &[i64], group: &[Observation], inference: &mut Inference) {
    let updates = |observation: &&Observation| observation.updates && order.starts_with(observation.seen);
    let mut updates: Vec<&Observation> = group.iter().filter(updates).collect();
    updates.sort_by_key(|observation| (observation.base, observation.txn));
    updates.dedup_by_key(|observation| (observation.base, observation.txn));
    for same in updates.chunk_by(|left, right| left.base == right.base).filter(|same| same.len() > 1) {
        inference.found(Evidence {
            anomaly: Anomaly::LostUpdate,
            key: same[0].key,
            value: None,
            txns: same.iter().map(|observation| observation.txn).collect(),
            op: same[0].op,
        });
    }
}

/// Whether the read at `op` of a transaction misses `value`.
pub(super) fn misses(action: &Action, value: i64) -> bool {
    action.list().is_some_and(|list| !list.contains(&value))
}
