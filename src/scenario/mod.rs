//! Scenario files: what is run, what goes wrong, what must hold.
//!
//! A scenario is a TOML file that a person can read. It is read twice from the same text: first only `pattern = ".."`,
//! then, by the pattern that this names, straight into [`Scenario`] with the pattern's own settings, so that
//! every mistake is reported at its place. This is the only layer that reads TOML, and it names no concrete pattern:
//! patterns implement [`Pattern`], and whoever runs a scenario passes a [`Catalogue`] of them.

mod diagnostic;
mod draw;
mod expect;
mod explicit;
mod fault_info;
mod file;
mod load;
mod measure;
mod nemesis;
mod network_faults;
mod node_faults;
mod pattern;
mod run;
mod schema;
mod select;
mod struck;
pub mod study;
mod summary;
mod tail;
pub mod troubles;
mod units;
mod validate;
mod wording;
mod write;

#[cfg(feature = "cli")]
pub(crate) use diagnostic::nearest;
pub use diagnostic::{Problem, ScenarioError};
pub use draw::Class;
pub use expect::{Bound, Expect, Limit, SettleTable};
pub use fault_info::{FaultInfo, FaultSetting, faults, nemesis as nemesis_info, timetable, whom};
pub use file::{DiskTable, FaultTable, Latency, LimitsTable, LinkTable, NetworkTable, Scenario};
pub use load::load;
pub use nemesis::{Kind as NemesisKind, NemesisTable, PhaseTable, Spread};
pub use pattern::{
    AnyPattern, AnyScenario, Bug, Catalogue, Counter, MAX_CLIENTS, MAX_SERVERS, Pace, Pattern, SettingProblem, Settings,
};
pub use run::{Expectation, PropertyReport, RunOptions, RunReport, Status};
pub use schema::{SettingInfo, catalogue_schema, settings_of};
pub use select::Selector;
#[cfg(feature = "cli")]
pub(crate) use struck::EVERY_FAULT;
pub use struck::FaultReport;
pub use summary::{MachineSummary, Summary};
pub use write::Document;
