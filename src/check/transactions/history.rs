//! A history of transactions: what each client asked, and what it was told.
//!
//! A transaction is a list of small operations that should take effect as one. Its client knows when it asked, when it
//! was answered, and whether the answer was yes, no, or none at all. Nothing else is known: which transaction came
//! before which must be worked out from what the reads returned.
//!
//! Keys and processes are numbered densely in the order of their first appearance, transactions in the order of their
//! invocations, so that every table here is a plain vector.

use serde::Serialize;
use std::fmt;

/// A key, as an index into [`History::keys`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub u32);

/// A transaction, as an index into [`History::transactions`]. Written `T1`, `T2`, ... in the order of invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Txn(pub u32);

impl Txn {
    /// The place in a vector with one entry for each transaction.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Txn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "T{}", self.0 + 1)
    }
}

impl Serialize for Txn {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Which operations the transactions of a history are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// Each key holds a list; writes append one element. A read shows the whole past of its key, so the order of
    /// versions can be read off.
    ListAppend,
    /// Each key holds one value; writes replace it. A read shows one version, and most orders stay unknown.
    #[serde(rename = "rw-register")]
    Register,
}

impl Workload {
    /// The workload as a word: `list-append` or `rw-register`.
    pub fn word(self) -> &'static str {
        match self {
            Self::ListAppend => "list-append",
            Self::Register => "rw-register",
        }
    }
}

/// What a micro-operation does, or what it saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Appends an element to a list.
    Append(i64),
    /// Gives a register this value.
    Write(i64),
    /// A read that returned this list, which has at least one element.
    List(Vec<i64>),
    /// A read that returned this value of a register.
    Value(i64),
    /// A read that found the key as it was at the beginning: an empty list, or a register never written.
    Nothing,
    /// A read whose result nobody knows, because its transaction did not commit or was never answered.
    Unread,
}

impl Action {
    /// What a write writes.
    pub fn written(&self) -> Option<i64> {
        match self {
            Self::Append(value) | Self::Write(value) => Some(*value),
            _ => None,
        }
    }

    /// What a read of a list saw.
    pub(super) fn list(&self) -> Option<&[i64]> {
        match self {
            Self::List(list) => Some(list),
            Self::Nothing => Some(&[]),
            _ => None,
        }
    }

    /// What a read of a register saw: `Some(None)` is the beginning.
    pub(super) fn value(&self) -> Option<Option<i64>> {
        match self {
            Self::Value(value) => Some(Some(*value)),
            Self::Nothing => Some(None),
            _ => None,
        }
    }

    /// The workload that this operation belongs to, if it tells.
    pub(super) fn workload(&self) -> Option<Workload> {
        match self {
            Self::Append(_) | Self::List(_) => Some(Workload::ListAppend),
            Self::Write(_) | Self::Value(_) => Some(Workload::Register),
            Self::Nothing | Self::Unread => None,
        }
    }
}

/// One micro-operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// On what.
    pub key: Key,
    /// What.
    pub action: Action,
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Its client was told that it committed.
    Ok,
    /// Its client was told that it aborted: none of it may ever be seen.
    Failed,
    /// Nobody knows: it may have taken effect at any moment after its invocation, or never.
    Unknown,
}

/// When something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Its place among all events of the history; real-time order is the order of these.
    pub place: u32,
    /// The line of the file.
    pub line: u32,
    /// The time in nanoseconds, if the file says.
    pub time: Option<u64>,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The client, which runs one transaction at a time.
    pub process: i64,
    /// When it was asked for.
    pub invoked: Moment,
    /// When its client was answered, or gave up; `None` if the history ends before that.
    pub completed: Option<Moment>,
    /// How it ended.
    pub status: Status,
    /// What it is made of, in order.
    pub ops: Vec<Op>,
}

/// A whole history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What its transactions are made of.
    pub workload: Workload,
    /// The transactions, in the order of their invocations.
    pub transactions: Vec<Transaction>,
    /// The names of the keys.
    pub keys: Vec<String>,
}

impl History {
    /// The transaction.
    pub fn transaction(&self, txn: Txn) -> &Transaction {
        &self.transactions[txn.index()]
    }

    /// The name of a key.
    pub fn key(&self, key: Key) -> &str {
        &self.keys[key.0 as usize]
    }

    /// All transactions with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (Txn, &Transaction)> {
        (0..).map(Txn).zip(&self.transactions)
    }

    /// A transaction in short form: `append 5 1, read 5 [1 2]`.
    pub fn describe(&self, txn: Txn) -> String {
        let describe = |op: &Op| {
            let key = self.key(op.key);
            match &op.action {
                Action::Append(value) => format!("append {value} to {key}"),
                Action::Write(value) => format!("write {key} = {value}"),
                Action::Value(value) => format!("read {key} = {value}"),
                Action::Unread => format!("read {key} = ?"),
                Action::List(_) | Action::Nothing => format!("read {key} = {}", self.seen(&op.action)),
            }
        };
        let ops: Vec<String> = self.transaction(txn).ops.iter().map(describe).collect();
        ops.join(", ")
    }

    /// What a read saw, as a text; long lists show only their end.
    pub(super) fn seen(&self, action: &Action) -> String {
        match action {
            Action::List(list) => list_text(list),
            Action::Value(value) => value.to_string(),
            Action::Nothing if self.workload == Workload::ListAppend => "[]".to_owned(),
            Action::Nothing => "nil".to_owned(),
            Action::Append(_) | Action::Write(_) | Action::Unread => "?".to_owned(),
        }
    }
}

/// A list as a text: `[1 2 3]`, or `[... 8 9 10] (10 elements)` if it is long.
pub(super) fn list_text(list: &[i64]) -> String {
    const SHOWN: usize = 12;
    let join = |part: &[i64]| part.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
    if list.len() <= SHOWN {
        format!("[{}]", join(list))
    } else {
        format!("[... {}] ({} elements)", join(&list[list.len() - SHOWN / 2..]), list.len())
    }
}
