//! The state machine of the key-value service: small numbered keys, each with a value or none.

use super::core::StateMachine;
use std::collections::BTreeMap;
use std::fmt;

/// A key: `k3`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u32);

/// A value: `7`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(pub u32);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "k{}", self.0)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The keys that have a value.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Store(BTreeMap<Key, Value>);

/// What changes a store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// The key gets a value.
    Put {
        /// The key.
        key: Key,
        /// Its value from now on.
        value: Value,
    },
    /// The key has no value any more.
    Delete {
        /// The key.
        key: Key,
    },
    /// The key gets a value if it has the one expected; otherwise nothing changes.
    CompareAndSet {
        /// The key.
        key: Key,
        /// What it must have now; `None` for no value.
        expected: Option<Value>,
        /// Its value from now on.
        value: Value,
    },
}

/// What asks about a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Query {
    /// The key whose value is wanted.
    pub key: Key,
}

/// What a store answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// To a question: the value, if the key has one.
    Value(Option<Value>),
    /// To a put or a delete.
    Done,
    /// To a compare-and-set: whether the key had what was expected.
    Swapped(bool),
}

impl Store {
    /// The value of a key.
    pub fn get(&self, key: Key) -> Option<Value> {
        self.0.get(&key).copied()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StateMachine for Store {
    type Command = Command;
    type Query = Query;
    type Output = Output;

    fn apply(&mut self, command: &Command) -> Output {
        match *command {
            Command::Put { key, value } => {
                self.0.insert(key, value);
                Output::Done
            }
            Command::Delete { key } => {
                self.0.remove(&key);
                Output::Done
            }
            Command::CompareAndSet { key, expected, value } => {
                let holds = self.get(key) == expected;
                if holds {
                    self.0.insert(key, value);
                }
                Output::Swapped(holds)
            }
        }
    }

    fn query(&self, query: &Query) -> Output {
        Output::Value(self.get(query.key))
    }

    fn size(&self) -> u32 {
        8 * self.0.len() as u32
    }
}
