//! Mistakes in a scenario file, each with its place, what was expected and what to do.

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The bytes of the file that are meant.
    pub at: Range<usize>,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// A mistake at `at`.
    pub fn new(at: Range<usize>, message: impl Into<String>, help: impl Into<Option<String>>) -> Self {
        Self { at, message: message.into(), help: help.into() }
    }
}

/// All mistakes found in one file, in the order of the file.
#[derive(Clone, Debug)]
pub struct ScenarioError {
    name: String,
    text: String,
    located: Vec<Located>,
}

/// A mistake with the file that it is in.
#[derive(Clone, Debug)]
struct Located {
    problem: Problem,
    source: Arc<NamedSource<String>>,
}

impl ScenarioError {
    /// The mistakes of the file `name`, which reads `text`.
    pub fn new(name: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| (problem.at.start, problem.at.end));
        problems.dedup();
        let source = Arc::new(NamedSource::new(name, text.to_string()).with_language("toml"));
        let located = problems.into_iter().map(|problem| Located { problem, source: source.clone() }).collect();
        Self { name: name.to_string(), text: text.to_string(), located }
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The mistakes.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.located.iter().map(|located| &located.problem)
    }

    /// Each mistake as a diagnostic that shows the file's lines.
    pub fn diagnostics(&self) -> impl Iterator<Item = &(dyn Diagnostic + 'static)> {
        self.located.iter().map(|located| located as &dyn Diagnostic)
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let begins_letter = |byte: &&u8| (**byte as i8) >= -0x40;
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').filter(begins_letter).count() + 1;
        (line, column)
    }
}

/// A line a mistake: `file:line:column: message (help)`.
impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems().enumerate() {
            let (line, column) = self.position(problem.at.start);
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{}:{line}:{column}: {}", self.name, problem.message)?;
            if let Some(help) = &problem.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ScenarioError {}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for Located {}

impl Diagnostic for Located {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&*self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(None, self.problem.at.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

/// The known name nearest to what was written, if it is near enough to have been meant: most letters agree, or at most
/// half of them would have to be changed.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let score = |name: &'a str| {
        let lower = name.to_lowercase();
        let alike = strsim::jaro_winkler(&written, &lower);
        let edits = strsim::damerau_levenshtein(&written, &lower);
        let letters = written.chars().count().min(lower.chars().count());
        (name, alike, alike > 0.75 || edits * 2 <= letters)
    };
    let near = known.into_iter().map(score).filter(|(.., near)| *near);
    near.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(name, ..)| name)
}

/// Help for a name that is not known: what was probably meant, or all there is.
pub(super) fn help_for<'a>(what: &str, written: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(written, known.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => {
            let all: Vec<&str> = known.into_iter().collect();
            format!("the {what} are: {}", all.join(", "))
        }
    }
}
