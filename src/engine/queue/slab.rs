//! Where pending events live: one slab of slots, reused through a free list.
//!
//! A slot is split in two. The [`Node`] holds what ordering needs (32 bytes, so that two share a cache line) and knows
//! nothing of the payload; the event itself is touched only when it arrives and when it leaves.

use super::EventId;

/// No slot: the end of a list.
pub(super) const NIL: u32 = u32::MAX;

/// What the queue knows about one pending event.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) time: u64,
    /// Decides between equal times.
    pub(super) seq: u64,
    /// Counts the events that have lived here, so that the id of a past one is recognised.
    generation: u32,
    pub(super) prev: u32,
    /// The next event of the same bucket, or the next free slot.
    pub(super) next: u32,
}

/// All pending events, in no order.
#[derive(Clone, Debug)]
pub(super) struct Slab<E> {
    pub(super) nodes: Vec<Node>,
    events: Vec<Option<E>>,
    free: u32,
    len: usize,
}

impl<E> Slab<E> {
    pub(super) const fn new() -> Self {
        Self { nodes: Vec::new(), events: Vec::new(), free: NIL, len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Stores `event` and answers the id of its slot. The node's links are left for the caller.
    pub(super) fn insert(&mut self, time: u64, seq: u64, event: E) -> EventId {
        self.len += 1;
        let slot = self.free;
        if let Some(node) = self.nodes.get_mut(slot as usize) {
            self.free = node.next;
            node.time = time;
            node.seq = seq;
            self.events[slot as usize] = Some(event);
            return EventId { slot, generation: node.generation };
        }
        let slot = u32::try_from(self.nodes.len()).ok().filter(|&slot| slot != NIL).expect("fewer than 2^32 events");
        self.nodes.push(Node { time, seq, generation: 0, prev: NIL, next: NIL });
        self.events.push(Some(event));
        EventId { slot, generation: 0 }
    }

    /// Takes the event out of an occupied slot; from here on its id names nothing.
    pub(super) fn remove(&mut self, slot: u32) -> E {
        let node = &mut self.nodes[slot as usize];
        node.generation = node.generation.wrapping_add(1);
        node.next = self.free;
        self.free = slot;
        self.len -= 1;
        self.events[slot as usize].take().expect("the slot of a pending event is occupied")
    }

    /// The node of the event that `id` names, if it is still pending.
    pub(super) fn find(&self, id: EventId) -> Option<&Node> {
        // A vacant slot has already moved on to a generation that no id carries yet.
        self.nodes.get(id.slot as usize).filter(|node| node.generation == id.generation)
    }

    /// The event that `id` names, if it is still pending.
    pub(super) fn event_mut(&mut self, id: EventId) -> Option<&mut E> {
        self.find(id)?;
        self.events[id.slot as usize].as_mut()
    }

    /// Every pending event with its time, in no useful order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &E)> {
        let pairs = self.nodes.iter().zip(&self.events);
        pairs.filter_map(|(node, event)| event.as_ref().map(|event| (node.time, event)))
    }
}
