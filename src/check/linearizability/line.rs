//! Operations in the order of time, as a line from which they can be taken out and put back.
//!
//! A doubly linked list by numbers: two entries for an operation that ended, its call and its return; a second list for
//! operations that never ended and so have only a call. Taking out the last one that was taken out before, and only that,
//! may be undone, which is all that a depth-first search asks for.

/// Two lists. Entry `2i` is the call of operation `i` and `2i + 1` its return.
#[derive(Clone, Debug)]
pub(super) struct Line {
    next: Vec<u32>,
    prev: Vec<u32>,
}

impl Line {
    /// The line of entries in this order. One more entry, the largest number plus one, is both ends.
    pub(super) fn new(entries: &[u32], count: u32) -> Self {
        let (head, mut at) = (count, count);
        let mut line = Self { next: vec![head; count as usize + 1], prev: vec![head; count as usize + 1] };
        for entry in entries {
            line.next[at as usize] = *entry;
            line.prev[*entry as usize] = at;
            at = *entry;
        }
        line.next[at as usize] = head;
        line.prev[head as usize] = at;
        line
    }

    /// The entry that stands for both ends.
    pub(super) fn head(&self) -> u32 {
        self.next.len() as u32 - 1
    }

    pub(super) fn first(&self) -> u32 {
        self.next[self.next.len() - 1]
    }

    pub(super) fn after(&self, entry: u32) -> u32 {
        self.next[entry as usize]
    }

    pub(super) fn take_out(&mut self, entry: u32) {
        let (before, after) = (self.prev[entry as usize], self.next[entry as usize]);
        self.next[before as usize] = after;
        self.prev[after as usize] = before;
    }

    pub(super) fn put_back(&mut self, entry: u32) {
        let (before, after) = (self.prev[entry as usize], self.next[entry as usize]);
        self.next[before as usize] = entry;
        self.prev[after as usize] = entry;
    }
}
