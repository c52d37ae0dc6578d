//! Where results, notes and errors go.

use super::Exit;
use crate::scenario::ScenarioError;
use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use miette::{GraphicalReportHandler, GraphicalTheme};
use std::io::{self, Write};

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// A text in a style, which is taken away again where there is no terminal.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Why a command could not do what was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// A scenario file with mistakes.
    Scenario(Box<ScenarioError>),
    /// Something else that the user can mend: what is wrong, and what to do.
    Input { message: String, help: String },
    /// Standard output was closed by whoever reads it; there is nobody left to tell.
    PipeClosed,
}

impl Failure {
    pub(super) fn input(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Input { message: message.into(), help: help.into() }
    }

    /// Tells the user.
    pub(super) fn report(self) -> Exit {
        match self {
            Self::Scenario(error) => note(&render(&error)),
            Self::Input { message, help } => {
                note(&format!("{}: {message}\n  {}: {help}", styled(BAD, "error"), styled(BOLD, "help")));
            }
            Self::PipeClosed => return Exit::Passed,
        }
        Exit::BadInput
    }
}

/// All mistakes of a file, each with its lines, a pointer and what to do.
fn render(error: &ScenarioError) -> String {
    let colour = AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100).with_links(false);
    let mut text = String::new();
    let count = error.problems().count();
    if count > 1 {
        text = format!("{}: {} has {count} mistakes\n\n", styled(BAD, "error"), error.name());
    }
    for (index, diagnostic) in error.diagnostics().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        // Writing into a string cannot fail.
        let _ = handler.render_report(&mut text, diagnostic);
    }
    text.trim_end().to_string()
}

/// Prints a result.
pub(super) fn result(text: &str) -> super::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::PipeClosed),
        Err(error) => {
            Err(Failure::input(format!("standard output cannot be written: {error}"), "check where it leads"))
        }
    }
}

/// Prints a note or an error. A closed standard error is nobody's loss.
pub(super) fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
