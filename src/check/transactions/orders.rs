//! Orders beyond the data: what a client did first, and what the clock says.
//!
//! *Process*: a client runs one transaction at a time, so each comes before its next.
//!
//! *Realtime*: a transaction that was answered before another was asked for comes before it. Drawn in full that is
//! quadratic, so only the arrows that follow from no others are kept: going through the events in order, a *frontier*
//! holds the completed transactions that no completed transaction follows yet. A new transaction gets an arrow from each
//! of the frontier; when it completes, it replaces those in the frontier that it follows. With `c` clients a transaction
//! gets at most `c` arrows, and a path exists between two transactions exactly when one ended before the other began.

use super::anomaly::Dependency;
use super::history::{History, Key, Status, Txn};
use super::inference::{Edge, Inference};
use std::collections::BTreeMap;

fn edge(from: Txn, to: Txn, why: Dependency) -> Edge {
    Edge { from, to, why, key: Key(0), before: 0, value: 0 }
}

/// Draws the order of each client.
pub(super) fn processes(history: &History, inference: &mut Inference) {
    let mut last: BTreeMap<i64, Txn> = BTreeMap::new();
    for (txn, transaction) in history.numbered().filter(|(txn, _)| inference.present[txn.index()]) {
        if let Some(from) = last.get(&transaction.process) {
            inference.edges.push(edge(*from, txn, Dependency::Process));
        }
        // Of an unknown transaction nobody knows when it took effect, so it comes before nothing.
        if transaction.status == Status::Ok {
            last.insert(transaction.process, txn);
        }
    }
}

/// Draws the order of real time.
pub(super) fn realtime(history: &History, inference: &mut Inference) {
    let mut events: Vec<(u32, Txn, bool)> = Vec::with_capacity(history.transactions.len() * 2);
    for (txn, transaction) in history.numbered().filter(|(txn, _)| inference.present[txn.index()]) {
        events.push((transaction.invoked.place, txn, false));
        if let (Status::Ok, Some(completed)) = (transaction.status, transaction.completed) {
            events.push((completed.place, txn, true));
        }
    }
    events.sort_unstable();
    let mut frontier: Vec<Txn> = Vec::new();
    for (_, txn, completes) in events {
        if completes {
            let invoked = history.transaction(txn).invoked.place;
            let after = |other: &Txn| history.transaction(*other).completed.is_some_and(|done| done.place > invoked);
            frontier.retain(after);
            frontier.push(txn);
        } else {
            inference.edges.extend(frontier.iter().map(|from| edge(*from, txn, Dependency::Realtime)));
        }
    }
}
