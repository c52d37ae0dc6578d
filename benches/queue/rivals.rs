//! The queues to beat, each as plain as it can be while ordering by time and then by sequence number.

use super::{Payload, Pending};
use faultlab::engine::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

type Key = (u64, u64, u32);

/// Events in slots that are reused, with the sequence number of the event that owns each.
#[derive(Default)]
struct Slots {
    events: Vec<(u64, Option<Payload>)>,
    free: Vec<u32>,
    next_seq: u64,
}

impl Slots {
    fn insert(&mut self, at: Time, event: Payload) -> Key {
        let seq = self.next_seq;
        self.next_seq += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.events.push((0, None));
            self.events.len() as u32 - 1
        });
        self.events[slot as usize] = (seq, Some(event));
        (at.as_nanos(), seq, slot)
    }

    fn remove(&mut self, slot: u32, seq: u64) -> Option<Payload> {
        let (owner, event) = &mut self.events[slot as usize];
        let event = if *owner == seq { event.take() } else { None };
        if event.is_some() {
            self.free.push(slot);
        }
        event
    }
}

/// The standard library's heap. A cancelled event's key stays until it is popped and found to be void.
pub(super) struct HeapWithTombstones {
    heap: BinaryHeap<Reverse<Key>>,
    slots: Slots,
}

impl Pending for HeapWithTombstones {
    type Id = (u32, u64);
    fn new() -> Self {
        Self { heap: BinaryHeap::new(), slots: Slots::default() }
    }
    fn push(&mut self, at: Time, event: Payload) -> Self::Id {
        let key = self.slots.insert(at, event);
        self.heap.push(Reverse(key));
        (key.2, key.1)
    }
    fn pop(&mut self) -> Option<(Time, Payload)> {
        loop {
            let Reverse((at, seq, slot)) = self.heap.pop()?;
            if let Some(event) = self.slots.remove(slot, seq) {
                return Some((Time::from_nanos(at), event));
            }
        }
    }
    fn cancel(&mut self, (slot, seq): Self::Id) -> Option<Payload> {
        self.slots.remove(slot, seq)
    }
}

/// A heap of four children each that knows where every slot's key is.
pub(super) struct IndexedHeap {
    heap: Vec<Key>,
    places: Vec<u32>,
    slots: Slots,
}

impl IndexedHeap {
    fn set(&mut self, place: usize, key: Key) {
        self.heap[place] = key;
        self.places[key.2 as usize] = place as u32;
    }

    fn sift_up(&mut self, mut place: usize) {
        let key = self.heap[place];
        while place > 0 && key < self.heap[(place - 1) / 4] {
            self.set(place, self.heap[(place - 1) / 4]);
            place = (place - 1) / 4;
        }
        self.set(place, key);
    }

    fn sift_down(&mut self, mut place: usize) {
        let key = self.heap[place];
        loop {
            let children = place * 4 + 1..self.heap.len().min(place * 4 + 5);
            let Some(least) = children.min_by_key(|&child| self.heap[child]) else { break };
            if key < self.heap[least] {
                break;
            }
            self.set(place, self.heap[least]);
            place = least;
        }
        self.set(place, key);
    }

    fn remove(&mut self, place: usize) -> (Time, Payload) {
        let (at, seq, slot) = self.heap.swap_remove(place);
        if place < self.heap.len() {
            self.sift_down(place);
            self.sift_up(place);
        }
        (Time::from_nanos(at), self.slots.remove(slot, seq).expect("pending"))
    }
}

impl Pending for IndexedHeap {
    type Id = u32;
    fn new() -> Self {
        Self { heap: Vec::new(), places: Vec::new(), slots: Slots::default() }
    }
    fn push(&mut self, at: Time, event: Payload) -> u32 {
        let key = self.slots.insert(at, event);
        if self.places.len() <= key.2 as usize {
            self.places.push(0);
        }
        self.heap.push(key);
        self.sift_up(self.heap.len() - 1);
        key.2
    }
    fn pop(&mut self) -> Option<(Time, Payload)> {
        (!self.heap.is_empty()).then(|| self.remove(0))
    }
    fn cancel(&mut self, slot: u32) -> Option<Payload> {
        Some(self.remove(self.places[slot as usize] as usize).1)
    }
    fn rearm(&mut self, slot: u32, at: Time) -> u32 {
        let place = self.places[slot as usize] as usize;
        let seq = self.slots.next_seq;
        self.slots.next_seq += 1;
        self.slots.events[slot as usize].0 = seq;
        self.heap[place] = (at.as_nanos(), seq, slot);
        self.sift_down(place);
        self.sift_up(place);
        slot
    }
}

/// A calendar queue as first published: buckets of whole events, each kept sorted, and days as long as three events
/// are apart on average. The number of buckets doubles and halves with the number of events.
pub(super) struct PlainCalendar {
    buckets: Vec<Vec<(u64, u64, Payload)>>,
    width: u64,
    day: u64,
    len: usize,
    next_seq: u64,
}

impl PlainCalendar {
    fn place(&mut self, event: (u64, u64, Payload)) {
        let bucket = (event.0 / self.width) as usize % self.buckets.len();
        let bucket = &mut self.buckets[bucket];
        let place = bucket.partition_point(|other| (other.0, other.1) > (event.0, event.1));
        bucket.insert(place, event);
    }

    fn resize(&mut self, buckets: usize) {
        let events: Vec<_> = std::mem::take(&mut self.buckets).into_iter().flatten().collect();
        let first = events.iter().map(|event| event.0).min().unwrap_or(0);
        let last = events.iter().map(|event| event.0).max().unwrap_or(0);
        self.width = (3 * (last - first) / events.len().max(1) as u64).max(1);
        self.day = first / self.width;
        self.buckets = vec![Vec::new(); buckets];
        for event in events {
            self.place(event);
        }
    }

    fn take(&mut self, bucket: usize) -> Option<(Time, Payload)> {
        let (at, _, event) = self.buckets[bucket].pop()?;
        self.len -= 1;
        if self.len < self.buckets.len() / 2 && self.buckets.len() > 2 {
            self.resize(self.buckets.len() / 2);
        }
        Some((Time::from_nanos(at), event))
    }
}

impl Pending for PlainCalendar {
    type Id = (u64, u64);
    fn new() -> Self {
        Self { buckets: vec![Vec::new(); 2], width: 1, day: 0, len: 0, next_seq: 0 }
    }
    fn push(&mut self, at: Time, event: Payload) -> Self::Id {
        if self.len > 2 * self.buckets.len() {
            self.resize(self.buckets.len() * 2);
        }
        let id = (at.as_nanos(), self.next_seq);
        self.next_seq += 1;
        self.len += 1;
        self.day = self.day.min(id.0 / self.width);
        self.place((id.0, id.1, event));
        id
    }
    fn pop(&mut self) -> Option<(Time, Payload)> {
        let count = self.buckets.len() as u64;
        for day in self.day..self.day + count {
            let bucket = (day % count) as usize;
            if self.buckets[bucket].last().is_some_and(|first| first.0 / self.width <= day) {
                self.day = day;
                return self.take(bucket);
            }
        }
        let first = |bucket: &usize| self.buckets[*bucket].last().map_or((u64::MAX, 0), |event| (event.0, event.1));
        let bucket = (0..self.buckets.len()).min_by_key(first)?;
        self.day = first(&bucket).0 / self.width;
        self.take(bucket)
    }
    fn cancel(&mut self, id: Self::Id) -> Option<Payload> {
        let bucket = (id.0 / self.width) as usize % self.buckets.len();
        let bucket = &mut self.buckets[bucket];
        let place = bucket.binary_search_by(|other| id.cmp(&(other.0, other.1))).ok()?;
        self.len -= 1;
        Some(bucket.remove(place).2)
    }
}
