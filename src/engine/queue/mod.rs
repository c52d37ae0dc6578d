//! The event queue: what happens next, strictly by time and then by the order of scheduling.
//!
//! A simulation does little else than take the next event and schedule a few more, and in between a leader's every
//! heartbeat moves the timers of all its followers. So three things must be cheap: push and pop, whether two events
//! are pending or a hundred thousand; and moving an event that will, most likely, be moved again before it fires.
//!
//! The idea is not to sort what is not due. Simulated time is cut into days. The events of the current day, a handful,
//! lie in a sorted array, the *front*. All later ones lie in a *calendar*, a ring of unsorted lists, one for each day
//! of the year; they are sorted only when their day begins. Most timers are moved or cancelled before that, and then
//! have never been sorted at all. All events live in one *slab* with the links of the lists inside, so that an id finds
//! its event at once, cancelling really removes it, and nothing void is ever pending.
//!
//! With fewer than 64 events there is only one day, which never ends: the queue is then nothing but a sorted array,
//! and an empty one has allocated nothing. Otherwise the length of a day is chosen so that about four events fall in
//! it, from a sample of the pending times; and chosen anew when their number has doubled or fallen to a quarter, or
//! when too many empty days or events of later years had to be passed over. A front that grows long nevertheless, as
//! when everything happens at one moment, turns into a heap, at the price of a logarithm. So a layout that fits badly
//! costs a few visits to each event and is then replaced, and no pattern of times makes the queue quadratic.
//!
//! `cargo bench --bench queue` compares it with textbook queues. Nanoseconds for one pop and one push, 1 to 100 ms
//! ahead, and for moving one of 1,000 election timers:
//!
//! | pending              | this queue | binary heap | indexed 4-ary heap | plain calendar |
//! |----------------------|-----------:|------------:|-------------------:|---------------:|
//! | 2                    |          9 |          18 |                 20 |             37 |
//! | 100                  |         24 |          34 |                 75 |             37 |
//! | 1,000                |         25 |          41 |                114 |             40 |
//! | 100,000              |  45 to 115 |  140 to 200 |                300 |     100 to 115 |
//! | a timer, moved       |          4 |             |                 28 |                |
//! | cancelled and pushed |          8 |    41 to 52 |                    |       67 to 84 |
//!
//! With 100,000 pending the time is mostly that of the memory, one miss for the links and one for the event, and varies
//! with what else the machine does.
//!
//! This is not a general priority queue: time only moves on, so nothing may be pushed before the last popped event.
//! Nothing here asks the machine for anything, so the same calls take the same steps everywhere. The slab keeps the
//! size of the highest tide, and an id is told from the later ones of its slot by 32 bits: one that is kept while its
//! slot is used 2^32 times may name another event.

mod calendar;
mod front;
mod slab;
#[cfg(test)]
mod tests;

use super::Time;
use calendar::Calendar;
use front::{Front, Key};
use slab::Slab;

/// How many events may be pending before there is a calendar.
const SMALL: usize = 64;

/// Names a pending event. Once the event has fired or was cancelled the id names nothing, even when its slot is reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventId {
    slot: u32,
    generation: u32,
}

/// Pending events, ordered by time and, at equal times, by the order in which they were scheduled.
#[derive(Clone, Debug)]
pub struct Queue<E> {
    slab: Slab<E>,
    /// The events of the calendar's current day and before, in order.
    front: Front,
    /// All others.
    calendar: Calendar,
    next_seq: u64,
    /// When the last popped event happened.
    now: u64,
    /// The layout is chosen anew when this many events are pending,
    grow_at: usize,
    /// or fewer than this many,
    shrink_below: usize,
    /// or when more steps than twice the number of events were taken in vain.
    vain: usize,
}

impl<E> Queue<E> {
    /// An empty queue. Allocates nothing.
    pub const fn new() -> Self {
        Self {
            slab: Slab::new(),
            front: Front::new(),
            calendar: Calendar::endless(),
            next_seq: 0,
            now: 0,
            grow_at: SMALL,
            shrink_below: 0,
            vain: 0,
        }
    }

    /// How many events are pending.
    pub const fn len(&self) -> usize {
        self.slab.len()
    }

    /// Whether nothing is pending.
    pub const fn is_empty(&self) -> bool {
        self.slab.len() == 0
    }

    /// Schedules `event` for `at`, which must not lie before the last popped event. It comes after every event that
    /// is already scheduled for the same time.
    pub fn push(&mut self, at: Time, event: E) -> EventId {
        debug_assert!(at.as_nanos() >= self.now, "an event scheduled for the past");
        if self.slab.len() >= self.grow_at {
            self.retune();
        }
        let seq = self.take_seq();
        let id = self.slab.insert(at.as_nanos(), seq, event);
        self.place(Key { time: at.as_nanos(), seq, slot: id.slot });
        id
    }

    /// When the next event happens.
    pub fn peek_time(&mut self) -> Option<Time> {
        if self.front.is_empty() {
            self.refill();
        }
        self.front.first().map(|key| Time::from_nanos(key.time))
    }

    /// Removes the next event: the earliest, and of several at that time the one scheduled first.
    pub fn pop(&mut self) -> Option<(Time, E)> {
        if self.front.is_empty() {
            self.refill();
        }
        let key = self.front.pop()?;
        self.now = key.time;
        Some((Time::from_nanos(key.time), self.slab.remove(key.slot)))
    }

    /// Removes the event that `id` names and returns it; `None` if it has fired or was cancelled.
    pub fn cancel(&mut self, id: EventId) -> Option<E> {
        let node = self.slab.find(id)?;
        let key = Key { time: node.time, seq: node.seq, slot: id.slot };
        self.displace(key);
        Some(self.slab.remove(id.slot))
    }

    /// Moves the event that `id` names to `at`, as if it had only now been scheduled: it comes after every event that
    /// is already scheduled for that time. The id stays valid. False if the event has fired or was cancelled.
    pub fn reschedule(&mut self, id: EventId, at: Time) -> bool {
        debug_assert!(at.as_nanos() >= self.now, "an event moved into the past");
        let Some(node) = self.slab.find(id) else { return false };
        self.displace(Key { time: node.time, seq: node.seq, slot: id.slot });
        let seq = self.take_seq();
        let node = &mut self.slab.slots[id.slot as usize];
        node.time = at.as_nanos();
        node.seq = seq;
        self.place(Key { time: at.as_nanos(), seq, slot: id.slot });
        true
    }

    /// When the event that `id` names will happen; `None` if it has fired or was cancelled.
    pub fn time_of(&self, id: EventId) -> Option<Time> {
        self.slab.find(id).map(|slot| Time::from_nanos(slot.time))
    }

    fn take_seq(&mut self) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        seq
    }

    /// Puts a stored event in the front or the calendar.
    fn place(&mut self, key: Key) {
        if !self.calendar.is_due(key.time) {
            self.calendar.link(&mut self.slab.slots, key.slot);
            return;
        }
        self.front.insert(key);
        if self.front.is_heaped() {
            self.vain += 1;
            if self.is_vain() {
                self.retune();
            }
        }
    }

    /// Takes an event out of the front or the calendar. It stays stored.
    fn displace(&mut self, key: Key) {
        if self.calendar.is_due(key.time) {
            self.front.remove(key);
        } else {
            self.calendar.unlink(&mut self.slab.slots, key.slot);
        }
    }

    /// Fills the empty front, unless nothing is pending.
    fn refill(&mut self) {
        if self.slab.len() < self.shrink_below || self.is_vain() {
            self.retune();
        } else if self.slab.len() > 0 {
            let vain = self.calendar.begin_next_day(&mut self.slab.slots, &mut self.front);
            self.vain = (self.vain + vain).saturating_sub(2 * self.front.keys().len());
        }
    }

    fn is_vain(&self) -> bool {
        self.vain > 2 * self.slab.len() + SMALL
    }

    /// Chooses a layout that fits the events now pending, and distributes them anew.
    #[cold]
    fn retune(&mut self) {
        let mut slots: Vec<u32> = self.front.keys().iter().map(|key| key.slot).collect();
        self.front.clear();
        self.calendar.drain(&self.slab.slots, &mut slots);
        self.vain = 0;
        if slots.len() < SMALL {
            self.calendar = Calendar::endless();
            (self.grow_at, self.shrink_below) = (SMALL, 0);
        } else {
            self.calendar.layout(&self.slab.slots, &slots);
            (self.grow_at, self.shrink_below) = (slots.len() * 2, slots.len() / 4);
        }
        for slot in slots {
            let node = &self.slab.slots[slot as usize];
            if self.calendar.is_due(node.time) {
                self.front.append(Key { time: node.time, seq: node.seq, slot });
            } else {
                self.calendar.link(&mut self.slab.slots, slot);
            }
        }
        self.front.sort();
    }
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self::new()
    }
}
