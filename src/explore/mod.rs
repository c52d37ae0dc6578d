//! Exploring: from one run to many, and from a failure to the smallest that still shows it.
//!
//! One run shows one history. This layer searches among thousands of them and, when it has found a failure, takes away
//! whatever the failure does not need. It works on [`Document`](crate::scenario::Document)s and results alone, so it
//! serves every pattern alike, without the command.

pub mod journal;
pub mod mix;
pub mod outcome;
pub mod scoreboard;
pub mod shrink;
pub mod statistics;
pub mod study;
pub mod sweep;
pub mod tally;
