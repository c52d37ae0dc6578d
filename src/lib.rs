//! Faultlab is a flight simulator for distributed systems: it runs actors over a simulated network, disks and clocks,
//! breaks them on purpose, judges what happened and shows why. Everything is deterministic to the byte.
//!
//! The layers, from low to high; each may use those before it (ARCHITECTURE.md has the whole picture):
//!
//! - [`engine`]: time, chance, the event queue, network, disk, metrics, traces;
//! - [`actor`]: the program of one node as a plain value;
//! - [`sim`]: the simulator;
//! - [`check`]: claims about runs, and their judgement;
//! - [`report`]: traces as files and as pictures;
//! - [`scenario`]: scenario files, from text to report;
//! - [`explore`]: many runs of one scenario, and shrinking what fails;
//! - [`patterns`]: the patterns themselves;
//! - `cli`: the command, with the default features.

pub mod actor;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod engine;
pub mod explore;
pub mod patterns;
pub mod prelude;
pub mod report;
pub mod scenario;
pub mod sim;
