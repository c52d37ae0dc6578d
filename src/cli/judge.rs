//! `faultlab judge`: judge recorded histories from anywhere.

use super::Exit;
use super::files::{self, Batch};
use super::output::{self, BAD, BOLD, DIM, DOUBTFUL, Failure, GOOD, styled};
use crate::check::Verdict;
use crate::check::history::{BadHistory, Format};
use crate::check::judgement::{self, Consistency, Judged, NotJudged, Options, TABLE};
use crate::check::transactions::{Level, Workload};
use crate::report::charts;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A history of a million operations is some 100 MB.
const MOST_BYTES: u64 = 1 << 30;

/// Judge recorded histories: linearizable or not, serializable or not, and why not
///
/// A history is read as our JSONL (`history.jsonl` of a run), Jepsen's log lines, or EDN maps. It is held against a
/// model, and the verdict is `pass`, `violation`, or `unknown` if the search reached its limits; `unknown` is never a
/// pass. Histories of transactions (`list-append`, `rw-register`) are searched for anomalies, which rule out isolation
/// levels.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Histories
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// What the history is a history of; a JSONL file may say so itself
    #[arg(long, short, value_name = "M", value_parser = models())]
    model: Option<String>,

    /// How the file is written, if it is not to be detected
    #[arg(long, short, value_name = "F", value_parser = names(&Format::ALL))]
    format: Option<String>,

    /// What it is held against; `linearizable` if nothing is said
    #[arg(long, short, value_name = "C", value_parser = names(&Consistency::ALL))]
    consistency: Option<String>,

    /// The isolation level that transactions are held against; `strict-serializable` if nothing is said
    #[arg(long, short, value_name = "LEVEL", value_parser = levels(), hide_possible_values = true, long_help = isolation_help())]
    isolation: Option<Level>,

    /// How many steps a search may take before it ends in `unknown`
    #[arg(long, value_name = "N")]
    budget: Option<u64>,

    /// Print JSON, one line a file
    #[arg(long)]
    json: bool,

    /// Draw the (first) violation as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

fn models() -> clap::builder::PossibleValuesParser {
    TABLE.iter().map(|entry| clap::builder::PossibleValue::new(entry.name).help(entry.about)).collect::<Vec<_>>().into()
}

fn names<T>(all: &[(&'static str, T)]) -> clap::builder::PossibleValuesParser {
    all.iter().map(|(name, _)| *name).collect::<Vec<_>>().into()
}

fn levels() -> impl clap::builder::TypedValueParser<Value = Level> {
    use clap::builder::TypedValueParser as _;
    let names: clap::builder::PossibleValuesParser =
        Level::ALL.iter().map(|level| level.name()).collect::<Vec<_>>().into();
    names.map(|name| Level::named(&name).expect("one of the names"))
}

fn isolation_help() -> String {
    let names: Vec<&str> = Level::ALL.iter().map(|level| level.name()).collect();
    format!(
        "The isolation level that transactions are held against; `strict-serializable` if nothing is said\n\n\
         From weak to strong: {}",
        names.join(", ")
    )
}

fn named<T: Copy>(all: &[(&'static str, T)], name: &str) -> Option<T> {
    all.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
}

/// One file, for the table at the end.
struct Row<'a> {
    path: &'a Path,
    outcome: Result<Judged, Exit>,
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    let mut rows = Vec::new();
    let mut drawn = false;
    for path in &arguments.files {
        let outcome = match judge(path, arguments) {
            Ok(judged) => Ok(judged),
            Err(failure) => Err(failure.report()),
        };
        if let Ok(judged) = &outcome {
            let text = if arguments.json { json(path, judged) } else { summary(path, judged) };
            match output::result(&text) {
                Ok(()) => {}
                Err(Failure::PipeClosed) => return Ok(exit(&rows)),
                Err(failure) => return Err(failure),
            }
            drawn |= !drawn && draw(judged, arguments)?;
        }
        rows.push(Row { path, outcome });
    }
    if rows.len() > 1 && !arguments.json {
        match output::result(&table(&rows)) {
            Ok(()) | Err(Failure::PipeClosed) => {}
            Err(failure) => return Err(failure),
        }
    }
    if let (Some(path), false) = (&arguments.svg, drawn) {
        output::note(&format!("There is no violation to draw, so {} was not written", path.display()));
    }
    Ok(exit(&rows))
}

fn exit(rows: &[Row]) -> Exit {
    let exit = |row: &Row| match &row.outcome {
        Ok(judged) => match judged.judgement.verdict {
            Verdict::Pass => Exit::Passed,
            Verdict::Fail => Exit::Violated,
            Verdict::Unknown => Exit::Unknown,
        },
        Err(exit) => *exit,
    };
    rows.iter().map(exit).max().unwrap_or(Exit::Passed)
}

fn judge(path: &Path, arguments: &Arguments) -> super::Result<Judged> {
    let text = files::read_text(path, MOST_BYTES)?;
    let format = arguments.format.as_deref().and_then(|name| named(&Format::ALL, name));
    let options = Options {
        consistency: arguments
            .consistency
            .as_deref()
            .and_then(|name| named(&Consistency::ALL, name))
            .unwrap_or_default(),
        isolation: arguments.isolation.unwrap_or_default(),
        budget: arguments.budget,
    };
    let judged = judgement::judge(&text, format, arguments.model.as_deref(), &options);
    let judged = judged.map_err(|reason| failure(path, reason))?;
    match (is_of_transactions(judged.model), &arguments.consistency, arguments.isolation) {
        (true, Some(_), _) => {
            let message = format!("{}: transactions have no --consistency", path.display());
            Err(Failure::input(message, "say with --isolation what they are held against"))
        }
        (false, _, Some(_)) => {
            let message =
                format!("{}: `{}` is no model of transactions, so it has no --isolation", path.display(), judged.model);
            Err(Failure::input(message, "say with --consistency what it is held against"))
        }
        _ => Ok(judged),
    }
}

fn is_of_transactions(model: &str) -> bool {
    [Workload::ListAppend, Workload::Register].iter().any(|workload| workload.word() == model)
}

fn failure(path: &Path, reason: NotJudged) -> Failure {
    let path = path.display();
    let known = || TABLE.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
    match reason {
        NotJudged::Bad(BadHistory { line: 0, message, help }) => Failure::input(format!("{path}: {message}"), help),
        NotJudged::Bad(BadHistory { line, message, help }) => Failure::input(format!("{path}:{line}: {message}"), help),
        NotJudged::NoModel => {
            let message = format!("{path}: the file does not say what it is a history of");
            Failure::input(message, format!("name it with --model; the models are {}", known()))
        }
        NotJudged::UnknownModel(name) => {
            let message = format!("{path}: there is no model `{name}`");
            Failure::input(message, format!("choose one with --model; the models are {}", known()))
        }
    }
}

fn draw(judged: &Judged, arguments: &Arguments) -> super::Result<bool> {
    let (Some(path), Some(picture)) = (&arguments.svg, &judged.judgement.picture) else { return Ok(false) };
    let chart = charts::draw_violation(picture, charts::Format::Svg)
        .map_err(|error| Failure::input(format!("the picture cannot be drawn: {error}"), "leave out --svg"))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut batch = Batch::new(folder)?;
    batch.add(&name, |file| file.write_all(&chart.bytes))?;
    batch.finish()?;
    output::note(&format!("Wrote {}", styled(BOLD, &path.display().to_string())));
    Ok(true)
}

fn verdict(verdict: Verdict) -> (String, usize) {
    let (style, word) = match verdict {
        Verdict::Pass => (GOOD, "PASS"),
        Verdict::Fail => (BAD, "VIOLATION"),
        Verdict::Unknown => (DOUBTFUL, "UNKNOWN"),
    };
    (styled(style, word), word.len())
}

fn summary(path: &Path, judged: &Judged) -> String {
    let Judged { model, operations, judgement } = judged;
    let (verdict, _) = verdict(judgement.verdict);
    let unit = if is_of_transactions(model) { "transactions" } else { "operations" };
    let facts = styled(DIM, &format!("({model}, {operations} {unit})"));
    let mut out = format!("{verdict} {}: {} {facts}\n", path.display(), judgement.headline);
    if !judgement.text.is_empty() {
        let _ = writeln!(out);
        for line in judgement.text.lines() {
            let _ = writeln!(out, "  {line}");
        }
        let _ = writeln!(out);
    }
    out
}

fn json(path: &Path, judged: &Judged) -> String {
    let Judged { model, operations, judgement } = judged;
    let word = if judgement.verdict == Verdict::Fail { "violation" } else { judgement.verdict.word() };
    let value = serde_json::json!({
        "file": path.display().to_string(),
        "model": model,
        "operations": operations,
        "verdict": word,
        "headline": judgement.headline,
        "detail": judgement.detail,
    });
    value.to_string() + "\n"
}

fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.path.display().to_string().chars().count()).max().unwrap_or(0);
    let head = format!("{:11}{:width$}{:>14}{:>12}", "Verdict", "History", "model", "operations");
    let mut out = format!("\n{}\n", styled(BOLD, &head));
    for Row { path, outcome } in rows {
        let path = path.display().to_string();
        match outcome {
            Err(_) => {
                let _ = writeln!(out, "{}      {path}", styled(BAD, "ERROR"));
            }
            Ok(Judged { model, operations, judgement }) => {
                let (word, letters) = verdict(judgement.verdict);
                let pad = " ".repeat(11 - letters);
                let _ = writeln!(out, "{word}{pad}{path:width$}{model:>14}{operations:>12}");
            }
        }
    }
    let count = |wanted: Verdict| {
        let is = |row: &&Row| row.outcome.as_ref().is_ok_and(|judged| judged.judgement.verdict == wanted);
        rows.iter().filter(is).count()
    };
    let errors = rows.iter().filter(|row| row.outcome.is_err()).count();
    let _ = writeln!(
        out,
        "\n{} passed, {} in violation, {} unknown, {errors} in error",
        count(Verdict::Pass),
        count(Verdict::Fail),
        count(Verdict::Unknown)
    );
    out
}
