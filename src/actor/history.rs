//! What clients saw: operations with their beginning and end.
//!
//! A history is all that a client-side judge may look at. An operation whose outcome is unknown stays open for ever: it
//! may take effect at any later moment, or never.

use super::protocol::{OpId, Protocol};
use crate::engine::trace::Outcome;
use crate::engine::{NodeId, Time};

/// One end of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryEvent<P: Protocol> {
    /// A client was asked.
    Invoke {
        /// The operation.
        id: OpId,
        /// The client.
        client: NodeId,
        /// What was asked.
        op: P::Op,
        /// When.
        time: Time,
    },
    /// The client answered, or crashed without an answer.
    Return {
        /// The operation.
        id: OpId,
        /// The client.
        client: NodeId,
        /// The answer; `None` if the client crashed.
        ret: Option<P::Ret>,
        /// How it ended.
        outcome: Outcome,
        /// When it had been asked.
        invoked: Time,
        /// When.
        time: Time,
    },
}
