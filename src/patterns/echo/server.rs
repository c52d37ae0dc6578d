//! The server: carries requests out, and under `exactly-once` remembers that it has.

use super::config::Delivery;
use super::message::{Msg, RequestId, Write};
use crate::actor::{Actor, Context};
use crate::engine::NodeId;

/// The server's memory: its promise, and how often it has carried something out since it started.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    delivery: Delivery,
    /// The request carried out last and how many there were since the start: for properties, not for decisions.
    last_executed: Option<(NodeId, RequestId)>,
    executions: u64,
}

impl Server {
    /// A server that keeps this promise.
    pub fn new(delivery: Delivery) -> Self {
        Self { delivery, last_executed: None, executions: 0 }
    }

    /// The request carried out last since the start.
    pub fn last_executed(&self) -> Option<(NodeId, RequestId)> {
        self.last_executed
    }

    /// How many requests were carried out since the start.
    pub fn executions(&self) -> u64 {
        self.executions
    }

    /// Answers from memory if this request was carried out already, otherwise carries it out.
    fn on_request(&mut self, client: NodeId, id: RequestId, text: u64, ctx: &mut Context<Msg>) {
        if self.delivery == Delivery::ExactlyOnce {
            match ctx.disk().last.get(&client) {
                // The reply was lost, or the request arrived twice: say it again, do nothing.
                Some((last, reply)) if *last == id => {
                    let text = *reply;
                    ctx.note("duplicates_answered", 1);
                    return ctx.send(client, Msg::Reply { id, text });
                }
                // A copy of an older request came late. Its client has its reply, or has given up.
                Some((last, _)) if *last > id => return,
                _ => {}
            }
        }
        self.last_executed = Some((client, id));
        self.executions += 1;
        ctx.note("executions", 1);
        // The reply waits until the effect is durable, so a reply is never a lie.
        ctx.write(Write::Executed { client, id, text });
        ctx.send(client, Msg::Reply { id, text });
    }
}

impl Actor<Msg> for Server {
    fn on_message(&mut self, from: NodeId, message: Msg, ctx: &mut Context<Msg>) {
        match message {
            Msg::Request { id, text } => self.on_request(from, id, text, ctx),
            Msg::Reply { .. } => unreachable!("nobody replies to the server"),
        }
    }

    fn role(&self) -> &'static str {
        "server"
    }
}
