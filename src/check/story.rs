//! What a picture of a violation shows, as data: the text and the picture are made from the same operations.

use super::history::{History, Moment};
use crate::engine::Time;

/// A few operations of a history, and what is remarkable about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// What it shows.
    pub title: String,
    /// The conflict, in a sentence.
    pub conflict: String,
    /// Whether the moments are times; if not, they are places in the order of events.
    pub timed: bool,
    /// The clients, from top to bottom.
    pub lanes: Vec<String>,
    /// The operations, by their beginnings.
    pub bars: Vec<Bar>,
}

/// An operation of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its client: a place among the lanes.
    pub lane: usize,
    /// What was asked and answered.
    pub label: String,
    /// When it began: nanoseconds, or its place among the events.
    pub begin: u64,
    /// When it ended; `None` if it never did, as far as anybody knows.
    pub end: Option<u64>,
    /// Its place in the legal order, from 1.
    pub place: Option<usize>,
    /// Whether it is the one that fits nowhere.
    pub culprit: bool,
}

impl Story {
    /// The story of these operations; `order` is the legal order, all of it, and `culprits` fit nowhere.
    pub fn of(history: &History, title: String, conflict: String, shown: &[u32], order: &[u32], culprits: &[u32]) -> Self {
        let at = |moment: Moment| if history.timed { moment.time.as_nanos() } else { u64::from(moment.order) };
        let operations = || shown.iter().map(|place| &history.operations[*place as usize]);
        let mut processes: Vec<u32> = operations().map(|operation| operation.process).collect();
        processes.sort_unstable();
        processes.dedup();
        let bar = |number: &u32| {
            let operation = &history.operations[*number as usize];
            Bar {
                lane: processes.binary_search(&operation.process).expect("its process was collected"),
                label: history.asked(operation),
                begin: at(operation.invoked),
                end: operation.ended().map(at),
                place: order.iter().position(|placed| placed == number).map(|place| place + 1),
                culprit: culprits.contains(number),
            }
        };
        Self {
            title,
            conflict,
            timed: history.timed,
            bars: shown.iter().map(bar).collect(),
            lanes: processes.iter().map(|process| history.processes[*process as usize].to_string()).collect(),
        }
    }

    /// From when to when it lasts.
    pub fn extent(&self) -> (u64, u64) {
        let begin = self.bars.iter().map(|bar| bar.begin).min().unwrap_or(0);
        let end = self.bars.iter().map(|bar| bar.end.unwrap_or(bar.begin)).max().unwrap_or(0);
        (begin, end.max(begin + 1))
    }

    /// A moment of it, in words.
    pub fn when(&self, moment: u64) -> String {
        if self.timed { Time::from_nanos(moment).to_string() } else { format!("event {moment}") }
    }
}
