//! What a world is built from.

use super::ailment::NodeSettings;
use super::fault::{Fault, Who};
use super::workload::{Asking, Load};
use crate::actor::{Actor, Protocol};
use crate::engine::law::Law;
use crate::engine::network::{LinkSettings, MAX_IN_FLIGHT};
use crate::engine::trace::NodeInfo;
use crate::engine::{NodeId, Span, Time};

/// The nodes of a run, servers and clients, in the order in which they were added.
#[derive(Debug)]
pub struct Cluster<P: Protocol> {
    pub(super) members: Vec<(NodeInfo, Box<dyn Actor<P>>)>,
    /// Those that count as clients and are not asked.
    pub(super) bystanders: Vec<NodeId>,
}

impl<P: Protocol> Default for Cluster<P> {
    fn default() -> Self {
        Self { members: Vec::new(), bystanders: Vec::new() }
    }
}

impl<P: Protocol> Cluster<P> {
    /// No nodes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a server.
    pub fn server(&mut self, name: impl Into<String>, actor: impl Actor<P>) -> NodeId {
        self.add(name.into(), false, actor.boxed())
    }

    /// Adds a client: the workload asks clients for operations, and faults strike them only by name.
    pub fn client(&mut self, name: impl Into<String>, actor: impl Actor<P>) -> NodeId {
        self.add(name.into(), true, actor.boxed())
    }

    /// Adds a client that the workload does not ask: one that acts by itself, such as an operator with a timetable.
    pub fn bystander(&mut self, name: impl Into<String>, actor: impl Actor<P>) -> NodeId {
        let id = self.add(name.into(), true, actor.boxed());
        self.bystanders.push(id);
        id
    }

    fn add(&mut self, name: String, client: bool, actor: Box<dyn Actor<P>>) -> NodeId {
        let id = NodeId(self.members.len() as u32);
        self.members.push((NodeInfo { name, client, region: None }, actor));
        id
    }

    /// The nodes' names and kinds.
    pub fn infos(&self) -> impl Iterator<Item = &NodeInfo> {
        self.members.iter().map(|(info, _)| info)
    }

    /// The nodes' names and kinds, to be changed.
    pub fn infos_mut(&mut self) -> impl Iterator<Item = &mut NodeInfo> {
        self.members.iter_mut().map(|(info, _)| info)
    }
}

/// What a run may use before it is stopped with the verdict `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many events are handled.
    pub events: u64,
    /// How many messages of one sender may be in flight; what exceeds it is dropped and counted.
    pub in_flight: u32,
    /// How many inputs may wait at a busy or paused node; what exceeds it is dropped and counted.
    pub inbox: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { events: 50_000_000, in_flight: MAX_IN_FLIGHT, inbox: 10_000 }
    }
}

/// The second phase of a run, in which a core must come to rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    /// When it begins.
    pub at: Time,
    /// The servers that are healed.
    pub core: Who,
}

/// Everything that decides a run.
#[derive(Debug)]
pub struct Setup<P: Protocol> {
    /// The nodes.
    pub cluster: Cluster<P>,
    /// From which all chance is drawn.
    pub seed: u64,
    /// How much simulated time the run takes.
    pub duration: Span,
    /// How links behave.
    pub network: LinkSettings,
    /// Links that behave differently; for the same link the last one counts.
    pub links: Vec<(NodeId, NodeId, LinkSettings)>,
    /// How long a disk sync takes.
    pub sync: Law,
    /// How single nodes differ from perfect machines.
    pub nodes: NodeSettings,
    /// The faults to come.
    pub faults: Vec<Fault>,
    /// When and where the run settles; `None` if faults go on to its end.
    pub settle: Option<Settle>,
    /// What clients are asked.
    pub load: Option<Load<P>>,
    /// Operations asked at given moments, in place of what the load would ask; the load says how their answers count.
    pub operations: Vec<Asking<P>>,
    /// When to stop early.
    pub limits: Limits,
}

impl<P: Protocol> Setup<P> {
    /// A run without faults or workload, over default links, with disks that sync in a millisecond.
    pub fn new(cluster: Cluster<P>, seed: u64, duration: Span) -> Self {
        Self {
            cluster,
            seed,
            duration,
            network: LinkSettings::default(),
            links: Vec::new(),
            sync: Law::Constant(Span::from_millis(1)),
            nodes: NodeSettings::default(),
            faults: Vec::new(),
            settle: None,
            load: None,
            operations: Vec::new(),
            limits: Limits::default(),
        }
    }
}
