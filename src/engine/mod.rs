//! The discrete-event engine: time, chance, the event queue, the network, disks, metrics and traces.
//!
//! Everything here is integers and plain data. The engine knows no actor, no file format and no floating-point
//! number, it never fails, and it never asks the machine for anything: the same calls give the same answers on every
//! machine. The layers above give it meaning.

pub mod clock;
pub mod digest;
pub mod disk;
pub mod law;
pub mod metrics;
pub mod network;
pub mod queue;
pub mod random;
pub mod signed;
pub mod size;
pub mod survival;
pub mod time;
pub mod trace;
pub mod units;

use std::fmt;

pub use signed::{Drift, SignedSpan};
pub use size::{ByteRate, Bytes};
pub use time::{LocalTime, Span, SpanRange, Time};
pub use units::{Rate, Share};

/// A node of a run: a server or a client. Nodes are numbered from zero in the order in which they were added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The node's place in tables of nodes.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The number of the node, with a hash so that it is not taken for a name: `#3`.
impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
