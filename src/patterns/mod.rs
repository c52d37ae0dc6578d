//! The patterns: one folder each, and one line in [`ALL`].
//!
//! A pattern knows the layers below and the components that it declares (a replicated registry holds
//! [`raft::Core`]); nothing below knows a pattern by name.

pub mod echo;
pub mod raft;

use crate::scenario::AnyPattern;

/// Every pattern, in the order in which a newcomer should meet them.
pub static ALL: &[&dyn AnyPattern] = &[&echo::Echo, &raft::Raft];
