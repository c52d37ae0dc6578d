//! From events to a history: pairs invocations with completions, and refuses what does not fit.
//!
//! Every reader of a file format ends here, so that the same mistakes get the same words whatever the format. Nothing
//! is repaired: a history with a hole in it would give a verdict about something that did not happen.
//!
//! One thing is not a mistake: an invocation that the history ends without completing. Its outcome is unknown, exactly
//! as if its client had given up.

use super::history::{Action, History, Key, Moment, Op, Status, Transaction, Workload};
use crate::check::history::BadHistory;
use std::collections::BTreeMap;

/// What an event says about its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A client asks for it.
    Invoke,
    /// The client learns that it committed.
    Ok,
    /// The client learns that it aborted.
    Fail,
    /// The client will never know.
    Info,
}

/// One event of a history, as a reader found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its line, counted from 1.
    pub line: u32,
    /// What it says.
    pub phase: Phase,
    /// Whose it is.
    pub process: i64,
    /// Its number, if the file says.
    pub index: Option<i64>,
    /// When it happened in nanoseconds, if the file says.
    pub time: Option<i64>,
    /// The operations. A read that has no result yet is [`Action::Unread`]. A completion that is not ok may leave
    /// them out.
    pub ops: Vec<Op>,
}

/// Collects events into a history.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    transactions: Vec<Transaction>,
    keys: BTreeMap<String, Key>,
    names: Vec<String>,
    /// The open transaction of each process.
    open: BTreeMap<i64, usize>,
    workload: Option<(Workload, u32)>,
    events: u32,
    last_index: Option<i64>,
    last_time: Option<i64>,
    last_line: u32,
}

impl Builder {
    /// A builder that accepts only `workload`, or, without one, whatever the first telling operation belongs to.
    pub fn new(workload: Option<Workload>) -> Self {
        Self { workload: workload.map(|workload| (workload, 0)), ..Self::default() }
    }

    /// The key of this name.
    pub fn key(&mut self, name: &str) -> Key {
        if let Some(key) = self.keys.get(name) {
            return *key;
        }
        let key = Key(self.names.len() as u32);
        self.names.push(name.to_owned());
        self.keys.insert(name.to_owned(), key);
        key
    }

    /// Takes in the next event.
    ///
    /// # Errors
    ///
    /// If it does not fit to the events before it.
    pub fn event(&mut self, event: Event) -> Result<(), BadHistory> {
        self.check_order(&event)?;
        self.check_workload(&event)?;
        let time = event.time.map(i64::unsigned_abs);
        let moment = Moment { place: self.events, line: event.line, time };
        self.events += 1;
        match event.phase {
            Phase::Invoke => self.invoke(event, moment),
            _ => self.complete(event, moment),
        }
    }

    fn invoke(&mut self, event: Event, moment: Moment) -> Result<(), BadHistory> {
        if let Some(open) = self.open.get(&event.process) {
            let earlier = self.transactions[*open].invoked.line;
            return Err(BadHistory::at(
                event.line,
                format!(
                    "process {} invokes a transaction, but the one that it invoked in line {earlier} is still open; \
                     a process runs one transaction at a time",
                    event.process
                ),
                "record transactions that overlap under different processes; end a lost one with :info",
            ));
        }
        let seen = event.ops.iter().find(|op| op.action.written().is_none() && op.action != Action::Unread);
        if let Some(op) = seen {
            let name = &self.names[op.key.0 as usize];
            return Err(BadHistory::at(
                event.line,
                format!("an invocation cannot know what it will read, but the read of {name} has a result"),
                "write nil for the result of every read of an invocation",
            ));
        }
        if self.transactions.len() == u32::MAX as usize {
            return Err(BadHistory::at(
                event.line,
                "a history may have at most 2^32 - 1 transactions",
                "judge a part of it",
            ));
        }
        self.open.insert(event.process, self.transactions.len());
        self.transactions.push(Transaction {
            process: event.process,
            invoked: moment,
            completed: None,
            status: Status::Unknown,
            ops: event.ops,
        });
        Ok(())
    }

    fn complete(&mut self, event: Event, moment: Moment) -> Result<(), BadHistory> {
        let Some(open) = self.open.remove(&event.process) else {
            return Err(BadHistory::at(
                event.line,
                format!("process {} completes a transaction that it never invoked", event.process),
                "the line with the invocation may be missing above",
            ));
        };
        let transaction = &mut self.transactions[open];
        let (line, phase) = (event.line, event.phase);
        if (phase == Phase::Ok || !event.ops.is_empty())
            && let Some(problem) = mismatch(&transaction.ops, &event.ops)
        {
            let invoked = transaction.invoked.line;
            let help = "lines between them may be missing";
            return Err(BadHistory::at(line, format!("{problem} in the invocation in line {invoked}"), help));
        }
        transaction.completed = Some(moment);
        transaction.status = match phase {
            Phase::Ok => Status::Ok,
            Phase::Fail => Status::Failed,
            Phase::Invoke | Phase::Info => Status::Unknown,
        };
        if phase == Phase::Ok {
            if event.ops.iter().any(|op| op.action == Action::Unread) {
                let help = "write what each read returned, or :info if nobody knows whether it committed";
                let message = "a committed transaction must say what its reads returned";
                return Err(BadHistory::at(line, message, help));
            }
            transaction.ops = event.ops;
        }
        Ok(())
    }

    /// Numbers go up; times do not go back.
    fn check_order(&mut self, event: &Event) -> Result<(), BadHistory> {
        let help = "write the events in the order in which they happened";
        let refuse = |problem: String| Err(BadHistory::at(event.line, problem, help));
        self.last_line = event.line;
        if let (Some(index), Some(last)) = (event.index, self.last_index)
            && index <= last
        {
            return refuse(format!("index {index} follows index {last}; indices must go up"));
        }
        match (event.time, self.last_time) {
            (Some(time), _) if time < 0 => return refuse(format!("the time {time} is negative")),
            (Some(time), Some(last)) if time < last => {
                return refuse(format!("time {time} follows time {last}; times must not go back"));
            }
            _ => {}
        }
        self.last_index = event.index.or(self.last_index);
        self.last_time = event.time.or(self.last_time);
        Ok(())
    }

    /// One history, one kind of operation.
    fn check_workload(&mut self, event: &Event) -> Result<(), BadHistory> {
        for found in event.ops.iter().filter_map(|op| op.action.workload()) {
            match self.workload {
                None => self.workload = Some((found, event.line)),
                Some((expected, _)) if expected == found => {}
                Some((expected, line)) => {
                    let why = match line {
                        0 => "was asked for".to_owned(),
                        _ => format!("was found in line {line}"),
                    };
                    return Err(BadHistory::at(
                        event.line,
                        format!("this is a {} operation, but {} {why}", found.word(), expected.word()),
                        "a history has appends to lists or writes to registers, not both; choose with --model",
                    ));
                }
            }
        }
        Ok(())
    }

    /// The history of all events taken in.
    ///
    /// # Errors
    ///
    /// If there is no transaction, or if two transactions write the same value to the same key.
    pub fn finish(self) -> Result<History, BadHistory> {
        if self.transactions.is_empty() {
            let problem = "no transaction found: an empty history proves nothing";
            return Err(BadHistory::at(
                self.last_line.max(1),
                problem,
                "there is nothing to judge, which is not a pass",
            ));
        }
        let workload = self.workload.map_or(Workload::ListAppend, |(workload, _)| workload);
        let history = History { workload, transactions: self.transactions, keys: self.names };
        check_unique(&history)?;
        Ok(history)
    }
}

/// What tells a completion from its invocation, as the beginning of a sentence.
fn mismatch(asked: &[Op], answered: &[Op]) -> Option<String> {
    if asked.len() != answered.len() {
        return Some(format!("{} operations here do not answer the {}", answered.len(), asked.len()));
    }
    let same = |(asked, answered): (&Op, &Op)| {
        asked.key == answered.key && asked.action.written() == answered.action.written()
    };
    let at = asked.iter().zip(answered).position(|pair| !same(pair))?;
    Some(format!("operation {} here differs from operation {}", at + 1, at + 1))
}

/// A value written twice to the same key would make every read of it ambiguous.
fn check_unique(history: &History) -> Result<(), BadHistory> {
    let mut writes = Vec::new();
    for transaction in &history.transactions {
        for op in &transaction.ops {
            writes.extend(op.action.written().map(|value| (op.key, value, transaction.invoked.line)));
        }
    }
    writes.sort_unstable();
    let Some(pair) =
        writes.windows(2).filter(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)).min_by_key(|pair| pair[1].2)
    else {
        return Ok(());
    };
    let ((key, value, first), (_, _, second)) = (pair[0], pair[1]);
    let name = history.key(key);
    Err(BadHistory::at(
        second,
        format!(
            "the value {value} was already written to key {name} in line {first}; values must be unique within a key, \
             or nobody could say whose write a read saw"
        ),
        "record a history in which every write to a key writes another value",
    ))
}
