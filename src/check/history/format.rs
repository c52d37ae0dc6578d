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

    /// The format that a line is in, if it shows one.
    fn of(line: &str) -> Option<Self> {
        let line = line.trim_start();
        let inside = line.strip_prefix('{').map(str::trim_start);
        match inside {
            Some(inside) if inside.starts_with('"') => Some(Self::Jsonl),
            Some(inside) if inside.starts_with(':') => Some(Self::Edn),
            _ if line.starts_with('#') || line.starts_with(";") => Some(Self::Edn),
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
        let lines = text.lines().zip(1..).filter(|(text, _)| !text.trim().is_empty());
        let mut lines = lines.map(|(text, line)| (line, text)).peekable();
        let Some((first, head)) = lines.peek().copied() else {
            return Err(BadHistory::whole("the file is empty", "there is nothing to judge, which is not a pass"));
        };
        let Some(format) = format.or_else(|| Format::of(head)) else {
            let message = format!("`{}` shows no format of a history", jepsen::shorten(head));
            return Err(BadHistory::at(first, message, "name it with --format jsonl, jepsen or edn"));
        };
        let mut recorder = Recorder::default();
        let (mut model, mut promised) = (None, None);
        if format == Format::Jsonl {
            let promise = jsonl::head(first, head)?;
            (model, promised) = (promise.model.map(Arc::from), promise.events);
            lines.next();
        }
        let mut last = first;
        for (line, text) in lines {
            let taken = match format {
                Format::Jsonl => jsonl::take(&mut recorder, line, text),
                Format::Jepsen => jepsen::take(&mut recorder, line, text),
                Format::Edn => maps::take(&mut recorder, line, text),
            };
            taken.map_err(|bad| mixed(text, format).map_or(bad, |message| BadHistory::at(line, message, MIXED)))?;
            last = line;
        }
        if let Some(promised) = promised.filter(|promised| *promised != recorder.events()) {
            let message = format!("the head promises {promised} events, but there are {}", recorder.events());
            return Err(BadHistory::at(last, message, "the file was cut, or put together from several"));
        }
        if recorder.history().operations.is_empty() {
            let help = "there is nothing to judge, which is not a pass";
            return Err(BadHistory::whole("the history has no operations", help));
        }
        Ok(recorder.finish(model))
    }
}

const MIXED: &str = "a file is in one format from beginning to end";

/// What there is to say about a line that shows another format than the file's.
fn mixed(line: &str, format: Format) -> Option<String> {
    let other = Format::of(line).filter(|other| *other != format && !line.starts_with([';', '#']))?;
    Some(format!("this line is in the format `{}`, but the file is read as `{}`", other.name(), format.name()))
}
