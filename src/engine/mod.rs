//! The discrete-event engine: time, chance, the event queue, the network, disks, metrics and traces.
//!
//! Everything here is integers and plain data. The engine knows no actor, no file format and no floating-point
//! number, it never fails, and it never asks the machine for anything: the same calls give the same answers on every
//! machine. The layers above give it meaning.

pub mod queue;
pub mod time;

pub use time::{LocalTime, Span, SpanRange, Time};
