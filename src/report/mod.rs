//! What people and other tools read about a run.
//!
//! Everything in here is a pure function of a finished [`Trace`](crate::engine::trace::Trace): nothing looks at a clock
//! or at the machine, and the same trace gives the same bytes, so that two reports may be compared with `cmp`.
//!
//! - [`jsonl`] writes every record, for other tools;
//! - [`diff`](mod@diff) finds where two traces part;
//! - [`timeline`] condenses the records to what pictures show: who was what, when, and what was broken meanwhile;
//! - `charts` draws the pictures. It needs the feature `cli`, because a test author has no use for them.
//!
//! A report never judges. What is right and wrong was decided while the run went on and stands in the trace as a
//! violation.

#[cfg(feature = "cli")]
pub mod charts;
pub mod diff;
pub mod failure;
#[cfg(test)]
mod fixture;
pub mod jsonl;
pub mod timeline;
