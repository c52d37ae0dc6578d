//! `faultlab diff`: where two runs part.

use super::Exit;
use super::output::{self, BAD, BOLD, DIM, Failure, GOOD, styled};
use crate::report::diff::{Difference, diff};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Compare two traces and show the first event that differs
///
/// Exits with 0 if the runs are the same and with 1 if they part.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A trace, or the folder that a run left
    #[arg(value_name = "A")]
    left: PathBuf,

    /// Another
    #[arg(value_name = "B")]
    right: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    let found = compare(&arguments.left, &arguments.right)?;
    let text = match arguments.json {
        true => json(&found),
        false => describe(&found),
    };
    output::result(&text)?;
    Ok(if found.is_none() { Exit::Passed } else { Exit::Violated })
}

/// Compares two traces on disk.
pub(super) fn compare(left: &Path, right: &Path) -> super::Result<Difference> {
    let unreadable = |error: std::io::Error| {
        Failure::input(format!("a trace cannot be read: {error}"), "it must be text, one record a line")
    };
    diff(open(left)?, open(right)?).map_err(unreadable)
}

fn open(path: &Path) -> super::Result<BufReader<File>> {
    let path = if path.is_dir() { path.join("trace.jsonl") } else { path.to_path_buf() };
    let help = "name a trace.jsonl, or the folder that `faultlab run` left";
    let fail = |what: String| Failure::input(format!("{}: {what}", path.display()), help);
    let mut file = BufReader::new(File::open(&path).map_err(|error| fail(error.to_string()))?);
    let start = file.fill_buf().map_err(|error| fail(error.to_string()))?;
    match start.starts_with(b"{\"format\":\"faultlab-trace\"") {
        true => Ok(file),
        false => Err(fail("this is no trace of faultlab".into())),
    }
}

/// The difference as a person reads it.
pub(super) fn describe(found: &Difference) -> String {
    let mut out = String::new();
    if let Some((left, right)) = &found.headers {
        let _ = writeln!(out, "{}\n  A {left}\n  B {right}", styled(BOLD, "The runs were not set up alike"));
    }
    let Some((left, right)) = &found.first else {
        let _ = writeln!(out, "{}: all {} records agree", styled(GOOD, "SAME"), found.common);
        return out;
    };
    let _ = writeln!(out, "{}: after {} records in common", styled(BAD, "DIFFERENT"), found.common);
    for record in &found.before {
        let _ = writeln!(out, "    {}", styled(DIM, record));
    }
    for (side, record) in [("A", left), ("B", right)] {
        let _ = writeln!(out, "  {} {}", styled(BOLD, side), record.as_deref().unwrap_or("the trace ends here"));
    }
    out
}

fn json(found: &Difference) -> String {
    let record = |text: &Option<String>| {
        text.as_ref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(serde_json::Value::Null)
    };
    let first = found.first.as_ref().map(|(left, right)| serde_json::json!({ "a": record(left), "b": record(right) }));
    let value = serde_json::json!({
        "same": found.is_none(),
        "common": found.common,
        "headers_differ": found.headers.is_some(),
        "first": first,
    });
    format!("{value}\n")
}
