//! What a history proves: dependencies between transactions, and anomalies that need no cycle.
//!
//! Both workloads fill an [`Inference`]. It keeps everything that the explanation of a dependency needs as numbers
//! (which key, which value), and never a text: of a million dependencies a report explains a handful.

use super::anomaly::{Anomaly, Dependency};
use super::history::{History, Key, Status, Txn};
use std::collections::BTreeMap;

/// An arrow of the dependency graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: Txn,
    pub(super) to: Txn,
    pub(super) why: Dependency,
    /// What it is about; meaningless for process and realtime.
    pub(super) key: Key,
    /// ww: what `from` wrote. Otherwise meaningless.
    pub(super) before: i64,
    /// ww and rw: what `to` wrote. wr: what `to` read.
    pub(super) value: i64,
}

/// One anomaly without a cycle, as far as a report needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Evidence {
    pub(super) anomaly: Anomaly,
    pub(super) key: Key,
    /// The value in question, where there is one.
    pub(super) value: Option<i64>,
    /// Who took part; the victim first.
    pub(super) txns: Vec<Txn>,
    /// The operation of the first transaction that shows it.
    pub(super) op: usize,
}

/// Who wrote a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Write {
    key: Key,
    pub(super) value: i64,
    pub(super) txn: Txn,
    /// Which operation of the transaction it is.
    pub(super) op: u32,
    /// Whether this is its transaction's last write to the key: the version that others may see.
    pub(super) last: bool,
}

/// Every write of a history, found by key and value.
pub(super) struct Writes {
    sorted: Vec<Write>,
    /// Where the writes of each key begin.
    starts: Vec<u32>,
}

impl Writes {
    pub(super) fn new(history: &History) -> Self {
        let mut sorted = Vec::new();
        for (txn, transaction) in history.numbered() {
            for (at, op) in transaction.ops.iter().enumerate() {
                let Some(value) = op.action.written() else { continue };
                let later = &transaction.ops[at + 1..];
                let last = !later.iter().any(|other| other.key == op.key && other.action.written().is_some());
                sorted.push(Write { key: op.key, value, txn, op: at as u32, last });
            }
        }
        sorted.sort_unstable_by_key(|write| (write.key, write.value));
        let start = |key| sorted.partition_point(|write| write.key < Key(key)) as u32;
        let starts = (0..=history.keys.len() as u32).map(start).collect();
        Self { sorted, starts }
    }

    /// The writes of a key, by value.
    pub(super) fn of(&self, key: Key) -> &[Write] {
        let at = key.0 as usize;
        &self.sorted[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Where among the writes of a key that of `value` is.
    pub(super) fn position(&self, key: Key, value: i64) -> Option<usize> {
        self.of(key).binary_search_by_key(&value, |write| write.value).ok()
    }

    /// The write of `value` to `key`.
    pub(super) fn find(&self, key: Key, value: i64) -> Option<Write> {
        self.position(key, value).map(|at| self.of(key)[at])
    }
}

/// What a history proves.
pub(super) struct Inference {
    /// Which transactions took effect for certain: those that committed, and those of unknown outcome that somebody saw.
    pub(super) present: Vec<bool>,
    pub(super) edges: Vec<Edge>,
    /// How often each anomaly occurs.
    pub(super) counts: BTreeMap<Anomaly, u64>,
    /// The first few occurrences of each.
    pub(super) evidence: Vec<Evidence>,
    examples: u64,
}

impl Inference {
    /// Nothing yet; keeps at most `examples` occurrences of each anomaly.
    pub(super) fn new(history: &History, examples: usize) -> Self {
        let present = history.transactions.iter().map(|transaction| transaction.status == Status::Ok).collect();
        Self { present, edges: Vec::new(), counts: BTreeMap::new(), evidence: Vec::new(), examples: examples as u64 }
    }

    /// Books an anomaly.
    pub(super) fn found(&mut self, evidence: Evidence) {
        let count = self.counts.entry(evidence.anomaly).or_default();
        *count += 1;
        if *count <= self.examples {
            self.evidence.push(evidence);
        }
    }

    /// Somebody saw a write of this transaction: unless it aborted, it took effect.
    pub(super) fn saw(&mut self, history: &History, txn: Txn) {
        if history.transaction(txn).status == Status::Unknown {
            self.present[txn.index()] = true;
        }
    }

    /// Whether the transaction is a point of the graph.
    pub(super) fn is_present(&self, txn: Txn) -> bool {
        self.present[txn.index()]
    }

    /// An arrow, unless it would lead from a transaction to itself.
    pub(super) fn edge(&mut self, edge: Edge) {
        if edge.from != edge.to {
            self.edges.push(edge);
        }
    }

    /// Each of `readers` missed each of `writers` (a transaction and what it wrote).
    ///
    /// Their number is the product of both, so beyond a bound each reader is joined only with the two writers that
    /// completed first, of which one is not itself. Every arrow remains true; some true ones are left out, and those
    /// kept are the likeliest to contradict real time.
    pub(super) fn missed(&mut self, history: &History, key: Key, readers: &[Txn], writers: &[(Txn, i64)]) {
        const FEW: usize = 65_536;
        let mut writers = writers;
        let mut earliest;
        if readers.len() * writers.len() > FEW {
            earliest = writers.to_vec();
            earliest
                .sort_by_key(|(txn, _)| history.transaction(*txn).completed.map_or(u32::MAX, |moment| moment.place));
            earliest.truncate(2);
            writers = &earliest;
        }
        for &from in readers {
            for &(to, value) in writers {
                self.edge(Edge { from, to, why: Dependency::Rw, key, before: 0, value });
            }
        }
    }
}
