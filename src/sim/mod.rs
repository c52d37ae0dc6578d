//! The simulator: the one place where simulated time advances.
//!
//! A [`World`] holds the nodes, the network between them, their disks, the workload and the faults to come. Its
//! [`step`](World::step) takes the next event in the order of (time, sequence number), lets one node handle it and
//! interprets what the node wants done. Nothing happens between events, so an idle hour costs nothing.
//!
//! Whoever watches gets a shared reference between two steps and can therefore not change a run: properties, recorders
//! and charts are built that way.
//!
//! ```
//! use faultlab::prelude::*;
//! use faultlab::sim::{Cluster, Setup, World};
//! # #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
//! # enum Msg { Ping }
//! # protocol!(Msg);
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct Player { peer: NodeId, rallies: u32 }
//!
//! impl Actor<Msg> for Player {
//!     fn on_start(&mut self, ctx: &mut Context<Msg>) { ctx.send(self.peer, Msg::Ping) }
//!     fn on_message(&mut self, from: NodeId, _: Msg, ctx: &mut Context<Msg>) {
//!         self.rallies += 1;
//!         ctx.send(from, Msg::Ping);
//!     }
//! }
//!
//! let mut cluster = Cluster::new();
//! cluster.server("a", Player { peer: NodeId(1), rallies: 0 });
//! cluster.server("b", Player { peer: NodeId(0), rallies: 0 });
//! let mut world = World::new(Setup::new(cluster, 7, Span::from_secs(1)));
//! while world.step().is_some() {}
//! assert!(world.actor::<Player>(NodeId(0)).unwrap().rallies > 100);
//! ```

pub mod ailment;
mod cluster;
pub mod fault;
mod host;
mod links;
mod machine;
pub mod script;
mod stats;
pub mod workload;
mod world;

pub use cluster::{Cluster, Limits, Settle, Setup};
pub use stats::{KindCounts, Stats};
pub use world::{End, Panic, Settled, Step, Strike, World};
