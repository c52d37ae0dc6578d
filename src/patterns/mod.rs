//! The patterns: one folder each, and one line in [`ALL`].

pub mod echo;

use crate::scenario::AnyPattern;

/// Every pattern, in the order in which a newcomer should meet them.
pub static ALL: &[&dyn AnyPattern] = &[&echo::Echo];
