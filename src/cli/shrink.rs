//! `faultlab shrink`: the least that still breaks the same property, as a scenario file.

use super::files;
use super::numbers::{count, moment};
use super::output::{self, BOLD, DIM, Failure, styled};
use super::{Exit, interrupt, text};
use crate::explore::shrink::{self, Budget, ShrinkError, Shrunk, Size};
use crate::patterns;
use crate::scenario::{AnyScenario, Class};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Find the smallest scenario that still breaks the same property
///
/// Settings, faults, operations, clients, servers and numbers are taken away for as long as the same property is the
/// first to break. What is left is written as a scenario of explicit faults and operations that names what it breaks, so that
/// `faultlab run` passes when it shows it. Ctrl-C keeps the best found so far.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The scenario
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The seed that fails, in place of the scenario's own
    #[arg(long, value_name = "N", value_parser = super::run::seed, allow_negative_numbers = true)]
    seed: Option<u64>,

    /// How the plan of that seed is drawn: written, calm, faults, swarm or storm
    #[arg(long, value_name = "CLASS", default_value = "written")]
    class: Class,

    /// The property to keep broken, in place of the one that breaks first
    #[arg(long, value_name = "NAME")]
    property: Option<String>,

    /// Where to write the scenario; beside the results of `run` if left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Stop after so many candidates
    #[arg(long, value_name = "N", default_value_t = Budget::default().runs, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,

    /// Stop after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    within: u64,

    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    let written = files::load(&arguments.file)?;
    let scenario = written.draw(arguments.class, arguments.seed.unwrap_or(written.seed()));
    let pattern = patterns::ALL.iter().find(|pattern| pattern.name() == scenario.pattern());
    let pattern = *pattern.expect("a scenario was read by its pattern");
    let begun = Instant::now();
    let bar = bar();
    let mut watch = |progress: &shrink::Progress| {
        bar.set_message(format!(
            "{}, {} tried, {} cuts: {}",
            progress.pass,
            progress.runs,
            progress.accepted,
            say(&progress.size)
        ));
        bar.tick();
        !interrupt::asked() && begun.elapsed() < Duration::from_secs(arguments.within)
    };
    interrupt::listen();
    let found =
        shrink::shrink(pattern, &*scenario, arguments.property.as_deref(), Budget { runs: arguments.runs }, &mut watch);
    bar.finish_and_clear();
    let shrunk = found.map_err(|error| refused(arguments, &*scenario, &error))?;
    let place = place(arguments, &*scenario);
    let document = shrunk.document.text(&remarks(arguments, &*scenario, &shrunk));
    files::write(&place, &document)?;
    match arguments.json {
        true => output::result(&json(arguments, &*scenario, &shrunk, &place))?,
        false => {
            output::result(&document)?;
            output::note(&summary(&shrunk, begun.elapsed(), &place));
        }
    }
    Ok(Exit::Passed)
}

/// A line that tells how far the search has come; shown on terminals only.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}").expect("the template is fixed");
    ProgressBar::new_spinner().with_style(style)
}

fn refused(arguments: &Arguments, scenario: &dyn AnyScenario, error: &ShrinkError) -> Failure {
    let help = match error {
        ShrinkError::NothingBreaks => format!(
            "seed {} of class `{}` passes: `faultlab sweep {}` finds seeds that fail",
            scenario.seed(),
            arguments.class,
            arguments.file.display()
        ),
        ShrinkError::OtherBreaks { .. } => "name one of those with --property, or leave it out".into(),
    };
    Failure::input(error.to_string(), help)
}

/// Beside the results of `run`, unless somebody says where.
fn place(arguments: &Arguments, scenario: &dyn AnyScenario) -> PathBuf {
    arguments.out.clone().unwrap_or_else(|| {
        let folder = Path::new("out").join(scenario.pattern()).join(arguments.file.file_stem().unwrap_or_default());
        folder.join("shrunk.toml")
    })
}

/// What the file says about itself.
fn remarks(arguments: &Arguments, scenario: &dyn AnyScenario, shrunk: &Shrunk) -> Vec<String> {
    let drawn = match arguments.class {
        Class::Written => format!("seed {}", scenario.seed()),
        class => format!("seed {} of class `{class}`", scenario.seed()),
    };
    vec![
        format!("What is left of {}, {drawn}, when everything is taken away that", arguments.file.display()),
        format!(
            "`{}` does not need to break: {} and {}.",
            shrunk.property,
            count_faults(&shrunk.sizes.1),
            count_asked(&shrunk.sizes.1)
        ),
    ]
}

fn count_faults(size: &Size) -> String {
    count(size.faults as u64, "fault")
}

fn count_asked(size: &Size) -> String {
    size.operations.map_or("the operations of its workload".into(), |operations| count(operations as u64, "operation"))
}

fn say(size: &Size) -> String {
    format!("{}, {}, {}", count_faults(size), count_asked(size), count(size.settings as u64, "setting"))
}

fn summary(shrunk: &Shrunk, took: Duration, place: &Path) -> String {
    let stopped = if shrunk.finished { "" } else { "; stopped early, so perhaps more can go" };
    let effort = format!("{} in {:.1} s{stopped}", count(shrunk.runs.into(), "run"), took.as_secs_f64());
    format!(
        "{} at {}: {}\nFrom {} and {} to {} and {} ({effort})\nWrote {}\n{} faultlab run {}",
        styled(BOLD, shrunk.property),
        moment(shrunk.time),
        shrunk.text,
        say(&shrunk.sizes.0),
        count(shrunk.events.0, "event"),
        say(&shrunk.sizes.1),
        count(shrunk.events.1, "event"),
        styled(BOLD, &place.display().to_string()),
        styled(DIM, "Replay"),
        text::quoted(place),
    )
}

fn json(arguments: &Arguments, scenario: &dyn AnyScenario, shrunk: &Shrunk, place: &Path) -> String {
    let size = |size: &Size| serde_json::json!({ "faults": size.faults, "operations": size.operations, "settings": size.settings });
    let value = serde_json::json!({
        "file": arguments.file.display().to_string(),
        "pattern": scenario.pattern(),
        "seed": scenario.seed(),
        "class": arguments.class.word(),
        "property": shrunk.property,
        "text": shrunk.text,
        "time_ns": shrunk.time.as_nanos(),
        "before": size(&shrunk.sizes.0),
        "after": size(&shrunk.sizes.1),
        "events_before": shrunk.events.0,
        "events_after": shrunk.events.1,
        "runs": shrunk.runs,
        "finished": shrunk.finished,
        "wrote": place.display().to_string(),
    });
    value.to_string() + "\n"
}
