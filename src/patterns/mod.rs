//! The patterns: one folder each, with its programs, settings, workload, properties and planted bugs.
//!
//! A pattern knows the layers below and the components that it declares (a replicated registry holds
//! [`raft::Core`]); nothing below knows a pattern by name. [`ALL`] is the only list of them.

pub mod raft;

use crate::scenario::Catalogue;

/// Every pattern that scenario files can name.
pub static ALL: &Catalogue = &[&raft::Raft];
