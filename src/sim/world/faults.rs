//! Faults that begin and end.

use super::handle::code;
use super::{Event, World};
use crate::actor::{Input, Protocol};
use crate::engine::network::reach::CutId;
use crate::engine::random::{Domain, Stream};
use crate::engine::trace::{Outcome, RecordId, What};
use crate::engine::{NodeId, Span};
use crate::sim::fault::{Action, Who, choose_groups};
use crate::sim::host::Host;
use crate::sim::links;

/// Whom a fault has struck, to be undone when it ends.
#[derive(Debug, Default)]
pub(super) struct Struck {
    record: RecordId,
    cut: Option<CutId>,
    /// Nodes that this fault struck, with their incarnation then.
    pub(super) nodes: Vec<(NodeId, u32)>,
}

/// What became of a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strike {
    /// Whether its time has come.
    pub begun: bool,
    /// How many nodes, links or (if it picks out single ones) messages it met. None if its selectors matched nobody.
    pub met: u64,
}

impl<P: Protocol> World<P> {
    pub(super) fn begin_fault(&mut self, index: usize) {
        // Once the run settles nothing new goes wrong.
        if self.settled.is_some() {
            return;
        }
        let fault = self.faults[index].clone();
        let groups = self.choose(index, &fault.action);
        self.struck_groups[index].clone_from(&groups);
        let text = self.describe(&fault.action, &groups);
        let (parted, ends) = self.picture(&fault.action, &groups);
        let record = self.trace(None, None, || What::FaultBegin { fault: index as u32, text, groups: parted, ends });
        self.digest_event(NodeId(index as u32), code::FAULT_BEGIN);
        self.struck[index].record = record;
        self.strikes[index] = Strike { begun: true, met: Self::meets(&fault.action, &groups) };
        match fault.action {
            Action::Partition(_) | Action::Bridge(_) | Action::OneWay(_) | Action::Ring(_) => {
                self.struck[index].cut = Self::cut(&fault.action, groups).map(|cut| self.network.cut(&cut));
            }
            Action::Window(links, change) => self.open_window(index, links.both_ways, change, groups),
            Action::Crash(_) => {
                for node in groups.into_iter().flatten() {
                    self.take_down(node, record, false);
                    self.struck[index].nodes.push((node, self.hosts[node.index()].incarnation));
                }
            }
            Action::Pause(_) => {
                for node in groups.into_iter().flatten().filter(|node| self.hosts[node.index()].up).collect::<Vec<_>>()
                {
                    self.hosts[node.index()].pauses += 1;
                    self.trace(Some(record), Some(node), || What::Pause);
                    self.struck[index].nodes.push((node, self.hosts[node.index()].incarnation));
                }
            }
            Action::Node(_, ailment) => {
                self.begin_ailment(index, &ailment, groups.into_iter().flatten().collect(), record);
            }
        }
        if let Some(lasts) = fault.lasts {
            self.queue.push(self.now + lasts, Event::FaultEnd(index));
        }
    }

    pub(super) fn end_fault(&mut self, index: usize) {
        // Once the run settles the core is well, and what is wrong elsewhere stays so.
        if self.settled.is_some() {
            return;
        }
        let struck = std::mem::take(&mut self.struck[index]);
        let cause = self.trace(Some(struck.record), None, || What::FaultEnd { fault: index as u32 });
        self.digest_event(NodeId(index as u32), code::FAULT_END);
        if let Some(cut) = struck.cut {
            self.network.heal(cut);
        }
        if let Action::Window(..) = &self.faults[index].action {
            return self.close_window(index);
        }
        if let Action::Node(_, ailment) = &self.faults[index].action {
            let ailment = ailment.clone();
            return self.end_ailment(index, &ailment, &struck.nodes, cause);
        }
        let crashed = matches!(self.faults[index].action, Action::Crash(_));
        for (node, incarnation) in struck.nodes {
            if crashed {
                self.bring_up(node, Span::ZERO, cause);
            } else if self.hosts[node.index()].incarnation == incarnation {
                self.resume(node, cause);
            }
        }
    }

    /// Whom the fault strikes just now: the groups of a partition; the two sides of a bridge, then the bridge; the senders
    /// and the receivers of links; else one group.
    fn choose(&self, index: usize, action: &Action) -> Vec<Vec<NodeId>> {
        let candidates: Vec<_> = self.hosts.iter().map(Host::candidate).collect();
        let mut chance = Stream::new(self.seed, Domain::Fault, self.fault_keys[index]);
        match action {
            Action::Partition(groups) => choose_groups(groups, &candidates, &mut chance),
            Action::Crash(who) | Action::Pause(who) | Action::Node(who, _) | Action::Ring(who) => {
                vec![who.choose(&candidates, &mut chance)]
            }
            Action::Bridge(who) => {
                let bridge = who.choose(&candidates, &mut chance);
                let mut groups = links::sides_of_bridge(&bridge, &candidates);
                groups.push(bridge);
                groups
            }
            Action::OneWay(links) | Action::Window(links, _) => {
                let (from, to) = links.choose(&candidates, &mut chance);
                vec![from, to]
            }
        }
    }

    /// What a fault does, with the names of those struck: `crash n2 (the leader)`.
    fn describe(&self, action: &Action, groups: &[Vec<NodeId>]) -> String {
        let names = |group: &[NodeId]| match group {
            [] => "nobody".to_string(),
            _ => group.iter().map(|node| self.info(*node).name.as_str()).collect::<Vec<_>>().join(" "),
        };
        let one = |verb: &str, who: &Who| match who {
            Who::Named(_) => format!("{verb} {}", names(&groups[0])),
            _ => format!("{verb} {} ({who})", names(&groups[0])),
        };
        match action {
            Action::Partition(_) => {
                let groups: Vec<String> = groups.iter().map(|group| names(group)).collect();
                format!("partition {}", groups.join(" | "))
            }
            Action::Crash(who) => one("crash", who),
            Action::Pause(who) => one("pause", who),
            Action::Node(who, ailment) => ailment.describe(one("", who).trim_start()),
            Action::Bridge(who) => {
                format!("{} joins {} | {}", one("", who).trim_start(), names(&groups[0]), names(&groups[1]))
            }
            Action::Ring(_) => format!("ring {}", names(&groups[0])),
            Action::OneWay(links) | Action::Window(links, _) => {
                let end = |group: &[NodeId], who: &Who| match who {
                    Who::Named(_) => names(group),
                    _ if group.len() > 3 => who.to_string(),
                    _ => format!("{} ({who})", names(group)),
                };
                let arrow = if links.both_ways { "<->" } else { "->" };
                let which = format!("{} {arrow} {}", end(&groups[0], &links.from), end(&groups[1], &links.to));
                match action {
                    Action::Window(_, change) => links::describe(change, &which),
                    _ => format!("cut {which}"),
                }
            }
        }
    }

    /// A fault takes the node down, or keeps it down if another has done so already.
    pub(super) fn take_down(&mut self, node: NodeId, cause: RecordId, wipe: bool) {
        let host = &mut self.hosts[node.index()];
        host.downs += 1;
        if host.up {
            self.crash(node, cause, wipe);
        }
    }

    /// A fault lets go of a node; it starts again, after `delay`, when no other fault keeps it down.
    pub(super) fn bring_up(&mut self, node: NodeId, delay: Span, cause: RecordId) {
        let host = &mut self.hosts[node.index()];
        host.downs -= 1;
        if host.downs == 0 {
            self.queue.push(self.now + delay, Event::Start(node, Some(cause)));
        }
    }

    /// The node loses everything but what is durable. Messages to it that are still in flight will find it down, or in
    /// its next incarnation; its open operations end with an unknown outcome.
    pub(super) fn crash(&mut self, node: NodeId, cause: RecordId, wipe: bool) {
        let host = &mut self.hosts[node.index()];
        let lost_writes = host.wreck(self.seed, self.on_crash, wipe);
        self.stats.writes_lost += lost_writes;
        host.node.crash(host.disk.synced.clone());
        host.up = false;
        host.pauses = 0;
        host.incarnation += 1;
        host.held.clear();
        host.deferred.clear();
        let events = host.timers.drain().filter_map(|armed| armed.event);
        for event in events.chain(host.wake.take()).chain(host.disk.sync.take()) {
            self.queue.cancel(event);
        }
        for waiting in host.inbox.drain(..) {
            if let Input::Message { message, .. } = waiting.input {
                self.stats.kind(message.kind()).dropped += 1;
            }
        }
        let open: Vec<_> = host.ops.iter().map(|open| (open.id, open.record)).collect();
        self.trace(Some(cause), Some(node), || What::Crash { lost_writes });
        self.digest_event(node, code::CRASH);
        for (id, record) in open {
            self.end_op(node, id, None, Outcome::Unknown, record);
        }
        self.changed.push(node);
    }

    pub(super) fn resume(&mut self, node: NodeId, cause: RecordId) {
        let host = &mut self.hosts[node.index()];
        host.pauses -= 1;
        if host.pauses == 0 {
            self.trace(Some(cause), Some(node), || What::Resume);
            self.release_held(node);
            self.wake_if_waiting(node);
        }
    }
}
