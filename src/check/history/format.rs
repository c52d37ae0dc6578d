//! The notations of histories, and how a file shows which it is in.

use super::{BadHistory, History, Recorder, jepsen, jsonl, maps};
use std::sync::Arc;

/// A notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Our own: [`jsonl`].
    Jsonl,
    /// Jepsen's log lines: [`jepsen`].
    Jepsen,
    /// EDN maps: [`maps`].
    Edn,
}

impl Format {
    /// Every format, with the name that the command knows it by.
    pub const ALL: [(&'static str, Self); 3] = [("jsonl", Self::Jsonl), ("jepsen", Self::Jepsen), ("edn", Self::Edn)];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// The format that a text shows in its first line.
    ///
    /// # Errors
    /// If it shows none, or if the text is empty.
    pub fn detect(text: &str) -> Result<Self, BadHistory> {
        let Some((line, head)) = (1..).zip(text.lines()).find(|(_, text)| !text.trim().is_empty()) else {
            return Err(BadHistory::whole("the file is empty", NOTHING));
        };
        Self::of(head).ok_or_else(|| {
            let message = format!("`{}` shows no format of a history", jepsen::shorten(head));
            BadHistory::at(line, message, "name it with --format jsonl, jepsen or edn")
        })
    }

    /// The format that a line is in, if it shows one.
    fn of(line: &str) -> Option<Self> {
        let line = line.trim_start();
        let inside = line.strip_prefix('{').map(str::trim_start);
        match inside {
            Some(inside) if inside.starts_with('"') => Some(Self::Jsonl),
            Some(inside) if inside.starts_with(':') => Some(Self::Edn),
            _ if line.starts_with(['#', ';', '[', '(']) => Some(Self::Edn),
            _ if line.contains("jepsen.") && line.contains(" - ") => Some(Self::Jepsen),
            _ => None,
        }
    }
}

impl History {
    /// Reads a history, in the format given or in the one that its first line shows. Blank lines are passed over.
    ///
    /// # Errors
    /// The first thing that cannot be read or cannot have happened, with its line.
    pub fn read(text: &str, format: Option<Format>) -> Result<Self, BadHistory> {
        let format = format.map_or_else(|| Format::detect(text), Ok)?;
        let mut recorder = Recorder::default();
        let promise = match format {
            Format::Jsonl => jsonl::take_all(&mut recorder, text).map(Some),
            Format::Jepsen => jepsen::take_all(&mut recorder, text).map(|()| None),
            Format::Edn => maps::take_all(&mut recorder, text).map(|()| None),
        };
        let promise = promise.map_err(|bad| explain_mixture(text, format, bad))?;
        if recorder.history().operations.is_empty() {
            return Err(BadHistory::whole("the history has no operations", NOTHING));
        }
        Ok(recorder.finish(promise.and_then(|promise| promise.model).map(Arc::from)))
    }
}

const MIXED: &str = "a file is in one format from beginning to end";
const NOTHING: &str = "there is nothing to judge, which is not a pass";

/// A better reason than `bad`, if its line shows another format than the file's.
pub(crate) fn explain_mixture(text: &str, format: Format, bad: BadHistory) -> BadHistory {
    let line = text.lines().nth((bad.line as usize).wrapping_sub(1)).unwrap_or_default();
    let telling = !line.trim_start().starts_with([';', '#', '[', '(']);
    match Format::of(line).filter(|other| telling && *other != format) {
        None => bad,
        Some(other) => {
            let (other, format) = (other.name(), format.name());
            let message = format!("this line is in the format `{other}`, but the file is read as `{format}`");
            BadHistory::at(bad.line, message, MIXED)
        }
    }
}
