//! How the protocol's values look in traces and conversations: short, and for people only.
//!
//! A position is written `index@term`, an entry `term:command`, an empty entry `term:-`, a client's number for an
//! operation as its start and its count since, `1.7`.

use super::core::StateMachine;
use super::disk::{Entries, Entry, Position, Proposal, RaftWrite};
use super::message::{Appending, Message};
use super::server::{Answer, Msg, Op, Reply, Serial, Timer, Write};
use super::store::{Command, Key, Output, Value};
use std::fmt::{Debug, Display, Formatter, Result};

/// The value, or what stands for none.
fn or<T: Display>(value: Option<T>, none: &str) -> String {
    value.map_or_else(|| none.to_owned(), |value| value.to_string())
}

impl Debug for Position {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}@{}", self.index, self.term)
    }
}

impl<C: Debug> Debug for Entry<C> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.command {
            None => write!(f, "{}:-", self.term),
            Some(Proposal { command, .. }) => write!(f, "{}:{command:?}", self.term),
        }
    }
}

impl<C: Debug> Debug for Entries<C> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<S: StateMachine> Debug for RaftWrite<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Term { term, vote } => write!(f, "term {term}, vote {}", or(*vote, "none")),
            Self::Append { after, entries } => write!(f, "log after {after}: {entries:?}"),
            Self::Snapshot { snapshot, cut } => {
                write!(f, "snapshot up to {:?}, log cut up to {cut}", snapshot.last)
            }
        }
    }
}

impl Debug for Appending {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Matched { index } => write!(f, "up to {index}"),
            Self::Conflict { prev, term: Some(term), first } => {
                write!(f, "not after {prev}: has term {term} there, from {first} on")
            }
            Self::Conflict { prev, term: None, first } => write!(f, "not after {prev}: next is {first}"),
            Self::Deposed => write!(f, "no, a later term has begun"),
        }
    }
}

impl<S: StateMachine> Debug for Message<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        use crate::actor::Protocol;
        write!(f, "{}", self.kind())?;
        match self {
            Self::RequestVote { term, last, .. } => write!(f, " term {term}, log ends {last:?}"),
            Self::Vote { term, granted, .. } => write!(f, " {} term {term}", if *granted { "yes" } else { "no" }),
            Self::Append { term, prev, entries, commit, round } => {
                write!(f, " term {term}, after {prev:?}")?;
                if !entries.is_empty() {
                    write!(f, " {entries:?}")?;
                }
                write!(f, ", commit {commit}, round {round}")
            }
            Self::InstallSnapshot { term, snapshot, round } => {
                let machine = snapshot.replica.machine();
                write!(f, " term {term}, up to {:?} {machine:?}, round {round}", snapshot.last)
            }
            Self::Appended { term, round, outcome } => write!(f, " {outcome:?}, term {term}, round {round}"),
        }
    }
}

impl Debug for Msg {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Raft(message) => message.fmt(f),
            Self::Request { serial, op } => write!(f, "request {serial:?} {op:?}"),
            Self::Response { serial, reply } => write!(f, "response {serial:?} {reply:?}"),
        }
    }
}

impl Debug for Timer {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Raft(timer) => timer.fmt(f),
            Self::Retry => write!(f, "Retry"),
            Self::GiveUp(op) => write!(f, "GiveUp({op})"),
        }
    }
}

impl Debug for Serial {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}.{}", self.boot, self.number)
    }
}

impl Debug for Reply {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Done { output, revision } => write!(f, "{output:?} at {revision}"),
            Self::NotLeader { leader } => write!(f, "not the leader; that is {}", or(*leader, "unknown")),
        }
    }
}

impl Debug for Answer {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Done { output, revision } => write!(f, "{output:?} at {revision}"),
            Self::Refused => write!(f, "refused"),
            Self::TimedOut => write!(f, "timed out"),
        }
    }
}

impl Debug for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Get { key } => write!(f, "get {key}"),
            Self::Change(command) => command.fmt(f),
        }
    }
}

impl Debug for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Put { key, value } => write!(f, "put {key}={value}"),
            Self::Delete { key } => write!(f, "delete {key}"),
            Self::CompareAndSet { key, expected, value } => {
                write!(f, "cas {key}={}->{value}", or(*expected, "none"))
            }
        }
    }
}

impl Debug for Output {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Value(value) => write!(f, "{}", or(*value, "none")),
            Self::Done => write!(f, "done"),
            Self::Swapped(true) => write!(f, "swapped"),
            Self::Swapped(false) => write!(f, "not swapped"),
        }
    }
}

impl Debug for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(self, f)
    }
}

impl Debug for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(self, f)
    }
}

impl Debug for Write {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Raft(write) => write.fmt(f),
            Self::Boot => write!(f, "boot"),
        }
    }
}
