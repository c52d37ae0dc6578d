//! A network of the simplest kind, to see that the programs work together: messages arrive in order and at once.

use super::*;
use crate::actor::{Effect, FirstChoice, Input, Node, OpId};
use crate::engine::{LocalTime, NodeId};
use std::collections::{BTreeMap, VecDeque};

struct Network {
    nodes: Vec<Node<Msg>>,
    flying: VecDeque<(NodeId, NodeId, Msg)>,
    armed: BTreeMap<(NodeId, Timer), ()>,
    cut: Vec<NodeId>,
    answers: Vec<(OpId, Answer)>,
    notes: BTreeMap<&'static str, u64>,
    clock: u64,
}

impl Network {
    /// `config.nodes` servers and one client after them.
    fn new(config: &Config) -> Self {
        let servers = || (0..config.nodes).map(NodeId);
        let mut nodes: Vec<_> = servers().map(|id| Node::new(id, Server::new(servers(), config))).collect();
        nodes.push(Node::new(NodeId(config.nodes), Client::new(servers(), config)));
        let mut network = Self {
            nodes,
            flying: VecDeque::new(),
            armed: BTreeMap::new(),
            cut: Vec::new(),
            answers: Vec::new(),
            notes: BTreeMap::new(),
            clock: 0,
        };
        for id in 0..=config.nodes {
            network.handle(NodeId(id), Input::Start);
        }
        network
    }

    fn handle(&mut self, id: NodeId, input: Input<Msg>) {
        let mut effects = Vec::new();
        self.nodes[id.index()].handle(LocalTime::from_nanos(self.clock), input, &mut FirstChoice, &mut effects);
        for effect in effects {
            match effect {
                Effect::Send { to, message } => self.flying.push_back((id, to, message)),
                Effect::Arm { timer, .. } => drop(self.armed.insert((id, timer), ())),
                Effect::Disarm(timer) => drop(self.armed.remove(&(id, timer))),
                Effect::Reply { op, ret } => self.answers.push((op, ret)),
                Effect::Note { name, amount } => *self.notes.entry(name).or_default() += amount,
                Effect::Write(_) | Effect::Work(_) => {}
            }
        }
    }

    fn settle(&mut self) {
        while let Some((from, to, message)) = self.flying.pop_front() {
            let known = to.index() < self.nodes.len();
            if known && !self.cut.contains(&from) && !self.cut.contains(&to) {
                self.handle(to, Input::Message { from, message });
            }
        }
    }

    fn fire(&mut self, id: u32, timer: Timer) {
        self.clock += 1_000_000_000;
        if self.armed.remove(&(NodeId(id), timer)).is_some() {
            self.handle(NodeId(id), Input::Timer(timer));
        }
        self.settle();
    }

    fn elect(&mut self, id: u32) {
        self.fire(id, Timer::Raft(message::CoreTimer::Election));
    }

    fn beat(&mut self, id: u32) {
        self.fire(id, Timer::Raft(message::CoreTimer::Heartbeat));
    }

    fn ask(&mut self, op: u64, what: Op) {
        let client = NodeId(self.nodes.len() as u32 - 1);
        self.handle(client, Input::Op { id: OpId(op), op: what });
        self.settle();
    }

    fn crash(&mut self, id: u32) {
        self.armed.retain(|(node, _), ()| node.0 != id);
        let disk = self.nodes[id as usize].disk().clone();
        self.nodes[id as usize].crash(disk);
        self.handle(NodeId(id), Input::Start);
    }

    fn server(&self, id: u32) -> &Server {
        self.nodes[id as usize].actor_as().expect("a server")
    }
}

fn put(value: u32) -> Op {
    Op::Change(Command::Put { key: Key(1), value: Value(value) })
}

const GET: Op = Op::Get { key: Key(1) };

fn value(answer: Answer) -> Option<u32> {
    let Answer::Done { output: Output::Value(value), .. } = answer else { panic!("not a value: {answer:?}") };
    value.map(|Value(value)| value)
}

#[test]
fn a_cluster_elects_replicates_and_answers() {
    for nodes in [1, 2, 3, 5, 99] {
        let mut network = Network::new(&Config { nodes, ..Config::default() });
        network.elect(0);
        assert_eq!(network.server(0).core().role(), "leader", "of {nodes}");
        network.ask(1, put(7));
        network.ask(2, GET);
        network.beat(0);
        assert_eq!(network.answers.len(), 2, "of {nodes}");
        assert_eq!(value(network.answers[1].1), Some(7));
        for id in 0..nodes {
            let core = network.server(id).core();
            assert_eq!((core.applied(), core.machine().get(Key(1))), (2, Some(Value(7))), "server {id} of {nodes}");
        }
    }
}

#[test]
fn a_new_leader_brings_a_server_that_was_cut_off_up_to_date_batch_by_batch() {
    for max_batch in [1, 3, 64] {
        let mut network = Network::new(&Config { nodes: 3, max_batch, ..Config::default() });
        network.elect(0);
        network.cut = vec![NodeId(2)];
        (0..10).for_each(|op| network.ask(op, put(op as u32)));
        assert_eq!(network.answers.len(), 10);
        network.cut.clear();
        network.crash(0);
        network.elect(1);
        network.beat(1);
        let log = network.nodes[1].disk().raft.entries().to_vec();
        assert_eq!(log.len(), 12);
        assert_eq!(network.nodes[2].disk().raft.entries(), log);
        assert_eq!(network.server(2).core().machine().get(Key(1)), Some(Value(9)));
    }
}

#[test]
fn a_deposed_leader_loses_what_nobody_confirmed() {
    let mut network = Network::new(&Config { nodes: 3, ..Config::default() });
    network.elect(0);
    network.ask(1, put(1));
    network.cut = vec![NodeId(0)];
    // These reach nobody but the leader, through a client on its side.
    for number in 50..53 {
        let message = Msg::Request { serial: server::Serial { boot: 9, number }, op: put(100 + number) };
        network.handle(NodeId(0), Input::Message { from: NodeId(8), message });
        network.flying.clear();
    }
    network.elect(1);
    assert_eq!(network.server(1).core().role(), "leader");
    assert_eq!(network.server(0).core().role(), "leader", "it does not know yet");
    network.cut.clear();
    network.beat(1);
    network.ask(2, put(2));
    network.ask(3, GET);
    assert_eq!(value(network.answers.last().expect("an answer").1), Some(2));
    assert_eq!(network.notes["log_truncations"], 1);
    assert_eq!(network.nodes[0].disk().raft.entries(), network.nodes[1].disk().raft.entries());
}

#[test]
fn a_command_asked_twice_takes_effect_once() {
    for (bug, applied_twice) in [(None, false), (Some(Bug::NoSessionTable), true)] {
        let mut network = Network::new(&Config { nodes: 3, bug, ..Config::default() });
        network.elect(0);
        let swap = |expected, value| Command::CompareAndSet { key: Key(1), expected, value: Value(value) };
        network.ask(1, Op::Change(swap(None, 1)));
        let message = Msg::Request { serial: server::Serial { boot: 1, number: 1 }, op: Op::Change(swap(None, 1)) };
        network.handle(NodeId(0), Input::Message { from: NodeId(3), message });
        network.settle();
        let length = network.nodes[0].disk().raft.last_index();
        assert_eq!(length, if applied_twice { 3 } else { 2 });
    }
}

#[test]
fn a_leader_without_a_majority_retires_and_refuses() {
    let mut network = Network::new(&Config { nodes: 3, ..Config::default() });
    network.elect(0);
    network.cut = vec![NodeId(1), NodeId(2)];
    network.ask(1, GET);
    network.fire(0, Timer::Raft(message::CoreTimer::Quorum));
    assert_eq!(network.server(0).core().role(), "leader", "it was heard before");
    network.fire(0, Timer::Raft(message::CoreTimer::Quorum));
    assert_eq!(network.server(0).core().role(), "follower");
    network.fire(3, Timer::GiveUp(OpId(1)));
    assert_eq!(network.answers, [(OpId(1), Answer::Refused)]);
}

#[test]
fn reads_of_every_kind_see_what_was_written() {
    for reads in [Reads::Log, Reads::ReadIndex, Reads::Local] {
        let mut network = Network::new(&Config { nodes: 3, reads, ..Config::default() });
        network.elect(0);
        network.ask(1, put(5));
        network.beat(0);
        network.ask(2, GET);
        assert_eq!(value(network.answers[1].1), Some(5), "{reads:?}");
    }
}
