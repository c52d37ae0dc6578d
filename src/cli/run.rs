//! `faultlab run`: run scenarios, print summaries, write traces and charts.

use super::files::{self, Batch};
use super::output::{self, BOLD, Failure, styled};
use super::{Exit, text, verify};
use crate::check::{Verdict, history};
use crate::report::{charts, jsonl};
use crate::scenario::{AnyScenario, Class, RunOptions, RunReport, Summary};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Run scenarios: simulate, judge, print a summary, write trace and charts
///
/// Each run leaves `summary.json`, `trace.jsonl`, charts and, for `faultlab judge`, `history.jsonl` in a folder of its own below `--out`. A folder in place of a
/// file means all scenarios below it; several runs end with a table.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Scenario files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Use this seed in place of the scenario's own
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    seed: Option<u64>,

    /// Draw the run's plan from the seed, as a sweep does: written (as the file stands), calm, faults, swarm or storm
    #[arg(long, value_name = "CLASS", default_value = "written")]
    class: Class,

    /// Write the run as a scenario without chance about its faults: each at its moment, with the names of those it struck
    #[arg(long, value_name = "FILE", conflicts_with = "no_files")]
    write_explicit: Option<PathBuf>,

    /// Where to write: DIR/<pattern>/<scenario>/
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,

    /// Write no files
    #[arg(long, conflicts_with_all = ["png", "out"])]
    no_files: bool,

    /// Run everything twice, the second time in a fresh process, and compare the traces
    #[arg(long, conflicts_with = "no_files")]
    verify: bool,

    /// Write charts as PNG too
    #[arg(long)]
    png: bool,

    /// Print the summary as JSON, one line a run
    #[arg(long, conflicts_with = "quiet")]
    json: bool,

    /// Print one line a run
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn seed(text: &str) -> Result<u64, String> {
    let seed = text.parse().ok().filter(|seed| i64::try_from(*seed).is_ok());
    seed.ok_or_else(|| format!("a seed is a whole number from 0 to {}", i64::MAX))
}

/// One run, for the table at the end.
struct Row {
    path: PathBuf,
    outcome: Result<RunReport, Exit>,
    /// Whether the run was found to be repeatable; passed if nobody asked.
    verified: Exit,
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    let paths = files::find(&arguments.paths)?;
    let several = paths.len() > 1;
    if several && arguments.write_explicit.is_some() {
        let message = "--write-explicit writes one scenario, but several are run";
        return Err(Failure::input(message, "name one file"));
    }
    let mut names = BTreeSet::new();
    let mut rows = Vec::new();
    for path in paths {
        let outcome = simulate(&path, arguments, &mut names);
        let printed = match &outcome {
            Ok(done) => print(&path, arguments, done, rows.is_empty()),
            Err(_) => Ok(()),
        };
        let verified = match &outcome {
            Ok(Done { report, folder: Some(folder), .. }) if arguments.verify => {
                verify::verify(&path, report.seed, arguments.class, folder).unwrap_or_else(Failure::report)
            }
            _ => Exit::Passed,
        };
        let outcome = outcome.map(|done| done.report).map_err(Failure::report);
        rows.push(Row { path, outcome, verified });
        match printed {
            Ok(()) => {}
            Err(Failure::PipeClosed) => return Ok(exit(&rows)),
            Err(failure) => return Err(failure),
        }
    }
    if several && !arguments.json && !arguments.quiet {
        let table: Vec<_> = rows.iter().map(|row| (row.path.as_path(), row.outcome.as_ref().ok())).collect();
        match output::result(&text::table(&table)) {
            Ok(()) | Err(Failure::PipeClosed) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(exit(&rows))
}

fn exit(rows: &[Row]) -> Exit {
    let exit = |row: &Row| match &row.outcome {
        Ok(report) => match report.verdict {
            Verdict::Pass => Exit::Passed,
            Verdict::Fail => Exit::Violated,
            Verdict::Unknown => Exit::Unknown,
        },
        Err(exit) => *exit,
    };
    rows.iter().map(|row| exit(row).max(row.verified)).max().unwrap_or(Exit::Passed)
}

/// A run, how long it took, and where its files are.
struct Done {
    report: RunReport,
    took: Duration,
    folder: Option<PathBuf>,
}

fn simulate(path: &Path, arguments: &Arguments, names: &mut BTreeSet<PathBuf>) -> super::Result<Done> {
    let written = files::load(path)?;
    let scenario = written.draw(arguments.class, arguments.seed.unwrap_or(written.seed()));
    let options = RunOptions { seed: arguments.seed, trace: !arguments.no_files };
    let begun = Instant::now();
    let mut report = scenario.run(&options);
    let took = begun.elapsed();
    if let Some(place) = &arguments.write_explicit {
        write_explicit(place, path, arguments, &*scenario, &report)?;
    }
    let folder = match arguments.no_files {
        true => None,
        false => {
            let folder = unique(arguments.out.join(report.pattern).join(path.file_stem().unwrap_or_default()), names);
            write(&report, &folder, arguments.png)?;
            // A folder of scenarios should not keep all their traces in memory.
            report.trace = None;
            Some(folder)
        }
    };
    Ok(Done { report, took, folder })
}

/// The options that give the same run again.
fn replay(arguments: &Arguments) -> String {
    let seed = arguments.seed.map(|seed| format!(" --seed {seed}")).unwrap_or_default();
    match arguments.class {
        Class::Written => seed,
        class => format!("{seed} --class {class}"),
    }
}

/// Writes the run as a scenario of explicit faults.
fn write_explicit(
    place: &Path,
    path: &Path,
    arguments: &Arguments,
    scenario: &dyn AnyScenario,
    report: &RunReport,
) -> super::Result<()> {
    let remark = format!("The run of {}{}, with every fault at its moment.", path.display(), replay(arguments));
    files::write(place, &scenario.explicit(&report.struck).text(&[remark]))?;
    output::note(&format!("Wrote {}", styled(BOLD, &place.display().to_string())));
    Ok(())
}

fn print(path: &Path, arguments: &Arguments, done: &Done, first: bool) -> super::Result<()> {
    let Done { report, took, folder } = done;
    if arguments.json {
        return output::result(&json(path, report));
    }
    if arguments.quiet {
        return output::result(&text::line(path, report));
    }
    let gap = if first { "" } else { "\n" };
    output::result(&format!("{gap}{}", text::summary(path, report, &replay(arguments))))?;
    output::note(&text::speed(report, *took));
    if let Some(folder) = folder {
        output::note(&format!("Wrote {}", styled(BOLD, &folder.display().to_string())));
    }
    Ok(())
}

/// A folder that no other run of this command has: scenarios in different folders may share a name.
fn unique(folder: PathBuf, names: &mut BTreeSet<PathBuf>) -> PathBuf {
    let numbered = |number: u32| match number {
        1 => folder.clone(),
        _ => PathBuf::from(format!("{}-{number}", folder.display())),
    };
    let free = (1..).map(numbered).find(|candidate| !names.contains(candidate)).expect("there are numbers enough");
    names.insert(free.clone());
    free
}

fn json(path: &Path, report: &RunReport) -> String {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        file: String,
        #[serde(flatten)]
        summary: &'a Summary,
    }

    let line = Line { file: path.display().to_string(), summary: &Summary::from(report) };
    serde_json::to_string(&line).expect("a summary is plain data") + "\n"
}

fn write(report: &RunReport, folder: &Path, png: bool) -> super::Result<()> {
    let mut batch = Batch::new(folder)?;
    let summary = serde_json::to_string_pretty(&Summary::from(report)).expect("a summary is plain data") + "\n";
    batch.add("summary.json", |file| file.write_all(summary.as_bytes()))?;
    if let Some(history) = report.history.as_ref().filter(|history| history.events > 0) {
        batch.add("history.jsonl", |file| history::jsonl::write(history, file))?;
    }
    if let Some(trace) = &report.trace {
        batch.add("trace.jsonl", |file| jsonl::write(trace, file))?;
        let formats = [Some(charts::Format::Svg), png.then_some(charts::Format::Png)];
        for format in formats.into_iter().flatten() {
            let charts = charts::draw(trace, format).map_err(|error| {
                Failure::input(format!("the charts cannot be drawn: {error}"), "run again with --no-files")
            })?;
            for chart in charts {
                let name = format!("charts/{}.{}", chart.name, format.extension());
                batch.add(&name, |file| file.write_all(&chart.bytes))?;
            }
        }
    }
    batch.finish()
}
