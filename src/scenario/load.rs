//! From text to a scenario that can run.
//!
//! serde stops at the first mistake. To report several, the statement that holds the mistake is blanked out, with its
//! bytes replaced by spaces so that every later position stays true, and the rest is read again.

use super::diagnostic::{Problem, ScenarioError, help_for};
use super::file::Scenario;
use super::pattern::{AnyScenario, Catalogue, Pattern};
use super::run::{RunOptions, RunReport};
use super::validate;
use crate::engine::Span;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// More mistakes than this are not collected: they are one misunderstanding.
const MOST_PROBLEMS: usize = 20;

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
        return fail(errors.iter().map(|error| from_toml(error, text)).collect());
    }
    let names = || catalogue.iter().map(|pattern| pattern.name());
    let pattern = match toml::from_str::<Head>(text) {
        Err(error) => return fail(vec![from_toml(&error, text)]),
        Ok(Head { pattern: None }) => {
            let help = format!(
                "write pattern = \"..\" at the top; the patterns are: {}",
                names().collect::<Vec<_>>().join(", ")
            );
            return fail(vec![Problem::new(0..0, "the scenario names no pattern", help)]);
        }
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

    fn run(&self, options: &RunOptions) -> RunReport {
        super::run::run::<P>(&self.file, options)
    }
}

/// Reads the whole text, collecting mistakes as far as that is possible.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Vec<Problem>> {
    let mut rest = text.to_string();
    let mut problems = Vec::new();
    loop {
        let error = match toml::from_str(&rest) {
            Ok(value) if problems.is_empty() => return Ok(value),
            Ok(_) => return Err(problems),
            Err(error) => error,
        };
        let missing = error.message().starts_with("missing field");
        // Blanking a statement can leave its table without a field that it needs; that is no second mistake.
        if missing && !problems.is_empty() {
            return Err(problems);
        }
        problems.push(from_toml(&error, text));
        let blanked = error.span().filter(|_| !missing).and_then(|span| blank(&rest, span));
        match blanked {
            Some(blanked) if problems.len() < MOST_PROBLEMS => rest = blanked,
            _ => return Err(problems),
        }
    }
}

/// The text without the statement at `span`: the lines that it covers, or its whole table if it is a table's header.
fn blank(text: &str, span: Range<usize>) -> Option<String> {
    let start = text[..span.start.min(text.len())].rfind('\n').map_or(0, |at| at + 1);
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |at| from + at);
    let mut end = line_end(span.end.clamp(start, text.len()));
    if text[start..].trim_start().starts_with('[') {
        while end < text.len() && !text[end + 1..].trim_start_matches(' ').starts_with('[') {
            end = line_end(end + 1);
        }
    }
    if text[start..end].trim().is_empty() {
        return None;
    }
    let spaces = text[start..end].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' });
    Some(text[..start].chars().chain(spaces).chain(text[end..].chars()).collect())
}

/// A mistake that the TOML reader or serde found, in our words.
fn from_toml(error: &toml::de::Error, text: &str) -> Problem {
    let at = error.span().unwrap_or(0..0);
    let at = at.start.min(text.len())..at.end.min(text.len());
    let message = error.message().trim();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (message, help) = match quoted.split_first() {
        Some((name, known)) if message.starts_with("unknown field") => {
            (format!("unknown setting `{name}`"), Some(help_for("settings here", name, known.iter().copied())))
        }
        Some((name, known)) if message.starts_with("unknown variant") => {
            (format!("unknown value `{name}`"), Some(help_for("possible values", name, known.iter().copied())))
        }
        Some((name, _)) if message.starts_with("missing field") => {
            (format!("`{name}` is missing"), Some(format!("add {name} = ..")))
        }
        _ => (message.replace('\n', ", "), None),
    };
    Problem::new(at, message, help)
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
    fn blanking_keeps_every_position() {
        let text = "a = 1\n[wrong]\nb = 2\n[right]\nc = 3\n";
        let blanked = blank(text, 7..12).unwrap();
        assert_eq!(blanked.len(), text.len());
        assert_eq!(blanked.find("[right]"), text.find("[right]"));
        assert!(!blanked.contains("wrong") && !blanked.contains("b = 2"));
    }
}
