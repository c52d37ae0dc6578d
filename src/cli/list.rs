//! `faultlab list`: the patterns, and the scenarios below a folder.

use super::output::{self, BOLD, DIM, styled};
use super::{Exit, files, numbers};
use crate::patterns;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// List the patterns, and the scenarios below a folder
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Where to look for scenarios
    #[arg(value_name = "PATH", default_value = "scenarios")]
    path: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct PatternRow {
    name: &'static str,
    summary: &'static str,
}

#[derive(serde::Serialize)]
pub(super) struct ScenarioRow {
    pub(super) file: String,
    pub(super) pattern: &'static str,
    pub(super) title: String,
    pub(super) violates: Vec<String>,
    pub(super) faults: Vec<&'static str>,
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    let rows: Vec<_> = patterns::ALL.iter().map(|p| PatternRow { name: p.name(), summary: p.summary() }).collect();
    let (scenarios, broken) = match arguments.path.exists() || arguments.path != Path::new("scenarios") {
        true => scenarios(&arguments.path)?,
        false => (Vec::new(), 0),
    };
    let text = match arguments.json {
        true => {
            let all = serde_json::json!({ "patterns": rows, "scenarios": scenarios });
            serde_json::to_string_pretty(&all).expect("a list is plain data") + "\n"
        }
        false => listing(&rows, &scenarios),
    };
    output::result(&text)?;
    Ok(if broken == 0 { Exit::Passed } else { Exit::BadInput })
}

/// The scenarios below a folder that can be read; none if there is no such folder.
pub(super) fn known(path: &Path) -> Vec<ScenarioRow> {
    match path.exists() {
        true => scenarios(path).map(|(rows, _)| rows).unwrap_or_default(),
        false => Vec::new(),
    }
}

/// The scenarios below a folder that can be read, and how many cannot; those are reported.
pub(super) fn scenarios(path: &Path) -> super::Result<(Vec<ScenarioRow>, usize)> {
    let (mut rows, mut broken) = (Vec::new(), 0);
    for file in files::find(&[path.to_path_buf()])? {
        match files::load(&file) {
            Ok(scenario) => rows.push(ScenarioRow {
                file: file.display().to_string(),
                pattern: scenario.pattern(),
                title: scenario.title().to_string(),
                violates: scenario.violates().to_vec(),
                faults: scenario.faults(),
            }),
            Err(failure) => {
                broken += 1;
                failure.report();
            }
        }
    }
    Ok((rows, broken))
}

fn listing(rows: &[PatternRow], scenarios: &[ScenarioRow]) -> String {
    let mut out = format!("{}\n", styled(BOLD, "Patterns"));
    for row in rows {
        let _ = writeln!(out, "  {:20}{}", row.name, row.summary);
    }
    let _ = writeln!(out, "\n{}", styled(BOLD, "Scenarios"));
    if scenarios.is_empty() {
        let _ = writeln!(out, "  none here: name a folder, as in `faultlab list my/scenarios`");
    }
    for row in scenarios {
        let breaks = match row.violates.is_empty() {
            true => String::new(),
            false => format!(" (breaks {})", numbers::first_of(&row.violates)),
        };
        let _ = writeln!(
            out,
            "  {}\n      {}",
            row.file,
            styled(DIM, &numbers::wrapped(&format!("{}{breaks}", row.title), "      "))
        );
    }
    let _ = writeln!(
        out,
        "\n{}",
        styled(DIM, "`faultlab explain NAME` tells more about a pattern or one of its properties.")
    );
    out
}
