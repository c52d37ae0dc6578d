//! The positions that a search has been in, so that it goes nowhere twice.
//!
//! A small hash table of our own: its order and its memory are the same on every machine, and it knows what it takes. A
//! position is never taken for another because their hashes agree; whole positions are compared.

use std::mem::size_of;

/// Positions: words, and a state.
#[derive(Clone, Debug)]
pub(super) struct Memo<S> {
    entries: Vec<Entry<S>>,
    /// The words of all entries, one after the other.
    words: Vec<u64>,
    /// One more than the place of an entry, or zero; a power of two of them, at most three quarters taken.
    slots: Vec<u32>,
    /// What states take beyond their own size.
    weight: usize,
}

#[derive(Clone, Debug)]
struct Entry<S> {
    hash: u64,
    begin: usize,
    end: usize,
    state: S,
}

impl<S: Eq> Memo<S> {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), words: Vec::new(), slots: vec![0; 64], weight: 0 }
    }

    /// Takes in a position that is new, and says where; `None` if it is known.
    pub(super) fn insert(&mut self, hash: u64, words: &[u64], state: S, weight: usize) -> Option<u32> {
        let mut slot = self.first_slot(hash);
        while let Some(place) = self.slots[slot].checked_sub(1) {
            let entry = &self.entries[place as usize];
            if entry.hash == hash && self.words[entry.begin..entry.end] == *words && entry.state == state {
                return None;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        let begin = self.words.len();
        self.words.extend_from_slice(words);
        self.entries.push(Entry { hash, begin, end: self.words.len(), state });
        self.weight += weight;
        self.slots[slot] = self.entries.len() as u32;
        if self.entries.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        Some(self.entries.len() as u32 - 1)
    }

    /// The state of the position at `place`.
    pub(super) fn state(&self, place: u32) -> &S {
        &self.entries[place as usize].state
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry<S>>() + self.words.capacity() * 8 + self.slots.len() * 4 + self.weight
    }

    /// Whether there is no room for the number of another entry.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= u32::MAX as usize - 1
    }

    fn first_slot(&self, hash: u64) -> usize {
        (hash >> 20) as usize & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for place in 0..self.entries.len() {
            let mut slot = self.first_slot(self.entries[place].hash);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = place as u32 + 1;
        }
    }
}
