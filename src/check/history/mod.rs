//! What clients saw, whatever they were clients of.
//!
//! A [`History`] is a list of operations: who asked, what, when, and how it ended. It knows nothing of the object that was
//! asked; a [model](super::models) gives the words their meaning. So a history may come from a simulated run, from our own
//! files ([`jsonl`]), or from other people's tests ([`jepsen`], [`maps`]), and is judged the same.
//!
//! Three decisions:
//!
//! - *The order of the lines is the order of the events.* Times are for people. A recorder that writes two events in one
//!   nanosecond still wrote one of them first, and a checker that re-sorted them would guess.
//! - *Nobody knows* is an outcome of its own. An operation whose outcome is unknown stays open for ever: it may take
//!   effect at any later moment, or never.
//! - *Nothing is guessed.* Whatever cannot be read, or cannot have happened, is a [`BadHistory`] that names its line.

mod datum;
mod format;
pub mod jepsen;
pub mod jsonl;
pub mod maps;
mod problem;
mod recorder;
#[cfg(test)]
mod tests;

pub use datum::Datum;
pub use format::Format;
pub(super) use format::explain_mixture;
pub use problem::BadHistory;
pub use recorder::{Event, EventKind, Recorder};

use crate::engine::Time;
use crate::engine::trace::Outcome;
use std::sync::Arc;

/// Operations, in the order in which they began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The model that the file asks to be judged by, if it does.
    pub model: Option<Arc<str>>,
    /// Whether the moments carry times. If not, only their order is known.
    pub timed: bool,
    /// The names of the processes; operations refer to them by place.
    pub processes: Vec<Arc<str>>,
    /// The names of the functions; operations refer to them by place.
    pub functions: Vec<Arc<str>>,
    /// The operations.
    pub operations: Vec<Operation>,
    /// How many events there were: beginnings and ends.
    pub events: u32,
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Its place among all events. This alone decides what came before what.
    pub order: u32,
    /// The line of the file that it came from, from 1; 0 if it came from no file.
    pub line: u32,
    /// When it happened; zero if the history has no times.
    pub time: Time,
}

/// Something that a client asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who asked: a place in [`History::processes`].
    pub process: u32,
    /// What was asked, such as `write`: a place in [`History::functions`].
    pub function: u32,
    /// What object was asked, if there are several: operations on different keys do not meet.
    pub key: Option<Datum>,
    /// With what argument.
    pub input: Datum,
    /// When it began.
    pub invoked: Moment,
    /// How it ended; `None` if the history ended first.
    pub completion: Option<Completion>,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Whether it took effect.
    pub outcome: Outcome,
    /// What was answered; means something only if it took effect.
    pub value: Datum,
    /// When it ended.
    pub at: Moment,
}

impl Operation {
    /// Whether it took effect; an operation that never ended counts as unknown.
    pub fn outcome(&self) -> Outcome {
        self.completion.as_ref().map_or(Outcome::Unknown, |completion| completion.outcome)
    }

    /// When it was certainly over; `None` if it may still take effect.
    pub fn ended(&self) -> Option<Moment> {
        self.completion.as_ref().filter(|completion| completion.outcome != Outcome::Unknown).map(|end| end.at)
    }
}

impl History {
    /// The name of the process that asked.
    pub fn process(&self, operation: &Operation) -> &str {
        &self.processes[operation.process as usize]
    }

    /// The process in words: a number alone says too little.
    pub fn who(&self, process: u32) -> String {
        let name: &str = &self.processes[process as usize];
        if name.bytes().all(|b| b.is_ascii_digit()) { format!("process {name}") } else { name.to_owned() }
    }

    /// What was asked.
    pub fn function(&self, operation: &Operation) -> &str {
        &self.functions[operation.function as usize]
    }

    /// A moment in words: `4.21s`, or `line 37` if the history has no times.
    pub fn when(&self, moment: Moment) -> String {
        match (self.timed, moment.line) {
            (true, _) => moment.time.to_string(),
            (false, 0) => format!("event {}", moment.order),
            (false, line) => format!("line {line}"),
        }
    }

    /// What was asked and answered, without who and when: `read x → 5`.
    pub fn asked(&self, operation: &Operation) -> String {
        let mut text = self.function(operation).to_owned();
        for part in [operation.key.as_ref(), Some(&operation.input)].into_iter().flatten() {
            if *part != Datum::Nil {
                text.push_str(&format!(" {part}"));
            }
        }
        match &operation.completion {
            Some(end) if end.outcome == Outcome::Ok => {
                // Many recorders repeat the argument as the answer; that tells nothing.
                let says_nothing = end.value == operation.input && end.value != Datum::Nil
                    || end.value == Datum::Nil && operation.input != Datum::Nil;
                if says_nothing { text } else { format!("{text} → {}", end.value) }
            }
            Some(end) if end.outcome == Outcome::Failed => format!("{text} → failed"),
            _ => format!("{text} → unknown"),
        }
    }

    /// The whole operation in words: `c1: read x → 5 (4.1s to 4.21s)`.
    pub fn tell(&self, operation: &Operation) -> String {
        let begun = self.when(operation.invoked);
        let ended = match (&operation.completion, operation.ended()) {
            (_, Some(at)) => format!("to {}", self.when(at)),
            (Some(end), None) => format!("given up at {}", self.when(end.at)),
            (None, None) => "never ended".to_owned(),
        };
        format!("{}: {} ({begun} {ended})", self.who(operation.process), self.asked(operation))
    }
}
