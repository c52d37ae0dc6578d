//! What clients ask.

use super::server::{Answer, Msg, Op};
use super::store::{Command, Key, Value};
use super::timetable::{Handover, Reconfigure};
use crate::engine::random::Stream;
use crate::engine::trace::Outcome;
use crate::engine::{Span, SpanRange};
use crate::scenario::Pace;
use crate::sim::workload::Workload;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often each kind of operation is asked, as shares of their sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// Reads.
    #[serde(default)]
    pub read: u32,
    /// Writes of a value never written before.
    #[serde(default)]
    pub write: u32,
    /// Compare-and-sets; they expect the value that was last asked to be written.
    #[serde(default)]
    pub compare_and_set: u32,
    /// Deletions.
    #[serde(default)]
    pub delete: u32,
}

/// What clients ask, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Load {
    /// How many clients there are.
    #[schemars(range(max = 1000))]
    pub clients: u32,
    /// How often each kind of operation is asked, as shares of their sum; a kind left out is never asked.
    pub mix: Mix,
    /// How many keys are asked for, all equally often. Few keys make many conflicts.
    #[schemars(range(min = 1))]
    pub keys: u32,
    /// When clients are asked: { think = "20ms..80ms" } after each answer, or { rate = "200/s" } whatever happens.
    pub pace: Pace,
    /// How an operator changes the members, as in [{ at = "5s", add = "n4" }, { at = "9s", remove = "n1" }].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reconfigure: Vec<Reconfigure>,
    /// When an operator hands the leadership over, as in [{ at = "5s", to = "n2" }].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transfer: Vec<Handover>,
}

impl Default for Load {
    fn default() -> Self {
        let think = SpanRange::new(Span::ZERO, Span::from_millis(20));
        Self {
            clients: 3,
            mix: Mix::default(),
            keys: 3,
            pace: Pace::closed(think),
            reconfigure: Vec::new(),
            transfer: Vec::new(),
        }
    }
}

impl Default for Mix {
    fn default() -> Self {
        Self { read: 6, write: 3, compare_and_set: 1, delete: 0 }
    }
}

impl Mix {
    /// The sum of the shares.
    pub fn total(self) -> u64 {
        [self.read, self.write, self.compare_and_set, self.delete].into_iter().map(u64::from).sum()
    }
}

/// Asks for keys at random.
#[derive(Clone, Debug)]
pub struct Questions {
    mix: Mix,
    keys: u32,
    /// The value last asked to be written, by key.
    written: BTreeMap<Key, Value>,
    /// How many values have been made up.
    values: u32,
}

impl Questions {
    /// Operations mixed as `mix` says, on `keys` keys.
    ///
    /// # Panics
    /// If there are no keys or all shares of the mix are zero.
    pub fn new(mix: Mix, keys: u32) -> Self {
        assert!(keys > 0, "there must be a key to ask for");
        assert!(mix.total() > 0, "there must be something to ask");
        Self { mix, keys, written: BTreeMap::new(), values: 0 }
    }

    /// A value that was never written before.
    fn fresh(&mut self, key: Key) -> Value {
        self.values += 1;
        let value = Value(self.values);
        self.written.insert(key, value);
        value
    }
}

impl Workload<Msg> for Questions {
    fn next(&mut self, _client: usize, _number: u64, chance: &mut Stream) -> Option<Op> {
        let key = Key(chance.below(u64::from(self.keys)) as u32);
        let mut left = chance.below(self.mix.total());
        let mut falls = |share: u32| {
            let hit = left < u64::from(share);
            left = left.saturating_sub(u64::from(share));
            hit
        };
        if falls(self.mix.read) {
            return Some(Op::Get { key });
        }
        let change = if falls(self.mix.write) {
            Command::Put { key, value: self.fresh(key) }
        } else if falls(self.mix.compare_and_set) {
            let expected = self.written.get(&key).copied();
            Command::CompareAndSet { key, expected, value: self.fresh(key) }
        } else {
            Command::Delete { key }
        };
        Some(Op::Change(change))
    }

    fn outcome(&self, answer: &Answer) -> Outcome {
        answer.outcome()
    }
}
