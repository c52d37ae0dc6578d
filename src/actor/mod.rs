//! Actors without input or output: a program of one node as a plain value.
//!
//! An [`Actor`] never touches a socket, a file or a clock. It is handed an [`Input`] and answers with [`Effect`]s,
//! through a [`Context`] that is all it can see; [`Node::handle`] is the only door. Whoever opens that door is the
//! actor's world: the timed simulator, a golden conversation that delivers message by message, a model checker.
//!
//! The message enum *is* the protocol: implement [`Protocol`] for it (or let [`protocol!`](crate::protocol) do so),
//! and `Actor<Msg>` for each kind of node. The state of an actor must be plain data, so that it can be copied, compared,
//! hashed and printed; the compiler says so when a derive is missing.
//!
//! The smallest actor there is:
//!
//! ```
//! use faultlab::prelude::*;
//!
//! #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
//! enum Msg { Ping, Pong }
//! protocol!(Msg);
//!
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct Player { peer: Option<NodeId>, rallies: u32 }
//!
//! impl Actor<Msg> for Player {
//!     fn on_start(&mut self, ctx: &mut Context<Msg>) { if let Some(peer) = self.peer { ctx.send(peer, Msg::Ping) } }
//!     fn on_message(&mut self, from: NodeId, message: Msg, ctx: &mut Context<Msg>) {
//!         self.rallies += 1;
//!         ctx.send(from, if message == Msg::Ping { Msg::Pong } else { Msg::Ping });
//!     }
//! }
//!
//! // Opening the door by hand:
//! let mut node = Node::new(NodeId(0), Player { peer: Some(NodeId(1)), rallies: 0 });
//! let mut effects = Vec::new();
//! node.handle(LocalTime::default(), Input::Start, &mut FirstChoice, &mut effects);
//! assert_eq!(effects, [Effect::Send { to: NodeId(1), message: Msg::Ping }]);
//! ```
//!
//! A type whose state cannot be copied is refused, with the derive to add:
//!
//! ```compile_fail,E0277
//! use faultlab::prelude::*;
//! # #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
//! # enum Msg { Ping }
//! # protocol!(Msg);
//! struct Player;
//!
//! impl Actor<Msg> for Player {
//!     fn on_message(&mut self, from: NodeId, message: Msg, ctx: &mut Context<Msg>) {}
//! }
//! ```

mod context;
mod embed;
pub mod history;
pub mod line;
mod node;
mod protocol;

pub use context::{Choices, Context, FirstChoice, Sink};
pub use embed::Embeds;
pub use line::Line;
pub use node::{Actor, Node, State};
pub use protocol::{Data, Durable, Effect, Input, OpId, Protocol};
