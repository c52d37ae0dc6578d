//! The settings of the pattern, as a scenario writes them.

use super::bugs::Bug;
use super::core::{Reads, Settings};
use crate::engine::{Span, SpanRange};

/// Settings of a Raft cluster and its clients. The defaults are the paper's, with sounding out and quorum checks on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How many servers there are.
    pub nodes: u32,
    /// How long a server waits for a leader before it wants to become one. Should be ten times a round trip or more,
    /// with room between the ends, or elections keep being split.
    pub election_timeout: SpanRange,
    /// How often a leader speaks to everybody.
    pub heartbeat: Span,
    /// Whether a server asks if it could win before it calls an election.
    pub pre_vote: bool,
    /// Whether a leader retires when a majority has been silent for an election timeout.
    pub check_quorum: bool,
    /// How reads are answered: `read-index`, `log`, or `local`, which is fast and wrong.
    pub reads: Reads,
    /// How many entries one message may carry.
    pub max_batch: u32,
    /// How long a client waits for a server's answer before it asks another.
    pub request_timeout: Span,
    /// How long a client waits before it asks again when nobody knows a leader.
    pub retry_pause: SpanRange,
    /// How long a client tries before it gives up.
    pub op_timeout: Span,
    /// The planted bug, if any.
    pub bug: Option<Bug>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            nodes: 5,
            election_timeout: SpanRange::new(Span::from_millis(150), Span::from_millis(300)),
            heartbeat: Span::from_millis(50),
            pre_vote: true,
            check_quorum: true,
            reads: Reads::ReadIndex,
            max_batch: 64,
            request_timeout: Span::from_millis(200),
            retry_pause: SpanRange::new(Span::from_millis(10), Span::from_millis(50)),
            op_timeout: Span::from_secs(2),
            bug: None,
        }
    }
}

impl Config {
    /// What cannot work: the setting, and why.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut demand = |holds: bool, field, why: &str| {
            if !holds {
                problems.push((field, why.to_owned()));
            }
        };
        demand((1..=99).contains(&self.nodes), "nodes", "a cluster has 1 to 99 servers");
        demand(!self.heartbeat.is_zero(), "heartbeat", "the time between two heartbeats cannot be zero");
        demand(
            self.election_timeout.min > self.heartbeat,
            "election_timeout",
            "must be longer than `heartbeat`, or followers give up a leader that is well",
        );
        demand(self.max_batch >= 1, "max_batch", "a message must be able to carry an entry");
        demand(!self.request_timeout.is_zero(), "request_timeout", "a client must wait for an answer for some time");
        demand(!self.retry_pause.min.is_zero(), "retry_pause", "a client must pause before it asks again");
        demand(
            self.op_timeout >= self.request_timeout,
            "op_timeout",
            "must not be shorter than `request_timeout`, or a client gives up before its first request can fail",
        );
        problems
    }

    /// The settings of each server's core.
    pub fn settings(&self) -> Settings {
        Settings {
            election_timeout: self.election_timeout,
            heartbeat: self.heartbeat,
            pre_vote: self.pre_vote,
            check_quorum: self.check_quorum,
            reads: self.reads,
            max_batch: self.max_batch,
            bug: self.bug,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_have_no_problems_and_nonsense_has() {
        assert_eq!(Config::default().problems(), []);
        let nonsense =
            Config { nodes: 0, max_batch: 0, heartbeat: Span::from_millis(150), ..Config::default() }.problems();
        let fields: Vec<_> = nonsense.into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["nodes", "election_timeout", "max_batch"]);
    }
}
