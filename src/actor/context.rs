//! All that a handler can see and do.

use super::protocol::{Durable, Effect, OpId, Protocol};
use crate::engine::random::Stream;
use crate::engine::{LocalTime, NodeId, Span, SpanRange};

/// Where effects go.
pub trait Sink<P: Protocol> {
    /// Takes the next effect.
    fn push(&mut self, effect: Effect<P>);
}

impl<P: Protocol> Sink<P> for Vec<Effect<P>> {
    fn push(&mut self, effect: Effect<P>) {
        self.push(effect);
    }
}

/// The only source of chance inside an actor: a seeded stream in the simulator, every branch in turn in a checker.
pub trait Choices {
    /// A number below `n`; `n` is at least one.
    fn choose(&mut self, n: u64) -> u64;
}

impl Choices for Stream {
    fn choose(&mut self, n: u64) -> u64 {
        self.below(n)
    }
}

/// Always chooses the first: for tests and golden conversations.
#[derive(Clone, Copy, Debug, Default)]
pub struct FirstChoice;

impl Choices for FirstChoice {
    fn choose(&mut self, _n: u64) -> u64 {
        0
    }
}

/// A handler's view of its world while it handles one input.
pub struct Context<'a, P: Protocol> {
    pub(super) id: NodeId,
    pub(super) clock: LocalTime,
    pub(super) disk: &'a mut P::Disk,
    pub(super) choices: &'a mut dyn Choices,
    pub(super) effects: &'a mut dyn Sink<P>,
}

impl<P: Protocol> Context<'_, P> {
    /// This node.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// What this node's clock shows. Clocks of different nodes need not agree, and may jump.
    pub fn clock(&self) -> LocalTime {
        self.clock
    }

    /// This node's disk, with everything written so far, durable or not.
    pub fn disk(&self) -> &P::Disk {
        self.disk
    }

    /// Changes the disk. Visible at once in [`disk`](Self::disk); sends and replies issued afterwards are held back until
    /// the change is durable, so a node never speaks of what a crash could take back.
    pub fn write(&mut self, write: <P::Disk as Durable>::Write) {
        self.disk.apply(&write);
        self.effects.push(Effect::Write(write));
    }

    /// Hands a message to the network. It may arrive late, twice, out of order, or never.
    pub fn send(&mut self, to: NodeId, message: P) {
        self.effects.push(Effect::Send { to, message });
    }

    /// Sets an alarm, replacing the one armed under this name. A range such as `min..=max` lets the world draw the length.
    pub fn arm(&mut self, timer: P::Timer, after: impl Into<SpanRange>) {
        self.effects.push(Effect::Arm { timer, after: after.into() });
    }

    /// Stops an alarm; nothing happens if it is not armed.
    pub fn disarm(&mut self, timer: P::Timer) {
        self.effects.push(Effect::Disarm(timer));
    }

    /// A number below `n`.
    ///
    /// # Panics
    /// If `n` is zero: there is nothing to choose from.
    pub fn choose(&mut self, n: u64) -> u64 {
        assert!(n > 0, "there must be something to choose from");
        self.choices.choose(n)
    }

    /// Answers an operation. An operation is answered at most once; later answers are ignored.
    pub fn reply(&mut self, op: OpId, ret: P::Ret) {
        self.effects.push(Effect::Reply { op, ret });
    }

    /// Keeps this node busy for `span` after this input: what arrives meanwhile waits in its inbox.
    pub fn work(&mut self, span: Span) {
        self.effects.push(Effect::Work(span));
    }

    /// Adds `amount` to the run's counter `name`, which the summary shows and scenarios can bound.
    pub fn note(&mut self, name: &'static str, amount: u64) {
        self.effects.push(Effect::Note { name, amount });
    }
}
