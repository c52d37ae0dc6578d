//! Linearizability: whether clients could tell the system from a single object that does one thing at a time.
//!
//! The history is taken apart by key, and each key is [searched](search()) for a legal order. There are three answers, and
//! the third is never taken for the first: a legal order for every key; a key without one, shown as the longest legal
//! order and the operation that fits nowhere after it; or limits that were reached before either was known.

mod bits;
mod explain;
mod line;
mod memo;
mod search;
#[cfg(test)]
mod tests;
mod zones;

pub use explain::{Violation, explain};
pub use search::{Call, Found, Limits, NEVER, search};

use crate::check::history::{BadHistory, History};
use crate::check::models::Model;
use crate::check::models::reading::{Part, parts};

/// Whether a history is linearizable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linearizability {
    /// It is: every key has a legal order.
    Holds {
        /// How many keys there are.
        keys: usize,
    },
    /// It is not.
    Broken(Box<Violation>),
    /// A limit was reached before anybody knew.
    Unknown {
        /// How many keys are not known to have a legal order.
        keys: usize,
        /// The steps that were tried.
        steps: u64,
    },
}

/// Checks a history.
///
/// # Errors
/// The first operation that means nothing to the model.
pub fn check<M: Model>(model: &M, history: &History, limits: Limits) -> Result<Linearizability, BadHistory> {
    let parts = parts(model, history)?;
    Ok(check_parts(model, history, &parts, limits))
}

fn check_parts<M: Model>(model: &M, history: &History, parts: &[Part<'_, M::Op>], limits: Limits) -> Linearizability {
    let (mut left, mut unknown) = (limits.steps, 0);
    for (number, part) in parts.iter().enumerate() {
        if zones::linearizable(model, &part.calls) == Some(true) {
            continue;
        }
        // One key that explodes must not take everything: another one may hold a violation.
        let share = if number + 1 == parts.len() { left } else { left - left / 2 };
        let mut own = Limits { steps: share, ..limits };
        let found = search(model, &part.calls, &mut own);
        left -= share - own.steps;
        match found {
            Found::Order(_) => {}
            Found::Stuck { order, culprit } => {
                return Linearizability::Broken(Box::new(explain(model, history, part, &order, culprit)));
            }
            Found::Exhausted => unknown += 1,
        }
    }
    match unknown {
        0 => Linearizability::Holds { keys: parts.len() },
        keys => Linearizability::Unknown { keys, steps: limits.steps - left },
    }
}
