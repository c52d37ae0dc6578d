//! The events that are due next, in order.
//!
//! Normally a short sorted array, latest first, so that the next event is popped off its end and a new one is moved
//! into place past a few neighbours. An insertion or removal that would have to move many neighbours turns the same
//! array into a 4-ary heap that tracks its keys' positions, until it has been emptied: so a burst of events at one
//! moment costs a logarithm each instead of the square of their number.

use std::hint::select_unpredictable;

/// Everything that ordering needs to know about an event, and the slot where the rest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) time: u64,
    pub(super) seq: u64,
    pub(super) slot: u32,
}

/// How many keys a sorted array may move for one insertion. 128 of them are 3 KiB, about 50 ns.
const MAX_SHIFT: usize = 128;

/// Up to this many keys are moved one by one, which is quicker than a search and a block move.
const FEW: usize = 8;

/// Children of a heap entry: four keys share one and a half cache lines, and the tree is half as deep as a binary one.
const ARITY: usize = 4;

#[derive(Clone, Debug)]
pub(super) struct Front {
    /// Sorted with the earliest last, or a heap with the earliest first.
    keys: Vec<Key>,
    heaped: bool,
    /// Where in the heap a slot's key is; meaningless while sorted.
    places: Vec<u32>,
}

impl Key {
    /// Time and sequence number as one number, which compares without branches.
    fn rank(&self) -> u128 {
        u128::from(self.time) << 64 | u128::from(self.seq)
    }
}

impl Front {
    pub(super) const fn new() -> Self {
        Self { keys: Vec::new(), heaped: false, places: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(super) fn is_heaped(&self) -> bool {
        self.heaped
    }

    /// The keys, in no order that the caller should rely on.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub(super) fn first(&self) -> Option<&Key> {
        if self.heaped { self.keys.first() } else { self.keys.last() }
    }

    /// Removes the earliest key.
    pub(super) fn pop(&mut self) -> Option<Key> {
        if !self.heaped {
            return self.keys.pop();
        }
        let first = self.keys[0];
        self.heap_remove(0);
        Some(first)
    }

    /// Adds a key whose sequence number is higher than that of every other key of its time.
    #[inline]
    pub(super) fn insert(&mut self, key: Key) {
        if self.heaped || self.keys.len() > FEW {
            self.insert_among_many(key.time, key.seq, key.slot);
            return;
        }
        // One pass of insertion sort without a branch on the times, which nothing could predict: from the first key that
        // is not later than the new one, each moves on by one place.
        let Key { mut time, mut seq, mut slot } = key;
        for other in &mut self.keys {
            let here = *other;
            let moves = here.time <= time;
            *other = Key {
                time: select_unpredictable(moves, time, here.time),
                seq: select_unpredictable(moves, seq, here.seq),
                slot: select_unpredictable(moves, slot, here.slot),
            };
            time = select_unpredictable(moves, here.time, time);
            seq = select_unpredictable(moves, here.seq, seq);
            slot = select_unpredictable(moves, here.slot, slot);
        }
        self.keys.push(Key { time, seq, slot });
    }

    #[inline(never)]
    fn insert_among_many(&mut self, time: u64, seq: u64, slot: u32) {
        let key = Key { time, seq, slot };
        if !self.heaped {
            // Later times stay in front of it; of equal times it is the last to be popped, thus the first in the array.
            let place = self.keys.partition_point(|other| other.time > key.time);
            if self.keys.len() - place <= MAX_SHIFT {
                self.keys.insert(place, key);
                return;
            }
            self.heapify();
        }
        self.note(key.slot, self.keys.len());
        self.keys.push(key);
        self.sift_up(self.keys.len() - 1);
    }

    /// Removes a key that is present.
    pub(super) fn remove(&mut self, key: Key) {
        if !self.heaped {
            let place = self.keys.partition_point(|other| other.rank() > key.rank());
            debug_assert_eq!(self.keys[place], key);
            if self.keys.len() - place <= MAX_SHIFT {
                self.keys.remove(place);
                return;
            }
            self.heapify();
        }
        self.heap_remove(self.places[key.slot as usize] as usize);
    }

    /// Empties the array.
    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.heaped = false;
    }

    /// Adds a key anywhere; [`Front::sort`] must follow before anything else.
    pub(super) fn append(&mut self, key: Key) {
        debug_assert!(!self.heaped);
        self.keys.push(key);
    }

    /// Puts appended keys in order.
    pub(super) fn sort(&mut self) {
        self.keys.sort_unstable_by_key(|key| std::cmp::Reverse(key.rank()));
    }

    /// Turns the sorted array into a heap: one that is sorted with the earliest first is a heap already.
    #[cold]
    fn heapify(&mut self) {
        self.heaped = true;
        self.keys.reverse();
        for place in 0..self.keys.len() {
            self.note(self.keys[place].slot, place);
        }
    }

    fn note(&mut self, slot: u32, place: usize) {
        if self.places.len() <= slot as usize {
            self.places.resize(slot as usize + 1, 0);
        }
        self.places[slot as usize] = place as u32;
    }

    fn heap_remove(&mut self, place: usize) {
        self.keys.swap_remove(place);
        if place < self.keys.len() {
            // What was last belongs lower down, or, if it comes from another branch, higher up.
            let place = self.sift_down(place);
            self.sift_up(place);
        }
        self.heaped = !self.keys.is_empty();
    }

    fn sift_up(&mut self, mut place: usize) {
        let key = self.keys[place];
        while place > 0 {
            let parent = (place - 1) / ARITY;
            if self.keys[parent].rank() < key.rank() {
                break;
            }
            self.set(place, self.keys[parent]);
            place = parent;
        }
        self.set(place, key);
    }

    fn sift_down(&mut self, mut place: usize) -> usize {
        let key = self.keys[place];
        loop {
            let children = place * ARITY + 1..self.keys.len().min(place * ARITY + 1 + ARITY);
            let Some(least) = children.min_by_key(|&child| self.keys[child].rank()) else { break };
            if key.rank() < self.keys[least].rank() {
                break;
            }
            self.set(place, self.keys[least]);
            place = least;
        }
        self.set(place, key);
        place
    }

    fn set(&mut self, place: usize, key: Key) {
        self.keys[place] = key;
        self.places[key.slot as usize] = place as u32;
    }
}
