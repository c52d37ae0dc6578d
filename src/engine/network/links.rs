//! What the links that have been used remember.
//!
//! A few nodes have a table of all their links; ten thousand nodes could have a hundred million, so beyond
//! [`DENSE_NODES`] a link gets its place when it is first used, by open addressing. An entry is two words, because at that
//! size the cost of a message is the cost of the cache lines that it touches.

use super::link_key;
use crate::engine::NodeId;
use crate::engine::time::Time;

/// Up to this many nodes every link has its place from the start: a table of 160 KB at most.
const DENSE_NODES: u32 = 100;

/// What a link remembers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Link {
    /// The key from which the fates of its messages follow; zero for a place that is free.
    pub(super) key: u64,
    /// How many messages were handed to it: the ordinal of the next.
    pub(super) sent: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Links {
    /// Row length of the dense table; zero when places are found by hash.
    dense: u32,
    /// The dense table, or one whose length is a power of two.
    links: Vec<Link>,
    used: usize,
    /// When the last message of each link arrives; empty until a link that keeps order is used.
    last_arrivals: Vec<Time>,
}

impl Links {
    pub(super) fn new(nodes: u32) -> Self {
        let (dense, places) = if nodes > DENSE_NODES { (0, 1024) } else { (nodes, (nodes * nodes) as usize) };
        Self { dense, links: vec![Link::default(); places], used: 0, last_arrivals: Vec::new() }
    }

    /// The place of a link and what it remembers.
    #[inline]
    pub(super) fn get(&mut self, seed: u64, from: NodeId, to: NodeId) -> (usize, &mut Link) {
        let place = match self.dense {
            0 => self.find(link_key(seed, from, to)),
            row => {
                let place = (from.0 * row + to.0) as usize;
                if self.links[place].key == 0 {
                    self.links[place].key = link_key(seed, from, to);
                }
                place
            }
        };
        (place, &mut self.links[place])
    }

    /// When the last message of a link arrives, to be changed.
    pub(super) fn last_arrival(&mut self, place: usize) -> &mut Time {
        self.last_arrivals.resize(self.links.len(), Time::ZERO);
        &mut self.last_arrivals[place]
    }

    /// The place of the link with this key. Keys are bijective images of (from, to), so they identify links, and they
    /// are well mixed, so their low bits are the hash.
    #[inline]
    fn find(&mut self, key: u64) -> usize {
        if self.used * 2 >= self.links.len() {
            self.grow();
        }
        let place = self.probe(key);
        if self.links[place].key == 0 {
            self.links[place].key = key;
            self.used += 1;
        }
        place
    }

    #[inline]
    fn probe(&self, key: u64) -> usize {
        let mask = self.links.len() - 1;
        let mut place = key as usize & mask;
        while self.links[place].key != key && self.links[place].key != 0 {
            place = (place + 1) & mask;
        }
        place
    }

    fn grow(&mut self) {
        let larger = vec![Link::default(); self.links.len() * 2];
        let old = std::mem::replace(&mut self.links, larger);
        let arrivals = std::mem::take(&mut self.last_arrivals);
        for (place, link) in old.into_iter().enumerate().filter(|(_, link)| link.key != 0) {
            let new = self.probe(link.key);
            self.links[new] = link;
            if let Some(arrival) = arrivals.get(place) {
                *self.last_arrival(new) = *arrival;
            }
        }
    }
}
