//! Inputs and effects: the way into a node and out of it.

use super::links::Parted;
use super::{Event, Panic, World};
use crate::actor::{Effect, Input, Protocol};
use crate::engine::network::Parcel;
use crate::engine::trace::{DropReason, Passage, RecordId, What};
use crate::engine::{NodeId, Span};
use crate::sim::host::{Armed, Held, Waiting};
use std::any::Any;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Kinds of events in the digest. Part of the trace format: never renumber.
pub(super) mod code {
    pub(in super::super) const START: u64 = 1;
    pub(in super::super) const MESSAGE: u64 = 2;
    pub(in super::super) const TIMER: u64 = 3;
    pub(in super::super) const OP: u64 = 4;
    pub(in super::super) const RETURN: u64 = 5;
    pub(in super::super) const FAULT_BEGIN: u64 = 6;
    pub(in super::super) const FAULT_END: u64 = 7;
    pub(in super::super) const CRASH: u64 = 8;
    pub(in super::super) const SYNC: u64 = 9;
    pub(in super::super) const SETTLE: u64 = 10;
}

impl<P: Protocol> World<P> {
    /// Takes the beginning of an event into the digest: when, which record, which node, what.
    #[inline]
    pub(super) fn digest_event(&mut self, node: NodeId, code: u64) {
        self.digest.word(self.now.as_nanos());
        self.digest.word(self.records);
        self.digest.word(u64::from(node.0) << 8 | code);
    }

    pub(super) fn start(&mut self, node: NodeId, cause: Option<RecordId>) {
        let host = &mut self.hosts[node.index()];
        if host.up || host.downs > 0 {
            return;
        }
        host.up = true;
        let incarnation = host.incarnation;
        let torn = std::mem::take(&mut host.machine.torn);
        let id = self.trace(cause, Some(node), || What::Start { incarnation });
        self.digest_event(node, code::START);
        if torn {
            self.stats.writes_torn += 1;
            self.trace(Some(id), Some(node), || What::TornWrite);
        }
        self.run_handler(node, Input::Start, id);
        if let Some(client) = self.driver.as_mut().and_then(|driver| driver.take_missed(node)) {
            self.ask_again(client);
        }
    }

    #[inline]
    pub(super) fn arrive(&mut self, to: NodeId, from: NodeId, cause: RecordId, message: P) {
        self.network.arrived(from);
        let host = &mut self.hosts[to.index()];
        if host.is_ready() {
            return self.deliver(to, from, message, cause, Span::ZERO);
        }
        let (full, up) = (host.inbox.len() >= self.limits.inbox as usize, host.up);
        if up && !full {
            let input = Input::Message { from, message };
            return host.inbox.push_back(Waiting { input, cause, since: self.now, serial: 0 });
        }
        let kind = message.kind();
        self.stats.kind(kind).dropped += 1;
        self.stats.inbox_overflows += u64::from(up);
        let reason = if up { DropReason::InboxFull } else { DropReason::Down };
        self.trace(Some(cause), Some(to), || What::Drop { from: Some(from), kind, reason });
    }

    #[inline]
    fn deliver(&mut self, to: NodeId, from: NodeId, message: P, cause: RecordId, waited: Span) {
        let id = self.trace(Some(cause), Some(to), || What::Deliver {
            from,
            kind: message.kind(),
            text: format!("{message:?}"),
            waited,
        });
        self.digest_event(to, code::MESSAGE);
        message.hash(&mut self.digest);
        self.run_handler(to, Input::Message { from, message }, id);
    }

    pub(super) fn ring(&mut self, node: NodeId, timer: P::Timer) {
        let now = self.now;
        let host = &mut self.hosts[node.index()];
        let ready = host.is_ready();
        let armed = host.timers.find(timer).expect("an alarm that rings was set");
        armed.event = None;
        let (cause, serial) = (armed.cause, armed.serial);
        if ready {
            return self.handle_timer(node, timer, serial, Span::ZERO);
        }
        host.inbox.push_back(Waiting { input: Input::Timer(timer), cause, since: now, serial });
    }

    /// Handles an alarm that went off, unless it was stopped or set anew while it waited.
    fn handle_timer(&mut self, node: NodeId, timer: P::Timer, serial: u64, waited: Span) {
        let Some(armed) = self.hosts[node.index()].timers.take_fired(timer, serial) else { return };
        let id = self.trace(Some(armed.cause), Some(node), || What::Timer { name: format!("{timer:?}"), waited });
        self.digest_event(node, code::TIMER);
        timer.hash(&mut self.digest);
        self.run_handler(node, Input::Timer(timer), id);
    }

    /// The node has finished its work, or has something in its inbox: it does what it had put off, or takes one input.
    pub(super) fn wake(&mut self, node: NodeId) {
        let host = &mut self.hosts[node.index()];
        host.wake = None;
        if host.pauses > 0 {
            return;
        }
        if !host.deferred.is_empty() {
            let mut effects: Vec<_> = host.deferred.drain(..).collect();
            let cause = host.deferred_cause;
            self.interpret(node, &mut effects, cause);
        } else if let Some(Waiting { input, cause, since, serial }) = host.inbox.pop_front() {
            let waited = self.now.since(since);
            match input {
                Input::Message { from, message } => self.deliver(node, from, message, cause, waited),
                Input::Timer(timer) => self.handle_timer(node, timer, serial, waited),
                Input::Op { id, op } => self.handle_op(node, id, op, cause),
                Input::Start => unreachable!("a start never waits"),
            }
        }
        self.wake_if_waiting(node);
    }

    /// Makes sure that a node that has something to do and is free will do it.
    pub(super) fn wake_if_waiting(&mut self, node: NodeId) {
        let host = &mut self.hosts[node.index()];
        let waiting = !host.inbox.is_empty() || !host.deferred.is_empty();
        if waiting && host.up && host.wake.is_none() && host.pauses == 0 {
            host.wake = Some(self.queue.push(self.now, Event::Wake(node)));
        }
    }

    /// The one place where an actor runs. A panic ends the run and is judged like a violation.
    #[inline]
    pub(super) fn run_handler(&mut self, node: NodeId, input: Input<P>, id: RecordId) {
        let clock = self.local_clock(node);
        let mut effects = std::mem::take(&mut self.effects);
        let host = &mut self.hosts[node.index()];
        let handler = AssertUnwindSafe(|| host.node.handle(clock, input, &mut host.chooser, &mut effects));
        if let Err(payload) = catch_unwind(handler) {
            return self.fail(node, panic_text(&*payload), id);
        }
        match self.hosts[node.index()].works {
            false => self.interpret(node, &mut effects, id),
            true => self.work_first(node, &mut effects, id),
        }
        self.effects = effects;
        self.changed.push(node);
        let host = &mut self.hosts[node.index()];
        let role = host.node.role();
        if !std::ptr::eq(role, host.role) && role != host.role && host.up {
            host.role = role;
            self.trace(Some(id), Some(node), || What::Role { role });
        }
    }

    /// A node's program is broken: the run ends and the node is to blame.
    fn fail(&mut self, node: NodeId, text: String, id: RecordId) {
        self.hosts[node.index()].up = false;
        self.trace(Some(id), Some(node), || What::Panic { text: text.clone() });
        self.panic = Some(Panic { node, text });
    }

    /// Does what the node wants done, in order. What follows a piece of work waits until the work is done.
    #[inline]
    pub(super) fn interpret(&mut self, node: NodeId, effects: &mut Vec<Effect<P>>, cause: RecordId) {
        let mut wrote = false;
        let mut drain = effects.drain(..);
        while let Some(effect) = drain.next() {
            match effect {
                Effect::Send { .. } | Effect::Reply { .. }
                    if self.hosts[node.index()].disk.is_behind() && self.barrier =>
                {
                    let host = &mut self.hosts[node.index()];
                    let after_write = host.disk.queue.written();
                    host.held.push_back(Held { after_write, effect, cause });
                }
                Effect::Send { to, message } => self.transmit(node, to, message, cause),
                Effect::Arm { timer, after } => self.arm(node, timer, after, cause),
                Effect::Disarm(timer) => self.disarm(node, timer),
                Effect::Write(write) => {
                    let id = self.trace(Some(cause), Some(node), || What::Write { text: format!("{write:?}") });
                    let host = &mut self.hosts[node.index()];
                    host.disk.cause = id;
                    if !host.odd_disk {
                        host.disk.write(write);
                    } else if let Some(failure) = host.write_failure() {
                        return self.disk_failed(node, failure, id);
                    } else {
                        host.write_oddly(write);
                    }
                    wrote = true;
                }
                Effect::Reply { op, ret } => self.complete(node, op, ret, cause),
                Effect::Note { name, amount } => {
                    self.stats.count_note(name, amount);
                    self.trace(Some(cause), Some(node), || What::Note { name, amount });
                }
                Effect::Work(span) => {
                    let host = &mut self.hosts[node.index()];
                    host.deferred.extend(drain);
                    self.busy(node, span, cause);
                    break;
                }
            }
        }
        if wrote {
            self.begin_sync(node);
        }
    }

    /// Hands a message to the network.
    #[inline]
    pub(super) fn transmit(&mut self, from: NodeId, to: NodeId, message: P, cause: RecordId) {
        if to.index() >= self.hosts.len() {
            return self.fail(from, format!("it sent to {to}, but there is no such node"), cause);
        }
        let (kind, size) = (message.kind(), message.size());
        let passage = self.network.send(self.now, from, to, Parcel { kind, size });
        if let Passage::Altered { at, by } = passage {
            return self.send_altered(at, by, Parted { from, to, cause, message });
        }
        self.stats.count_send(kind, size, &passage);
        let text = || What::Send { to, kind, text: format!("{message:?}"), passage };
        let cause = self.trace(Some(cause), Some(from), text);
        match passage {
            Passage::Arrives { at } => {
                self.queue.push(at, Event::Arrive { to, from, cause, message });
            }
            Passage::Duplicated { at, again } => {
                self.queue.push(at, Event::Arrive { to, from, cause, message: message.clone() });
                self.queue.push(again, Event::Arrive { to, from, cause, message });
            }
            Passage::Lost | Passage::Cut | Passage::Capped => {}
            Passage::Dropped | Passage::Corrupted | Passage::Overflowed => {}
            Passage::Clogged { by, place } => self.hold_up(by, place, Parted { from, to, cause, message }),
            Passage::Altered { .. } => unreachable!("it was sent above"),
        }
    }

    #[inline]
    fn arm(&mut self, node: NodeId, timer: P::Timer, after: crate::engine::SpanRange, cause: RecordId) {
        let host = &mut self.hosts[node.index()];
        let after = host.timers.draw(after);
        let at = self.now + if host.odd_clock { host.machine.clock.lasts(after) } else { after };
        let serial = host.timers.serial();
        if let Some(armed) = host.timers.find(timer) {
            (armed.cause, armed.serial) = (cause, serial);
            match armed.event {
                Some(event) => {
                    let moved = self.queue.reschedule(event, at);
                    debug_assert!(moved, "an armed alarm has an event");
                }
                None => armed.event = Some(self.queue.push(at, Event::Timer(node, timer))),
            }
            return;
        }
        let event = Some(self.queue.push(at, Event::Timer(node, timer)));
        host.timers.add(Armed { timer, event, cause, serial });
    }

    fn disarm(&mut self, node: NodeId, timer: P::Timer) {
        if let Some(Armed { event: Some(event), .. }) = self.hosts[node.index()].timers.remove(timer) {
            self.queue.cancel(event);
        }
    }
}

/// What a panic said.
fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".into())
}
