//! `faultlab bugs`: how soon a sweep finds what is planted.

use super::files::{self, Batch};
use super::numbers::{count, thousands};
use super::output::{self, BAD, BOLD, DIM, Failure, GOOD, styled};
use super::sweep::{bar, threads};
use super::sweep_report::{percent, undrawable};
use super::{Exit, interrupt};
use crate::explore::mix::Mix;
use crate::explore::scoreboard::{self, ENOUGH, Effort, Row};
use crate::explore::shrink::{self, Budget, Size};
use crate::patterns;
use crate::report::charts::{self, Format, Rate, Rates};
use crate::scenario::{AnyPattern, AnyScenario, Bug, nearest};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Measure how soon a sweep finds each bug that can be planted in a pattern
///
/// The correct version is swept as well: whatever it breaks is a false alarm, and makes the exit code 1. A bug that is not found makes
/// a line of the table, and no failure.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The pattern
    #[arg(value_name = "PATTERN")]
    pattern: String,

    /// How many seeds each may take
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,

    /// How many seeds are run at once; as many as the machine has cores if left out
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u32).range(1..=1024))]
    jobs: Option<u32>,

    /// How plans are drawn: written, calm, faults, swarm or storm, or shares of them as in swarm=50,storm=50
    #[arg(long, value_name = "MIX", default_value_t = Mix::default())]
    mix: Mix,

    /// Measure only these bugs, and not the correct version
    #[arg(long, value_name = "NAME", num_args = 1..)]
    bug: Vec<String>,

    /// Run all seeds, and do not stop at a hundred finds
    #[arg(long)]
    full: bool,

    /// Shrink one failure of each, and compare it with the scenario written by hand
    #[arg(long)]
    shrink: bool,

    /// Where to write: DIR/<pattern>/bugs/
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,

    /// Write the chart as PNG too
    #[arg(long)]
    png: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A row of the table.
struct Line {
    row: Row,
    took: Duration,
    shrunk: Option<Shrunk>,
    /// The scenario written by hand, if there is one.
    by_hand: Option<Size>,
}

struct Shrunk {
    size: Size,
    took: Duration,
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    let pattern = pattern(&arguments.pattern)?;
    let planted = planted(pattern, &arguments.bug)?;
    interrupt::listen();
    let mut lines = Vec::new();
    for bug in planted {
        if interrupt::asked() {
            break;
        }
        match line(arguments, pattern, bug)? {
            Ok(line) => lines.push(line),
            Err(fault) => {
                output::note(&format!("faultlab: this is a fault of faultlab, not of your scenario: {fault}"));
                return Ok(Exit::OurFault);
            }
        }
    }
    let interrupted = interrupt::asked();
    let board = json_of(arguments, pattern, &lines);
    if !interrupted {
        write(arguments, pattern, &lines, &board)?;
    }
    match arguments.json {
        true => output::result(&(board.to_string() + "\n"))?,
        false => output::result(&table(arguments, pattern, &lines))?,
    }
    let alarm = lines.iter().any(|line| line.row.bug.is_none() && line.row.found().0 > 0);
    let doubt = lines.iter().any(|line| line.row.bug.is_none() && line.row.tally.verdicts().unknown > 0);
    Ok(match (alarm, doubt || interrupted) {
        (true, _) => Exit::Violated,
        (false, true) => Exit::Unknown,
        (false, false) => Exit::Passed,
    })
}

fn pattern(name: &str) -> super::Result<&'static dyn AnyPattern> {
    patterns::ALL.iter().copied().find(|pattern| pattern.name() == name).ok_or_else(|| {
        let names: Vec<_> = patterns::ALL.iter().map(|pattern| pattern.name()).collect();
        let help = match nearest(name, names.iter().copied()) {
            Some(best) => format!("did you mean `{best}`?"),
            None => format!("the patterns are: {}", names.join(", ")),
        };
        Failure::input(format!("there is no pattern `{name}`"), help)
    })
}

/// The bugs to measure, after the correct version if all are.
fn planted(pattern: &dyn AnyPattern, names: &[String]) -> super::Result<Vec<Option<Bug>>> {
    let all = pattern.bugs();
    if names.is_empty() {
        return Ok([None].into_iter().chain(all.iter().copied().map(Some)).collect());
    }
    let find = |name: &String| {
        all.iter().copied().find(|bug| bug.name == name).map(Some).ok_or_else(|| {
            let known = || all.iter().map(|bug| bug.name);
            let help = match nearest(name, known()) {
                Some(best) => format!("did you mean `{best}`?"),
                None if all.is_empty() => "no bug can be planted in this pattern".into(),
                None => format!("the bugs are: {}", known().collect::<Vec<_>>().join(", ")),
            };
            Failure::input(format!("there is no bug `{name}` to plant in `{}`", pattern.name()), help)
        })
    };
    names.iter().map(find).collect()
}

type Measured = Result<Line, crate::explore::sweep::OurFault>;

fn line(arguments: &Arguments, pattern: &dyn AnyPattern, bug: Option<Bug>) -> super::Result<Measured> {
    let scenario = scoreboard::scenario(pattern, bug.as_ref()).map_err(|error| Failure::Scenario(Box::new(error)))?;
    // A false alarm is looked for under all seeds.
    let enough = if arguments.full || bug.is_none() { u64::MAX } else { ENOUGH };
    let effort = Effort { seeds: arguments.seeds, enough, jobs: threads(arguments.jobs) };
    let bar = bar(arguments.seeds, 0, false);
    let begun = Instant::now();
    let name = bug.map_or("nothing planted", |bug| bug.name);
    let row = scoreboard::measure(&*scenario, bug, arguments.mix, effort, &interrupt::asked, &mut |found| {
        bar.inc(1);
        bar.set_message(format!("{name}: {found} found"));
    });
    bar.finish_and_clear();
    let row = match row {
        Ok(row) => row,
        Err(fault) => return Ok(Err(fault)),
    };
    let took = begun.elapsed();
    let shrunk = if arguments.shrink { shrunk(pattern, &*scenario, &row) } else { None };
    Ok(Ok(Line { row, took, shrunk, by_hand: bug.and_then(|bug| by_hand(pattern, &bug)) }))
}

/// The least that is left of the failure with the fewest events.
fn shrunk(pattern: &dyn AnyPattern, scenario: &dyn AnyScenario, row: &Row) -> Option<Shrunk> {
    let (property, counts) = row.catcher()?;
    let example = counts.fewest_events.as_ref()?;
    let plan = scenario.draw(example.class, example.seed);
    let begun = Instant::now();
    let mut watch = |_: &shrink::Progress| !interrupt::asked() && begun.elapsed() < Duration::from_secs(60);
    let found = shrink::shrink(pattern, &*plan, Some(property), Budget::default(), &mut watch).ok()?;
    Some(Shrunk { size: found.sizes.1, took: begun.elapsed() })
}

/// How large the scenario is that somebody wrote to show this bug.
fn by_hand(pattern: &dyn AnyPattern, bug: &Bug) -> Option<Size> {
    let name = format!("bug_{}.toml", bug.name.replace('-', "_"));
    let path = Path::new("scenarios").join(pattern.name()).join(name);
    let scenario = path.is_file().then(|| files::load(&path).ok())??;
    Some(shrink::size(&scenario.document()))
}

const HEAD: [&str; 8] = ["Planted", "found", "share of seeds", "first", "expected", "breaks first", "time", ""];

fn table(arguments: &Arguments, pattern: &dyn AnyPattern, lines: &[Line]) -> String {
    let head = HEAD.map(str::to_owned);
    let rows: Vec<[String; 8]> = [head].into_iter().chain(lines.iter().map(cells)).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let facts = format!("{}, at most {} each, {}", pattern.name(), count(arguments.seeds, "seed"), arguments.mix);
    let mut out = format!("{}\n\n", styled(DIM, &facts));
    for (place, row) in rows.iter().enumerate() {
        let mut text = String::new();
        for (at, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[at] - cell.chars().count());
            // Names stand left, numbers right.
            let _ = if matches!(at, 0 | 5 | 7) { write!(text, "{cell}{pad}  ") } else { write!(text, "{pad}{cell}  ") };
        }
        let text = text.trim_end();
        let bad = place > 0 && {
            let line = &lines[place - 1];
            (line.row.bug.is_some()) != (line.row.found().0 > 0)
        };
        let text = match (place, bad) {
            (0, _) => styled(BOLD, text),
            (_, true) => styled(BAD, text),
            (_, false) => text.to_owned(),
        };
        let _ = writeln!(out, "{text}");
    }
    let (found, all) = tell(lines);
    let _ =
        writeln!(out, "\n{}", styled(if found == all { GOOD } else { BAD }, &format!("{found} of {all} bugs found")));
    out
}

/// How many of the bugs were found.
fn tell(lines: &[Line]) -> (usize, usize) {
    let bugs = || lines.iter().filter(|line| line.row.bug.is_some());
    (bugs().filter(|line| line.row.found().0 > 0).count(), bugs().count())
}

fn cells(line: &Line) -> [String; 8] {
    let Line { row, took, .. } = line;
    let (found, of) = row.found();
    let (share, low, high) = row.share();
    let expected = row.expected_seeds().map_or("-".into(), |seeds| thousands(libm::ceil(seeds) as u64));
    [
        row.bug.map_or("(nothing)", |bug| bug.name).to_owned(),
        format!("{} of {}", thousands(found), thousands(of)),
        format!("{} [{}, {}]", percent(share), percent(low), percent(high)),
        row.first_seed().map_or("-".into(), |seed| seed.to_string()),
        expected,
        breaks(row),
        format!("{:.1} s", took.as_secs_f64()),
        sizes(line),
    ]
}

/// What breaks first, and whether it is what the pattern's author said.
fn breaks(row: &Row) -> String {
    let promised = row.bug.map(|bug| bug.caught_by);
    match (row.catcher(), promised) {
        (None, None) => "nothing, as it should be".into(),
        (None, Some(promised)) => format!("nothing; {promised} was said to"),
        (Some((name, _)), None) => format!("{name}: a false alarm"),
        (Some((name, _)), Some(promised)) if name == promised => name.to_owned(),
        (Some((name, _)), Some(promised)) => format!("{name} ({promised} was said to)"),
    }
}

/// How much is left of a failure.
fn sizes(line: &Line) -> String {
    let written = |size: &Size| match size.operations {
        Some(operations) => format!("{} + {}", size.faults, operations),
        None => format!("{} + workload", size.faults),
    };
    let Some(Shrunk { size, took }) = &line.shrunk else { return String::new() };
    let by_hand = line.by_hand.as_ref().map_or(String::new(), |size| format!(", {} by hand", written(size)));
    format!("shrunk to {} faults and operations{by_hand} ({:.1} s)", written(size), took.as_secs_f64())
}

fn json_of(arguments: &Arguments, pattern: &dyn AnyPattern, lines: &[Line]) -> Value {
    let size = |size: &Size| json!({ "faults": size.faults, "operations": size.operations });
    let line = |line: &Line| {
        let Line { row, took, shrunk, by_hand } = line;
        let ((found, seeds), (share, low, high)) = (row.found(), row.share());
        let firsts = row.tally.properties().iter().filter(|(_, property)| property.broken_first > 0);
        let firsts: serde_json::Map<_, _> =
            firsts.map(|(name, property)| (name.clone(), property.broken_first.into())).collect();
        json!({
            "bug": row.bug.map(|bug| bug.name),
            "caught_by": row.bug.map(|bug| bug.caught_by),
            "seeds": seeds,
            "found": found,
            "unknown": row.tally.verdicts().unknown,
            "complete": !row.stopped,
            "share": share,
            "share_low": low,
            "share_high": high,
            "first_seed": row.first_seed(),
            "expected_seeds": row.expected_seeds(),
            "breaks_first": row.catcher().map(|(name, _)| name),
            "first_properties": firsts,
            "seconds": took.as_secs_f64(),
            "shrunk": shrunk.as_ref().map(|shrunk| size(&shrunk.size)),
            "shrunk_seconds": shrunk.as_ref().map(|shrunk| shrunk.took.as_secs_f64()),
            "by_hand": by_hand.as_ref().map(size),
        })
    };
    json!({
        "format_version": 1,
        "version": env!("CARGO_PKG_VERSION"),
        "pattern": pattern.name(),
        "seeds": arguments.seeds,
        "mix": arguments.mix.to_string(),
        "rows": lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn write(arguments: &Arguments, pattern: &dyn AnyPattern, lines: &[Line], board: &Value) -> super::Result<()> {
    let folder = arguments.out.join(pattern.name()).join("bugs");
    let mut batch = Batch::new(&folder)?;
    let text = serde_json::to_string_pretty(board).expect("a scoreboard is plain data") + "\n";
    batch.add("bugs.json", |file| file.write_all(text.as_bytes()))?;
    let rates = rates(arguments, pattern, lines);
    for format in [Some(Format::Svg), arguments.png.then_some(Format::Png)].into_iter().flatten() {
        let chart = charts::draw_rates(&rates, format).map_err(undrawable)?;
        batch.add(&format!("bugs.{}", format.extension()), |file| file.write_all(&chart.bytes))?;
    }
    batch.finish()?;
    output::note(&format!("Wrote {}", styled(BOLD, &folder.display().to_string())));
    Ok(())
}

fn rates(arguments: &Arguments, pattern: &dyn AnyPattern, lines: &[Line]) -> Rates {
    let rate = |Line { row, .. }: &Line| {
        let ((count, of), (_, low, high)) = (row.found(), row.share());
        let first = row.first_seed().map_or(String::new(), |seed| format!(", first seed {seed}"));
        let by = row.catcher().map_or(String::new(), |(name, _)| format!(", by {name}"));
        let name = row.bug.map_or("nothing planted", |bug| bug.name).to_owned();
        Rate { name, count, of, interval: (low, high), note: format!("{first}{by}") }
    };
    let (found, all) = tell(lines);
    Rates {
        title: format!("Bugs planted in {}, and the share of seeds that finds them: {found} of {all}", pattern.name()),
        origin: format!(
            "faultlab bugs {}  ·  at most {} each  ·  {}  ·  Faultlab {}",
            pattern.name(),
            count(arguments.seeds, "seed"),
            arguments.mix,
            env!("CARGO_PKG_VERSION")
        ),
        rows: lines.iter().map(rate).collect(),
    }
}
