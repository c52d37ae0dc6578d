//! The world: pop an event, let a node handle it, interpret its effects.

use super::cluster::{Limits, Settle, Setup};
use super::fault::Fault;
use super::host::Host;
use super::stats::Stats;
use super::workload::Driver;
use crate::actor::history::HistoryEvent;
use crate::actor::{Actor, Effect, Node, OpId, Protocol};
use crate::engine::digest::Digest;
use crate::engine::network::Network;
use crate::engine::queue::Queue;
use crate::engine::survival::OnCrash;
use crate::engine::trace::{NodeInfo, Record, RecordId, Sink, What};
use crate::engine::{LocalTime, NodeId, Time};

mod ailments;
mod clocks;
mod disk;
mod faults;
mod handle;
mod links;
mod ops;
mod settle;

#[cfg(test)]
mod tests;

pub use faults::Strike;

/// What is going to happen.
enum Event<P: Protocol> {
    /// A node starts or starts again; the second is the fault that had stopped it.
    Start(NodeId, Option<RecordId>),
    /// A message reaches its receiver.
    Arrive { to: NodeId, from: NodeId, cause: RecordId, message: P },
    /// An alarm goes off.
    Timer(NodeId, P::Timer),
    /// A node is done with its work, or should look into its inbox.
    Wake(NodeId),
    /// A sync ends.
    Synced(NodeId),
    /// The workload asks a client.
    Ask(usize),
    /// A fault of the timetable begins.
    FaultBegin(usize),
    /// It ends.
    FaultEnd(usize),
    /// From now on the core must come to rest.
    Settle,
}

/// One event that was handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When it happened.
    pub time: Time,
    /// The number of the last record up to then.
    pub record: RecordId,
    /// A number that no record has: for what an observer has to say about this event.
    pub remark: RecordId,
}

/// Why a run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Its time is up, or nothing can happen any more.
    Finished,
    /// It handled as many events as it may.
    EventLimit,
    /// A node's handler panicked.
    Panicked,
}

/// The second phase of a run: a core is healed and must come to rest, everything else stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Since when.
    pub since: Time,
    /// The servers that must come to rest, ascending.
    pub core: Vec<NodeId>,
}

/// A handler's panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// The node.
    pub node: NodeId,
    /// The panic's message.
    pub text: String,
}

/// A running simulation.
pub struct World<P: Protocol> {
    now: Time,
    until: Time,
    seed: u64,
    limits: Limits,
    on_crash: OnCrash,
    barrier: bool,
    queue: Queue<Event<P>>,
    hosts: Vec<Host<P>>,
    network: Network,
    driver: Option<Driver<P>>,
    faults: Vec<Fault>,
    struck: Vec<faults::Struck>,
    strikes: Vec<Strike>,
    /// Whom each fault struck, in its groups.
    struck_groups: Vec<Vec<Vec<NodeId>>>,
    settle: Option<Settle>,
    settled: Option<Settled>,
    /// For each fault the number that its chance follows from.
    fault_keys: Vec<u64>,
    /// Messages that faults hold up.
    clogged: Vec<links::Clogged<P>>,
    stats: Stats,
    digest: Digest,
    records: u64,
    last_record: RecordId,
    ops: u64,
    sink: Option<Box<dyn Sink>>,
    panic: Option<Panic>,
    end: Option<End>,
    /// Scratch space for the effects of one handler.
    effects: Vec<Effect<P>>,
    /// The nodes whose memory, disk or state the last step changed.
    changed: Vec<NodeId>,
    /// What clients saw during the last step.
    history: Vec<HistoryEvent<P>>,
}

impl<P: Protocol> World<P> {
    /// The world at the moment before its first event.
    ///
    /// # Panics
    /// If the cluster has no nodes: an empty world satisfies every property.
    pub fn new(setup: Setup<P>) -> Self {
        let Setup { cluster, seed, duration, network, links, sync, nodes, faults, settle, load, operations, limits } =
            setup;
        assert!(!cluster.members.is_empty(), "a world needs at least one node");
        let mut fabric = Network::new(seed, cluster.members.len() as u32, network, limits.in_flight);
        for (from, to, settings) in &links {
            fabric.set_link(*from, *to, settings);
        }
        let host =
            |(index, (info, actor))| Host::new(seed, info, Node::boxed(NodeId(index as u32), actor), sync.clone());
        let hosts: Vec<_> = cluster.members.into_iter().enumerate().map(host).collect();
        let asked = |host: &&Host<P>| host.info.client && !cluster.bystanders.contains(&host.node.id());
        let clients: Vec<NodeId> = hosts.iter().filter(asked).map(|host| host.node.id()).collect();
        let mut world = Self {
            now: Time::ZERO,
            until: Time::ZERO + duration,
            seed,
            limits,
            on_crash: nodes.on_crash,
            barrier: nodes.barrier,
            queue: Queue::new(),
            hosts,
            network: fabric,
            driver: load.filter(|_| !clients.is_empty()).map(|load| Driver::new(load, operations, &clients, seed)),
            struck: faults.iter().map(|_| faults::Struck::default()).collect(),
            strikes: vec![Strike::default(); faults.len()],
            struck_groups: vec![Vec::new(); faults.len()],
            settle,
            settled: None,
            fault_keys: Fault::keys(&faults),
            clogged: Vec::new(),
            faults,
            stats: Stats::new(duration),
            digest: Digest::default(),
            records: 0,
            last_record: RecordId::default(),
            ops: 0,
            sink: None,
            panic: None,
            end: None,
            effects: Vec::new(),
            changed: Vec::new(),
            history: Vec::new(),
        };
        world.digest.word(seed);
        world.equip(&nodes);
        world.schedule_beginning();
        world
    }

    fn schedule_beginning(&mut self) {
        for index in 0..self.hosts.len() {
            self.queue.push(Time::ZERO, Event::Start(NodeId(index as u32), None));
        }
        for (index, fault) in self.faults.iter().enumerate() {
            self.queue.push(fault.at, Event::FaultBegin(index));
        }
        if let Some(settle) = &self.settle {
            self.queue.push(settle.at, Event::Settle);
        }
        if let Some(driver) = &mut self.driver {
            for client in 0..driver.clients() {
                if let Some(at) = driver.first(client) {
                    self.queue.push(at, Event::Ask(client));
                }
            }
        }
    }

    /// Sends every record to `sink` from now on. It does not change the run.
    pub fn record_into(&mut self, sink: Box<dyn Sink>) {
        self.sink = Some(sink);
    }

    /// The sink, as its own type.
    pub fn sink_mut<S: Sink>(&mut self) -> Option<&mut S> {
        let sink: &mut dyn std::any::Any = &mut **self.sink.as_mut()?;
        sink.downcast_mut()
    }

    /// Handles the next event; `None` when the run is over, and [`end`](Self::end) says why.
    pub fn step(&mut self) -> Option<Step> {
        if !self.changed.is_empty() {
            self.changed.clear();
        }
        if !self.history.is_empty() {
            self.history.clear();
        }
        if self.end.is_some() {
            return None;
        }
        if self.panic.is_some() {
            return self.finish(End::Panicked);
        }
        if self.queue.peek_time().is_none_or(|time| time > self.until) {
            self.now = self.until;
            return self.finish(End::Finished);
        }
        if self.stats.events >= self.limits.events {
            return self.finish(End::EventLimit);
        }
        let (time, event) = self.queue.pop().expect("an event was just seen");
        self.now = time;
        self.stats.events += 1;
        self.dispatch(event);
        self.records += 1;
        Some(Step { time, record: self.last_record, remark: RecordId(self.records) })
    }

    fn finish(&mut self, end: End) -> Option<Step> {
        self.end = Some(end);
        None
    }

    #[inline]
    fn dispatch(&mut self, event: Event<P>) {
        match event {
            Event::Arrive { to, from, cause, message } => self.arrive(to, from, cause, message),
            Event::Timer(node, timer) => self.ring(node, timer),
            Event::Wake(node) => self.wake(node),
            Event::Synced(node) => self.finish_sync(node),
            Event::Ask(client) => self.ask(client),
            Event::Start(node, cause) => self.start(node, cause),
            Event::FaultBegin(index) => self.begin_fault(index),
            Event::FaultEnd(index) => self.end_fault(index),
            Event::Settle => self.settle(),
        }
    }

    /// Counts a record, and writes it if anybody records.
    #[inline]
    fn trace(&mut self, cause: Option<RecordId>, node: Option<NodeId>, what: impl FnOnce() -> What) -> RecordId {
        self.records += 1;
        let id = RecordId(self.records);
        self.last_record = id;
        if let Some(sink) = &mut self.sink {
            sink.record(Record { id, time: self.now, cause, node, what: what() });
        }
        id
    }

    /// What the node's own clock shows now: the only way from simulated to local time.
    #[inline]
    pub fn local_clock(&self, node: NodeId) -> LocalTime {
        let host = &self.hosts[node.index()];
        match host.odd_clock {
            false => LocalTime::from_nanos(self.now.as_nanos()),
            true => host.machine.clock.read(self.now),
        }
    }

    /// Simulated time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// When the run ends.
    pub fn until(&self) -> Time {
        self.until
    }

    /// Why the run is over; `None` while it goes on.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// The handler's panic that ended the run.
    pub fn panic(&self) -> Option<&Panic> {
        self.panic.as_ref()
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.hosts.len()
    }

    /// Never: a world has nodes.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }

    /// All nodes.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<P> {
        (0..self.hosts.len() as u32).map(NodeId)
    }

    /// A node's name and kind.
    pub fn info(&self, id: NodeId) -> &NodeInfo {
        &self.hosts[id.index()].info
    }

    /// A node, with its actor and its disk.
    pub fn node(&self, id: NodeId) -> &Node<P> {
        &self.hosts[id.index()].node
    }

    /// A node's actor as its own type; `None` if it is of another.
    pub fn actor<A: Actor<P>>(&self, id: NodeId) -> Option<&A> {
        self.node(id).actor_as()
    }

    /// The durable part of a node's disk.
    pub fn synced(&self, id: NodeId) -> &P::Disk {
        &self.hosts[id.index()].disk.synced
    }

    /// Whether the node runs (it may be paused).
    pub fn is_up(&self, id: NodeId) -> bool {
        self.hosts[id.index()].up
    }

    /// How often the node has restarted.
    pub fn incarnation(&self, id: NodeId) -> u32 {
        self.hosts[id.index()].incarnation
    }

    /// The nodes that the last step touched.
    pub fn changed(&self) -> &[NodeId] {
        &self.changed
    }

    /// What clients saw during the last step.
    pub fn history(&self) -> &[HistoryEvent<P>] {
        &self.history
    }

    /// The operations that have not ended, with their clients.
    pub fn open_ops(&self) -> impl Iterator<Item = (NodeId, OpId)> {
        self.hosts.iter().flat_map(|host| host.ops.iter().map(|open| (host.node.id(), open.id)))
    }

    /// The counts of the run so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The digest of the run so far.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The number of the last record that was made, kept or not.
    pub fn last_record(&self) -> RecordId {
        self.last_record
    }

    /// The faults of the timetable.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// What became of each fault of the timetable.
    pub fn strikes(&self) -> impl Iterator<Item = Strike> {
        self.strikes.iter().enumerate().map(|(index, strike)| match self.picks_messages(index) {
            true => Strike { met: strike.met.max(self.network.met(index as u32)), ..*strike },
            false => *strike,
        })
    }

    /// Whom a fault struck when it began: the groups of a partition, else one; empty before that.
    pub fn struck(&self, fault: usize) -> &[Vec<NodeId>] {
        &self.struck_groups[fault]
    }

    /// Since when which servers must come to rest, if the run has got that far.
    pub fn settled(&self) -> Option<&Settled> {
        self.settled.as_ref()
    }

    /// How many events are pending: a run's appetite for memory.
    pub fn pending(&self) -> usize {
        self.queue.len()
    }
}
