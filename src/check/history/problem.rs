//! Why a history could not be read.

/// Something in a history that cannot be read, or cannot have happened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place(*line))]
pub struct BadHistory {
    /// The line, from 1; 0 if it concerns the whole.
    pub line: u32,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl BadHistory {
    /// A problem with one line.
    pub fn at(line: u32, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { line, message: message.into(), help: help.into() }
    }

    /// A problem with the whole.
    pub fn whole(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::at(0, message, help)
    }
}

fn place(line: u32) -> String {
    if line == 0 { String::new() } else { format!("line {line}: ") }
}
