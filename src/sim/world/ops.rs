//! Operations: asked by the workload, answered by clients.

use super::handle::code;
use super::{Event, World};
use crate::actor::history::HistoryEvent;
use crate::actor::{Input, OpId, Protocol};
use crate::engine::NodeId;
use crate::engine::trace::{DropReason, Outcome, RecordId, What};
use crate::sim::host::{OpenOp, Waiting};
use std::hash::Hash;

impl<P: Protocol> World<P> {
    /// The workload asks a client for its next operation, or when it is back if it is down.
    pub(super) fn ask(&mut self, client: usize) {
        let driver = self.driver.as_mut().expect("only a workload asks");
        let node = driver.node(client);
        if !self.hosts[node.index()].up {
            return driver.miss(client);
        }
        let Some(op) = driver.next(client) else { return };
        self.invoke(node, op);
        if self.driver.as_ref().is_some_and(|driver| !driver.is_closed()) {
            self.ask_again(client);
        }
    }

    pub(super) fn ask_again(&mut self, client: usize) {
        let now = self.now;
        let driver = self.driver.as_mut().expect("only a workload asks");
        if let Some(at) = driver.after(client, now) {
            self.queue.push(at, Event::Ask(client));
        }
    }

    fn invoke(&mut self, node: NodeId, op: P::Op) {
        self.ops += 1;
        let id = OpId(self.ops);
        self.stats.invoked += 1;
        let record = self.trace(None, Some(node), || What::Invoke { op: id.0, text: format!("{op:?}") });
        self.history.push(HistoryEvent::Invoke { id, client: node, op: op.clone(), time: self.now });
        let host = &mut self.hosts[node.index()];
        host.ops.push_back(OpenOp { id, invoked: self.now, record });
        if host.is_ready() {
            self.handle_op(node, id, op, record);
        } else if host.inbox.len() < self.limits.inbox as usize {
            host.inbox.push_back(Waiting { input: Input::Op { id, op }, cause: record, since: self.now, serial: 0 });
        } else {
            self.stats.inbox_overflows += 1;
            self.trace(Some(record), Some(node), || What::Drop {
                from: None,
                kind: "op",
                reason: DropReason::InboxFull,
            });
            self.end_op(node, id, None, Outcome::Failed, record);
        }
    }

    pub(super) fn handle_op(&mut self, node: NodeId, id: OpId, op: P::Op, record: RecordId) {
        self.digest_event(node, code::OP);
        op.hash(&mut self.digest);
        self.run_handler(node, Input::Op { id, op }, record);
    }

    /// A client answers an operation.
    pub(super) fn complete(&mut self, node: NodeId, id: OpId, ret: P::Ret, cause: RecordId) {
        let outcome = self.driver.as_ref().map_or(Outcome::Ok, |driver| driver.outcome(&ret));
        self.end_op(node, id, Some(ret), outcome, cause);
    }

    /// Ends an operation, unless it has ended already, and lets a closed loop go on.
    pub(super) fn end_op(&mut self, node: NodeId, id: OpId, ret: Option<P::Ret>, outcome: Outcome, cause: RecordId) {
        let Some(OpenOp { invoked, .. }) = self.hosts[node.index()].take_op(id) else { return };
        let text = || match &ret {
            Some(ret) => format!("{ret:?}"),
            None => "no answer".into(),
        };
        self.trace(Some(cause), Some(node), || What::Return { op: id.0, text: text(), outcome });
        self.digest_event(node, code::RETURN);
        (id, &ret, outcome as u64).hash(&mut self.digest);
        self.stats.count_return(outcome, self.now.since(invoked), self.now);
        self.history.push(HistoryEvent::Return { id, client: node, ret, outcome, invoked, time: self.now });
        let asked = self.driver.as_ref().filter(|driver| driver.is_closed()).and_then(|driver| driver.client_of(node));
        if let Some(client) = asked {
            self.ask_again(client);
        }
    }
}
