//! What a picture of a violation shows, as data: the text and the picture are made from the same operations.

use super::history::{History, Moment};

/// What a picture shows: one of the two ways in which a history can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Operations in the lanes of their clients: there is no legal order.
    Lanes(Story),
    /// Transactions that each came before the next, and the last before the first.
    Circle(Circle),
}

/// Transactions that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// The anomaly, and what it rules out.
    pub title: String,
    /// What the anomaly is, in a sentence.
    pub meaning: String,
    /// The transactions, in the order of the cycle if it is one.
    pub cards: Vec<Card>,
    /// For each transaction of a cycle, the dependency that leads to the next and the reason for it; the last leads to
    /// the first. Empty if it is no cycle.
    pub links: Vec<(String, String)>,
    /// What follows.
    pub closing: String,
}

/// A transaction of a [`Circle`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its name: `T3`.
    pub name: String,
    /// Whose it is, where it stands, and how it ended.
    pub about: String,
    /// What it did.
    pub text: String,
}

/// A few operations of a history, and what is remarkable about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// What it shows.
    pub title: String,
    /// The conflict, in a sentence.
    pub conflict: String,
    /// Whether the moments are times; if not, they are lines of a file or places in the order of events.
    pub timed: bool,
    /// What the moments are, for the axis.
    pub axis: &'static str,
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
    /// When it began: nanoseconds, or a line, or a place among the events.
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
    pub fn of(
        history: &History,
        title: String,
        conflict: String,
        shown: &[u32],
        order: &[u32],
        culprits: &[u32],
    ) -> Self {
        // As in the text: times if there are any, or else the lines of the file.
        let at = |moment: Moment| match (history.timed, moment.line) {
            (true, _) => moment.time.as_nanos(),
            (false, 0) => u64::from(moment.order),
            (false, line) => u64::from(line),
        };
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
            axis: match history.operations.first() {
                _ if history.timed => "time",
                Some(first) if first.invoked.line > 0 => "line of the file",
                _ => "place in the order of events",
            },
            bars: shown.iter().map(bar).collect(),
            lanes: processes.iter().map(|process| history.who(*process)).collect(),
        }
    }

    /// From when to when it lasts.
    pub fn extent(&self) -> (u64, u64) {
        let begin = self.bars.iter().map(|bar| bar.begin).min().unwrap_or(0);
        let end = self.bars.iter().map(|bar| bar.end.unwrap_or(bar.begin)).max().unwrap_or(0);
        (begin, end.max(begin + 1))
    }
}
