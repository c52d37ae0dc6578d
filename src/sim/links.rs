//! Faults of links: which links they choose, and how they are told.

use super::fault::{Candidate, Who};
use crate::engine::NodeId;
use crate::engine::network::pipe::Bandwidth;
use crate::engine::network::window::{Change, Degraded, Release, Selection, Treatment, Which};
use crate::engine::random::Stream;
use std::fmt;

/// Links chosen by their ends, at the moment when a fault strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// The senders.
    pub from: Who,
    /// The receivers.
    pub to: Who,
    /// Whether the links back are meant too.
    pub both_ways: bool,
}

impl Links {
    /// The senders and the receivers chosen just now.
    pub(super) fn choose(&self, candidates: &[Candidate<'_>], chance: &mut Stream) -> (Vec<NodeId>, Vec<NodeId>) {
        let mut from = self.from.choose(candidates, chance);
        let mut taken = vec![false; candidates.len()];
        from.iter().for_each(|node| taken[node.index()] = true);
        let mut to = self.to.choose_beside(&taken, candidates, chance);
        if self.from == Who::Rest {
            from.retain(|node| !to.contains(node));
        } else if self.to == Who::Rest {
            to.retain(|node| !from.contains(node));
        }
        (from, to)
    }
}

/// The two sides of a bridge: the servers that are not on it, the first half and the second, the bridge in neither.
pub(super) fn sides_of_bridge(bridge: &[NodeId], candidates: &[Candidate<'_>]) -> Vec<Vec<NodeId>> {
    let servers = candidates.iter().enumerate().filter(|(_, candidate)| !candidate.info.client);
    let others = servers.map(|(index, _)| NodeId(index as u32)).filter(|node| !bridge.contains(node));
    let others: Vec<_> = others.collect();
    let (one, other) = others.split_at(others.len() / 2);
    vec![one.to_vec(), other.to_vec()]
}

/// A change's kind in a word: the key under which scenario files have it.
pub(super) fn word(change: &Change) -> &'static str {
    match change {
        Change::Degrade(_) => "degrade",
        Change::Clog(_) => "clog",
        Change::Narrow(_) => "bandwidth",
        Change::Corrupt { silently: false, .. } => "corrupt",
        Change::Corrupt { silently: true, .. } => "corrupt_silently",
        Change::Select(_, Treatment::Drop) => "drop",
        Change::Select(_, Treatment::Delay(_)) => "delay",
        Change::Select(_, Treatment::Duplicate) => "duplicate",
    }
}

/// What a change does to the links `which`, for people: `clog n1 -> n3`.
pub(super) fn describe(change: &Change, which: &str) -> String {
    match change {
        Change::Degrade(degraded) => format!("degrade {which}: {}", Settings(degraded)),
        Change::Clog(Release::InOrder) => format!("clog {which}"),
        Change::Clog(Release::Shuffled) => format!("clog {which}, shuffled"),
        Change::Narrow(Bandwidth { rate, queue: None }) => format!("narrow {which} to {rate}"),
        Change::Narrow(Bandwidth { rate, queue: Some(queue) }) => format!("narrow {which} to {rate}, queue {queue}"),
        Change::Corrupt { share, silently: false } => format!("corrupt {share} of {which}"),
        Change::Corrupt { share, silently: true } => format!("corrupt {share} of {which} unnoticed"),
        Change::Select(selection, Treatment::Drop) => format!("drop {} {which}", Selected(selection)),
        Change::Select(selection, Treatment::Duplicate) => format!("duplicate {} {which}", Selected(selection)),
        Change::Select(selection, Treatment::Delay(by)) => format!("delay {} {which} by {by}", Selected(selection)),
    }
}

/// `latency 50ms, loss 10%`.
struct Settings<'a>(&'a Degraded);

impl fmt::Display for Settings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Degraded { latency, loss, duplicate, reorder, reorder_delay } = self.0;
        let said = [
            latency.as_ref().map(|law| format!("latency {law}")),
            loss.map(|share| format!("loss {share}")),
            duplicate.map(|share| format!("duplicate {share}")),
            reorder.map(|share| format!("reorder {share}")),
            reorder_delay.map(|range| format!("held up {range}")),
        ];
        f.write_str(&said.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// `append no. 2`, `every 3rd message`.
struct Selected<'a>(&'a Selection);

impl fmt::Display for Selected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.0.kind.as_deref().unwrap_or("message");
        match self.0.which {
            Which::All => write!(f, "every {kind}"),
            Which::First(1) => write!(f, "the first {kind}"),
            Which::First(most) => write!(f, "the first {most} {kind}"),
            Which::Nth(nth) => write!(f, "{kind} no. {nth}"),
            Which::Every(every) => write!(f, "one {kind} in {every}"),
            Which::Share(share) => write!(f, "{share} of {kind}"),
        }
    }
}
