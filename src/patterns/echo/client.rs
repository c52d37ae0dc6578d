//! The client: sends a request, and sends it again if its promise allows.

use super::config::{Config, Delivery, Numbering};
use super::message::{Alarm, Answer, Echo, Msg, RequestId, Write};
use crate::actor::{Actor, Context, OpId};
use crate::engine::{NodeId, Span};
use std::collections::VecDeque;

/// A client's memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    server: NodeId,
    numbering: Numbering,
    retries: bool,
    timeout: Span,
    give_up: Span,
    next: RequestId,
    open: Option<Open>,
    /// Operations that wait for the open one.
    waiting: VecDeque<(OpId, u64)>,
}

/// The request that waits for its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Open {
    op: OpId,
    id: RequestId,
    text: u64,
}

impl Client {
    /// A client of `server`.
    pub fn new(server: NodeId, config: &Config) -> Self {
        Self {
            server,
            numbering: config.numbering,
            retries: config.delivery != Delivery::AtMostOnce,
            timeout: config.timeout,
            give_up: config.give_up,
            next: RequestId(1),
            open: None,
            waiting: VecDeque::new(),
        }
    }

    /// Begins the next operation if none is open.
    fn begin(&mut self, ctx: &mut Context<Msg>) {
        if self.open.is_some() {
            return;
        }
        let Some((op, text)) = self.waiting.pop_front() else { return };
        let open = Open { op, id: self.next, text };
        self.next.0 += 1;
        self.open = Some(open);
        ctx.arm(Alarm::GiveUp, self.give_up);
        self.send(open, ctx);
    }

    fn send(&self, open: Open, ctx: &mut Context<Msg>) {
        ctx.send(self.server, Msg::Request { id: open.id, text: open.text });
        if self.retries {
            ctx.arm(Alarm::Retry, self.timeout);
        }
    }

    fn end(&mut self, open: Open, answer: Answer, ctx: &mut Context<Msg>) {
        self.open = None;
        ctx.disarm(Alarm::Retry);
        ctx.disarm(Alarm::GiveUp);
        ctx.reply(open.op, answer);
        self.begin(ctx);
    }
}

impl Actor<Msg> for Client {
    /// Request numbers must never be used twice, or the server would take a new request for an old one. A client that
    /// restarts has forgotten how far it got; what it can rely on is its disk, where it counts its starts.
    fn on_start(&mut self, ctx: &mut Context<Msg>) {
        self.next = match self.numbering {
            Numbering::Boots => {
                ctx.write(Write::Boot);
                RequestId((u64::from(ctx.disk().boots - 1) << 32) + 1)
            }
            Numbering::Clock => RequestId(ctx.clock().as_nanos().max(1)),
        };
    }

    fn on_op(&mut self, id: OpId, Echo(text): Echo, ctx: &mut Context<Msg>) {
        self.waiting.push_back((id, text));
        self.begin(ctx);
    }

    fn on_message(&mut self, _: NodeId, message: Msg, ctx: &mut Context<Msg>) {
        match (message, self.open) {
            (Msg::Reply { id, text }, Some(open)) if open.id == id => self.end(open, Answer::Echoed(text), ctx),
            // The second reply to a request that was sent twice, or a reply that came after the client gave up.
            (Msg::Reply { .. }, _) => {}
            (Msg::Request { .. }, _) => unreachable!("nobody asks a client"),
        }
    }

    fn on_timer(&mut self, timer: Alarm, ctx: &mut Context<Msg>) {
        let Some(open) = self.open else { return };
        match timer {
            Alarm::Retry => {
                ctx.note("retries", 1);
                self.send(open, ctx);
            }
            Alarm::GiveUp => self.end(open, Answer::NoReply, ctx),
        }
    }

    fn role(&self) -> &'static str {
        "client"
    }
}
