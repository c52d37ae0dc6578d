//! What a run counts, with or without a trace. Its size does not grow with simulated time.

use crate::engine::metrics::{Histogram, Series};
use crate::engine::trace::{Outcome, Passage};
use crate::engine::{Share, Span};
use std::collections::BTreeMap;

/// The window of availability: whoever waits longer than that has noticed.
const WINDOW: Span = Span::from_millis(500);

/// How many slices a run's time is cut into.
const SLICES: u64 = 200;

/// What became of the messages of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindCounts {
    /// Handed to the network.
    pub sent: u64,
    /// Bytes handed to the network.
    pub bytes: u64,
    /// Lost by chance.
    pub lost: u64,
    /// Made to arrive twice.
    pub duplicated: u64,
    /// Stopped by a partition.
    pub cut: u64,
    /// Dropped because too many were in flight.
    pub capped: u64,
    /// Dropped at the receiver, which was down or had a full inbox.
    pub dropped: u64,
    /// Dropped by a fault that picks out single messages.
    pub picked: u64,
    /// Changed on the way, found out by a checksum and dropped.
    pub corrupted: u64,
    /// Changed on the way unnoticed.
    pub altered: u64,
    /// Dropped because the queue of a link of limited bandwidth was full.
    pub overflowed: u64,
    /// Held up by a clogged link.
    pub clogged: u64,
}

/// The counts of a run.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Events handled.
    pub events: u64,
    /// Messages by kind, in order of first appearance.
    kinds: Vec<(&'static str, KindCounts)>,
    /// Counters noted by nodes.
    notes: Vec<(&'static str, u64)>,
    /// Operations begun.
    pub invoked: u64,
    /// Operations that ended well.
    pub ok: u64,
    /// Operations refused.
    pub failed: u64,
    /// Operations whose outcome nobody knows, those still open at the end not counted.
    pub unknown: u64,
    /// Inputs dropped because a node's inbox was full.
    pub inbox_overflows: u64,
    /// Writes that crashes took back.
    pub writes_lost: u64,
    /// Records that were found torn, and dropped.
    pub writes_torn: u64,
    /// Nodes that stopped because a write or a sync failed.
    pub disk_failures: u64,
    /// How long the operations that ended well took.
    pub latency: Histogram,
    /// The same over time.
    pub series: Series,
    /// Half-second windows in which an operation ended well, and the last such window, counted from one.
    good_windows: (u64, u64),
    duration: Span,
}

impl Stats {
    pub(super) fn new(duration: Span) -> Self {
        Self {
            events: 0,
            kinds: Vec::new(),
            notes: Vec::new(),
            invoked: 0,
            ok: 0,
            failed: 0,
            unknown: 0,
            inbox_overflows: 0,
            writes_lost: 0,
            writes_torn: 0,
            disk_failures: 0,
            latency: Histogram::default(),
            series: Series::new(duration, SLICES),
            good_windows: (0, 0),
            duration,
        }
    }

    /// Messages by kind, sorted by kind.
    pub fn kinds(&self) -> BTreeMap<&'static str, KindCounts> {
        self.kinds.iter().copied().collect()
    }

    /// Counters noted by nodes, sorted by name.
    pub fn notes(&self) -> BTreeMap<&'static str, u64> {
        self.notes.iter().copied().collect()
    }

    /// The counter of this name; zero if nobody noted it.
    pub fn note(&self, name: &str) -> u64 {
        self.notes.iter().find(|(known, _)| *known == name).map_or(0, |(_, amount)| *amount)
    }

    /// Operations begun that have not ended.
    pub fn open(&self) -> u64 {
        self.invoked - self.ok - self.failed - self.unknown
    }

    /// The share of half-second windows of the run in which an operation ended well; `None` if none was asked for.
    pub fn availability(&self) -> Option<Share> {
        let windows = self.duration.as_nanos().div_ceil(WINDOW.as_nanos()).max(1);
        let ppm = u128::from(self.good_windows.0.min(windows)) * 1_000_000 / u128::from(windows);
        (self.invoked > 0).then(|| Share::from_ppm(ppm as u32))
    }

    #[inline]
    pub(super) fn kind(&mut self, kind: &'static str) -> &mut KindCounts {
        find(&mut self.kinds, kind)
    }

    pub(super) fn count_send(&mut self, kind: &'static str, size: u32, passage: &Passage) {
        let counts = self.kind(kind);
        counts.sent += 1;
        counts.bytes += u64::from(size);
        match passage {
            Passage::Arrives { .. } => {}
            Passage::Duplicated { .. } => counts.duplicated += 1,
            Passage::Lost => counts.lost += 1,
            Passage::Cut => counts.cut += 1,
            Passage::Capped => counts.capped += 1,
            Passage::Dropped => counts.picked += 1,
            Passage::Corrupted => counts.corrupted += 1,
            Passage::Overflowed => counts.overflowed += 1,
            Passage::Clogged { .. } => counts.clogged += 1,
            Passage::Altered { .. } => counts.altered += 1,
        }
    }

    pub(super) fn count_note(&mut self, name: &'static str, amount: u64) {
        *find(&mut self.notes, name) += amount;
    }

    pub(super) fn count_return(&mut self, outcome: Outcome, latency: Span, now: crate::engine::Time) {
        let bin = self.series.at(now);
        match outcome {
            Outcome::Ok => {
                self.ok += 1;
                self.latency.record(latency);
                bin.latency.record(latency);
                let window = now.as_nanos() / WINDOW.as_nanos() + 1;
                if self.good_windows.1 != window {
                    self.good_windows = (self.good_windows.0 + 1, window);
                }
            }
            Outcome::Failed => {
                self.failed += 1;
                bin.failed += 1;
            }
            Outcome::Unknown => {
                self.unknown += 1;
                bin.unknown += 1;
            }
        }
    }
}

/// The value under a name; names are few and mostly the same literal, so a scan that compares addresses first wins.
#[inline]
fn find<'a, V: Default>(table: &'a mut Vec<(&'static str, V)>, name: &'static str) -> &'a mut V {
    let same = |known: &str| std::ptr::eq(known, name) || known == name;
    let place = table.iter().position(|(known, _)| same(known)).unwrap_or_else(|| {
        table.push((name, V::default()));
        table.len() - 1
    });
    &mut table[place].1
}
