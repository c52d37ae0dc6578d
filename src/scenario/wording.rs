//! What the TOML reader and serde found wrong, in words for the person who wrote the file.

use super::diagnostic::{Problem, help_for};
use std::ops::Range;

/// A mistake that the TOML reader or serde found.
pub(super) fn problem(error: &toml::de::Error, text: &str) -> Problem {
    let at = error.span().unwrap_or(0..0);
    let at = at.start.min(text.len())..at.end.min(text.len());
    let (message, help) = reworded(error.message().trim(), &at, text);
    Problem::new(at, message, help)
}

fn reworded(message: &str, at: &Range<usize>, text: &str) -> (String, Option<String>) {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let written = &text[at.clone()];
    match quoted.split_first() {
        Some((name, known)) if message.starts_with("unknown field") => {
            let what = if is_header(text, at) { "table" } else { "setting" };
            (format!("unknown {what} `{name}`"), Some(help_for("settings here", name, known.iter().copied())))
        }
        Some((name, known)) if message.starts_with("unknown variant") => {
            (format!("unknown value `{name}`"), Some(help_for("possible values", name, known.iter().copied())))
        }
        Some((name, _)) if message.starts_with("missing field") => {
            (format!("`{name}` is missing"), Some(example(name)))
        }
        _ if message == "duplicate key" => (format!("`{written}` is given twice"), Some("keep one of them".into())),
        _ => wrong_type(message, at, text).unwrap_or_else(|| (message.replace('\n', ", "), None)),
    }
}

/// How to add a setting that is missing.
pub(super) fn example(name: &str) -> String {
    let value = match name {
        "title" => "\"What the scenario shows, as a claim\"",
        "duration" => "\"20s\"",
        "at" => "\"4s\"",
        "median" => "\"2ms\"",
        "p99" => "\"40ms\"",
        "from" | "to" => "\"n1\"",
        "rate" => "\"1MB/s\"",
        "share" => "\"5%\"",
        _ => "..",
    };
    format!("add {name} = {value}")
}

fn line<'a>(text: &'a str, at: &Range<usize>) -> &'a str {
    let start = text[..at.start].rfind('\n').map_or(0, |end| end + 1);
    text[start..].lines().next().unwrap_or("").trim()
}

fn is_header(text: &str, at: &Range<usize>) -> bool {
    line(text, at).starts_with('[')
}

/// serde's `invalid type: string "fast", expected struct NetworkTable`.
fn wrong_type(message: &str, at: &Range<usize>, text: &str) -> Option<(String, Option<String>)> {
    let wrong = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    let (found, expected) = wrong.split_once(", expected ")?;
    let expected = match expected {
        "a string" => "a text in quotes",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, 0 or more",
        "a map" | "map" => "a table",
        other if other.starts_with("struct ") => "a table",
        other => other,
    };
    let found = match found {
        "map" => "a table".into(),
        "sequence" => "a list".into(),
        other => match (other.split_once('`'), other.strip_prefix("string ")) {
            (Some((_, number)), _) => format!("`{number}"),
            (_, Some(string)) => format!("the text {string}"),
            _ => other.to_string(),
        },
    };
    let written = &text[at.clone()];
    let key = line(text, at).split('=').next().unwrap_or("").trim();
    let help = match (expected, found.as_str()) {
        ("a list", "a table") if is_header(text, at) => {
            Some(format!("there may be several: write [{written}] with double brackets"))
        }
        ("a list", _) => Some(format!("write a list even of one: {key} = [{written}]")),
        ("a table", _) => Some(format!("write {key} = {{ .. }} with its settings in the braces")),
        _ => None,
    };
    Some((format!("expected {expected}, found {found}"), help))
}
