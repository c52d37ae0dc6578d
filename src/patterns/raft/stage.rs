//! How golden conversations speak about the pattern.

use super::client::Client;
use super::config::Config;
use super::server::{Msg, Op, Server};
use crate::actor::{Actor, Node};
use crate::engine::NodeId;
use crate::sim::script::{Script, Stage};

/// Servers `n1`, `n2`, ... and clients `c1`, `c2`, ...
#[derive(Clone, Copy, Debug)]
pub struct RaftStage;

impl RaftStage {
    /// Plays a conversation between the servers of `config` and two clients.
    ///
    /// # Errors
    /// As [`Script::play`].
    pub fn play(config: &Config, script: &str) -> Result<String, String> {
        let servers = || (0..config.nodes).map(NodeId);
        let server = |id: NodeId| {
            let actor: Box<dyn Actor<Msg>> = Box::new(Server::new(servers(), config));
            (format!("n{}", id.0 + 1), actor)
        };
        let client = |number: u32| {
            let actor: Box<dyn Actor<Msg>> = Box::new(Client::new(servers(), config));
            (format!("c{number}"), actor)
        };
        let nodes = servers().map(server).chain((1..=2).map(client));
        Script::new(Self, nodes).play(script)
    }
}

impl Stage<Msg> for RaftStage {
    fn op(&self, text: &str) -> Result<Op, String> {
        text.parse()
    }

    fn state(&self, node: &Node<Msg>) -> String {
        let disk = &node.disk().raft;
        let Some(server) = node.actor_as::<Server>() else { return node.role().to_owned() };
        let core = server.core();
        let vote = disk.vote.map_or("nobody".to_owned(), |vote| vote.to_string());
        let snapshot =
            disk.snapshot().map_or(String::new(), |snapshot| format!("snapshot up to {:?}, ", snapshot.last));
        let start = if disk.start().index == 0 { String::new() } else { format!("after {} ", disk.start().index) };
        format!(
            "{} in term {}, voted for {vote}, {snapshot}log {start}{:?}, commit {}, store {:?}",
            core.role(),
            disk.term,
            disk.entries(),
            core.commit(),
            core.machine()
        )
    }
}
