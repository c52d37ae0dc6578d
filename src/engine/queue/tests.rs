//! The queue against a model that is obviously right: an ordered map from (time, sequence number).

use super::{EventId, Queue};
use crate::engine::Time;
use std::collections::BTreeMap;

/// Marsaglia's xorshift64: plain and the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// How far ahead events are scheduled.
#[derive(Clone, Copy, Debug)]
enum Spread {
    Uniform,
    AllEqual,
    Exponential,
    Outliers,
    Bursts,
}

impl Spread {
    const ALL: [Self; 5] = [Self::Uniform, Self::AllEqual, Self::Exponential, Self::Outliers, Self::Bursts];

    fn draw(self, dice: &mut Dice, now: u64) -> u64 {
        let delay = match self {
            Self::Uniform => dice.below(100_000_000),
            Self::AllEqual => 0,
            Self::Exponential => dice.next() >> 1 >> dice.below(63),
            Self::Outliers if dice.below(20) == 0 => u64::MAX,
            Self::Outliers => dice.below(1_000),
            Self::Bursts => (now / 1_000_000 + 1 + dice.below(3)) * 1_000_000 - now,
        };
        now.saturating_add(delay)
    }
}

/// The queue and its model, side by side.
struct Pair {
    queue: Queue<u64>,
    model: BTreeMap<(u64, u64), u64>,
    /// Every id handed out, with the model's key of its event while that is pending.
    ids: Vec<(EventId, Option<(u64, u64)>)>,
    seq: u64,
    now: u64,
}

impl Pair {
    fn new() -> Self {
        Self { queue: Queue::new(), model: BTreeMap::new(), ids: Vec::new(), seq: 0, now: 0 }
    }

    fn take_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    fn push(&mut self, at: u64) {
        let event = self.ids.len() as u64;
        let id = self.queue.push(Time::from_nanos(at), event);
        let key = (at, self.take_seq());
        self.model.insert(key, event);
        self.ids.push((id, Some(key)));
    }

    fn pop(&mut self) {
        let wanted = self.model.pop_first();
        assert_eq!(self.queue.pop(), wanted.map(|((at, _), event)| (Time::from_nanos(at), event)));
        if let Some(((at, _), event)) = wanted {
            self.now = at;
            self.ids[event as usize].1 = None;
        }
    }

    fn cancel(&mut self, event: usize) {
        let (id, key) = self.ids[event];
        let wanted = key.and_then(|key| self.model.remove(&key));
        assert_eq!(self.queue.cancel(id), wanted);
        self.ids[event].1 = None;
    }

    fn reschedule(&mut self, event: usize, at: u64) {
        let (id, key) = self.ids[event];
        assert_eq!(self.queue.reschedule(id, Time::from_nanos(at)), key.is_some());
        if let Some(key) = key {
            self.model.remove(&key);
            let key = (at, self.take_seq());
            self.model.insert(key, event as u64);
            self.ids[event].1 = Some(key);
        }
    }

    fn check(&mut self) {
        assert_eq!(self.queue.len(), self.model.len());
        assert_eq!(self.queue.is_empty(), self.model.is_empty());
        let first = self.model.first_key_value().map(|(&(at, _), _)| Time::from_nanos(at));
        assert_eq!(self.queue.peek_time(), first);
    }

    fn empty(&mut self) {
        while !self.model.is_empty() {
            self.pop();
        }
        self.check();
    }

    /// One random operation; `pushes` of ten are pushes and three are pops.
    fn step(&mut self, spread: Spread, pushes: u64, dice: &mut Dice) {
        let at = spread.draw(dice, self.now);
        let roll = dice.below(10);
        if self.ids.is_empty() || roll < pushes {
            self.push(at);
        } else if roll < pushes + 3 {
            self.pop();
        } else {
            // Mostly recent ids, which are likely to be pending, and now and then one of long ago.
            let recent = self.ids.len().min(2 * self.model.len() + 1);
            let back = if dice.below(50) == 0 { self.ids.len() } else { recent };
            let event = self.ids.len() - 1 - dice.below(back as u64) as usize;
            if dice.below(3) == 0 { self.cancel(event) } else { self.reschedule(event, at) }
        }
    }
}

/// Several times over, a queue that grows to thousands of events and shrinks to nothing again.
fn tides(operations: u64, mut spread: impl FnMut(&mut Dice) -> Spread, dice: &mut Dice) {
    let mut pair = Pair::new();
    for operation in 0..operations {
        let age = operation % 12_000;
        if age == 0 {
            pair = Pair::new();
        }
        let spread = spread(dice);
        pair.step(spread, if age < 6_000 { 6 } else { 2 }, dice);
        // Peeking begins a day, after which earlier events may still come; so peek often, but not always.
        if age % 7 == 0 {
            pair.check();
        }
        if age == 11_999 {
            pair.empty();
        }
    }
}

#[test]
fn any_operations_agree_with_the_model() {
    for spread in Spread::ALL {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ spread as u64);
        tides(48_000, |_| spread, &mut dice);
    }
}

#[test]
fn a_mixture_of_spreads_agrees_with_the_model() {
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    tides(120_000, |dice| Spread::ALL[dice.below(5) as usize], &mut dice);
}

/// Time goes on between bursts of scheduling, so that the layout has to follow the number and the spread of events.
#[test]
fn a_change_of_load_agrees_with_the_model() {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut pair = Pair::new();
    for (spread, count) in Spread::ALL[..3].iter().cycle().zip([3_000, 70, 10_000, 5, 66, 63, 2_000, 400, 1]) {
        for _ in 0..count {
            pair.push(spread.draw(&mut dice, pair.now).min(pair.now + (1 << 50)));
        }
        for _ in 0..pair.model.len() * 3 {
            pair.pop();
            let at = spread.draw(&mut dice, pair.now).min(pair.now + (1 << 40));
            pair.push(at);
        }
        while pair.model.len() > 20 {
            pair.pop();
        }
    }
    pair.empty();
}

#[test]
fn a_cloned_queue_goes_on_alike() {
    let mut dice = Dice(7);
    let mut pair = Pair::new();
    for _ in 0..5_000 {
        pair.step(Spread::Uniform, 6, &mut dice);
    }
    let mut clone = pair.queue.clone();
    while let Some(event) = pair.queue.pop() {
        assert_eq!(clone.pop(), Some(event));
    }
    assert!(clone.is_empty());
}

#[test]
fn the_id_of_a_past_event_names_nothing_even_when_its_slot_is_reused() {
    let mut queue = Queue::new();
    let fired = queue.push(Time::from_nanos(1), 'a');
    assert_eq!(queue.pop(), Some((Time::from_nanos(1), 'a')));
    let pending = queue.push(Time::from_nanos(2), 'b');
    assert_ne!(fired, pending);
    assert_eq!(queue.cancel(fired), None);
    assert!(!queue.reschedule(fired, Time::from_nanos(3)));
    assert_eq!(queue.cancel(pending), Some('b'));
    assert_eq!(queue.cancel(pending), None);
    assert_eq!(queue.pop(), None);
}

#[test]
fn a_moved_event_comes_after_those_already_scheduled_for_its_new_time() {
    let mut queue = Queue::new();
    let moved = queue.push(Time::from_nanos(5), "moved");
    queue.push(Time::from_nanos(9), "first");
    assert!(queue.reschedule(moved, Time::from_nanos(9)));
    queue.push(Time::from_nanos(9), "last");
    let order: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|(_, event)| event).collect();
    assert_eq!(order, ["first", "moved", "last"]);
}

/// Pushed ahead of time, at the current time and with a third cancelled: always in the order of scheduling.
#[test]
fn a_hundred_thousand_events_at_one_moment_come_out_in_order() {
    const COUNT: u32 = 100_000;
    let at = Time::from_nanos(1_000_000);
    let mut queue = Queue::new();
    let ids: Vec<EventId> = (0..COUNT).map(|event| queue.push(at, event)).collect();
    assert_eq!(queue.pop(), Some((at, 0)));
    for event in COUNT..2 * COUNT {
        queue.push(at, event);
    }
    for id in ids.iter().step_by(3).skip(1) {
        assert!(queue.cancel(*id).is_some());
    }
    let order: Vec<u32> = std::iter::from_fn(|| queue.pop()).map(|(_, event)| event).collect();
    assert!(order.iter().copied().eq((1..2 * COUNT).filter(|event| event % 3 != 0 || *event >= COUNT)));
}

/// The next event is always one that was scheduled after the front had looked far ahead.
#[test]
fn looking_ahead_does_not_make_earlier_events_slow_or_late() {
    let mut queue = Queue::new();
    let far = Time::from_nanos(u64::MAX / 2);
    for event in 0..20_000 {
        queue.push(far, event);
    }
    for nanos in (0..20_000).rev() {
        assert_eq!(queue.peek_time().map(|next| next > Time::from_nanos(nanos)), Some(true));
        queue.push(Time::from_nanos(nanos), nanos);
    }
    for nanos in 0..20_000 {
        assert_eq!(queue.pop(), Some((Time::from_nanos(nanos), nanos)));
    }
    assert_eq!(queue.pop(), Some((far, 0)));
}
