//! The client: finds the leader, repeats what gets lost, and gives up in the end.
//!
//! A client carries out one operation at a time and keeps the others waiting, because a session knows only the latest
//! command of a client. While it waits for an answer it may send the same request many times, to different servers; the
//! request's number never changes, so the command takes effect at most once.

use super::config::Config;
use super::core::Reads;
use super::server::{Answer, Msg, Op, Reply, Serial, Timer, Write};
use crate::actor::{Actor, Context, OpId};
use crate::engine::{NodeId, Span, SpanRange};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many operations may wait for their turn; more are refused at once.
const MOST_WAITING: usize = 100;

/// The operation that a client is carrying out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Current {
    id: OpId,
    op: Op,
    serial: Serial,
    /// How many hints it has followed since it last waited: servers that point at each other must not keep it running
    /// in circles.
    hints: u32,
}

/// A client of the key-value service, a node of its own on the network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    servers: Arc<[NodeId]>,
    request_timeout: Span,
    retry_pause: SpanRange,
    op_timeout: Span,
    /// Whether any server will do for a read.
    reads_anywhere: bool,
    /// The place among the servers of the one that it asks.
    target: usize,
    /// How many operations it has begun since it started.
    begun: u32,
    current: Option<Current>,
    waiting: VecDeque<(OpId, Op)>,
}

impl Client {
    /// A client of `servers`.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(servers: impl IntoIterator<Item = NodeId>, config: &Config) -> Self {
        let servers: Arc<[NodeId]> = servers.into_iter().collect();
        assert!(!servers.is_empty(), "a client needs somebody to ask");
        Self {
            servers,
            request_timeout: config.request_timeout,
            retry_pause: config.retry_pause,
            op_timeout: config.op_timeout,
            reads_anywhere: config.reads == Reads::Local || config.follower_reads,
            target: 0,
            begun: 0,
            current: None,
            waiting: VecDeque::new(),
        }
    }

    /// Begins the operation that has waited longest, unless one is being carried out.
    fn begin_next(&mut self, ctx: &mut Context<Msg>) {
        if self.current.is_some() {
            return;
        }
        let Some((id, op)) = self.waiting.pop_front() else { return };
        self.begun += 1;
        let serial = Serial { boot: ctx.disk().boots, number: self.begun };
        self.current = Some(Current { id, op, serial, hints: 0 });
        if self.reads_anywhere && matches!(op, Op::Get { .. }) {
            self.target = ctx.choose(self.servers.len() as u64) as usize;
        }
        self.ask(ctx);
    }

    /// Sends the current operation to the server believed to lead.
    fn ask(&self, ctx: &mut Context<Msg>) {
        let Some(Current { op, serial, .. }) = self.current else { return };
        ctx.send(self.servers[self.target], Msg::Request { serial, op });
        ctx.arm(Timer::Retry, self.request_timeout);
    }

    /// A server answered. Answers to earlier operations, and further answers to this one, are ignored.
    fn on_response(&mut self, from: NodeId, serial: Serial, reply: Reply, ctx: &mut Context<Msg>) {
        let Some(current) = self.current.as_mut().filter(|current| current.serial == serial) else { return };
        match reply {
            // Done: the next operation, please.
            Reply::Done { output, revision } => self.finish(Answer::Done { output, revision }, ctx),
            // Another server was asked meanwhile; wait for that one.
            Reply::NotLeader { .. } if from != self.servers[self.target] => {}
            // Somebody else leads: ask it at once.
            Reply::NotLeader { leader: Some(leader) } if (current.hints as usize) < self.servers.len() => {
                current.hints += 1;
                if let Some(target) = self.servers.iter().position(|server| *server == leader) {
                    ctx.note("redirects", 1);
                    self.target = target;
                    self.ask(ctx);
                }
            }
            // An operator's wish, fulfilled or not.
            Reply::Arranged => self.finish(Answer::Arranged, ctx),
            Reply::Refused { why } if matches!(current.op, Op::Admin(_)) => self.finish(Answer::Declined { why }, ctx),
            // Nobody knows, or the leader is handing over: an election is under way. Give it time.
            Reply::NotLeader { .. } | Reply::Refused { .. } => ctx.arm(Timer::Retry, self.retry_pause),
        }
    }

    /// The current operation is answered; begins the next.
    fn finish(&mut self, answer: Answer, ctx: &mut Context<Msg>) {
        let Some(Current { id, .. }) = self.current.take() else { return };
        ctx.disarm(Timer::Retry);
        ctx.disarm(Timer::GiveUp(id));
        ctx.reply(id, answer);
        self.begin_next(ctx);
    }

    /// No answer came, or none that helps: ask the next server the same thing.
    fn on_retry(&mut self, ctx: &mut Context<Msg>) {
        let Some(current) = &mut self.current else { return };
        current.hints = 0;
        ctx.note("retries", 1);
        self.target = (self.target + 1) % self.servers.len();
        self.ask(ctx);
    }

    /// The operation has taken too long. A command that was sent may still take effect, at any time; one that was not
    /// sent, or a read, has none.
    fn on_give_up(&mut self, id: OpId, ctx: &mut Context<Msg>) {
        ctx.note("given_up", 1);
        if let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == id) {
            self.waiting.remove(place);
            return ctx.reply(id, Answer::Refused);
        }
        let Some(current) = self.current.take_if(|current| current.id == id) else { return };
        ctx.disarm(Timer::Retry);
        let answer = if matches!(current.op, Op::Get { .. }) { Answer::Refused } else { Answer::TimedOut };
        ctx.reply(id, answer);
        self.begin_next(ctx);
    }
}

impl Actor<Msg> for Client {
    fn on_start(&mut self, ctx: &mut Context<Msg>) {
        ctx.write(Write::Boot);
    }

    fn on_message(&mut self, from: NodeId, message: Msg, ctx: &mut Context<Msg>) {
        if let Msg::Response { serial, reply } = message {
            self.on_response(from, serial, reply, ctx);
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Context<Msg>) {
        match timer {
            Timer::Retry => self.on_retry(ctx),
            Timer::GiveUp(id) => self.on_give_up(id, ctx),
            // Clients have no core and no timetable.
            Timer::Raft(_) | Timer::Step(_) => {}
        }
    }

    fn on_op(&mut self, id: OpId, op: Op, ctx: &mut Context<Msg>) {
        // Whoever asks faster than the service answers is told so, instead of waiting in a line that only grows.
        if self.waiting.len() >= MOST_WAITING {
            return ctx.reply(id, Answer::Refused);
        }
        ctx.arm(Timer::GiveUp(id), self.op_timeout);
        self.waiting.push_back((id, op));
        self.begin_next(ctx);
    }

    fn role(&self) -> &'static str {
        "client"
    }
}
