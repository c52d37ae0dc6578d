//! Ailments of single nodes: how they begin and end, and what nodes go through meanwhile.

use super::{Event, World};
use crate::actor::{Effect, Protocol};
use crate::engine::law::Law;
use crate::engine::random::{Domain, Fate};
use crate::engine::trace::{Impairment, RecordId, What};
use crate::engine::{NodeId, Span, SpanRange};
use crate::sim::ailment::{Ailment, NodeSettings};

impl<P: Protocol> World<P> {
    /// Gives each node its machine, before the run begins.
    pub(super) fn equip(&mut self, nodes: &NodeSettings) {
        for host in self.hosts.iter_mut().filter(|host| !host.info.client) {
            host.machine.work = nodes.work;
        }
        for node in &nodes.lying {
            self.hosts[node.index()].machine.lies = 1;
        }
        self.set_clocks(&nodes.clocks);
        self.hosts.iter_mut().for_each(crate::sim::host::Host::look_at_machine);
    }

    pub(super) fn begin_ailment(&mut self, fault: usize, ailment: &Ailment, nodes: Vec<NodeId>, cause: RecordId) {
        for node in nodes {
            let host = &mut self.hosts[node.index()];
            let machine = &mut host.machine;
            match ailment {
                Ailment::Crash { wipe, .. } => self.take_down(node, cause, *wipe),
                Ailment::Slow(slowness) => machine.slow.push((fault, *slowness)),
                Ailment::Stall => self.stall(node),
                Ailment::LyingSync => machine.lies += 1,
                Ailment::DiskFull => machine.full += 1,
                Ailment::DiskError => machine.errors += 1,
                Ailment::ClockStep(by) => self.step_clock(node, *by, cause),
                Ailment::ClockDrift(drift) => {
                    machine.drifts.push((Some(fault), *drift));
                    self.change_drift(node);
                }
            }
            let host = &mut self.hosts[node.index()];
            host.look_at_machine();
            self.struck[fault].nodes.push((node, host.incarnation));
            if let Some(by) = ailment.impairment() {
                self.trace(Some(cause), Some(node), || What::Impaired { by });
            }
        }
    }

    pub(super) fn end_ailment(&mut self, fault: usize, ailment: &Ailment, nodes: &[(NodeId, u32)], cause: RecordId) {
        for &(node, _) in nodes {
            let host = &mut self.hosts[node.index()];
            let machine = &mut host.machine;
            match ailment {
                Ailment::Crash { restart_delay, .. } => {
                    let delay = self.restart_delay(node, *restart_delay);
                    self.bring_up(node, delay, cause);
                }
                Ailment::Slow(_) => machine.slow.retain(|(other, _)| *other != fault),
                Ailment::Stall => self.unstall(node),
                Ailment::LyingSync => machine.lies -= 1,
                Ailment::DiskFull => machine.full -= 1,
                Ailment::DiskError => machine.errors -= 1,
                Ailment::ClockStep(by) => self.step_clock(node, by.back(), cause),
                Ailment::ClockDrift(_) => {
                    machine.drifts.retain(|(other, _)| *other != Some(fault));
                    self.change_drift(node);
                }
            }
            self.hosts[node.index()].look_at_machine();
            if let Some(of) = ailment.impairment() {
                let cause = self.trace(Some(cause), Some(node), || What::Mended { of });
                self.restart_failed(node, cause);
            }
        }
    }

    /// How late a node starts again: for each of its restarts another length.
    fn restart_delay(&self, node: NodeId, range: SpanRange) -> Span {
        let host = &self.hosts[node.index()];
        // Question 0 of a timer's fate is how long it takes.
        let fate = Fate::of(Fate::key(self.seed, Domain::Timer, u64::from(node.0)), u64::from(host.incarnation));
        Law::from(range).draw(fate.bits(1))
    }

    /// A node that stopped because its disk failed starts again once the disk is well.
    fn restart_failed(&mut self, node: NodeId, cause: RecordId) {
        let machine = &mut self.hosts[node.index()].machine;
        if machine.full + machine.errors == 0 && std::mem::take(&mut machine.failed) {
            self.queue.push(self.now, Event::Start(node, Some(cause)));
        }
    }

    /// A write or sync failed. What is on the disk can no longer be known, so the node stops rather than go on.
    #[cold]
    pub(super) fn disk_failed(&mut self, node: NodeId, by: Impairment, cause: RecordId) {
        self.stats.disk_failures += 1;
        let id = self.trace(Some(cause), Some(node), || What::DiskFailed { by });
        self.crash(node, id, false);
        self.hosts[node.index()].machine.failed = true;
    }

    /// The disk stops where it is; a sync under way will do the rest later.
    fn stall(&mut self, node: NodeId) {
        let host = &mut self.hosts[node.index()];
        host.machine.stalls += 1;
        if let Some(event) = host.disk.sync.take() {
            host.machine.rest = self.queue.time_of(event).map(|at| at.since(self.now));
            self.queue.cancel(event);
        }
    }

    pub(super) fn unstall(&mut self, node: NodeId) {
        let host = &mut self.hosts[node.index()];
        host.machine.stalls -= 1;
        if host.machine.stalls == 0
            && let Some(rest) = host.machine.rest.take()
        {
            host.disk.sync = Some(self.queue.push(self.now + rest, Event::Synced(node)));
        }
    }

    /// A sync begins on a disk that is not well.
    pub(super) fn begin_odd_sync(&mut self, node: NodeId, span: Span) {
        let host = &mut self.hosts[node.index()];
        let span = span.times(u64::from(host.machine.slowness().disk));
        match host.machine.stalls {
            0 => host.disk.sync = Some(self.queue.push(self.now + span, Event::Synced(node))),
            _ => host.machine.rest = Some(span),
        }
    }

    /// Handling an input takes time: what the node wants done comes after.
    pub(super) fn work_first(&mut self, node: NodeId, effects: &mut Vec<Effect<P>>, cause: RecordId) {
        let host = &mut self.hosts[node.index()];
        host.deferred.extend(effects.drain(..));
        let span = host.machine.work;
        self.busy(node, span, cause);
    }

    /// Keeps the node busy for `span`, or longer if it is slow; what was deferred waits for the end.
    pub(super) fn busy(&mut self, node: NodeId, span: Span, cause: RecordId) {
        let host = &mut self.hosts[node.index()];
        let span = span.times(u64::from(host.machine.slowness().work));
        host.deferred_cause = cause;
        host.wake = Some(self.queue.push(self.now + span, Event::Wake(node)));
    }
}
