//! A short way for registers whose writes all write different values.
//!
//! If every read tells which write it saw, no search is needed (Gibbons and Korach 1997, section 5). A value's write and
//! its reads form a cluster. Between the first end and the last beginning in a cluster, if they come in this order, the
//! register must hold its value all the time: a *forward* zone. Otherwise all of the cluster overlaps, and may happen at
//! any one moment of the *backward* zone between the last beginning and the first end. The history is linearizable if
//! no read comes before its write, no two forward zones overlap, and no backward zone lies inside a forward one.
//!
//! The answer is exact, and comes in the time that sorting takes, however many operations overlap. It gives no order and
//! no culprit, so a violation is still handed to the search.

use super::search::{Call, NEVER};
use crate::check::history::Datum;
use crate::check::models::Model;
use std::collections::BTreeMap;

/// The operations on one value.
struct Cluster {
    /// When its write began; `None` if there is none.
    written: Option<i64>,
    first_end: i64,
    last_begin: i64,
    read: bool,
    /// Whether it must have happened: the write ended, or its value was read.
    certain: bool,
}

/// Whether the calls are linearizable; `None` if they are not only reads and writes of different values.
pub(super) fn linearizable<M: Model>(model: &M, calls: &[Call<'_, M::Op>]) -> Option<bool> {
    let new = || Cluster { written: None, first_end: i64::MAX, last_begin: -1, read: false, certain: false };
    let mut clusters: BTreeMap<Datum, Cluster> = BTreeMap::new();
    // Before everything else, nil was written.
    clusters.insert(Datum::Nil, Cluster { written: Some(-2), first_end: -1, certain: true, ..new() });
    for call in calls {
        let end = if call.end == NEVER { i64::MAX } else { i64::from(call.end) };
        let seen = call.seen.filter(|seen| model.only_looks(&call.op, Some(seen)));
        let cluster = if let Some(value) = seen.map(|seen| model.sees(&call.op, seen)) {
            let cluster = clusters.entry(value?).or_insert_with(new);
            (cluster.read, cluster.certain) = (true, true);
            cluster
        } else {
            // A write that first compares, or adds to what is there, is none of these.
            let value = model.writes(&call.op).filter(|_| model.sees(&call.op, &Datum::Bool(true)).is_none())?;
            let cluster = clusters.entry(value.clone()).or_insert_with(new);
            if cluster.written.replace(call.begin.into()).is_some() {
                return None;
            }
            cluster.certain |= call.end != NEVER;
            cluster
        };
        cluster.first_end = cluster.first_end.min(end);
        cluster.last_begin = cluster.last_begin.max(call.begin.into());
    }
    Some(fit(clusters.into_values().filter(|cluster| cluster.certain)))
}

fn fit(clusters: impl Iterator<Item = Cluster>) -> bool {
    let (mut forward, mut backward) = (Vec::new(), Vec::new());
    for cluster in clusters {
        // A read that ended before its write began, or that has none.
        if cluster.written.is_none_or(|begun| cluster.first_end < begun) {
            return false;
        }
        if cluster.first_end < cluster.last_begin {
            forward.push((cluster.first_end, cluster.last_begin));
        } else if cluster.read || cluster.written != Some(-2) {
            backward.push((cluster.last_begin, cluster.first_end));
        }
    }
    forward.sort_unstable();
    let apart = forward.windows(2).all(|zones| zones[0].1 < zones[1].0);
    let outside = |(begin, end): &(i64, i64)| {
        let before = forward.partition_point(|zone| zone.0 < *begin);
        before.checked_sub(1).is_none_or(|place| forward[place].1 < *end)
    };
    apart && backward.iter().all(outside)
}
