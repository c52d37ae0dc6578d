//! Commands that are sent twice and take effect once: section 8 of the paper, section 6.3 of the dissertation.
//!
//! A client that hears nothing must ask again, perhaps another server, and its command may then be in the log twice. So
//! every client numbers its commands, and beside the state machine each server keeps, for each client, the number and
//! the answer of its latest command. The table is part of the replicated state: it changes only when an entry is
//! applied, so all servers agree about which of two copies counts.

use super::core::StateMachine;
use super::disk::{Index, Proposal};
use crate::engine::NodeId;
use std::collections::BTreeMap;

/// The latest command of a client that took effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Session<O> {
    sequence: u64,
    output: O,
    index: Index,
}

/// A state machine and its table of sessions: what applying the log builds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Replica<S: StateMachine> {
    machine: S,
    sessions: BTreeMap<NodeId, Session<S::Output>>,
}

impl<S: StateMachine> Replica<S> {
    /// A replica to which nothing has been applied.
    pub fn new(machine: S) -> Self {
        Self { machine, sessions: BTreeMap::new() }
    }

    /// How many bytes a copy takes on the wire, about.
    pub(super) fn size(&self) -> u32 {
        64 + self.machine.size() + 40 * self.sessions.len() as u32
    }

    /// Forgets who asked what: what two of the planted bugs do.
    pub(super) fn forget_sessions(&mut self) {
        self.sessions.clear();
    }

    /// The replicated state.
    pub fn machine(&self) -> &S {
        &self.machine
    }

    /// The answer that this very command got when it took effect, and where in the log that was.
    pub(super) fn answered(&self, client: NodeId, sequence: u64) -> Option<(S::Output, Index)> {
        let session = self.sessions.get(&client).filter(|session| session.sequence == sequence)?;
        Some((session.output.clone(), session.index))
    }

    /// Applies the command at `index` and returns its answer and where it took effect. A copy of the client's latest
    /// command changes nothing and gets the same answer; one from before that changes nothing and gets none.
    pub fn apply(&mut self, index: Index, proposal: &Proposal<S::Command>) -> Option<(S::Output, Index)> {
        let Proposal { client, sequence, command } = proposal;
        if self.sessions.get(client).is_some_and(|session| session.sequence >= *sequence) {
            return self.answered(*client, *sequence);
        }
        let output = self.machine.apply(command);
        self.sessions.insert(*client, Session { sequence: *sequence, output: output.clone(), index });
        Some((output, index))
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::{Command, Key, Output, Store, Value};
    use super::*;

    #[test]
    fn a_copy_changes_nothing_and_gets_the_first_answer() {
        let mut replica = Replica::new(Store::default());
        let swap = |sequence, expected, value| Proposal {
            client: NodeId(7),
            sequence,
            command: Command::CompareAndSet { key: Key(1), expected, value: Value(value) },
        };
        assert_eq!(replica.apply(1, &swap(1, None, 5)), Some((Output::Swapped(true), 1)));
        assert_eq!(replica.apply(2, &swap(1, None, 5)), Some((Output::Swapped(true), 1)));
        assert_eq!(replica.apply(3, &swap(2, None, 6)), Some((Output::Swapped(false), 3)));
        assert_eq!(replica.apply(4, &swap(1, None, 5)), None, "the client has moved on");
    }
}
