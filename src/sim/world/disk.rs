//! Writes, syncs, and what a node may only say after them.

use super::handle::code;
use super::{Event, World};
use crate::actor::{Effect, Protocol};
use crate::engine::NodeId;
use crate::engine::trace::{Impairment, What};

impl<P: Protocol> World<P> {
    /// Begins a sync if there is something to sync and none is under way.
    pub(super) fn begin_sync(&mut self, node: NodeId) {
        let host = &mut self.hosts[node.index()];
        if let Some(span) = host.disk.queue.begin() {
            if host.odd_disk {
                return self.begin_odd_sync(node, span);
            }
            host.disk.sync = Some(self.queue.push(self.now + span, Event::Synced(node)));
        }
    }

    /// A sync ended: what it took along is durable, and what waited for it may be said.
    pub(super) fn finish_sync(&mut self, node: NodeId) {
        let host = &mut self.hosts[node.index()];
        let cause = host.disk.cause;
        if host.odd_disk && host.machine.errors > 0 {
            return self.disk_failed(node, Impairment::DiskError, cause);
        }
        let writes = host.end_sync();
        self.trace(Some(cause), Some(node), || What::Sync { writes });
        self.digest_event(node, code::SYNC);
        self.changed.push(node);
        self.begin_sync(node);
        if self.hosts[node.index()].pauses == 0 {
            self.release_held(node);
        }
    }

    /// Says what the node could not say before its writes were durable.
    pub(super) fn release_held(&mut self, node: NodeId) {
        loop {
            let host = &mut self.hosts[node.index()];
            let durable = host.disk.queue.durable();
            if host.held.front().is_none_or(|held| held.after_write > durable) {
                return;
            }
            let held = host.held.pop_front().expect("it was just seen");
            match held.effect {
                Effect::Send { to, message } => self.transmit(node, to, message, held.cause),
                Effect::Reply { op, ret } => self.complete(node, op, ret, held.cause),
                _ => unreachable!("only sends and replies are held back"),
            }
        }
    }
}
