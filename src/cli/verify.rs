//! `faultlab run --verify`: the same run once more, in a fresh process.
//!
//! A second run in the same process would share its memory layout, its environment and whatever it keeps in statics. The
//! fresh process gets another environment and, thanks to the operating system, other addresses; what still agrees does so
//! because it was computed and not met by chance.

use super::output::{self, Failure, GOOD, styled};
use super::{Exit, diff};
use crate::scenario::Class;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the scenario again in a fresh process and compares its trace with the one in `folder`.
pub(super) fn verify(scenario: &Path, seed: u64, class: Class, folder: &Path) -> super::Result {
    let again = folder.join(format!(".verify.{}", std::process::id()));
    let result =
        run_again(scenario, seed, class, &again).and_then(|trace| diff::compare(&folder.join("trace.jsonl"), &trace));
    let _ = std::fs::remove_dir_all(&again);
    let found = result?;
    if found.is_none() {
        let text = format!("Verified: a fresh process made the same {} records", found.common);
        output::note(&styled(GOOD, &text));
        return Ok(Exit::Passed);
    }
    output::note(
        "The run is not deterministic; this is a fault of faultlab or of the pattern. A is the first run, B the second.",
    );
    output::note(diff::describe(&found).trim_end());
    Ok(Exit::OurFault)
}

/// The trace of a second run, in a process of its own.
fn run_again(scenario: &Path, seed: u64, class: Class, out: &Path) -> super::Result<PathBuf> {
    let failed = |what: String| Failure::input(format!("the run cannot be repeated: {what}"), "run without --verify");
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let output = Command::new(program)
        .arg("run")
        .arg(scenario)
        .args(["--quiet", "--seed", &seed.to_string(), "--class", class.word(), "--out"])
        .arg(out)
        .env("FAULTLAB_VERIFY", "another environment")
        .output()
        .map_err(|error| failed(error.to_string()))?;
    let find = |folder: &Path| std::fs::read_dir(folder).ok()?.next()?.ok().map(|entry| entry.path());
    let trace = find(out).and_then(|pattern| find(&pattern)).map(|run| run.join("trace.jsonl"));
    trace.ok_or_else(|| failed(String::from_utf8_lossy(&output.stderr).into_owned()))
}
