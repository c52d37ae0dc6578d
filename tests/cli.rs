//! The command line, as a user meets it: what it says, what it writes and how it exits.
#![cfg(feature = "cli")]

#[path = "cli/catalogue.rs"]
mod catalogue;
#[path = "cli/exploring.rs"]
mod exploring;
#[path = "cli/failures.rs"]
mod failures;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/judge.rs"]
mod judge;
#[path = "cli/mistakes.rs"]
mod mistakes;
#[path = "cli/repeats.rs"]
mod repeats;
#[path = "cli/runs.rs"]
mod runs;
#[path = "cli/schema.rs"]
mod schema;
#[path = "cli/sometimes.rs"]
mod sometimes;
#[path = "cli/support.rs"]
mod support;
#[path = "cli/sweeps.rs"]
mod sweeps;
