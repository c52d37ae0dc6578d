//! The pattern as scenario files see it.

use super::admin::Admin;
use super::answers::Answers;
use super::bugs::Bug;
use super::calls::CALLS;
use super::client::Client;
use super::config::Config;
use super::members::Members;
use super::properties::{Safety, Snapshots};
use super::server::{Msg, Op, Server, core_of};
use super::store::Store;
use super::timetable;
use super::workload::{Load, Questions};
use super::{rest, studies, vary};
use crate::check::models::key_value::KeyValue;
use crate::check::{Linearizable, Monitor};
use crate::engine::NodeId;
use crate::engine::random::Stream;
use crate::scenario::study::Study;
use crate::scenario::{self, Class, Counter, MAX_CLIENTS, Pattern, SettingProblem};
use crate::sim::workload::{Pace, Workload};
use crate::sim::{Cluster, World};

/// A replicated key-value service.
#[derive(Clone, Copy, Debug)]
pub struct Raft;

impl Pattern for Raft {
    type Protocol = Msg;
    type Config = Config;
    type Load = Load;

    const NAME: &'static str = "raft";
    const SUMMARY: &'static str = "Servers keep one log, and one state, although any minority of them may fail.";
    const ESSAY: &'static str = include_str!("essay.md");
    const ROLES: &'static [&'static str] = &["follower", "pre-candidate", "candidate", "leader", "learner", "standby"];

    fn problems(config: &Config, load: &Load) -> Vec<SettingProblem> {
        let clients =
            SettingProblem::unless_within(["workload", "clients"], load.clients.into(), 0, MAX_CLIENTS.into());
        let keys = SettingProblem::unless_within(["workload", "keys"], load.keys.into(), 1, 1_000_000);
        let nothing = (load.mix.total() == 0).then(|| {
            let help = "give at least one kind of operation a share, as in { read = 7, write = 3 }";
            SettingProblem::workload("mix", "all shares of `mix` are zero", help)
        });
        let steps = timetable::steps(&load.reconfigure, &load.transfer, config).err().unwrap_or_default();
        let load = [clients, keys, nothing, load.pace.problem()].into_iter().flatten();
        config.problems().into_iter().chain(load).chain(steps).collect()
    }

    fn cluster(config: &Config, load: &Load) -> Cluster<Msg> {
        let mut cluster = Cluster::new();
        let servers = || (0..config.nodes).map(NodeId);
        for id in servers() {
            cluster.server(format!("n{}", id.0 + 1), Server::new(servers(), config));
        }
        for number in 1..=load.clients {
            cluster.client(format!("c{number}"), Client::new(servers(), config));
        }
        let steps = timetable::steps(&load.reconfigure, &load.transfer, config).unwrap_or_default();
        if !steps.is_empty() {
            cluster.bystander("admin", Admin::new(servers(), &steps, config));
        }
        cluster
    }

    fn load(_: &Config, load: &Load) -> (Box<dyn Workload<Msg>>, Pace) {
        (Box::new(Questions::new(load.mix, load.keys)), load.pace.build())
    }

    fn read_op(text: &str) -> Result<Op, String> {
        text.parse()
    }

    fn vary(config: &mut Config, load: &mut Load, class: Class, chance: &mut Stream) {
        vary::vary(config, load, class, chance);
    }

    fn unsettled(world: &World<Msg>, core: &[NodeId]) -> Vec<(NodeId, String)> {
        rest::unsettled(world, core)
    }

    fn monitors(config: &Config, _: &Load) -> Vec<Box<dyn Monitor<Msg>>> {
        vec![
            Box::new(Safety::new(core_of)),
            Box::new(Snapshots::new(core_of, Store::default(), config.snapshot_after > 0)),
            Box::new(Members::new(core_of, config.check_quorum.then_some(config.election_timeout.min))),
            Box::<Answers>::default(),
            Box::new(Linearizable::new(KeyValue, CALLS)),
        ]
    }

    fn bugs() -> &'static [scenario::Bug] {
        Bug::TABLE
    }

    fn studies() -> &'static [Study] {
        studies::ALL
    }

    fn counters() -> &'static [Counter] {
        const COUNTERS: &[Counter] = &[
            Counter { name: "elections", about: "elections won" },
            Counter { name: "candidacies", about: "terms in which a server asked for votes" },
            Counter { name: "pre_votes", about: "times a server sounded out whether it could win" },
            Counter { name: "leader_step_downs", about: "leaders that fell back to following" },
            Counter { name: "quorums_lost", about: "leaders that retired because a majority was silent" },
            Counter { name: "append_conflicts", about: "appends refused because the logs differed before them" },
            Counter { name: "appends_early", about: "appends that came before their time and were kept" },
            Counter {
                name: "appends_resent",
                about: "appends taken for lost and sent again while more were under way",
            },
            Counter { name: "snapshots_taken", about: "snapshots that servers took of their own state" },
            Counter { name: "snapshots_sent", about: "snapshots sent to followers that were too far behind" },
            Counter { name: "snapshots_installed", about: "snapshots that followers took over" },
            Counter { name: "snapshots_ignored", about: "snapshots that came too late to say anything new" },
            Counter { name: "log_truncations", about: "times a follower replaced the end of its log" },
            Counter { name: "duplicates_answered", about: "repeated commands answered without repeating them" },
            Counter { name: "redirects", about: "requests that a client sent on to the leader it was told of" },
            Counter { name: "lease_reads", about: "reads that a leader answered without asking anybody" },
            Counter { name: "follower_reads", about: "reads that a follower answered" },
            Counter { name: "transfers", about: "times a leader began to hand over" },
            Counter { name: "transfers_timed_out", about: "times a leader gave up handing over and led on" },
            Counter { name: "membership_entries", about: "memberships that leaders appended to their logs" },
            Counter { name: "membership_changes", about: "changes of the members that were completed" },
            Counter { name: "leaders_removed", about: "leaders that stepped down because they were removed" },
            Counter { name: "admin_steps", about: "wishes of the operator that were fulfilled" },
            Counter { name: "admin_given_up", about: "wishes that the operator gave up" },
            Counter { name: "admin_refusals", about: "wishes of the operator that were refused for good" },
            Counter { name: "retries", about: "requests that a client repeated after waiting" },
            Counter { name: "given_up", about: "operations that a client gave up" },
        ];
        COUNTERS
    }
}
