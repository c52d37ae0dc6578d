//! The settings of scenario files.

use crate::engine::Span;
use crate::scenario::{MAX_CLIENTS, Pace, SettingProblem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is promised about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Never sent again.
    AtMostOnce,
    /// Sent again until a reply comes.
    AtLeastOnce,
    /// Sent again, and remembered by the server.
    ExactlyOnce,
}

/// Where a client that has forgotten how far it got takes fresh request numbers from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Numbering {
    /// It counts its starts on its disk; numbers of a later start are greater.
    Boots,
    /// It goes on from its clock, which is right until somebody sets the clock back.
    Clock,
}

/// `[config]` of an echo scenario.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What is promised: "at-most-once", "at-least-once" or "exactly-once".
    pub delivery: Delivery,
    /// Where a client that restarts takes fresh request numbers from: "boots" (a count on its disk) or "clock".
    pub numbering: Numbering,
    /// How long a client waits for a reply before it sends the request again.
    pub timeout: Span,
    /// How long a client tries before it gives up, with an unknown outcome.
    pub give_up: Span,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            delivery: Delivery::ExactlyOnce,
            numbering: Numbering::Boots,
            timeout: Span::from_millis(50),
            give_up: Span::from_secs(2),
        }
    }
}

/// `[workload]` of an echo scenario.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Load {
    /// How many clients there are.
    pub clients: u32,
    /// When they ask: { think = "20ms..80ms" } or { rate = "200/s" }.
    pub pace: Pace,
    /// How many requests each client makes; no limit if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
}

impl Default for Load {
    fn default() -> Self {
        let think = Span::from_millis(20)..=Span::from_millis(80);
        Self { clients: 2, pace: Pace::closed(think), requests: None }
    }
}

impl Config {
    pub(super) fn problems(&self) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        if self.timeout.is_zero() {
            problems.push(SettingProblem::config(
                "timeout",
                "a client that waits 0s floods the network",
                "write such as \"50ms\"",
            ));
        }
        if self.give_up < self.timeout {
            let message =
                format!("the client gives up after {}, before its first timeout of {}", self.give_up, self.timeout);
            problems.push(SettingProblem::config("give_up", message, "make give_up longer than timeout"));
        }
        problems
    }
}

impl Load {
    pub(super) fn problems(&self) -> Vec<SettingProblem> {
        let clients =
            SettingProblem::unless_within(["workload", "clients"], self.clients.into(), 1, MAX_CLIENTS.into());
        clients.into_iter().chain(self.pace.problem()).collect()
    }
}
