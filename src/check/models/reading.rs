//! A history as a model reads it: key by key, without what tells nothing.
//!
//! Left out are operations that certainly took no effect, and looks that nobody saw the answer of. Operations on
//! different keys do not meet, and a history is linearizable if it is so for each key (Herlihy and Wing's locality), so
//! each key is a part of its own. That is the largest saving of all: the search is exponential, and parts are small.

use super::{Asked, Model};
use crate::check::history::{BadHistory, Datum, History};
use crate::check::linearizability::{Call, NEVER};
use crate::engine::trace::Outcome;
use std::collections::BTreeMap;

/// The operations on one key.
#[derive(Clone, Debug)]
pub struct Part<'a, O> {
    /// The key; `None` if the history has no keys.
    pub key: Option<&'a Datum>,
    /// The operations as the model reads them, by their beginnings.
    pub calls: Vec<Call<'a, O>>,
    /// For each call, its place in [`History::operations`].
    pub sources: Vec<u32>,
}

/// Reads a history, and takes it apart by key, in the order of the keys.
///
/// # Errors
/// The first operation that means nothing to the model.
pub fn parts<'a, M: Model>(model: &M, history: &'a History) -> Result<Vec<Part<'a, M::Op>>, BadHistory> {
    let mut places: BTreeMap<Option<&Datum>, usize> = BTreeMap::new();
    let mut parts: Vec<Part<M::Op>> = Vec::new();
    for (source, operation) in (0..).zip(&history.operations) {
        let line = operation.invoked.line;
        if operation.key.is_some() != history.operations[0].key.is_some() {
            let message = "some operations name a key and some do not";
            return Err(BadHistory::at(line, message, "give every operation a key, or none"));
        }
        let help = || format!("the model is `{}`; another may fit better", M::NAME);
        let asked = Asked::of(history, operation);
        let op = model.read(&asked).map_err(|message| BadHistory::at(line, message, help()))?;
        let tells_nothing =
            operation.outcome() == Outcome::Failed || asked.answer.is_none() && model.only_looks(&op, None);
        if tells_nothing {
            continue;
        }
        let key = operation.key.as_ref();
        let place = *places.entry(key).or_insert_with(|| {
            parts.push(Part { key, calls: Vec::new(), sources: Vec::new() });
            parts.len() - 1
        });
        let end = operation.ended().map_or(NEVER, |at| at.order);
        parts[place].calls.push(Call { op, seen: asked.answer, begin: operation.invoked.order, end });
        parts[place].sources.push(source);
    }
    parts.sort_by_key(|part| part.key);
    Ok(parts)
}
