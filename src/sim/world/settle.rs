//! Settling: the second phase of a run, which finds out whether a cluster gets well again.
//!
//! Liveness cannot be judged while faults go on. Ending all of them asks too little, for a whole cluster without a fault
//! recovers from almost anything. So, as in TigerBeetle's simulator, a *core* of servers is healed and everything else
//! is frozen as it stands: who is down stays down, who is cut off stays cut off, who can speak but not hear goes on
//! speaking. The core then has what the pattern's promise asks for, and must come to rest by itself.
//!
//! Within the core, which the clients belong to, messages take a millisecond and none is lost, disks work and clocks
//! run true; what a clock shows stays. Nothing new goes wrong, and clients are asked nothing new.

use super::handle::code;
use super::{Event, Settled, World};
use crate::actor::Protocol;
use crate::engine::random::{Domain, Stream};
use crate::engine::trace::{Impairment, RecordId, What};
use crate::engine::{Drift, NodeId};
use crate::sim::host::Host;

impl<P: Protocol> World<P> {
    pub(super) fn settle(&mut self) {
        let Some(settle) = &self.settle else { return };
        let candidates: Vec<_> = self.hosts.iter().map(Host::candidate).collect();
        let mut core = settle.core.choose(&candidates, &mut Stream::new(self.seed, Domain::Settle, 0));
        core.retain(|node| !self.hosts[node.index()].info.client);
        let names: Vec<&str> = core.iter().map(|node| self.info(*node).name.as_str()).collect();
        let text = format!("settle: {} must come to rest", names.join(" "));
        let cause = self.trace(None, None, || What::Settle { text, core: core.clone() });
        self.digest_event(NodeId(core.len() as u32), code::SETTLE);
        let clients = self.ids().filter(|id| self.info(*id).client);
        let healed: Vec<NodeId> = core.iter().copied().chain(clients).collect();
        self.network.settle(&healed);
        self.let_go_within(&healed);
        for node in healed {
            self.heal(node, cause);
        }
        self.settled = Some(Settled { since: self.now, core });
    }

    /// Mends whatever is wrong with the node, at once.
    fn heal(&mut self, node: NodeId, cause: RecordId) {
        self.mend(node, cause);
        let host = &mut self.hosts[node.index()];
        host.downs = 0;
        host.machine.failed = false;
        if host.pauses > 0 {
            host.pauses = 1;
            self.resume(node, cause);
        }
        if !self.hosts[node.index()].up {
            self.queue.push(self.now, Event::Start(node, Some(cause)));
        }
    }

    fn mend(&mut self, node: NodeId, cause: RecordId) {
        let machine = &mut self.hosts[node.index()].machine;
        let wrong = [
            (!machine.slow.is_empty(), Impairment::Slow),
            (machine.stalls > 0, Impairment::DiskStalled),
            (machine.lies > 0, Impairment::SyncLies),
            (machine.full > 0, Impairment::DiskFull),
            (machine.errors > 0, Impairment::DiskError),
            (machine.drift() != Drift::NONE, Impairment::ClockDrift),
        ];
        let (stalled, drifts) = (machine.stalls > 0, machine.drift() != Drift::NONE);
        machine.slow.clear();
        (machine.lies, machine.full, machine.errors) = (0, 0, 0);
        if stalled {
            machine.stalls = 1;
            self.unstall(node);
        }
        if drifts {
            self.hosts[node.index()].machine.drifts.clear();
            self.change_drift(node);
        }
        self.hosts[node.index()].look_at_machine();
        for (_, of) in wrong.into_iter().filter(|(wrong, _)| *wrong) {
            self.trace(Some(cause), Some(node), || What::Mended { of });
        }
    }
}
