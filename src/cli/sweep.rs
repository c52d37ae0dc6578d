//! `faultlab sweep`: thousands of seeds, and what breaks under them.

use super::files::Batch;
use super::journal::Journal;
use super::output::{self, BOLD, DIM, Failure, styled};
use super::sweep_report::{self, Shown};
use super::{Exit, files, interrupt};
use crate::check::Verdict;
use crate::explore::journal::Header;
use crate::explore::mix::Mix;
use crate::explore::outcome::Outcome;
use crate::explore::sweep::{OurFault, Sweep};
use crate::explore::tally::{Subject, Tally};
use crate::scenario::AnyScenario;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Run thousands of seeds, and report what breaks, how often, and where it is seen best
///
/// Each seed draws a plan from the scenario: settings, network and faults, of a class that follows from the seed and the mix. Only
/// properties count; bounds in `[expect]` are about the file as it stands. What is found does not depend on the number of jobs. A
/// sweep that was interrupted goes on where it stopped when the same command is run again.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The scenario
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,

    /// The first seed
    #[arg(long, value_name = "K", default_value_t = 0, value_parser = super::run::seed, allow_negative_numbers = true)]
    from: u64,

    /// How many seeds are run at once; as many as the machine has cores if left out
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u32).range(1..=1024))]
    jobs: Option<u32>,

    /// How plans are drawn: written, calm, faults, swarm or storm, or shares of them as in swarm=50,storm=50
    #[arg(long, value_name = "MIX", default_value_t = Mix::default())]
    mix: Mix,

    /// Stop at the first failure
    #[arg(long)]
    fail_fast: bool,

    /// Where to write: DIR/<pattern>/<scenario>/sweep/
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,

    /// Run one part of several, as in 2/8, to be put together by `faultlab merge`
    #[arg(long, value_name = "K/N", value_parser = shard)]
    shard: Option<(u64, u64)>,

    /// Start over, and forget what an earlier sweep left
    #[arg(long)]
    fresh: bool,

    /// Write charts as PNG too
    #[arg(long)]
    png: bool,

    /// Print the summary as JSON
    #[arg(long, conflicts_with = "quiet")]
    json: bool,

    /// Print one line
    #[arg(long, short)]
    quiet: bool,
}

fn shard(text: &str) -> Result<(u64, u64), String> {
    let numbers = text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
    match numbers {
        None => Err("a part is written as 2/8: the second of eight".into()),
        Some((_, 0)) => Err("there is no sweep of zero parts".into()),
        Some((part, parts)) if part == 0 || part > parts => {
            Err(format!("there is no part {part} of {parts}: parts count from 1 to {parts}"))
        }
        Some(numbers) => Ok(numbers),
    }
}

/// As many threads as were asked for, or as the machine has cores.
pub(super) fn threads(jobs: Option<u32>) -> usize {
    jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), |jobs| jobs as usize)
}

/// The seeds from `from` on.
pub(super) fn seeds(from: u64, count: u64) -> super::Result<Range<u64>> {
    let end = from.checked_add(count).ok_or_else(|| {
        let message = format!("there are not {count} seeds from {from} on: the largest is {}", u64::MAX - 1);
        Failure::input(message, "begin lower with --from, or take fewer with --seeds")
    })?;
    Ok(from..end)
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    let (scenario, text) = files::load_with_text(&arguments.file)?;
    let header = header(arguments, &*scenario, &text)?;
    let folder = folder(arguments, &*scenario);
    let mut tally = Tally::default();
    let (mut journal, left) = Journal::open(&folder, &header, arguments.fresh, &mut |outcome| tally.add(&outcome))?;
    let done = tally.verdicts().seeds;
    if done > 0 {
        let seeds = header.part();
        output::note(&format!(
            "Going on with {}: {done} of {} seeds are done",
            folder.display(),
            seeds.end - seeds.start
        ));
    }
    interrupt::listen();
    let begun = Instant::now();
    let sweep = Sweep { scenario: &*scenario, mix: arguments.mix, jobs: threads(arguments.jobs) };
    let ended = work(&sweep, left, arguments, &mut tally, &mut journal)?;
    finish(arguments, &folder, &header, &tally, &ended, (tally.verdicts().seeds - done, begun.elapsed()))
}

/// How a sweep ended.
enum Ended {
    Complete,
    /// At the first failure, as was asked for.
    Failed,
    Interrupted,
    Broken(OurFault),
}

fn header(arguments: &Arguments, scenario: &dyn AnyScenario, text: &str) -> super::Result<Header> {
    let (part, parts) = arguments.shard.unwrap_or((1, 1));
    if parts > arguments.seeds {
        let message = format!("{} seeds cannot be cut into {parts} parts", arguments.seeds);
        return Err(Failure::input(message, "give fewer parts in --shard, or more --seeds"));
    }
    let seeds = seeds(arguments.from, arguments.seeds)?;
    Ok(Header::new(scenario, &arguments.file.display().to_string(), text, arguments.mix, seeds, (part, parts)))
}

fn folder(arguments: &Arguments, scenario: &dyn AnyScenario) -> PathBuf {
    let folder = arguments.out.join(scenario.pattern()).join(arguments.file.file_stem().unwrap_or_default());
    match arguments.shard {
        Some((part, parts)) => folder.join(format!("sweep-{part}of{parts}")),
        None => folder.join("sweep"),
    }
}

fn work(
    sweep: &Sweep<'_>,
    left: Range<u64>,
    arguments: &Arguments,
    tally: &mut Tally,
    journal: &mut Journal,
) -> super::Result<Ended> {
    let stops = |tally: &Tally| arguments.fail_fast && tally.verdicts().failed > 0;
    if stops(tally) {
        return Ok(Ended::Failed);
    }
    let done = tally.verdicts().seeds;
    let bar = bar(done + (left.end - left.start), done, arguments.quiet);
    let mut error = None;
    let result = sweep.run(left, &interrupt::asked, &mut |outcome: Outcome| {
        if let Err(refused) = journal.note(&outcome) {
            error = Some(refused);
            return ControlFlow::Break(());
        }
        tally.add(&outcome);
        bar.inc(1);
        if outcome.verdict == Verdict::Fail {
            bar.set_message(format!("{} failed", tally.verdicts().failed));
        }
        if stops(tally) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.finish_and_clear();
    if let Some(error) = error {
        return Err(journal.broke_off(&error));
    }
    Ok(match result {
        Err(fault) => Ended::Broken(fault),
        Ok(true) => Ended::Complete,
        Ok(false) if stops(tally) => Ended::Failed,
        Ok(false) => Ended::Interrupted,
    })
}

/// A bar with rate, failures and time left; shown on terminals only.
pub(super) fn bar(seeds: u64, done: u64, quiet: bool) -> ProgressBar {
    let template = "{bar:30} {human_pos}/{human_len} seeds  {per_sec}  {msg}  {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is fixed");
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(5) };
    let bar = ProgressBar::with_draw_target(Some(seeds), target).with_style(style).with_message("0 failed");
    bar.set_position(done);
    bar.reset_eta();
    bar
}

fn finish(
    arguments: &Arguments,
    folder: &Path,
    header: &Header,
    tally: &Tally,
    ended: &Ended,
    (ran, took): (u64, Duration),
) -> super::Result {
    let subject = Subject::from(header);
    let complete = matches!(ended, Ended::Complete | Ended::Failed);
    let shown = Shown { file: &arguments.file, subject: &subject, tally, complete };
    if complete {
        let mut batch = Batch::new(folder)?;
        sweep_report::add(&mut batch, &shown, arguments.png)?;
        batch.finish()?;
    }
    sweep_report::print(&shown, arguments.json, arguments.quiet)?;
    if ran > 0 && !arguments.quiet {
        let rate = ran as f64 / took.as_secs_f64().max(1e-9);
        let speed = format!("Ran {ran} seeds in {:.1} s, {rate:.0} a second", took.as_secs_f64());
        output::note(&styled(DIM, &speed));
    }
    match ended {
        Ended::Complete | Ended::Failed => {
            output::note(&format!("Wrote {}", styled(BOLD, &folder.display().to_string())));
            Ok(exit(shown.verdict()))
        }
        Ended::Interrupted => {
            output::note("Interrupted: the same command goes on where it stopped");
            Ok(exit(shown.verdict()))
        }
        Ended::Broken(fault) => {
            output::note(&format!("faultlab: this is a fault of faultlab, not of your scenario: {fault}"));
            output::note("Please report it together with the command line and the scenario file.");
            Ok(Exit::OurFault)
        }
    }
}

pub(super) fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Pass => Exit::Passed,
        Verdict::Fail => Exit::Violated,
        Verdict::Unknown => Exit::Unknown,
    }
}
