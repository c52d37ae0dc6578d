//! Where pending events live: one slab of slots, reused through a free list.
//!
//! Links, order and event share a slot, so that an event costs one stretch of memory: when its day begins its links are
//! read, and the event itself is at hand when it is popped soon afterwards.

use super::EventId;

/// No slot: the end of a list.
pub(super) const NIL: u32 = u32::MAX;

/// One pending event and what the queue knows about it; vacant if there is no event.
#[derive(Clone, Debug)]
pub(super) struct Slot<E> {
    pub(super) time: u64,
    /// Decides between equal times.
    pub(super) seq: u64,
    /// Counts the events that have lived here, so that the id of a past one is recognised.
    generation: u32,
    pub(super) prev: u32,
    /// The next event of the same bucket, or the next free slot.
    pub(super) next: u32,
    event: Option<E>,
}

/// All pending events, in no order.
#[derive(Clone, Debug)]
pub(super) struct Slab<E> {
    pub(super) slots: Vec<Slot<E>>,
    free: u32,
    len: usize,
}

impl<E> Slab<E> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: NIL, len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Stores `event` and answers the id of its slot. The slot's links are left for the caller.
    #[inline]
    pub(super) fn insert(&mut self, time: u64, seq: u64, event: E) -> EventId {
        self.len += 1;
        let free = self.free;
        if let Some(slot) = self.slots.get_mut(free as usize) {
            self.free = slot.next;
            slot.time = time;
            slot.seq = seq;
            slot.event = Some(event);
            return EventId { slot: free, generation: slot.generation };
        }
        let new = u32::try_from(self.slots.len()).ok().filter(|&slot| slot != NIL).expect("fewer than 2^32 events");
        self.slots.push(Slot { time, seq, generation: 0, prev: NIL, next: NIL, event: Some(event) });
        EventId { slot: new, generation: 0 }
    }

    /// Takes the event out of an occupied slot; from here on its id names nothing.
    #[inline]
    pub(super) fn remove(&mut self, slot: u32) -> E {
        let vacant = &mut self.slots[slot as usize];
        vacant.generation = vacant.generation.wrapping_add(1);
        vacant.next = self.free;
        self.free = slot;
        self.len -= 1;
        vacant.event.take().expect("the slot of a pending event is occupied")
    }

    /// The slot of the event that `id` names, if it is still pending.
    pub(super) fn find(&self, id: EventId) -> Option<&Slot<E>> {
        // A vacant slot has already moved on to a generation that no id carries yet.
        self.slots.get(id.slot as usize).filter(|slot| slot.generation == id.generation)
    }
}
