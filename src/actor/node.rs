//! The program of a node, and the node that runs it.

use super::context::{Choices, Context, Sink};
use super::line::Line;
use super::protocol::{Input, OpId, Protocol};
use crate::engine::{LocalTime, NodeId};
use std::any::Any;
use std::fmt::Debug;
use std::hash::Hash;

/// The program of one kind of node, and its memory.
///
/// Handlers run to the end without interruption, one input at a time. Everything in `self` is lost in a crash: the
/// node starts again from the value that it was built with, and [`on_start`](Self::on_start) reads the disk.
pub trait Actor<P: Protocol>: State<P> {
    /// The first boot, and every restart after a crash.
    fn on_start(&mut self, ctx: &mut Context<P>) {
        let _ = ctx;
    }

    /// A message arrived.
    fn on_message(&mut self, from: NodeId, message: P, ctx: &mut Context<P>);

    /// An alarm that this incarnation armed went off.
    fn on_timer(&mut self, timer: P::Timer, ctx: &mut Context<P>) {
        let _ = (timer, ctx);
    }

    /// The outside world asks something; answer with [`Context::reply`], now or later.
    fn on_op(&mut self, id: OpId, op: P::Op, ctx: &mut Context<P>) {
        let _ = (id, op, ctx);
    }

    /// What this node is just now, for timelines and for faults that choose by role: a word such as `leader`.
    fn role(&self) -> &'static str {
        "node"
    }

    /// The node's state in a few lines, its memory and its disk, for whoever has to understand a failure: what decides
    /// what it does next, and nothing that never changes. No lines, the default, stand for all that `Debug` shows of
    /// both.
    fn show(&self, disk: &P::Disk) -> Vec<Line> {
        let _ = disk;
        Vec::new()
    }
}

/// What every actor can do because its memory is plain data. Implemented for all that qualifies; never by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the memory of an actor",
    label = "this actor's memory is not plain data",
    note = "add #[derive(Clone, Debug, PartialEq, Eq, Hash)] to `{Self}`",
    note = "an actor must be copied, compared, hashed and printed; floats, HashMap, Rc, RefCell, Mutex, files and closures cannot be part of it"
)]
pub trait State<P: Protocol>: Any + Debug + Send {
    /// A copy.
    fn boxed(&self) -> Box<dyn Actor<P>>;
    /// The actor as its own type, by `downcast_ref`.
    fn as_any(&self) -> &dyn Any;
}

#[diagnostic::do_not_recommend]
impl<P: Protocol, A: Actor<P> + Clone + Eq + Hash + Debug + Send + 'static> State<P> for A {
    fn boxed(&self) -> Box<dyn Actor<P>> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A node: an actor, the value it restarts from, and its disk.
#[derive(Debug)]
pub struct Node<P: Protocol> {
    id: NodeId,
    actor: Box<dyn Actor<P>>,
    pristine: Box<dyn Actor<P>>,
    disk: P::Disk,
}

impl<P: Protocol> Node<P> {
    /// A node with an empty disk that will run `actor`.
    pub fn new(id: NodeId, actor: impl Actor<P>) -> Self {
        Self::boxed(id, actor.boxed())
    }

    /// The same for an actor whose type is not known.
    pub fn boxed(id: NodeId, actor: Box<dyn Actor<P>>) -> Self {
        Self { id, pristine: (*actor).boxed(), actor, disk: P::Disk::default() }
    }

    /// This node's number.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// The actor, whatever its type.
    pub fn actor(&self) -> &dyn Actor<P> {
        &*self.actor
    }

    /// The actor as its own type; `None` if it is of another.
    pub fn actor_as<A: Actor<P>>(&self) -> Option<&A> {
        self.actor().as_any().downcast_ref()
    }

    /// The disk as the node sees it: with what was written and is not yet durable.
    pub fn disk(&self) -> &P::Disk {
        &self.disk
    }

    /// The actor's role.
    pub fn role(&self) -> &'static str {
        self.actor.role()
    }

    /// The only door: the actor handles `input` while its clock shows `clock`, and its effects go to `effects` in order.
    pub fn handle(&mut self, clock: LocalTime, input: Input<P>, choices: &mut dyn Choices, effects: &mut dyn Sink<P>) {
        let mut context = Context { id: self.id, clock, disk: &mut self.disk, choices, effects };
        let ctx = &mut context;
        match input {
            Input::Start => self.actor.on_start(ctx),
            Input::Message { from, message } => self.actor.on_message(from, message, ctx),
            Input::Timer(timer) => self.actor.on_timer(timer, ctx),
            Input::Op { id, op } => self.actor.on_op(id, op, ctx),
        }
    }

    /// Forgets everything but `survived`, the part of the disk that was durable. [`Input::Start`] must follow.
    pub fn crash(&mut self, survived: P::Disk) {
        self.actor = (*self.pristine).boxed();
        self.disk = survived;
    }
}

impl<P: Protocol> Clone for Node<P> {
    fn clone(&self) -> Self {
        Self { id: self.id, actor: (*self.actor).boxed(), pristine: (*self.pristine).boxed(), disk: self.disk.clone() }
    }
}
