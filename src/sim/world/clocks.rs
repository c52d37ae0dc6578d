//! Nodes' clocks: set, and made to run wrong.

use super::World;
use crate::actor::Protocol;
use crate::engine::clock::Clock;
use crate::engine::trace::{RecordId, What};
use crate::engine::{Drift, NodeId, SignedSpan, Span, Time};
use crate::sim::ailment::Ailment;
use crate::sim::fault::Action;

impl<P: Protocol> World<P> {
    /// Sets all clocks before the run begins, to a reading from which no step of the scenario leads below zero.
    pub(super) fn set_clocks(&mut self, clocks: &[(NodeId, SignedSpan, Drift)]) {
        let offset = clocks.iter().map(|(_, offset, _)| offset.behind()).max().unwrap_or(Span::ZERO);
        let steps = self.faults.iter().map(|fault| match &fault.action {
            Action::Node(_, Ailment::ClockStep(by)) => by.behind(),
            _ => Span::ZERO,
        });
        let epoch = steps.fold(offset, |sum, step| sum + step);
        for host in &mut self.hosts {
            host.machine.clock = Clock::beginning_at(epoch);
        }
        for (node, offset, drift) in clocks {
            let machine = &mut self.hosts[node.index()].machine;
            machine.clock = Clock::beginning_at(epoch);
            machine.clock.step(*offset);
            machine.clock.set_drift(Time::ZERO, *drift);
            machine.drifts = vec![(None, *drift)];
        }
    }

    /// Sets a node's clock forwards or backwards. Its alarms follow the steady reading and stay where they are.
    pub(super) fn step_clock(&mut self, node: NodeId, by: SignedSpan, cause: RecordId) {
        self.hosts[node.index()].machine.clock.step(by);
        self.trace(Some(cause), Some(node), || What::ClockStep { by });
    }

    /// A node's clock runs differently from now on, and with it the alarms that are set.
    pub(super) fn change_drift(&mut self, node: NodeId) {
        let host = &mut self.hosts[node.index()];
        let before = host.machine.clock.clone();
        let drift = host.machine.drift();
        host.machine.clock.set_drift(self.now, drift);
        for event in host.timers.pending() {
            let at = self.queue.time_of(event).expect("an armed alarm has an event");
            // An alarm for ever stays one.
            if at < Time::MAX {
                let rest = before.counts(at.since(self.now));
                self.queue.reschedule(event, self.now + host.machine.clock.lasts(rest));
            }
        }
    }
}
