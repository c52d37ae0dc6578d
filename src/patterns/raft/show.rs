//! How the protocol's values look in traces and conversations: short, and for people only.
//!
//! A position is written `index@term`, an entry `term:command`, an empty entry `term:-`, a client's number for an
//! operation as its start and its count since, `1.7`.

use super::admin::Wish;
use super::core::StateMachine;
use super::disk::{Content, Entries, Entry, Position, Proposal, RaftWrite};
use super::membership::{Membership, Refusal};
use super::message::{Appending, Message};
use super::server::{Answer, Msg, Op, Reply, Serial, Timer, Write};
use super::store::{Command, Key, Output, Value};
use crate::engine::NodeId;
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
        match &self.content {
            Content::Empty => write!(f, "{}:-", self.term),
            Content::Command(Proposal { command, .. }) => write!(f, "{}:{command:?}", self.term),
            Content::Membership(membership) => write!(f, "{}:{membership:?}", self.term),
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

impl Debug for Membership {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let list = |f: &mut Formatter<'_>, nodes: &[NodeId]| {
            nodes
                .iter()
                .enumerate()
                .try_for_each(|(place, node)| write!(f, "{}{node}", if place > 0 { " " } else { "" }))
        };
        write!(f, "members {{")?;
        list(f, &self.voters)?;
        if !self.outgoing.is_empty() {
            write!(f, " and of before ")?;
            list(f, &self.outgoing)?;
        }
        if !self.learners.is_empty() {
            write!(f, ", learning ")?;
            list(f, &self.learners)?;
        }
        write!(f, "}}")
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::OwnTermNotCommitted => "no entry of its term is committed yet",
            Self::ChangeUnderWay => "another change is under way",
            Self::TransferUnderWay => "it is handing over",
            Self::TransferTimedOut => "handing over took too long",
            Self::TooSlow => "the newcomer did not catch up",
            Self::OneAtATime => "only one voter may change at a time",
            Self::Impossible => "that cannot be",
        })
    }
}

impl Debug for Wish {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Add(node) => write!(f, "add {node}"),
            Self::AddLearner(node) => write!(f, "add {node} as a learner"),
            Self::Remove(node) => write!(f, "remove {node}"),
            Self::Become(servers) => {
                write!(f, "members become")?;
                servers.iter().try_for_each(|node| write!(f, " {node}"))
            }
            Self::Lead(node) => write!(f, "let {node} lead"),
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
            Self::RequestVote { term, last, transfer, .. } => {
                write!(f, " term {term}, log ends {last:?}{}", if *transfer { ", as the leader wants" } else { "" })
            }
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
            Self::TimeoutNow { term } => write!(f, " term {term}"),
            Self::ReadIndex { op } => write!(f, " for {op}"),
            Self::ReadReady { op, index } => write!(f, " for {op}: up to {index}"),
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
            Self::Step(number) => write!(f, "Step({number})"),
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
            Self::Arranged => write!(f, "arranged"),
            Self::Refused { why } => write!(f, "refused: {why}"),
        }
    }
}

impl Debug for Answer {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Done { output, revision } => write!(f, "{output:?} at {revision}"),
            Self::Arranged => write!(f, "arranged"),
            Self::Declined { why } => write!(f, "declined: {why}"),
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
            Self::Admin(wish) => wish.fmt(f),
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
