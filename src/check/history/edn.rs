//! A reader of EDN, the notation of Clojure, as far as histories use it.
//!
//! It reads one value and says what is left: `nil`, truth values, whole numbers, texts, keywords, symbols, vectors,
//! lists, sets and maps. Commas are blanks, `;` begins a comment, and a tag such as `#jepsen.history.Op` is passed over,
//! because only what it tags matters. Fractions are kept as words: nothing computes with them.

use super::Datum;
use std::sync::Arc;

/// How deep values may lie in each other. Deeper ones are no history, and would exhaust the stack.
const DEPTH: u32 = 64;

/// Reads the only value of a text.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn read(text: &str) -> Result<Datum, String> {
    let mut reader = Reader { rest: text };
    let value = reader.value(DEPTH)?;
    reader.skip();
    match reader.rest.is_empty() {
        true => Ok(value),
        false => Err(format!("there is more after the value: `{}`", excerpt(reader.rest))),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Passes over blanks, commas and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            let Some(comment) = self.rest.strip_prefix(';') else { return };
            self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    fn value(&mut self, depth: u32) -> Result<Datum, String> {
        self.skip();
        let depth = depth.checked_sub(1).ok_or("the value is nested too deeply")?;
        let Some(first) = self.rest.chars().next() else {
            return Err("the line ends where a value should stand".into());
        };
        match first {
            '[' => self.items(']', depth).map(Datum::list),
            '(' => self.items(')', depth).map(Datum::list),
            '{' => self.map(depth),
            '"' => self.text(),
            '#' if self.rest.starts_with("#{") => {
                self.rest = &self.rest[1..];
                self.items('}', depth).map(Datum::list)
            }
            '#' => {
                self.rest = &self.rest[1..];
                self.atom();
                self.value(depth)
            }
            ']' | ')' | '}' => Err(format!("`{first}` closes nothing")),
            _ => self.word(),
        }
    }

    fn items(&mut self, close: char, depth: u32) -> Result<Vec<Datum>, String> {
        self.rest = &self.rest[1..];
        let mut items = Vec::new();
        loop {
            self.skip();
            if let Some(rest) = self.rest.strip_prefix(close) {
                self.rest = rest;
                return Ok(items);
            }
            if self.rest.is_empty() {
                return Err(format!("the line ends before `{close}`"));
            }
            items.push(self.value(depth)?);
        }
    }

    fn map(&mut self, depth: u32) -> Result<Datum, String> {
        let items = self.items('}', depth)?;
        if items.len() % 2 != 0 {
            return Err("a map has a name without a value".into());
        }
        let mut items = items.into_iter();
        let pairs: Arc<[_]> = std::iter::from_fn(|| Some((items.next()?, items.next()?))).collect();
        Ok(Datum::Map(pairs))
    }

    fn text(&mut self) -> Result<Datum, String> {
        let mut text = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 2..];
                    return Ok(Datum::Text(text.into()));
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some(c @ ('"' | '\\')) => text.push(c),
                    Some(c) => return Err(format!("`\\{c}` means nothing in a text")),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err("the line ends inside a text".into())
    }

    /// Letters up to the next blank or bracket.
    fn atom(&mut self) -> &'a str {
        let stops = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | ';' | '[' | ']' | '(' | ')' | '{' | '}');
        let end = self.rest.find(stops).unwrap_or(self.rest.len());
        let (atom, rest) = self.rest.split_at(end);
        self.rest = rest;
        atom
    }

    fn word(&mut self) -> Result<Datum, String> {
        let atom = self.atom();
        if let Some(keyword) = atom.strip_prefix(':') {
            return if keyword.is_empty() { Err("`:` names nothing".into()) } else { Ok(Datum::Word(keyword.into())) };
        }
        let number = atom.strip_suffix('N').unwrap_or(atom);
        let looks_whole =
            !number.is_empty() && number.trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit());
        match atom {
            "nil" => Ok(Datum::Nil),
            "true" => Ok(Datum::Bool(true)),
            "false" => Ok(Datum::Bool(false)),
            _ if looks_whole => {
                number.parse().map(Datum::Int).map_err(|_| format!("`{atom}` is no number that fits 64 bits"))
            }
            _ => Ok(Datum::Word(atom.into())),
        }
    }
}

fn excerpt(text: &str) -> String {
    let short: String = text.chars().take(24).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
