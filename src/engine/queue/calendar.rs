//! The events that are not due yet: a ring of days, each an unsorted list.
//!
//! Simulated time is cut into days of 2^w nanoseconds, and the ring of 2^k buckets is one year: day `d` keeps its
//! events in bucket `d` modulo 2^k, together with those of the same day in later years. Adding, unlinking and moving
//! an event therefore cost the same however many are pending. A bitmap finds the next bucket that is in use.

use super::front::{Front, Key};
use super::slab::{NIL, Slot};

/// How many pending times are looked at to choose the length of a day.
const SAMPLE: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Calendar {
    /// First slot of each bucket's list. Empty while everything is in the front.
    heads: Vec<u32>,
    /// One bit for each bucket: its list is not empty.
    occupied: Vec<u64>,
    /// A day is 2^shift nanoseconds long.
    shift: u32,
    /// The day that has begun. Its events and all earlier ones are in the front, all later ones are here.
    day: u64,
}

impl Calendar {
    /// A calendar whose only day never ends, so that everything is due.
    pub(super) const fn endless() -> Self {
        Self { heads: Vec::new(), occupied: Vec::new(), shift: 0, day: u64::MAX }
    }

    /// Whether an event at `time` belongs in the front.
    pub(super) fn is_due(&self, time: u64) -> bool {
        time >> self.shift <= self.day
    }

    /// Prepares for about as many events as are `pending`, none of which may be linked, and makes the day of the
    /// earliest the current one.
    pub(super) fn layout<E>(&mut self, slots: &[Slot<E>], pending: &[u32]) {
        let time = |&slot: &u32| slots[slot as usize].time;
        let first = pending.iter().map(time).min().unwrap_or(0);
        let step = pending.len().div_ceil(SAMPLE).max(1);
        let mut distances: Vec<u64> = pending.iter().step_by(step).map(|slot| time(slot) - first).collect();
        distances.sort_unstable();
        // Half of all events lie closer than the median, however far away the others are. A day that holds four of
        // them is eight medians divided by the count.
        let median = distances.get(distances.len() / 2).copied().unwrap_or(0);
        let width = (u128::from(median) * 8 / pending.len().max(1) as u128).clamp(1, 1 << 62);
        self.shift = width.ilog2();
        self.day = first >> self.shift;
        let days = pending.len().next_power_of_two().max(64);
        self.heads.clear();
        self.heads.resize(days, NIL);
        self.occupied.clear();
        self.occupied.resize(days / 64, 0);
    }

    /// Adds the event in `slot` to the list of its day.
    pub(super) fn link<E>(&mut self, slots: &mut [Slot<E>], slot: u32) {
        let bucket = self.bucket(slots[slot as usize].time >> self.shift);
        let head = self.heads[bucket];
        if head == NIL {
            self.occupied[bucket / 64] |= 1 << (bucket % 64);
        } else {
            slots[head as usize].prev = slot;
        }
        let node = &mut slots[slot as usize];
        node.prev = NIL;
        node.next = head;
        self.heads[bucket] = slot;
    }

    /// Takes the event in `slot` out of the list of its day.
    pub(super) fn unlink<E>(&mut self, slots: &mut [Slot<E>], slot: u32) {
        let Slot { time, prev, next, .. } = slots[slot as usize];
        if next != NIL {
            slots[next as usize].prev = prev;
        }
        if prev != NIL {
            slots[prev as usize].next = next;
            return;
        }
        let bucket = self.bucket(time >> self.shift);
        self.set_head(bucket, next);
    }

    /// Begins the next day that has events and moves them to the front, which must be empty; at least one event must
    /// be linked. Answers how many steps were taken in vain.
    pub(super) fn begin_next_day<E>(&mut self, slots: &mut [Slot<E>], front: &mut Front) -> usize {
        let mut vain = 0;
        let mut ahead = 1;
        while let Some(distance) = self.occupied_from(ahead, &mut vain) {
            // A day beyond the end of time wraps to one long past, of which there are no events.
            let day = self.day.wrapping_add(distance as u64);
            vain += self.move_to_front(slots, day, front);
            if !front.is_empty() {
                self.day = day;
                front.sort();
                return vain;
            }
            ahead = distance + 1;
        }
        // Nothing happens for a whole year.
        self.day = self.earliest_day(slots);
        vain += self.move_to_front(slots, self.day, front);
        front.sort();
        vain + self.heads.len() / 64
    }

    /// Unlinks everything and appends the slots to `pending`.
    pub(super) fn drain<E>(&mut self, slots: &[Slot<E>], pending: &mut Vec<u32>) {
        self.for_each(slots, |slot| pending.push(slot));
        self.heads.clear();
        self.occupied.clear();
    }

    fn bucket(&self, day: u64) -> usize {
        day as usize & (self.heads.len() - 1)
    }

    fn set_head(&mut self, bucket: usize, head: u32) {
        self.heads[bucket] = head;
        if head == NIL {
            self.occupied[bucket / 64] &= !(1 << (bucket % 64));
        }
    }

    /// How many days from today the next bucket in use is, not counting those closer than `ahead` or more than a year
    /// away. Adds the words of the bitmap that were looked at in vain.
    fn occupied_from(&self, ahead: usize, vain: &mut usize) -> Option<usize> {
        let year = self.heads.len();
        let mut ahead = ahead;
        while ahead <= year {
            let bucket = self.bucket(self.day.wrapping_add(ahead as u64));
            let word = self.occupied[bucket / 64] >> (bucket % 64);
            if word != 0 {
                ahead += word.trailing_zeros() as usize;
                return (ahead <= year).then_some(ahead);
            }
            ahead += 64 - bucket % 64;
            *vain += 1;
        }
        None
    }

    /// Moves the events of exactly `day` to the front and answers how many of later years were passed over.
    fn move_to_front<E>(&mut self, slots: &mut [Slot<E>], day: u64, front: &mut Front) -> usize {
        let bucket = self.bucket(day);
        let (mut slot, mut kept, mut passed) = (self.heads[bucket], NIL, 0);
        while slot != NIL {
            let node = &mut slots[slot as usize];
            let (time, seq, next) = (node.time, node.seq, node.next);
            if time >> self.shift == day {
                front.append(Key { time, seq, slot });
            } else {
                node.prev = NIL;
                node.next = kept;
                if kept != NIL {
                    slots[kept as usize].prev = slot;
                }
                kept = slot;
                passed += 1;
            }
            slot = next;
        }
        self.set_head(bucket, kept);
        passed
    }

    fn earliest_day<E>(&self, slots: &[Slot<E>]) -> u64 {
        let mut earliest = u64::MAX;
        self.for_each(slots, |slot| earliest = earliest.min(slots[slot as usize].time));
        earliest >> self.shift
    }

    fn for_each<E>(&self, slots: &[Slot<E>], mut visit: impl FnMut(u32)) {
        for (index, &word) in self.occupied.iter().enumerate() {
            let mut word = word;
            while word != 0 {
                let mut slot = self.heads[index * 64 + word.trailing_zeros() as usize];
                while slot != NIL {
                    visit(slot);
                    slot = slots[slot as usize].next;
                }
                word &= word - 1;
            }
        }
    }
}
