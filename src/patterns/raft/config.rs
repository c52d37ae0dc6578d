//! The settings of the pattern, as a scenario writes them.

use super::bugs::Bug;
use super::core::{Reads, Settings};
use super::membership::Changes;
use super::profile::{Profile, with_profiles};
use super::reconfigure::CatchUp;
use crate::engine::{Share, Span, SpanRange};
use crate::scenario::SettingProblem;
use serde::{Deserialize, Serialize};

with_profiles! {
/// Settings of a Raft cluster and its clients. The defaults are the paper's, with sounding out and quorum checks on, unless
/// `profile` names a system whose defaults apply.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whose timers, limits and defaults apply to what is left out: `etcd` or `hashicorp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// How many servers there are.
    #[schemars(range(min = 1, max = 99))]
    pub nodes: u32,
    /// How many of them, the last ones, take no part until they are added.
    #[schemars(range(max = 98))]
    pub standby: u32,
    /// How long a server waits for a leader before it wants to become one. Should be ten times a round trip or more,
    /// with room between the ends, or elections keep being split.
    pub election_timeout: SpanRange,
    /// How often a leader speaks to everybody.
    pub heartbeat: Span,
    /// Whether a server asks if it could win before it calls an election.
    pub pre_vote: bool,
    /// Whether a leader retires when a majority has been silent for an election timeout.
    pub check_quorum: bool,
    /// How reads are answered: `read-index`, `log`, `lease`, which is fast and trusts clocks, or `local`, which is fast and
    /// wrong.
    pub reads: Reads,
    /// Whether followers answer reads too, after asking the leader how far they must have come. With `reads = "read-index"`
    /// or `"lease"`.
    pub follower_reads: bool,
    /// How much faster or slower than true time clocks may run at most. Leases are shortened to be safe up to this; beyond
    /// it, they are not.
    pub clock_drift: Share,
    /// How long a leader leads without an answer from a majority, exactly. If left out, it looks every longest election
    /// timeout whether a majority has answered since the last look. Also bounds leases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_lease: Option<Span>,
    /// How the voters change: `joint`, any number at once through a joint membership, or `single`, one at a time.
    pub changes: Changes,
    /// When a newcomer gets its vote: `rounds`, `nine-tenths`, or `never` waiting for it to catch up.
    pub catch_up: CatchUp,
    /// The steps in which servers measure time, from the moment when they start. If left out, they measure exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tick: Option<Span>,
    /// How many entries one message may carry.
    #[schemars(range(min = 1))]
    pub max_batch: u32,
    /// How many appends may be under way to a follower before one is confirmed. HashiCorp's implementation allows 2,
    /// etcd 512.
    #[schemars(range(min = 1))]
    pub max_inflight: u32,
    /// How many bytes these may have together; the append that exceeds it is still sent.
    #[schemars(range(min = 1))]
    pub max_inflight_bytes: u64,
    /// How many entries a server applies before it takes the next snapshot; 0 for never. etcd's default.
    pub snapshot_after: u64,
    /// How many of the entries that a snapshot covers stay in the log, for followers that are a little behind. etcd's
    /// default.
    pub snapshot_keep: u64,
    /// How long taking or installing a snapshot keeps a server busy.
    pub snapshot_work: Span,
    /// How long a client waits for a server's answer before it asks another.
    pub request_timeout: Span,
    /// How long a client waits before it asks again when nobody knows a leader.
    pub retry_pause: SpanRange,
    /// How long a client tries before it gives up.
    pub op_timeout: Span,
    /// The planted bug, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profile: None,
            nodes: 5,
            standby: 0,
            election_timeout: SpanRange::new(Span::from_millis(150), Span::from_millis(300)),
            heartbeat: Span::from_millis(50),
            pre_vote: true,
            check_quorum: true,
            reads: Reads::ReadIndex,
            follower_reads: false,
            clock_drift: Share::from_ppm(10_000),
            leader_lease: None,
            changes: Changes::Joint,
            catch_up: CatchUp::Rounds,
            tick: None,
            max_batch: 64,
            max_inflight: 256,
            max_inflight_bytes: 1 << 20,
            snapshot_after: 10_000,
            snapshot_keep: 5_000,
            snapshot_work: Span::ZERO,
            request_timeout: Span::from_millis(200),
            retry_pause: SpanRange::new(Span::from_millis(10), Span::from_millis(50)),
            op_timeout: Span::from_secs(2),
            bug: None,
        }
    }
}

impl Config {
    /// How many servers take part in the beginning: the first ones.
    pub fn voters(&self) -> usize {
        self.nodes.saturating_sub(self.standby).max(1) as usize
    }

    /// What cannot work.
    pub fn problems(&self) -> Vec<SettingProblem> {
        let zero = |name, span: Span| {
            let message = format!("`{name}` is zero, so nothing would ever happen in between");
            span.is_zero().then(|| SettingProblem::config(name, message, "write a length of time such as \"50ms\""))
        };
        let eager = (self.election_timeout.min <= self.heartbeat).then(|| {
            let message = format!(
                "`election_timeout` begins at {}, which is not longer than `heartbeat`, {}: followers would give up a leader that is well",
                self.election_timeout.min, self.heartbeat
            );
            SettingProblem::config("election_timeout", message, "make it at least three heartbeats long")
        });
        let hasty = (self.op_timeout < self.request_timeout).then(|| {
            let message = format!(
                "`op_timeout` is {}, shorter than `request_timeout`, {}: clients would give up before they could ask again",
                self.op_timeout, self.request_timeout
            );
            SettingProblem::config("op_timeout", message, "make it several times as long as `request_timeout`")
        });
        let idle = (self.standby >= self.nodes.max(1)).then(|| {
            let message =
                format!("`standby` is {}, and there are {} servers: nobody would take part", self.standby, self.nodes);
            SettingProblem::config("standby", message, "let fewer stand by than there are `nodes`")
        });
        let trusting = (self.reads == Reads::Lease && !self.check_quorum).then(|| {
            let message =
                "`reads = \"lease\"` without `check_quorum`: voters would elect somebody else during the lease";
            SettingProblem::config("reads", message, "write check_quorum = true, or another way to read")
        });
        let unused = (self.follower_reads && !matches!(self.reads, Reads::ReadIndex | Reads::Lease)).then(|| {
            let message = "`follower_reads` without a leader that could be asked how far to read";
            SettingProblem::config("follower_reads", message, "write reads = \"read-index\" or \"lease\"")
        });
        let long = self.leader_lease.filter(|lease| *lease > self.election_timeout.min).map(|lease| {
            let message = format!(
                "`leader_lease` is {lease}, longer than the least `election_timeout`, {}: another leader could be elected before this one retires",
                self.election_timeout.min
            );
            SettingProblem::config("leader_lease", message, "make it shorter")
        });
        let problems = [
            SettingProblem::unless_within(["config", "nodes"], self.nodes.into(), 1, 99),
            idle,
            trusting,
            unused,
            long,
            self.leader_lease.and_then(|lease| zero("leader_lease", lease)),
            self.tick.and_then(|tick| zero("tick", tick)),
            eager,
            zero("heartbeat", self.heartbeat),
            SettingProblem::unless_within(["config", "max_batch"], self.max_batch.into(), 1, u32::MAX.into()),
            SettingProblem::unless_within(["config", "max_inflight"], self.max_inflight.into(), 1, u32::MAX.into()),
            SettingProblem::unless_within(["config", "max_inflight_bytes"], self.max_inflight_bytes, 1, u64::MAX),
            zero("request_timeout", self.request_timeout),
            zero("retry_pause", self.retry_pause.min),
            hasty,
        ];
        problems.into_iter().flatten().collect()
    }

    /// The settings of each server's core.
    pub fn settings(&self) -> Settings {
        Settings {
            election_timeout: self.election_timeout,
            heartbeat: self.heartbeat,
            pre_vote: self.pre_vote,
            check_quorum: self.check_quorum,
            reads: self.reads,
            follower_reads: self.follower_reads,
            clock_drift: self.clock_drift,
            leader_lease: self.leader_lease,
            changes: self.changes,
            catch_up: self.catch_up,
            tick: self.tick,
            max_batch: self.max_batch,
            max_inflight: self.max_inflight,
            max_inflight_bytes: self.max_inflight_bytes,
            snapshot_after: self.snapshot_after,
            snapshot_keep: self.snapshot_keep,
            snapshot_work: self.snapshot_work,
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
        let fields: Vec<_> = nonsense.into_iter().map(|problem| problem.path[1]).collect();
        assert_eq!(fields, ["nodes", "election_timeout", "max_batch"]);
    }
}
