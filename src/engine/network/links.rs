//! How many messages each link has carried.
//!
//! Up to 1,024 nodes every link has a counter of its own. Ten thousand nodes could have a hundred million links; beyond
//! [`MOST_COUNTERS`] links therefore share counters by a fixed hash. A shared counter still gives every message a fate of its
//! own, because fates are keyed by the link as well; it only means that removing a message on one link may re-roll later
//! messages of another one, with a chance of one in a million for any two. In exchange a run's memory is bounded whatever
//! its nodes say to each other, and the table stays within the processor's cache.

use crate::engine::NodeId;
use crate::engine::random::{Domain, Fate};
use crate::engine::time::Time;

/// The most counters that a network keeps: 4 MB.
const MOST_COUNTERS: usize = 1 << 20;

#[derive(Clone, Debug)]
pub(super) struct Links {
    nodes: u32,
    /// Whether every link has a counter of its own.
    own: bool,
    seed: u64,
    /// Messages handed to the links so far; one counter wraps around after four thousand million.
    sent: Vec<u32>,
    /// When the last message arrives; empty until a link that keeps order is used.
    last_arrivals: Vec<Time>,
}

impl Links {
    pub(super) fn new(seed: u64, nodes: u32) -> Self {
        let pairs = nodes as usize * nodes as usize;
        let own = pairs <= MOST_COUNTERS;
        let sent = vec![0; if own { pairs } else { MOST_COUNTERS }];
        Self { nodes, own, seed, sent, last_arrivals: Vec::new() }
    }

    /// The fate of the next message from `from` to `to`, and the place of the link's counter.
    #[inline]
    pub(super) fn next(&mut self, from: NodeId, to: NodeId) -> (usize, Fate) {
        let key = Fate::key(self.seed, Domain::Link, u64::from(from.0) << 32 | u64::from(to.0));
        let place = match self.own {
            true => from.index() * self.nodes as usize + to.index(),
            // Keys are well mixed, so their low bits are a hash.
            false => key as usize & (MOST_COUNTERS - 1),
        };
        let ordinal = self.sent[place];
        self.sent[place] = ordinal.wrapping_add(1);
        (place, Fate::of(key, u64::from(ordinal)))
    }

    /// When the last message of a link arrives, to be changed. Links that share a place wait for each other, which keeps
    /// each of them in order.
    pub(super) fn last_arrival(&mut self, place: usize) -> &mut Time {
        if self.last_arrivals.is_empty() {
            self.last_arrivals = vec![Time::ZERO; self.sent.len()];
        }
        &mut self.last_arrivals[place]
    }
}
