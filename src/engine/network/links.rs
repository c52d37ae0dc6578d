//! The state of the links that have been used.
//!
//! A few nodes have a table of all their links; ten thousand nodes could have a hundred million, so beyond
//! [`DENSE_NODES`] a link gets its place when it is first used, found by open addressing over a fixed hash.

use super::link_key;
use crate::engine::NodeId;
use crate::engine::time::Time;

/// Up to this many nodes every link has its place from the start: a table of 400 KB at most.
const DENSE_NODES: u32 = 100;

/// The place of a link's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkId(u32);

impl LinkId {
    /// From a node to itself: no state is kept.
    pub const LOOPBACK: Self = Self(u32::MAX);
}

/// What a link remembers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// The key from which the fates of its messages follow.
    pub(super) key: u64,
    /// How many messages were handed to it: the ordinal of the next.
    pub(super) sent: u64,
    /// When the last message arrives; kept for links that are in order.
    pub(super) last_arrival: Time,
    /// How many messages are in flight.
    pub(super) in_flight: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Links {
    /// Row length of the dense table; zero when links are found by `slots`.
    dense: u32,
    links: Vec<Link>,
    /// Open addressing: the index of a link in `links` plus one, zero for a free slot. Its length is a power of two.
    slots: Vec<u32>,
}

impl Link {
    fn new(key: u64) -> Self {
        Self { key, sent: 0, last_arrival: Time::ZERO, in_flight: 0 }
    }
}

impl Links {
    pub(super) fn new(nodes: u32) -> Self {
        if nodes > DENSE_NODES {
            return Self { dense: 0, links: Vec::new(), slots: vec![0; 1024] };
        }
        // Key zero stands for "not used yet"; the key is computed on first use.
        Self { dense: nodes, links: vec![Link::new(0); (nodes * nodes) as usize], slots: Vec::new() }
    }

    #[inline]
    pub(super) fn get(&mut self, seed: u64, from: NodeId, to: NodeId) -> (LinkId, &mut Link) {
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
        (LinkId(place as u32), &mut self.links[place])
    }

    pub(super) fn arrived(&mut self, id: LinkId) {
        if id != LinkId::LOOPBACK {
            self.links[id.0 as usize].in_flight -= 1;
        }
    }

    /// The place of the link with this key. Keys are bijective images of (from, to), so they identify links, and they
    /// are well mixed, so their low bits are the hash.
    fn find(&mut self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = key as usize & mask;
        loop {
            match self.slots[slot] {
                0 => break,
                place if self.links[place as usize - 1].key == key => return place as usize - 1,
                _ => slot = (slot + 1) & mask,
            }
        }
        self.links.push(Link::new(key));
        self.slots[slot] = self.links.len() as u32;
        if self.links.len() * 2 > self.slots.len() {
            self.grow();
        }
        self.links.len() - 1
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![0; mask + 1];
        for (place, link) in self.links.iter().enumerate() {
            let mut slot = link.key as usize & mask;
            while self.slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = place as u32 + 1;
        }
    }
}
