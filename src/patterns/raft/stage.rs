//! How golden conversations speak about the pattern.

use super::admin::Wish;
use super::client::Client;
use super::config::Config;
use super::server::{Msg, Op, Server};
use super::store::{Command, Key, Value};
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

fn key(word: &str) -> Result<Key, String> {
    let number = word.strip_prefix('k').and_then(|number| number.parse().ok());
    number.map(Key).ok_or(format!("`{word}` is no key; keys are written k1"))
}

fn value(word: &str) -> Result<Value, String> {
    word.parse().map(Value).map_err(|_| format!("`{word}` is no value; values are numbers"))
}

fn server(word: &str) -> Result<NodeId, String> {
    let number = word.strip_prefix('n').and_then(|number| number.parse::<u32>().ok());
    let id = number.and_then(|number| number.checked_sub(1)).filter(|id| *id < 128);
    id.map(NodeId).ok_or(format!("`{word}` is no server; servers are written n1"))
}

impl Stage<Msg> for RaftStage {
    fn op(&self, text: &str) -> Result<Op, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        Ok(match words[..] {
            ["get", k] => Op::Get { key: key(k)? },
            ["put", k, v] => Op::Change(Command::Put { key: key(k)?, value: value(v)? }),
            ["delete", k] => Op::Change(Command::Delete { key: key(k)? }),
            ["cas", k, expected, v] => {
                let expected = if expected == "none" { None } else { Some(value(expected)?) };
                Op::Change(Command::CompareAndSet { key: key(k)?, expected, value: value(v)? })
            }
            ["add", n] => Op::Admin(Wish::Add(server(n)?)),
            ["add-learner", n] => Op::Admin(Wish::AddLearner(server(n)?)),
            ["remove", n] => Op::Admin(Wish::Remove(server(n)?)),
            ["become", ..] => {
                Op::Admin(Wish::Become(words[1..].iter().map(|word| server(word)).collect::<Result<_, _>>()?))
            }
            ["lead", n] => Op::Admin(Wish::Lead(server(n)?)),
            _ => {
                let known = "`get k1`, `put k1 7`, `delete k1`, `cas k1 none 7`";
                let also = "`add n4`, `add-learner n4`, `remove n1`, `become n2 n3` or `lead n2`";
                return Err(format!("expected {known}, {also}"));
            }
        })
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
