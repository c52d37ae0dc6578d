//! One node's surroundings: its inbox, timers, disk and what it must not say yet.

use super::fault::Candidate;
use super::machine::Machine;
use crate::actor::{Choices, Durable, Effect, Input, Node, OpId, Protocol};
use crate::engine::disk::SyncQueue;
use crate::engine::law::Law;
use crate::engine::queue::EventId;
use crate::engine::random::{Domain, Fate};
use crate::engine::trace::{NodeInfo, RecordId};
use crate::engine::{NodeId, Span, SpanRange, Time};
use std::collections::VecDeque;

pub(super) type Write<P> = <<P as Protocol>::Disk as Durable>::Write;

/// A node and everything around it that the world keeps.
///
/// With ten thousand nodes an event costs what the cache lines it touches cost, so what every delivery needs comes
/// first and stays together.
#[repr(C)]
pub(super) struct Host<P: Protocol> {
    pub(super) node: Node<P>,
    /// The role that the trace knows.
    pub(super) role: &'static str,
    pub(super) up: bool,
    /// Whether the node's clock shows something else than simulated time.
    pub(super) odd_clock: bool,
    /// Whether anything is wrong with the disk, so that the machine must be asked.
    pub(super) odd_disk: bool,
    /// Whether every input keeps the node busy for a while.
    pub(super) works: bool,
    /// How many faults pause this node just now.
    pub(super) pauses: u32,
    /// Set while the node is busy, or about to look into its inbox.
    pub(super) wake: Option<EventId>,
    pub(super) chooser: Chooser,
    /// What arrived while the node could not take it.
    pub(super) inbox: VecDeque<Waiting<P>>,
    pub(super) disk: Disk<P>,
    pub(super) timers: Timers<P>,
    /// What the node will do when its present work is done.
    pub(super) deferred: VecDeque<Effect<P>>,
    /// The record that caused what is deferred.
    pub(super) deferred_cause: RecordId,
    /// What the node may only say once earlier writes are durable.
    pub(super) held: VecDeque<Held<P>>,
    /// Operations begun here and not ended.
    pub(super) ops: VecDeque<OpenOp>,
    pub(super) incarnation: u32,
    pub(super) info: NodeInfo,
    pub(super) machine: Machine<P>,
}

/// An input that waits.
pub(super) struct Waiting<P: Protocol> {
    pub(super) input: Input<P>,
    pub(super) cause: RecordId,
    pub(super) since: Time,
    /// For an alarm, which setting of it went off.
    pub(super) serial: u64,
}

/// A send or a reply that waits for a write.
pub(super) struct Held<P: Protocol> {
    pub(super) after_write: u64,
    pub(super) effect: Effect<P>,
    pub(super) cause: RecordId,
}

/// An operation that has not ended.
pub(super) struct OpenOp {
    pub(super) id: OpId,
    pub(super) invoked: Time,
    pub(super) record: RecordId,
}

impl<P: Protocol> Host<P> {
    pub(super) fn new(seed: u64, info: NodeInfo, node: Node<P>, sync: Law) -> Self {
        let id = node.id();
        Self {
            info,
            role: "",
            up: false,
            odd_clock: false,
            odd_disk: false,
            works: false,
            pauses: 0,
            incarnation: 0,
            inbox: VecDeque::new(),
            wake: None,
            deferred: VecDeque::new(),
            deferred_cause: RecordId::default(),
            timers: Timers { key: Fate::key(seed, Domain::Timer, u64::from(id.0)), armed: 0, list: Vec::new() },
            disk: Disk::new(seed, id, sync),
            held: VecDeque::new(),
            ops: VecDeque::new(),
            chooser: Chooser { key: Fate::key(seed, Domain::Node, u64::from(id.0)), chosen: 0 },
            machine: Machine::default(),
            node,
        }
    }

    /// Whether an input that arrives now is handled now.
    #[inline]
    pub(super) fn is_ready(&self) -> bool {
        self.up && self.pauses == 0 && self.wake.is_none() && self.inbox.is_empty()
    }

    /// The node as selectors of faults see it.
    pub(super) fn candidate(&self) -> Candidate<'_> {
        Candidate { info: &self.info, role: self.node.role(), up: self.up }
    }

    /// The open operation with this id, taken off the list.
    pub(super) fn take_op(&mut self, id: OpId) -> Option<OpenOp> {
        let place = self.ops.iter().position(|open| open.id == id)?;
        self.ops.remove(place)
    }
}

/// A node's alarms.
pub(super) struct Timers<P: Protocol> {
    key: u64,
    armed: u64,
    list: Vec<Armed<P>>,
}

/// An alarm that is set, or that went off and waits in the inbox (`event` is `None` then).
pub(super) struct Armed<P: Protocol> {
    pub(super) timer: P::Timer,
    pub(super) event: Option<EventId>,
    pub(super) cause: RecordId,
    /// Which setting of this node's alarms it is.
    pub(super) serial: u64,
}

impl<P: Protocol> Timers<P> {
    /// The number of the setting drawn last.
    pub(super) fn serial(&self) -> u64 {
        self.armed
    }

    /// How long the next alarm takes: the n-th of this node, whatever other nodes do.
    #[inline]
    pub(super) fn draw(&mut self, range: SpanRange) -> Span {
        self.armed += 1;
        match range.is_fixed() {
            true => range.min,
            false => Law::Uniform(range).draw(Fate::of(self.key, self.armed).bits(0)),
        }
    }

    #[inline]
    pub(super) fn find(&mut self, timer: P::Timer) -> Option<&mut Armed<P>> {
        self.list.iter_mut().find(|armed| armed.timer == timer)
    }

    pub(super) fn add(&mut self, armed: Armed<P>) {
        self.list.push(armed);
    }

    pub(super) fn remove(&mut self, timer: P::Timer) -> Option<Armed<P>> {
        let place = self.list.iter().position(|armed| armed.timer == timer)?;
        Some(self.list.swap_remove(place))
    }

    /// Takes the alarm off if it has gone off and was neither stopped nor set anew while it waited.
    pub(super) fn take_fired(&mut self, timer: P::Timer, serial: u64) -> Option<Armed<P>> {
        let fired = |armed: &mut Armed<P>| armed.event.is_none() && armed.serial == serial;
        self.find(timer).is_some_and(fired).then(|| self.remove(timer))?
    }

    /// The events of the alarms that have yet to go off.
    pub(super) fn pending(&self) -> impl Iterator<Item = EventId> {
        self.list.iter().filter_map(|armed| armed.event)
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = Armed<P>> {
        self.list.drain(..)
    }
}

/// A node's disk: what is durable, and what is on its way.
#[repr(C)]
pub(super) struct Disk<P: Protocol> {
    pub(super) queue: SyncQueue,
    pub(super) synced: P::Disk,
    unsynced: VecDeque<Write<P>>,
    pub(super) sync: Option<EventId>,
    pub(super) cause: RecordId,
}

impl<P: Protocol> Disk<P> {
    fn new(seed: u64, id: NodeId, law: Law) -> Self {
        Self {
            synced: P::Disk::default(),
            unsynced: VecDeque::new(),
            queue: SyncQueue::new(seed, id.0, law),
            sync: None,
            cause: RecordId::default(),
        }
    }

    pub(super) fn write(&mut self, write: Write<P>) {
        self.queue.write();
        match self.queue.is_instant() {
            true => self.synced.apply(&write),
            false => self.unsynced.push_back(write),
        }
    }

    /// Whether something written is not durable yet.
    #[inline]
    pub(super) fn is_behind(&self) -> bool {
        self.queue.durable() < self.queue.written()
    }

    /// Makes durable what the sync took along; tells how many writes that were.
    pub(super) fn end_sync(&mut self) -> u64 {
        self.sync = None;
        let count = self.queue.end();
        for write in self.unsynced.drain(..count as usize) {
            self.synced.apply(&write);
        }
        count
    }

    /// A sync that made nothing durable ends; gives the writes back that it should have.
    pub(super) fn end_sync_without_effect(&mut self) -> (u64, impl Iterator<Item = Write<P>>) {
        self.sync = None;
        let count = self.queue.end();
        (count, self.unsynced.drain(..count as usize))
    }

    /// Takes out what is not durable.
    pub(super) fn crash(&mut self) -> impl Iterator<Item = Write<P>> {
        self.queue.crash();
        self.unsynced.drain(..)
    }
}

/// The node's own chance: its n-th choice, whatever other nodes do.
pub(super) struct Chooser {
    key: u64,
    chosen: u64,
}

impl Choices for Chooser {
    fn choose(&mut self, n: u64) -> u64 {
        self.chosen += 1;
        Fate::of(self.key, self.chosen).below(n)
    }
}
