//! Raft as two well-known systems run it: their timers, limits and defaults.
//!
//! A profile fills in what a scenario leaves out; what is written down counts. The figures are those of etcd's main branch
//! (2026-08, with etcd-io/raft v3) and of HashiCorp's raft (`DefaultConfig` of its main branch); each line below says
//! where it stands there. Where a system has no setting that corresponds, the default of this pattern stays.

use super::config::Config;
use super::core::Reads;
use super::membership::Changes;
use super::reconfigure::CatchUp;
use crate::engine::{Span, SpanRange};
use serde::{Deserialize, Serialize};

/// A system whose defaults apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// etcd's server.
    Etcd,
    /// HashiCorp's raft library.
    Hashicorp,
}

impl Config {
    /// The defaults under a profile.
    pub fn of(profile: Option<Profile>) -> Self {
        match profile {
            None => Self::default(),
            Some(Profile::Etcd) => etcd(),
            Some(Profile::Hashicorp) => hashicorp(),
        }
    }
}

fn etcd() -> Config {
    let millis = Span::from_millis;
    Config {
        profile: Some(Profile::Etcd),
        // embed/config.go: the tick is `--heartbeat-interval`, and all timeouts are whole ticks.
        tick: Some(millis(100)),
        heartbeat: millis(100),
        // `--election-timeout` is 10 ticks; raft.go, resetRandomizedElectionTimeout: 10 to 19 of them.
        election_timeout: SpanRange::new(millis(1_000), millis(1_900)),
        // embed/config.go and bootstrap.go: both on. The quorum is checked every 10 ticks.
        pre_vote: true,
        check_quorum: true,
        // etcdserver: linearizable reads are ReadOnlySafe, and every member answers them.
        reads: Reads::ReadIndex,
        follower_reads: true,
        // raft/confchange: joint consensus; server.go, readyPercentThreshold: a learner needs nine tenths.
        changes: Changes::Joint,
        catch_up: CatchUp::NineTenths,
        // etcdserver/raft.go: messages of 1 MiB, 4096 / 8 of them under way. Entries here are some 40 bytes.
        max_batch: 26_214,
        max_inflight: 512,
        max_inflight_bytes: 512 << 20,
        // server.go: DefaultSnapshotCount, DefaultSnapshotCatchUpEntries.
        snapshot_after: 10_000,
        snapshot_keep: 5_000,
        // client/v3 and v3rpc: requests take up to 5 s and twice the election timeout (ReqTimeout).
        request_timeout: millis(1_000),
        op_timeout: millis(7_000),
        ..Config::default()
    }
}

fn hashicorp() -> Config {
    let millis = Span::from_millis;
    Config {
        profile: Some(Profile::Hashicorp),
        // config.go: HeartbeatTimeout 1 s; raft.go, randomTimeout: between one and two of them.
        election_timeout: SpanRange::new(millis(1_000), millis(2_000)),
        // replication.go: a heartbeat every tenth to fifth of HeartbeatTimeout; here always the tenth.
        heartbeat: millis(100),
        // config.go: PreVoteDisabled is false, LeaderLeaseTimeout 500 ms.
        pre_vote: true,
        check_quorum: true,
        leader_lease: Some(millis(500)),
        // raft.go, VerifyLeader: a round of heartbeats. Consul's default mode relies on the lease instead: `reads = "lease"`.
        reads: Reads::ReadIndex,
        follower_reads: false,
        // configuration.go: one server at a time. AddVoter gives the vote at once.
        changes: Changes::Single,
        catch_up: CatchUp::Never,
        // config.go: MaxAppendEntries; net_transport.go: rpcMaxPipeline, two calls under way.
        max_batch: 64,
        max_inflight: 2,
        // config.go: SnapshotThreshold, TrailingLogs. SnapshotInterval, 120 s, is not modelled: the threshold decides.
        snapshot_after: 8_192,
        snapshot_keep: 10_240,
        request_timeout: millis(1_000),
        op_timeout: millis(10_000),
        ..Config::default()
    }
}

/// Reads the struct as its settings are written, and takes what is left out from the profile that is named.
macro_rules! with_profiles {
    (
        $(#[$about:meta])*
        pub struct Config { $($(#[$doc:meta])* pub $field:ident: $kind:ty,)* }
    ) => {
        $(#[$about])*
        pub struct Config { $($(#[$doc])* pub $field: $kind,)* }

        impl<'de> Deserialize<'de> for Config {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                /// The settings that are written down.
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields, rename = "Config")]
                struct Written { $($field: Option<$kind>,)* }

                let written = Written::deserialize(from)?;
                let base = Self::of(written.profile.flatten());
                Ok(Self { $($field: written.$field.unwrap_or(base.$field),)* })
            }
        }
    };
}
pub(super) use with_profiles;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_counts_and_the_rest_is_the_profiles() {
        let read = |text| toml::from_str::<Config>(text).unwrap();
        assert_eq!(read(""), Config::default());
        let config = read("profile = \"hashicorp\"\nmax_inflight = 8");
        assert_eq!(config, Config { max_inflight: 8, ..hashicorp() });
        assert_eq!(read("profile = \"etcd\"\nelection_timeout = \"150ms..300ms\"").heartbeat, Span::from_millis(100));
        assert!(toml::from_str::<Config>("profile = \"zookeeper\"").is_err());
        assert!(toml::from_str::<Config>("no_such_setting = 1").is_err());
    }

    #[test]
    fn profiles_have_no_problems() {
        assert_eq!(etcd().problems(), []);
        assert_eq!(hashicorp().problems(), []);
    }
}
