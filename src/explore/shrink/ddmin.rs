//! Delta debugging on a list: which of its items are needed?
//!
//! First large pieces are taken away, then smaller ones, at last single items; with n items of which k are needed this
//! takes some k log n attempts, where trying items one by one would take n.

use super::Search;
use crate::scenario::Document;
use std::ops::Range;
use toml::Value;

/// Shortens the list under `name` to what is needed: no single item can be left out any more.
pub(super) fn minimise(search: &mut Search<'_>, name: &'static str) {
    let length = |search: &Search<'_>| search.best.0.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    // Half of the list at a time, then a quarter, and so on. What comes last is taken first: it tends to matter least.
    let mut piece = length(search);
    while piece > 0 {
        let mut end = length(search);
        while end > 0 && !search.stopped {
            let begin = end.saturating_sub(piece);
            search.attempt_with(|document| cut(document, name, begin..end));
            end = begin;
        }
        piece /= 2;
    }
}

/// Without any operation listed the workload would ask its own again, so one always stays.
fn cut(document: &mut Document, name: &str, range: Range<usize>) {
    let Some(Value::Array(list)) = document.0.get_mut(name) else { return };
    let end = range.end.min(list.len());
    if name == "operation" && range.start == 0 && end == list.len() {
        return;
    }
    list.drain(range.start.min(end)..end);
    if list.is_empty() {
        document.0.remove(name);
    }
}
