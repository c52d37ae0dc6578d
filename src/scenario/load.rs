//! From text to a scenario that can run.
//!
//! serde stops at the first mistake. To report several, the statement that holds the mistake is blanked out, with its
//! bytes replaced by spaces so that every later position stays true, and the rest is read again.

use super::diagnostic::{Problem, ScenarioError, help_for, nearest};
use super::draw::Class;
use super::fault_info;
use super::file::Scenario;
use super::pattern::{AnyScenario, Catalogue, Pattern};
use super::run::{RunOptions, RunReport};
use super::validate;
use super::wording;
use super::write::Document;
use crate::engine::Span;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// More mistakes than this are not collected: they are one misunderstanding.
const MOST_PROBLEMS: usize = 20;

/// What may stand at the top of a file, `pattern` apart.
const TOP: &[&str] = &[
    "title",
    "about",
    "seed",
    "duration",
    "config",
    "workload",
    "network",
    "disk",
    "regions",
    "fault",
    "operation",
    "limits",
    "expect",
];

/// A scenario with the types of its pattern.
pub(super) struct Loaded<P: Pattern> {
    pub(super) file: Scenario<P::Config, P::Load>,
}

/// Reads the scenario `text` of the file `name` with the pattern of `catalogue` that it names.
///
/// # Errors
/// All mistakes that were found.
pub fn load(catalogue: &Catalogue, name: &str, text: &str) -> Result<Box<dyn AnyScenario>, ScenarioError> {
    #[derive(Deserialize)]
    struct Head {
        pattern: Option<Spanned<String>>,
    }

    let fail = |problems| Err(ScenarioError::new(name, text, problems));
    let (_, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return fail(errors.iter().map(|error| wording::problem(error, text)).collect());
    }
    let names = || catalogue.iter().map(|pattern| pattern.name());
    let pattern = match toml::from_str::<Head>(text) {
        Err(error) => return fail(vec![wording::problem(&error, text)]),
        Ok(Head { pattern: None }) => return fail(vec![no_pattern(text, &names().collect::<Vec<_>>())]),
        Ok(Head { pattern: Some(pattern) }) => pattern,
    };
    match catalogue.iter().find(|known| known.name() == pattern.get_ref()) {
        Some(known) => known.load(name, text),
        None => {
            let help = help_for("patterns", pattern.get_ref(), names().collect::<Vec<_>>());
            fail(vec![Problem::new(pattern.span(), format!("there is no pattern `{}`", pattern.get_ref()), help)])
        }
    }
}

/// What to say about a file that names no pattern.
fn no_pattern(text: &str, patterns: &[&str]) -> Problem {
    if text.trim().is_empty() {
        let help = "a scenario says at least title = \"..\", pattern = \"..\" and duration = \"20s\"";
        return Problem::new(0..0, "the file is empty", help.to_string());
    }
    let known = format!("the patterns are: {}", patterns.join(", "));
    let Ok(table) = DeTable::parse(text) else { return Problem::new(0..0, "the scenario names no pattern", known) };
    let keys: Vec<_> = table.get_ref().iter().map(|(key, _)| key).collect();
    let others = keys.iter().filter(|key| !TOP.contains(&key.get_ref().as_ref()));
    match others.clone().find(|key| nearest(key.get_ref(), ["pattern"]).is_some()) {
        Some(key) => {
            let message = format!("unknown setting `{}`", key.get_ref());
            Problem::new(key.span(), message, "did you mean `pattern`?".to_string())
        }
        None => {
            let help = format!("write pattern = \"..\" at the top; {known}");
            Problem::new(0..0, "the scenario names no pattern", help)
        }
    }
}

impl<P: Pattern> Loaded<P> {
    pub(super) fn read(name: &str, text: &str) -> Result<Self, ScenarioError> {
        let fail = |problems| ScenarioError::new(name, text, problems);
        let file = parse(text).map_err(fail)?;
        let problems = validate::problems::<P>(&file, &|path| locate(text, path));
        match problems.is_empty() {
            true => Ok(Self { file }),
            false => Err(fail(problems)),
        }
    }
}

impl<P: Pattern> AnyScenario for Loaded<P> {
    fn title(&self) -> &str {
        &self.file.title
    }

    fn about(&self) -> &str {
        &self.file.about
    }

    fn pattern(&self) -> &'static str {
        P::NAME
    }

    fn seed(&self) -> u64 {
        self.file.seed
    }

    fn duration(&self) -> Span {
        self.file.duration
    }

    fn violates(&self) -> &[String] {
        &self.file.expect.violates
    }

    fn faults(&self) -> Vec<&'static str> {
        let kinds: BTreeSet<_> = self.file.fault.iter().flat_map(fault_info::named).collect();
        kinds.into_iter().collect()
    }

    fn run(&self, options: &RunOptions) -> RunReport {
        super::run::run::<P>(&self.file, options)
    }

    fn nodes(&self) -> Vec<(String, bool)> {
        let cluster = P::cluster(&self.file.config, &self.file.workload);
        cluster.infos().map(|info| (info.name.clone(), info.client)).collect()
    }

    fn explicit(&self, struck: &[Vec<Vec<String>>]) -> Document {
        super::write::document::<P>(&super::explicit::explicit::<P>(&self.file, struck))
    }

    fn document(&self) -> Document {
        super::write::document::<P>(&self.file)
    }

    fn draw(&self, class: Class, seed: u64) -> Box<dyn AnyScenario> {
        Box::new(Self { file: super::draw::draw::<P>(&self.file, class, seed) })
    }
}

/// Reads the whole text, collecting mistakes as far as that is possible.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Vec<Problem>> {
    let mut rest = text.to_string();
    let mut problems = Vec::new();
    let mut blanked: Vec<Range<usize>> = Vec::new();
    loop {
        let error = match toml::from_str(&rest) {
            Ok(value) if blanked.is_empty() => return Ok(value),
            Ok(_) => return Err(problems),
            Err(error) => error,
        };
        let missing = error.message().starts_with("missing field");
        let statement = error.span().and_then(|span| statement(&rest, span));
        let Some(statement) = statement else {
            // What the whole file lacks is found last, after everything that it has.
            problems.extend(match missing {
                true => missing_at_the_top(text),
                false => vec![wording::problem(&error, text)],
            });
            return Err(problems);
        };
        // Blanking a statement can leave its table without a setting that it needs; that is no second mistake.
        let ours = |range: &Range<usize>| statement.start <= range.start && range.end <= statement.end;
        if !(missing && blanked.iter().any(ours)) {
            problems.push(wording::problem(&error, text));
        }
        if problems.len() >= MOST_PROBLEMS {
            return Err(problems);
        }
        rest = blank(&rest, &statement);
        blanked.push(statement);
    }
}

/// What every scenario needs and this one lacks.
fn missing_at_the_top(text: &str) -> Vec<Problem> {
    let given = DeTable::parse(text);
    let lacks = |name: &&str| given.as_ref().is_ok_and(|table| !table.get_ref().contains_key(*name));
    let missing = ["title", "duration"].into_iter().filter(lacks);
    missing.map(|name| Problem::new(0..0, format!("`{name}` is missing"), wording::example(name))).collect()
}

/// The statement at `span`: the lines that it covers, or its whole table if it is a table's header. Nothing if that is
/// blank, or the whole file.
fn statement(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    if span.is_empty() && span.start == 0 {
        return None;
    }
    let start = text[..span.start.min(text.len())].rfind('\n').map_or(0, |at| at + 1);
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |at| from + at);
    let mut end = line_end(value_end(text, &span).unwrap_or(span.end).clamp(start, text.len()));
    if text[start..].trim_start().starts_with('[') {
        while end < text.len() && !text[end + 1..].trim_start_matches(' ').starts_with('[') {
            end = line_end(end + 1);
        }
    }
    (!text[start..end].trim().is_empty()).then_some(start..end)
}

/// Where the value whose key, or a part of which, stands at `span` ends: it may go on for many lines.
fn value_end(text: &str, span: &Range<usize>) -> Option<usize> {
    fn search(table: &DeTable<'_>, span: &Range<usize>) -> Option<usize> {
        table.iter().find_map(|(key, value)| {
            let inner = match value.get_ref() {
                DeValue::Table(table) => search(table, span),
                DeValue::Array(list) => list.iter().find_map(|item| match item.get_ref() {
                    DeValue::Table(table) => search(table, span),
                    _ => None,
                }),
                _ => None,
            };
            inner.or_else(|| (key.span().start == span.start).then_some(value.span().end))
        })
    }
    search(DeTable::parse(text).ok()?.get_ref(), span)
}

/// The text with spaces in place of a statement, so that everything after it keeps its position.
fn blank(text: &str, statement: &Range<usize>) -> String {
    let spaces = text[statement.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' });
    text[..statement.start].chars().chain(spaces).chain(text[statement.end..].chars()).collect()
}

/// Where the value under `path` stands; the nearest table around it if it was left out.
pub(super) fn locate(text: &str, path: &[&str]) -> Range<usize> {
    let Ok(root) = DeTable::parse(text) else { return 0..0 };
    let mut found = 0..0;
    let mut value: Option<&DeValue<'_>> = None;
    for (depth, key) in path.iter().enumerate() {
        let next = match (value, depth) {
            (None, 0) => root.get_ref().get(*key),
            (Some(DeValue::Table(table)), _) => table.get(*key),
            (Some(DeValue::Array(list)), _) => key.parse::<usize>().ok().and_then(|index| list.get(index)),
            _ => None,
        };
        let Some(next) = next else { break };
        found = next.span();
        value = Some(next.get_ref());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_down_to_the_element() {
        let text = "a = 1\n[b]\nc = [1, 22]\n[[d]]\ne = \"x\"\n[[d]]\ne = \"yy\"\n";
        let at = |path: &[&str]| &text[locate(text, path)];
        assert_eq!(at(&["b", "c", "1"]), "22");
        assert_eq!(at(&["d", "1", "e"]), "\"yy\"");
        assert!(at(&["b", "missing"]).starts_with("[b]"));
    }

    #[test]
    fn a_value_of_many_lines_is_one_statement() {
        let text = "[config]\nnodez = [\n  1,\n  2,\n]\nother = 3\n";
        let at = text.find("nodez").unwrap();
        assert_eq!(&text[statement(text, at..at + 5).unwrap()], "nodez = [\n  1,\n  2,\n]");
    }

    #[test]
    fn blanking_keeps_every_position() {
        let text = "a = 1\n[wrong]\nb = 2\n[right]\nc = 3\n";
        let blanked = blank(text, &statement(text, 7..12).unwrap());
        assert_eq!(blanked.len(), text.len());
        assert_eq!(blanked.find("[right]"), text.find("[right]"));
        assert!(!blanked.contains("wrong") && !blanked.contains("b = 2"));
    }
}
