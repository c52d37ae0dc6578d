//! The operator: changes the members and hands over leadership, by a timetable.
//!
//! An [`Admin`] is a node of its own. When the time of a step has come it asks the servers, one after another, until one
//! that leads has done it. A refusal that will pass is no reason to give up, one that will not is. Everything that it asks
//! may be asked twice, so it needs no sessions.

use super::config::Config;
use super::membership::{Change, Refusal};
use super::server::{Msg, Op, Reply, Serial, Timer};
use crate::actor::{Actor, Context, OpId};
use crate::engine::{LocalTime, NodeId, Span, SpanRange};
use std::sync::Arc;

/// A set of servers by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Servers(u128);

impl FromIterator<NodeId> for Servers {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        Self(nodes.into_iter().filter(|node| node.0 < 128).fold(0, |set, node| set | 1 << node.0))
    }
}

impl Servers {
    /// In ascending order.
    pub fn iter(self) -> impl Iterator<Item = NodeId> {
        (0..128).filter(move |number| self.0 >> number & 1 == 1).map(NodeId)
    }
}

/// What an operator wants.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wish {
    /// This server gets a vote.
    Add(NodeId),
    /// This server gets the log, without a vote.
    AddLearner(NodeId),
    /// This server takes part no more.
    Remove(NodeId),
    /// These are the voters.
    Become(Servers),
    /// This server leads.
    Lead(NodeId),
}

impl Wish {
    /// The change of the members that is wanted, or else who is to lead.
    pub fn change(self) -> Result<Change, NodeId> {
        Ok(match self {
            Self::Add(node) => Change::Add(node),
            Self::AddLearner(node) => Change::AddLearner(node),
            Self::Remove(node) => Change::Remove(node),
            Self::Become(servers) => Change::Become(servers.iter().collect()),
            Self::Lead(node) => return Err(node),
        })
    }
}

impl Refusal {
    /// Whether it is worth asking again.
    pub fn passes(self) -> bool {
        match self {
            Self::OwnTermNotCommitted | Self::ChangeUnderWay | Self::TransferUnderWay => true,
            Self::TransferTimedOut | Self::TooSlow | Self::OneAtATime | Self::Impossible => false,
        }
    }
}

/// One line of the timetable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// How long after the start.
    pub at: Span,
    /// What is wanted then.
    pub wish: Wish,
    /// How long the operator keeps asking; `None` until it is so.
    pub within: Option<Span>,
}

/// How far a step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    NotYet,
    /// The server at this place has been asked; the first one `since` then.
    Asking {
        target: usize,
        since: LocalTime,
    },
    Over,
}

/// An operator with a timetable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Admin {
    servers: Arc<[NodeId]>,
    request_timeout: Span,
    retry_pause: SpanRange,
    steps: Vec<(Step, Stage)>,
}

impl Admin {
    /// An operator of `servers`.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(servers: impl IntoIterator<Item = NodeId>, steps: &[Step], config: &Config) -> Self {
        let servers: Arc<[NodeId]> = servers.into_iter().collect();
        assert!(!servers.is_empty(), "an operator needs somebody to ask");
        Self {
            servers,
            request_timeout: config.request_timeout,
            retry_pause: config.retry_pause,
            steps: steps.iter().map(|step| (*step, Stage::NotYet)).collect(),
        }
    }

    /// Asks the server at `target` to carry out a step.
    fn ask(&mut self, number: u32, target: usize, ctx: &mut Context<Msg>) {
        let Some((step, stage)) = self.steps.get_mut(number as usize) else { return };
        let since = if let Stage::Asking { since, .. } = *stage { since } else { ctx.clock() };
        if step.within.is_some_and(|within| ctx.clock().since(since) >= within) {
            *stage = Stage::Over;
            ctx.disarm(Timer::Step(number));
            return ctx.note("admin_given_up", 1);
        }
        *stage = Stage::Asking { target, since };
        let (serial, op) = (Serial { boot: 1, number }, Op::Admin(step.wish));
        ctx.send(self.servers[target], Msg::Request { serial, op });
        ctx.arm(Timer::Step(number), self.request_timeout);
    }

    fn on_response(&mut self, from: NodeId, number: u32, reply: Reply, ctx: &mut Context<Msg>) {
        let Some((_, stage)) = self.steps.get_mut(number as usize) else { return };
        let Stage::Asking { target, .. } = *stage else { return };
        match reply {
            Reply::Done { .. } | Reply::Arranged => {
                *stage = Stage::Over;
                ctx.disarm(Timer::Step(number));
                ctx.note("admin_steps", 1);
            }
            Reply::Refused { why } if !why.passes() => {
                *stage = Stage::Over;
                ctx.disarm(Timer::Step(number));
                ctx.note("admin_refusals", 1);
            }
            // An old answer.
            _ if from != self.servers[target] => {}
            Reply::NotLeader { leader: Some(leader) } if leader != from => {
                if let Some(target) = self.servers.iter().position(|server| *server == leader) {
                    self.ask(number, target, ctx);
                }
            }
            Reply::Refused { .. } | Reply::NotLeader { .. } => ctx.arm(Timer::Step(number), self.retry_pause),
        }
    }
}

impl Actor<Msg> for Admin {
    fn on_start(&mut self, ctx: &mut Context<Msg>) {
        for (number, (step, _)) in self.steps.iter().enumerate() {
            ctx.arm(Timer::Step(number as u32), step.at);
        }
    }

    fn on_message(&mut self, from: NodeId, message: Msg, ctx: &mut Context<Msg>) {
        if let Msg::Response { serial, reply } = message {
            self.on_response(from, serial.number, reply, ctx);
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Context<Msg>) {
        let Timer::Step(number) = timer else { return };
        let target = match self.steps.get(number as usize) {
            Some((_, Stage::NotYet)) => 0,
            Some((_, Stage::Asking { target, .. })) => (target + 1) % self.servers.len(),
            Some((_, Stage::Over)) | None => return,
        };
        self.ask(number, target, ctx);
    }

    fn on_op(&mut self, id: OpId, _op: Op, ctx: &mut Context<Msg>) {
        ctx.reply(id, super::server::Answer::Refused);
    }

    fn role(&self) -> &'static str {
        "admin"
    }
}
