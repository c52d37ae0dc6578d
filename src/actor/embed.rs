//! A component inside an actor: a program that speaks its own protocol, hosted by one that speaks another.
//!
//! A key-value server holds a consensus core; a registry holds the same core with another state machine. The core is
//! written against its own protocol `Q`; the host, which speaks `P`, says once how `Q` fits into `P` by implementing
//! [`Embeds`], and then runs the component's handlers inside [`Context::embed`]. Effects are translated one by one as
//! they are made, so the order between the component's and the host's effects is the order in which they happened.

use super::context::{Context, Sink};
use super::protocol::{Durable, Effect, OpId, Protocol};

/// How the protocol `Q` of a component fits into this one.
pub trait Embeds<Q: Protocol>: Protocol {
    /// The component's message on this protocol's wire.
    fn message(inner: Q) -> Self;

    /// The component's alarm among this protocol's.
    fn timer(inner: Q::Timer) -> Self::Timer;

    /// The component's part of the disk.
    fn disk(disk: &mut Self::Disk) -> &mut Q::Disk;

    /// The component's disk write as one of this protocol's. Applying it to the whole disk must do to the part what the
    /// component's write does to it.
    fn write(inner: <Q::Disk as Durable>::Write) -> <Self::Disk as Durable>::Write;
}

/// Translates a component's effects into its host's, and keeps its replies for the host.
struct Translator<'a, P: Protocol, Q: Protocol> {
    outer: &'a mut dyn Sink<P>,
    replies: Vec<(OpId, Q::Ret)>,
}

impl<P: Embeds<Q>, Q: Protocol> Sink<Q> for Translator<'_, P, Q> {
    fn push(&mut self, effect: Effect<Q>) {
        let effect = match effect {
            Effect::Send { to, message } => Effect::Send { to, message: P::message(message) },
            Effect::Arm { timer, after } => Effect::Arm { timer: P::timer(timer), after },
            Effect::Disarm(timer) => Effect::Disarm(P::timer(timer)),
            Effect::Write(write) => Effect::Write(P::write(write)),
            Effect::Work(span) => Effect::Work(span),
            Effect::Note { name, amount } => Effect::Note { name, amount },
            // The host is the component's outside world.
            Effect::Reply { op, ret } => return self.replies.push((op, ret)),
        };
        self.outer.push(effect);
    }
}

impl<P: Protocol> Context<'_, P> {
    /// Runs a component's handler: `body` gets a context of the component's own protocol. Returns what `body` returned
    /// and the component's replies, in order; operation ids of a component are the host's to choose.
    pub fn embed<Q: Protocol, R>(&mut self, body: impl FnOnce(&mut Context<Q>) -> R) -> (R, Vec<(OpId, Q::Ret)>)
    where
        P: Embeds<Q>,
    {
        let mut translator = Translator::<P, Q> { outer: &mut *self.effects, replies: Vec::new() };
        let mut inner = Context {
            id: self.id,
            clock: self.clock,
            disk: P::disk(self.disk),
            choices: &mut *self.choices,
            effects: &mut translator,
        };
        let result = body(&mut inner);
        (result, translator.replies)
    }
}
