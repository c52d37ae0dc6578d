//! Bandwidth: a link takes time for each byte, and what does not fit waits in line.
//!
//! A link of limited bandwidth serves one message after the other, first come, first served. A message leaves when those
//! before it have left and its own bytes are through, and only then begins to travel. Nothing ticks: a link is known by
//! the moment when it will be free.

use crate::engine::NodeId;
use crate::engine::size::{ByteRate, Bytes};
use crate::engine::time::Time;
use std::collections::BTreeMap;

/// How much a link carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bandwidth {
    /// How much in a second.
    pub rate: ByteRate,
    /// How much may wait for its turn; what does not fit is dropped. `None` is without end.
    pub queue: Option<Bytes>,
}

impl Bandwidth {
    /// The lower rate with its queue.
    pub(super) fn or_narrower(self, other: Option<Self>) -> Option<Self> {
        Some(other.filter(|other| other.rate < self.rate).unwrap_or(self))
    }
}

/// When each link of limited bandwidth is free.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipes {
    free: BTreeMap<(NodeId, NodeId), Time>,
}

impl Pipes {
    /// When a message of so many bytes has left; `None` if there is no room for it in the queue.
    pub(super) fn enter(
        &mut self,
        now: Time,
        link: (NodeId, NodeId),
        size: u32,
        Bandwidth { rate, queue }: Bandwidth,
    ) -> Option<Time> {
        let free = self.free.entry(link).or_insert(now);
        let begins = now.max(*free);
        let waiting = rate.bytes_in(begins.since(now));
        // A link that is free takes anything, however small its queue.
        if waiting > 0 && queue.is_some_and(|queue| waiting + u64::from(size) > queue.count()) {
            return None;
        }
        *free = begins + rate.time_for(size.into());
        Some(*free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::time::Span;

    const LINK: (NodeId, NodeId) = (NodeId(0), NodeId(1));
    /// A byte takes a microsecond.
    const RATE: ByteRate = ByteRate::per_second(1_000_000);

    fn micros(count: u64) -> Time {
        Time::ZERO + Span::from_micros(count)
    }

    #[test]
    fn messages_leave_one_after_the_other() {
        let mut pipes = Pipes::default();
        let bandwidth = Bandwidth { rate: RATE, queue: None };
        assert_eq!(pipes.enter(micros(0), LINK, 100, bandwidth), Some(micros(100)));
        assert_eq!(pipes.enter(micros(10), LINK, 50, bandwidth), Some(micros(150)));
        assert_eq!(pipes.enter(micros(10), (LINK.1, LINK.0), 50, bandwidth), Some(micros(60)), "the way back is free");
        assert_eq!(pipes.enter(micros(500), LINK, 100, bandwidth), Some(micros(600)));
    }

    #[test]
    fn what_does_not_fit_is_refused_and_takes_no_time() {
        let mut pipes = Pipes::default();
        let bandwidth = Bandwidth { rate: RATE, queue: Some(Bytes::new(150)) };
        assert_eq!(pipes.enter(micros(0), LINK, 1_000, bandwidth), Some(micros(1_000)), "a free link takes anything");
        assert_eq!(pipes.enter(micros(900), LINK, 50, bandwidth), Some(micros(1_050)));
        assert_eq!(pipes.enter(micros(900), LINK, 50, bandwidth), None);
        assert_eq!(pipes.enter(micros(950), LINK, 50, bandwidth), Some(micros(1_100)));
    }
}
