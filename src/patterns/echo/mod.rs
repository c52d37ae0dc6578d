//! Echo: a request, a reply, and the three promises that can be made about them.
//!
//! A client sends a request, a server carries it out and replies. Either message may be lost, and the client cannot tell
//! which: a lost request was not carried out, a lost reply was. That one doubt is the root of most of distributed
//! computing, and there are three ways to live with it:
//!
//! - **at most once**: never send again. What is lost stays lost; nothing is carried out twice.
//! - **at least once**: send again until a reply comes. Nothing is lost; some requests are carried out twice.
//! - **exactly once**: send again, and let the server remember what it has carried out and what it replied. Remembering must
//!   outlive a crash, so it is written to disk together with the effect.
//!
//! Reading order: [`message`] (what is said), [`server`] (what is remembered), [`client`] (what is sent again),
//! [`properties`] (what is promised).
//!
//! Caveats: the server remembers the last request of each client only, which suffices because a client has one request
//! open at a time; Birrell and Nelson, "Implementing Remote Procedure Calls" (1984), section 3.2, discusses what it takes
//! to forget safely.

pub mod client;
mod config;
pub mod message;
pub mod properties;
pub mod server;
mod workload;

pub use config::{Config, Delivery, Load, Numbering};

use crate::check::Monitor;
use crate::engine::NodeId;
use crate::engine::Span;
use crate::engine::random::Stream;
use crate::scenario::{Class, Counter, Pace, Pattern, SettingProblem};
use crate::sim::{Cluster, workload as sim_workload};
use client::Client;
use message::Msg;
use server::Server;

/// The pattern.
pub struct Echo;

impl Pattern for Echo {
    type Protocol = Msg;
    type Config = Config;
    type Load = Load;

    const NAME: &'static str = "echo";
    const SUMMARY: &'static str =
        "request and reply over a network that loses messages: at most, at least, exactly once";
    const ESSAY: &'static str = include_str!("essay.md");
    const ROLES: &'static [&'static str] = &["server"];

    fn problems(config: &Config, load: &Load) -> Vec<SettingProblem> {
        config.problems().into_iter().chain(load.problems()).collect()
    }

    fn cluster(config: &Config, load: &Load) -> Cluster<Msg> {
        let mut cluster = Cluster::new();
        let server = cluster.server("server", Server::new(config.delivery));
        for number in 1..=load.clients {
            cluster.client(format!("c{number}"), Client::new(server, config));
        }
        cluster
    }

    fn load(_: &Config, load: &Load) -> (Box<dyn sim_workload::Workload<Msg>>, sim_workload::Pace) {
        (Box::new(workload::Requests { limit: load.requests }), load.pace.build())
    }

    fn read_op(text: &str) -> Result<message::Echo, String> {
        text.parse()
    }

    fn vary(config: &mut Config, load: &mut Load, class: Class, chance: &mut Stream) {
        // Drawn faults may keep a server away for longer than any patience but this; giving up is then no news.
        config.give_up = Span::from_secs(3_600);
        if class < Class::Swarm {
            return;
        }
        load.clients = 1 + chance.below(6) as u32;
        config.timeout = Span::from_millis(5 << chance.below(6));
        load.pace = Pace::closed(Span::ZERO..=Span::from_millis(2 << chance.below(7)));
    }

    fn monitors(_: &Config, _: &Load) -> Vec<Box<dyn Monitor<Msg>>> {
        vec![Box::new(properties::Promises::new(NodeId(0)))]
    }

    fn counters() -> &'static [Counter] {
        &[
            Counter { name: "retries", about: "Requests that a client sent again because no reply came in time" },
            Counter { name: "executions", about: "Times the server carried a request out" },
            Counter {
                name: "duplicates_answered",
                about: "Requests answered from memory, without carrying them out again",
            },
        ]
    }
}

#[cfg(test)]
mod tests;
