//! The event queue beside three textbook queues: `cargo bench --bench queue`.
//!
//! Two loads. *Hold*: with so many events pending, pop one and push one at its time plus 1 to 100 ms. *Rearm*: a leader
//! sends a heartbeat every 50 ms, and each of 1,000 followers then moves its election timer to 150 to 300 ms ahead.

mod rivals;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use faultlab::engine::queue::{EventId, Queue};
use faultlab::engine::{Span, Time};
use rivals::{HeapWithTombstones, IndexedHeap, PlainCalendar};
use std::hint::black_box;

/// About as large as an event of the simulator.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Payload([u64; 5]);

/// What both loads need of a queue.
trait Pending {
    type Id: Copy;
    fn new() -> Self;
    fn push(&mut self, at: Time, event: Payload) -> Self::Id;
    fn pop(&mut self) -> Option<(Time, Payload)>;
    fn cancel(&mut self, id: Self::Id) -> Option<Payload>;
    /// Moves an event; by cancelling it and pushing it again where the queue knows no better.
    fn rearm(&mut self, id: Self::Id, at: Time) -> Self::Id {
        let event = self.cancel(id).expect("the timer is pending");
        self.push(at, event)
    }
}

/// The queue itself.
struct Moving(Queue<Payload>);

/// The queue itself, but timers are moved by cancelling and pushing.
struct Cancelling(Queue<Payload>);

impl Pending for Moving {
    type Id = EventId;
    fn new() -> Self {
        Self(Queue::new())
    }
    fn push(&mut self, at: Time, event: Payload) -> EventId {
        self.0.push(at, event)
    }
    fn pop(&mut self) -> Option<(Time, Payload)> {
        self.0.pop()
    }
    fn cancel(&mut self, id: EventId) -> Option<Payload> {
        self.0.cancel(id)
    }
    fn rearm(&mut self, id: EventId, at: Time) -> EventId {
        assert!(self.0.reschedule(id, at));
        id
    }
}

impl Pending for Cancelling {
    type Id = EventId;
    fn new() -> Self {
        Self(Queue::new())
    }
    fn push(&mut self, at: Time, event: Payload) -> EventId {
        self.0.push(at, event)
    }
    fn pop(&mut self) -> Option<(Time, Payload)> {
        self.0.pop()
    }
    fn cancel(&mut self, id: EventId) -> Option<Payload> {
        self.0.cancel(id)
    }
}

/// Xorshift64: cheap enough not to be what is measured.
struct Dice(u64);

impl Dice {
    fn between(&mut self, min: Span, max: Span) -> Span {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let width = max.as_nanos() - min.as_nanos();
        Span::from_nanos(min.as_nanos() + ((u128::from(self.0) * u128::from(width)) >> 64) as u64)
    }
}

fn hold<Q: Pending>(c: &mut Criterion, name: &str) {
    let mut group = c.benchmark_group("hold");
    for pending in [2, 100, 1_000, 100_000] {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let mut delay = || dice.between(Span::from_millis(1), Span::from_millis(100));
        let mut queue = Q::new();
        for event in 0..pending {
            queue.push(Time::ZERO + delay(), Payload([event; 5]));
        }
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::new(name, pending), |b| {
            b.iter(|| {
                let (now, event) = queue.pop().expect("never empty");
                queue.push(now + delay(), black_box(event));
            });
        });
    }
}

fn rearm<Q: Pending>(c: &mut Criterion, name: &str) {
    const TIMERS: u64 = 1_000;
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    let mut timeout = || dice.between(Span::from_millis(150), Span::from_millis(300));
    let mut queue = Q::new();
    let mut timers: Vec<_> = (0..TIMERS).map(|n| queue.push(Time::ZERO + timeout(), Payload([n; 5]))).collect();
    let heartbeat = Span::from_millis(50);
    queue.push(Time::ZERO + heartbeat, Payload([TIMERS; 5]));
    let mut group = c.benchmark_group("rearm");
    group.throughput(Throughput::Elements(TIMERS));
    group.bench_function(name, |b| {
        b.iter(|| {
            let (now, event) = queue.pop().expect("never empty");
            assert_eq!(event, Payload([TIMERS; 5]), "timers are always moved before they fire");
            for id in &mut timers {
                *id = queue.rearm(*id, now + timeout());
            }
            queue.push(now + heartbeat, event);
        });
    });
}

fn queues(c: &mut Criterion) {
    hold::<Moving>(c, "queue");
    hold::<HeapWithTombstones>(c, "binary heap");
    hold::<IndexedHeap>(c, "4-ary heap");
    hold::<PlainCalendar>(c, "plain calendar");
    rearm::<Moving>(c, "queue, moved");
    rearm::<Cancelling>(c, "queue, cancelled and pushed");
    rearm::<HeapWithTombstones>(c, "binary heap");
    rearm::<IndexedHeap>(c, "4-ary heap");
    rearm::<PlainCalendar>(c, "plain calendar");
}

criterion_group!(benches, queues);
criterion_main!(benches);
