//! Values as short labelled lines, for people who have to understand a state that they did not write.
//!
//! A node may choose its lines itself ([`Actor::show`](super::Actor::show)). For one that does not, [`lines`] takes
//! apart what `Debug` prints. That text has a grammar as long as it was derived: `Name { field: value }`, `Name(value)`,
//! `[value]`, `{key: value}`. A value that is short stays in one piece; so does one with a `Debug` of its own that does
//! not follow the grammar.

use serde::Serialize;
use std::fmt::Debug;

/// A value that is no longer than this stays on one line, in characters.
const SHORT: usize = 48;

/// One value of a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Line {
    /// Where it lies: `term`, `log[7]`, `progress[2].next`.
    pub label: String,
    /// The value, for people.
    pub value: String,
}

impl Line {
    /// A line.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

/// All lines of what `Debug` prints. Their labels begin with `label`; if it is empty, the value's own name is left out.
pub fn lines(label: &str, value: &(impl Debug + ?Sized)) -> Vec<Line> {
    let mut lines = Vec::new();
    take_apart(label, "", &format!("{value:?}"), &mut lines);
    lines
}

/// Writes the lines of `text`, which stands within the one-field structures `within`: `Some`, `Leader`.
fn take_apart(label: &str, within: &str, text: &str, lines: &mut Vec<Line>) {
    let Some(group) = Group::of(text).filter(|_| text.chars().count() > SHORT) else {
        lines.push(Line::new(label, format!("{within} {text}").trim_start()));
        return;
    };
    let parts = split(group.inner, ", ");
    if let ('(', [part]) = (group.bracket, parts.as_slice()) {
        return take_apart(label, format!("{within} {}", group.name).trim_start(), part, lines);
    }
    let name = format!("{within} {}", group.name);
    if !name.trim().is_empty() && !label.is_empty() {
        lines.push(Line::new(label, name.trim()));
    }
    for (place, part) in parts.iter().enumerate() {
        let field = (group.bracket == '{').then(|| split(part, ": ")).filter(|field| field.len() > 1);
        match field {
            Some(field) => take_apart(&join(label, field[0]), "", &part[field[0].len() + 2..], lines),
            None => take_apart(&format!("{label}[{place}]"), "", part, lines),
        }
    }
}

/// The label of a field, or of a key, within `label`.
fn join(label: &str, field: &str) -> String {
    match is_name(field) {
        true if label.is_empty() => field.into(),
        true => format!("{label}.{field}"),
        false => format!("{label}[{field}]"),
    }
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':')
}

/// Something in brackets, perhaps with a name before it.
struct Group<'a> {
    name: &'a str,
    bracket: char,
    inner: &'a str,
}

impl<'a> Group<'a> {
    /// The text as one group, if it is exactly that.
    fn of(text: &'a str) -> Option<Self> {
        let open = text.find(['{', '[', '('])?;
        let name = text[..open].trim_end();
        let mut depth = 0;
        let (close, _) = bare(&text[open..]).find(|(_, c)| {
            depth += nesting(*c);
            depth == 0
        })?;
        let whole = open + close + 1 == text.len() && is_name(name);
        let inner = text[open + 1..open + close].trim();
        whole.then(|| Self { name, bracket: char::from(text.as_bytes()[open]), inner })
    }
}

/// The parts of a text between separators that stand in no brackets and no quotes.
fn split<'a>(text: &'a str, by: &str) -> Vec<&'a str> {
    let (mut depth, mut begin, mut parts) = (0, 0, Vec::new());
    for (at, c) in bare(text) {
        depth += nesting(c);
        if depth == 0 && text[at..].starts_with(by) {
            parts.push(&text[begin..at]);
            begin = at + by.len();
        }
    }
    parts.extend((begin < text.len()).then(|| &text[begin..]));
    parts
}

/// How a character changes the depth of brackets.
fn nesting(c: char) -> i64 {
    match c {
        '{' | '[' | '(' => 1,
        '}' | ']' | ')' => -1,
        _ => 0,
    }
}

/// The characters of a text that stand in no double quotes.
fn bare(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().filter(move |(_, c)| {
        let was = quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        !was && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Id(u64);

    #[derive(Debug)]
    #[allow(dead_code, reason = "what Debug shows is what is tested")]
    struct Session {
        sequence: u64,
        said: &'static str,
    }

    #[derive(Debug)]
    #[allow(dead_code, reason = "what Debug shows is what is tested")]
    enum Role {
        Follower { leader: Option<Id> },
        Leader(Leader),
    }

    #[derive(Debug)]
    #[allow(dead_code, reason = "what Debug shows is what is tested")]
    struct Leader {
        progress: Vec<Session>,
        asked: BTreeSet<u64>,
    }

    #[derive(Debug)]
    #[allow(dead_code, reason = "what Debug shows is what is tested")]
    struct Node {
        role: Role,
        sessions: BTreeMap<Id, Session>,
        vote: Option<Id>,
    }

    fn shown(value: &impl Debug) -> Vec<String> {
        lines("", value).into_iter().map(|line| format!("{}: {}", line.label, line.value)).collect()
    }

    #[test]
    fn a_short_value_stays_whole_and_a_long_one_is_taken_apart() {
        let sessions = BTreeMap::from([
            (Id(7), Session { sequence: 1, said: "yes" }),
            (Id(9), Session { sequence: 2, said: "a long answer, with {braces: and} \"quotes\" in it" }),
        ]);
        let node = Node { role: Role::Follower { leader: Some(Id(3)) }, sessions, vote: None };
        assert_eq!(
            shown(&node),
            [
                "role: Follower { leader: Some(Id(3)) }",
                "sessions[Id(7)]: Session { sequence: 1, said: \"yes\" }",
                "sessions[Id(9)]: Session",
                "sessions[Id(9)].sequence: 2",
                "sessions[Id(9)].said: \"a long answer, with {braces: and} \\\"quotes\\\" in it\"",
                "vote: None",
            ]
        );
    }

    #[test]
    fn elements_have_their_index_and_variants_their_name() {
        let progress = vec![Session { sequence: 158, said: "first" }, Session { sequence: 12, said: "second" }];
        let leader = Leader { progress, asked: BTreeSet::from([4, 5]) };
        assert_eq!(
            shown(&Role::Leader(leader)),
            [
                "progress[0]: Session { sequence: 158, said: \"first\" }",
                "progress[1]: Session { sequence: 12, said: \"second\" }",
                "asked: {4, 5}",
            ]
        );
    }

    struct Odd;

    impl Debug for Odd {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "append) of something that follows no grammar [at all, but is rather long")
        }
    }

    #[test]
    fn what_follows_no_grammar_stays_whole() {
        assert_eq!(shown(&Odd).len(), 1);
        assert_eq!(shown(&vec![Odd, Odd]).len(), 1, "one odd value and the text around it cannot be read either");
    }
}
