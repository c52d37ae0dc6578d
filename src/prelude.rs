//! What an actor and its test need, in one `use faultlab::prelude::*`.

pub use crate::actor::{Actor, Choices, Context, Durable, Effect, FirstChoice, Input, Node, OpId, Protocol};
pub use crate::engine::{LocalTime, NodeId, Rate, Share, Span, SpanRange, Time};
pub use crate::protocol;
