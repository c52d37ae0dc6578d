//! Faultlab is a flight simulator for distributed systems: it runs actors over a simulated network, disks and clocks,
//! breaks them on purpose, judges what happened and shows why. Everything is deterministic to the byte.
//!
//! The layers, from low to high; each may use those before it (ARCHITECTURE.md has the whole picture):
//!
//! - [`engine`]: time, chance, the event queue, network, disk, metrics, traces;
//! - [`actor`]: the program of one node as a plain value;
//! - [`sim`]: the simulator;
//! - [`check`]: claims about runs, and their judgement;
//! - [`scenario`]: scenario files, from text to report;
//! - [`patterns`]: one folder each, the programs under study.

pub mod actor;
pub mod check;
pub mod engine;
pub mod patterns;
pub mod prelude;
pub mod scenario;
pub mod sim;
