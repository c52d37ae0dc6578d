//! Rounder numbers: a fault at 4 s for 1 s says more than one at 4.183927 s for 0.938 s.

use super::Search;
use super::passes::end_at;
use crate::engine::{Span, SpanRange};
use crate::scenario::Document;
use toml::Value;

/// What a length of time is rounded to, the roundest first.
const GRAINS: [Span; 5] =
    [Span::from_secs(1), Span::from_millis(100), Span::from_millis(10), Span::from_millis(1), Span::from_micros(100)];

/// Where a value stands in a document.
type Path = Vec<Step>;

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Place(usize),
}

/// Rounds lengths of time, and makes ranges single values.
pub(super) fn simplify(search: &mut Search<'_>) {
    duration(search);
    shorter_lists(search);
    for path in texts(&search.best) {
        if search.stopped {
            return;
        }
        let Some(text) = at(&search.best, &path).and_then(Value::as_str).map(str::to_owned) else { continue };
        for simpler in simpler(&text) {
            let taken = search.attempt_with(|document| {
                if let Some(value) = at_mut(document, &path) {
                    *value = Value::String(simpler);
                }
            });
            if taken {
                break;
            }
        }
    }
}

/// A whole number of seconds or tenths says more than the very moment of the violation.
fn duration(search: &mut Search<'_>) {
    let Some(now) = super::passes::span(search.best.0.get("duration")) else { return };
    for grain in GRAINS {
        let rounder = Span::from_nanos(now.as_nanos().next_multiple_of(grain.as_nanos()));
        // Longer by a tenth at most: what was cut off should stay away.
        if rounder.as_nanos() <= now.as_nanos() + now.as_nanos() / 10 {
            if rounder.to_string().len() < now.to_string().len() {
                search.attempt_with(|document| end_at(document, rounder));
            }
            return;
        }
    }
}

/// Ways to say a length or a range of lengths more simply, the simplest first.
fn simpler(text: &str) -> Vec<String> {
    if let Ok(span) = text.parse::<Span>() {
        return rounder(span).map(|span| span.to_string()).filter(|shorter| shorter.len() < text.len()).collect();
    }
    let Ok(range) = text.parse::<SpanRange>() else { return Vec::new() };
    let middle = Span::from_nanos(range.min.as_nanos() / 2 + range.max.as_nanos() / 2);
    let single = rounder(middle).chain([range.min, range.max]);
    single.filter(|span| range.min <= *span && *span <= range.max).map(|span| span.to_string()).collect()
}

/// The multiples of each grain on both sides.
fn rounder(span: Span) -> impl Iterator<Item = Span> {
    let nanos = span.as_nanos();
    let sides = move |grain: Span| {
        let grain = grain.as_nanos();
        let below = nanos / grain * grain;
        let (near, far) = if nanos - below < grain / 2 { (below, below + grain) } else { (below + grain, below) };
        [near, far]
    };
    GRAINS.into_iter().flat_map(sides).filter(|nanos| *nanos > 0).map(Span::from_nanos)
}

/// Names that a fault need not strike.
fn shorter_lists(search: &mut Search<'_>) {
    let mut lists = Vec::new();
    for section in ["fault", "network"] {
        if let Some(value) = search.best.0.get(section) {
            collect(value, &mut vec![Step::Key(section.into())], &mut |path, value| {
                let names = value.as_array().is_some_and(|list| list.len() > 1 && list.iter().all(Value::is_str));
                if names {
                    lists.push(path.clone());
                }
            });
        }
    }
    for path in lists {
        let length = at(&search.best, &path).and_then(Value::as_array).map_or(0, Vec::len);
        for place in (0..length).rev() {
            search.attempt_with(|document| {
                if let Some(Value::Array(list)) = at_mut(document, &path)
                    && list.len() > 1
                    && place < list.len()
                {
                    list.remove(place);
                }
            });
        }
    }
}

/// Where texts stand in the sections that hold lengths of time.
fn texts(document: &Document) -> Vec<Path> {
    let mut found = Vec::new();
    for section in ["fault", "operation", "config", "workload", "network", "disk", "nodes", "clock"] {
        if let Some(value) = document.0.get(section) {
            collect(value, &mut vec![Step::Key(section.into())], &mut |path, value| {
                if value.is_str() {
                    found.push(path.clone());
                }
            });
        }
    }
    found
}

fn collect(value: &Value, path: &mut Path, visit: &mut dyn FnMut(&Path, &Value)) {
    visit(path, value);
    match value {
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                path.push(Step::Place(place));
                collect(item, path, visit);
                path.pop();
            }
        }
        Value::Table(table) => {
            for (key, item) in table {
                path.push(Step::Key(key.clone()));
                collect(item, path, visit);
                path.pop();
            }
        }
        _ => {}
    }
}

fn at<'a>(document: &'a Document, path: &Path) -> Option<&'a Value> {
    let (Step::Key(first), rest) = path.split_first()? else { return None };
    rest.iter().try_fold(document.0.get(first)?, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Place(place) => value.get(place),
    })
}

fn at_mut<'a>(document: &'a mut Document, path: &Path) -> Option<&'a mut Value> {
    let (Step::Key(first), rest) = path.split_first()? else { return None };
    rest.iter().try_fold(document.0.get_mut(first)?, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Place(place) => value.get_mut(place),
    })
}
