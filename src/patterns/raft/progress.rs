//! How far each follower has come, and what may be sent to it next: flow control, after etcd's `Progress`.
//!
//! A leader does not wait for one append to be confirmed before it sends the next. It needs to know first where the
//! follower's log ends, and so there are three ways of sending:
//!
//! - *Probing*: nobody knows where the logs meet. One append at a time; each refusal says where to try next.
//! - *Replicating*: they have met. Entries go out as they come, as many messages as the window has room for.
//! - *Sending a snapshot*: the follower needs what the leader no longer has. Nothing else until it has it.
//!
//! Appends under way may overtake one another, and the follower refuses what comes before its time (and keeps it,
//! [`early`](super::early)). So one refusal means little while replicating. [`OVERTAKEN`] of them since the follower last
//! came forward mean that the oldest append is lost, and it alone is sent again. When nothing is confirmed from one
//! heartbeat to the next but one, everything under way is taken for lost, and probing begins anew.

use super::disk::Index;
use crate::engine::LocalTime;
use std::collections::VecDeque;

/// So many refusals mean that the append which they wait for is lost rather than late. TCP says three; networks here shuffle
/// more.
pub(super) const OVERTAKEN: u32 = 8;

/// How far a follower has come, as its leader sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Progress {
    /// The first entry to send next. While probing it is a guess; while replicating, what is before it has been sent.
    pub(super) next: Index,
    /// Up to here the follower's log is known to agree, durably.
    pub(super) matched: Index,
    /// The latest round that the follower has confirmed.
    pub(super) round: u64,
    /// Whether it has answered since the last look.
    pub(super) heard: bool,
    /// When it last answered.
    pub(super) contact: LocalTime,
    sending: Sending,
    /// Refusals since it last came forward.
    refused: u32,
    /// Whether it has confirmed anything since the last heartbeat.
    confirmed: bool,
    /// Whether the last heartbeat already found it no further than the one before.
    stuck: bool,
}

/// How a follower is sent what it lacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sending {
    /// Looking for the place where the logs meet.
    Probe {
        /// Whether a batch is under way.
        waiting: bool,
    },
    /// As fast as the window allows.
    Replicate(Window),
    /// A snapshot is under way.
    Snapshot {
        /// Where it ends.
        index: Index,
        /// When it was sent.
        sent: LocalTime,
    },
}

/// The appends under way to a follower, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Window {
    flights: VecDeque<Flight>,
    bytes: u64,
}

/// An append under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Flight {
    /// Its first entry.
    pub(super) first: Index,
    /// Its last entry.
    pub(super) last: Index,
    bytes: u32,
}

/// How much may be under way to a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Limits {
    pub(super) appends: u32,
    pub(super) bytes: u64,
}

/// What to do about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Nothing: it is old, or came before its time.
    Wait,
    /// Try again from [`Progress::next`].
    Retry,
    /// Send the same entries again.
    Resend(Flight),
}

impl Progress {
    /// A follower of which nothing is known; `next` is a guess, and it counts as heard `since` then.
    pub(super) fn new(next: Index, since: LocalTime) -> Self {
        Self {
            next,
            matched: 0,
            round: 0,
            heard: false,
            contact: since,
            sending: Sending::Probe { waiting: false },
            refused: 0,
            confirmed: false,
            stuck: false,
        }
    }

    /// Whether entries may be sent now.
    pub(super) fn has_room(&self, limits: Limits) -> bool {
        match &self.sending {
            Sending::Probe { waiting } => !waiting,
            Sending::Replicate(window) => window.flights.len() < limits.appends as usize && window.bytes < limits.bytes,
            Sending::Snapshot { .. } => false,
        }
    }

    /// The index before an append without entries: somewhere the follower should agree, or where it is being probed.
    pub(super) fn heartbeat_prev(&self) -> Index {
        match self.sending {
            Sending::Probe { .. } => self.next - 1,
            _ => self.matched.min(self.next - 1),
        }
    }

    /// Entries up to `last` are on their way, in `bytes`.
    pub(super) fn sent(&mut self, last: Index, bytes: u32) {
        match &mut self.sending {
            Sending::Probe { waiting } => *waiting = true,
            Sending::Replicate(window) => {
                window.flights.push_back(Flight { first: self.next, last, bytes });
                window.bytes += u64::from(bytes);
                self.next = last + 1;
            }
            Sending::Snapshot { .. } => {}
        }
    }

    /// A snapshot that ends at `index` is on its way.
    pub(super) fn snapshot_sent(&mut self, index: Index, sent: LocalTime) {
        self.sending = Sending::Snapshot { index, sent };
    }

    /// When the snapshot under way was sent, if one is.
    pub(super) fn awaits_snapshot(&self) -> Option<LocalTime> {
        match self.sending {
            Sending::Snapshot { sent, .. } => Some(sent),
            _ => None,
        }
    }

    /// The follower's log agrees up to `index`. Returns whether that is news.
    pub(super) fn agrees(&mut self, index: Index) -> bool {
        let news = index > self.matched;
        self.matched = self.matched.max(index);
        self.confirmed = true;
        if news {
            (self.refused, self.stuck) = (0, false);
        }
        match &mut self.sending {
            Sending::Probe { .. } if index + 1 >= self.next => self.replicate_from(index + 1),
            Sending::Snapshot { index: end, .. } if index >= *end => self.replicate_from(index + 1),
            Sending::Replicate(window) => {
                while window.flights.front().is_some_and(|flight| flight.last <= index) {
                    let done = window.flights.pop_front();
                    window.bytes -= done.map_or(0, |flight| u64::from(flight.bytes));
                }
                self.next = self.next.max(index + 1);
            }
            _ => {}
        }
        news
    }

    /// The follower does not agree at `prev`; by what it said, the logs may meet before `meeting`.
    pub(super) fn refuses(&mut self, prev: Index, meeting: Index) -> Refused {
        match &mut self.sending {
            Sending::Probe { .. } if prev + 1 != self.next || prev == 0 => Refused::Wait,
            Sending::Probe { waiting } => {
                *waiting = false;
                self.next = meeting.clamp(1, prev);
                Refused::Retry
            }
            Sending::Replicate(window) => {
                self.refused += 1;
                let oldest = window.flights.front().filter(|oldest| prev > oldest.first - 1);
                match oldest {
                    Some(oldest) if self.refused.is_multiple_of(OVERTAKEN) => Refused::Resend(*oldest),
                    _ => Refused::Wait,
                }
            }
            Sending::Snapshot { .. } => Refused::Wait,
        }
    }

    /// Time for a heartbeat. Whoever has not come forward since the last but one, although something is under way, or only
    /// refuses, is probed again. One lost batch must not stop probing either.
    pub(super) fn heartbeat(&mut self) {
        let confirmed = std::mem::take(&mut self.confirmed);
        match &mut self.sending {
            Sending::Probe { waiting } => *waiting = false,
            Sending::Replicate(window) => {
                let waits = !window.flights.is_empty();
                if (waits && self.stuck) || (self.refused > 0 && !confirmed) {
                    self.probe_from(self.matched + 1);
                } else {
                    self.stuck = waits;
                }
            }
            Sending::Snapshot { .. } => {}
        }
    }

    fn replicate_from(&mut self, next: Index) {
        (self.next, self.refused, self.stuck) = (next, 0, false);
        self.sending = Sending::Replicate(Window::default());
    }

    fn probe_from(&mut self, next: Index) {
        (self.next, self.refused, self.stuck) = (next, 0, false);
        self.sending = Sending::Probe { waiting: false };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { appends: 3, bytes: 1_000 };

    fn replicating() -> Progress {
        let mut progress = Progress::new(1, LocalTime::default());
        progress.sent(4, 100);
        assert!(!progress.has_room(LIMITS), "a probe goes alone");
        assert!(progress.agrees(4));
        progress
    }

    #[test]
    fn a_window_is_full_by_count_or_by_bytes_and_confirming_makes_room() {
        let mut progress = replicating();
        for last in [5, 6, 7] {
            assert!(progress.has_room(LIMITS));
            progress.sent(last, 100);
        }
        assert!(!progress.has_room(LIMITS));
        progress.agrees(6);
        assert!(progress.has_room(LIMITS));
        progress.sent(8, 900);
        assert!(!progress.has_room(LIMITS), "1,000 bytes are under way");
        progress.agrees(8);
        assert_eq!((progress.next, progress.matched), (9, 8));
    }

    #[test]
    fn an_append_is_lost_when_many_that_came_later_were_refused() {
        let mut progress = replicating();
        (5..15).for_each(|last| progress.sent(last, 1));
        let answers: Vec<_> = (0..OVERTAKEN).map(|more| progress.refuses(5 + u64::from(more), 5)).collect();
        let (last, before) = answers.split_last().unwrap();
        assert!(before.iter().all(|answer| *answer == Refused::Wait));
        assert_eq!(*last, Refused::Resend(Flight { first: 5, last: 5, bytes: 1 }));
        assert_eq!(progress.next, 15, "nothing else is sent again");
    }

    #[test]
    fn silence_from_one_heartbeat_to_the_next_but_one_means_probing() {
        let mut progress = replicating();
        progress.sent(9, 1);
        progress.heartbeat();
        assert_eq!(progress.next, 10);
        progress.heartbeat();
        assert_eq!((progress.next, progress.heartbeat_prev()), (5, 4));
        assert!(progress.has_room(LIMITS));
    }

    #[test]
    fn a_follower_that_lost_what_it_had_confirmed_is_found_again() {
        let mut progress = replicating();
        assert_eq!(progress.refuses(4, 1), Refused::Wait);
        progress.heartbeat();
        progress.heartbeat();
        assert_eq!(progress.refuses(4, 1), Refused::Retry);
        assert_eq!(progress.next, 1);
    }

    #[test]
    fn a_probe_follows_the_hint_once_and_ignores_old_refusals() {
        let mut progress = Progress::new(50, LocalTime::default());
        assert_eq!(progress.refuses(49, 20), Refused::Retry);
        assert_eq!(progress.refuses(49, 20), Refused::Wait);
        assert_eq!(progress.next, 20);
        progress.agrees(3);
        assert_eq!(progress.next, 20, "an old confirmation says nothing about what is being probed");
        progress.agrees(19);
        assert!(progress.has_room(LIMITS));
    }

    #[test]
    fn nothing_else_is_sent_while_a_snapshot_is_under_way() {
        let mut progress = Progress::new(5, LocalTime::default());
        progress.snapshot_sent(100, LocalTime::default());
        assert!(!progress.has_room(LIMITS));
        assert_eq!(progress.refuses(4, 1), Refused::Wait);
        progress.agrees(60);
        assert!(progress.awaits_snapshot().is_some());
        progress.agrees(100);
        assert_eq!((progress.next, progress.has_room(LIMITS)), (101, true));
    }
}
