//! What a sweep found: as a text, as a line, as JSON, and as the files that it leaves.

use super::files::Batch;
use super::numbers::{count, moment, short, thousands, wrapped};
use super::output::{self, BAD, BOLD, DIM, DOUBTFUL, Failure, styled};
use super::text::{quoted, verdict};
use crate::check::Verdict;
use crate::engine::metrics::Histogram;
use crate::engine::{Span, Time};
use crate::explore::statistics::wilson;
use crate::explore::tally::{Example, Property, Subject, Tally, Verdicts};
use crate::report::charts::{self, Chart, Format, Rate, Rates, Spread, Spreads};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// What is shown.
pub(super) struct Shown<'a> {
    /// The scenario's file.
    pub(super) file: &'a Path,
    pub(super) subject: &'a Subject,
    pub(super) tally: &'a Tally,
    /// Whether every seed was run, or as many as were wanted.
    pub(super) complete: bool,
}

impl Shown<'_> {
    /// The verdict of the whole: what was not run, nobody knows.
    pub(super) fn verdict(&self) -> Verdict {
        match self.tally.verdict() {
            Verdict::Pass if !self.complete => Verdict::Unknown,
            verdict => verdict,
        }
    }
}

/// Writes the summary and the charts.
pub(super) fn add(batch: &mut Batch, shown: &Shown<'_>, png: bool) -> super::Result<()> {
    let Shown { subject, tally, .. } = shown;
    let summary = serde_json::to_string_pretty(&tally.summary(subject)).expect("a summary is plain data") + "\n";
    batch.add("summary.json", |file| file.write_all(summary.as_bytes()))?;
    let (rates, spreads) = (rates(shown), spreads(shown));
    for format in [Some(Format::Svg), png.then_some(Format::Png)].into_iter().flatten() {
        let draw = || Ok([charts::draw_rates(&rates, format)?, charts::draw_spreads(&spreads, format)?]);
        for Chart { name, bytes } in draw().map_err(undrawable)? {
            batch.add(&format!("charts/{name}.{}", format.extension()), |file| file.write_all(&bytes))?;
        }
    }
    Ok(())
}

/// A chart that cannot be drawn.
pub(super) fn undrawable(error: charts::ChartError) -> Failure {
    Failure::input(
        format!("the charts cannot be drawn: {error}"),
        "nothing that was measured is lost; please report this",
    )
}

/// Where a chart comes from.
fn origin(shown: &Shown<'_>) -> String {
    let Shown { subject, tally, .. } = shown;
    let seeds = count(tally.verdicts().seeds, "seed");
    let Subject { pattern, from, mix, .. } = subject;
    format!("pattern {pattern}  ·  {seeds} from {from} on  ·  {mix}  ·  Faultlab {}", env!("CARGO_PKG_VERSION"))
}

fn rates(shown: &Shown<'_>) -> Rates {
    let seeds = shown.tally.verdicts().seeds;
    let rate = |name: &str, part: u64, of: u64, note: String| Rate {
        name: name.to_owned(),
        count: part,
        of,
        interval: wilson(part, of),
        note,
    };
    let broken = shown.tally.properties().iter().filter(|(_, property)| property.broken > 0);
    let properties = broken.map(|(name, property)| {
        let first = property.first.as_ref().map_or(String::new(), |first| format!(", first seed {}", first.seed));
        rate(name, property.broken, seeds, first)
    });
    let classes = shown
        .tally
        .classes()
        .iter()
        .map(|(class, verdicts)| rate(&format!("class {class}"), verdicts.failed, verdicts.seeds, " fail".into()));
    Rates {
        title: format!("How often what breaks: {}", shown.subject.title),
        origin: origin(shown),
        rows: properties.chain(classes).collect(),
    }
}

fn spreads(shown: &Shown<'_>) -> Spreads {
    let spread = |(name, histogram): (&str, &Histogram)| {
        let (plain, write) = measure(name);
        Spread {
            name: plain.to_owned(),
            values: histogram.buckets().map(|(value, count)| (value.as_nanos(), count)).collect(),
            median: histogram.quantile(500).map_or(0, Span::as_nanos),
            whole: name.ends_with("_ppm").then_some(1_000_000),
            write,
        }
    };
    Spreads {
        title: format!("What the runs were like: {}", shown.subject.title),
        origin: origin(shown),
        spreads: measures(shown.tally).into_iter().map(spread).collect(),
    }
}

/// Prints what was found, in one of three ways.
pub(super) fn print(shown: &Shown<'_>, json: bool, quiet: bool) -> super::Result<()> {
    let text = match (json, quiet) {
        (true, _) => self::json(shown),
        (_, true) => line(shown),
        _ => text(shown),
    };
    match output::result(&text) {
        // Nobody listens, but the exit code still tells.
        Err(Failure::PipeClosed) => Ok(()),
        result => result,
    }
}

/// The summary as one line of JSON.
fn json(shown: &Shown<'_>) -> String {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        file: String,
        #[serde(flatten)]
        summary: &'a crate::explore::tally::Summary,
    }

    let summary = crate::explore::tally::Summary { verdict: shown.verdict(), ..shown.tally.summary(shown.subject) };
    let line = Line { file: shown.file.display().to_string(), summary: &summary };
    serde_json::to_string(&line).expect("a summary is plain data") + "\n"
}

/// One line.
fn line(shown: &Shown<'_>) -> String {
    let Verdicts { seeds, failed, unknown } = shown.tally.verdicts();
    let verdict = verdict(shown.verdict());
    let mut out = format!("{verdict} {}: {}", shown.file.display(), count(seeds, "seed"));
    let _ = write!(out, ", {} failed, {} unknown", thousands(failed), thousands(unknown));
    let names: Vec<_> = shown.tally.properties().iter().filter(|(_, property)| property.broken > 0).collect();
    for (place, (name, property)) in names.into_iter().enumerate() {
        let _ = write!(out, "{}{name} {}", if place == 0 { ": " } else { ", " }, thousands(property.broken));
    }
    out + "\n"
}

/// The whole report.
fn text(shown: &Shown<'_>) -> String {
    let Shown { subject, tally, .. } = shown;
    let mut out = String::new();
    let _ = writeln!(out, "{}", styled(BOLD, &wrapped(&subject.title, "")));
    let facts = format!(
        "{} · {} from {} on · {} · {} events",
        subject.pattern,
        count(tally.verdicts().seeds, "seed"),
        subject.from,
        subject.mix,
        thousands(u64::try_from(tally.events()).unwrap_or(u64::MAX)),
    );
    let _ = writeln!(out, "{}\n", styled(DIM, &facts));
    let _ = writeln!(out, "{}\n", verdict(shown.verdict()));
    classes(&mut out, tally);
    properties(&mut out, tally);
    never(&mut out, tally);
    distributions(&mut out, tally);
    go_on(&mut out, shown);
    out
}

fn classes(out: &mut String, tally: &Tally) {
    let head = format!("  {:<10}{:>9}{:>9}{:>9}  {:<8}", "Class", "seeds", "failed", "unknown", "share failed");
    let _ = writeln!(out, "{}", styled(BOLD, &head[2..]));
    let row = |out: &mut String, name: &str, verdicts: Verdicts| {
        let Verdicts { seeds, failed, unknown } = verdicts;
        let [seeds_text, failed_text, unknown] = [seeds, failed, unknown].map(thousands);
        let share = share(failed, seeds);
        let _ = writeln!(out, "  {name:<8}{seeds_text:>9}{failed_text:>9}{unknown:>9}  {share}");
    };
    for (class, verdicts) in tally.classes() {
        row(out, class.word(), *verdicts);
    }
    if tally.classes().len() > 1 {
        row(out, "all", tally.verdicts());
    }
    let _ = writeln!(out);
}

/// A share with its 95 % confidence interval: `1.2% [0.7%, 2.1%]`.
pub(super) fn share(part: u64, of: u64) -> String {
    let (low, high) = wilson(part, of);
    let [share, low, high] = [part as f64 / of.max(1) as f64, low, high].map(percent);
    format!("{share} [{low}, {high}]")
}

/// A share in percent with two digits that matter, at most three behind the point.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        10.0.. => format!("{percent:.0}%"),
        1.0.. => format!("{percent:.1}%"),
        0.1.. => format!("{percent:.2}%"),
        _ if percent < 0.000_5 => "0%".into(),
        _ => format!("{percent:.3}%"),
    }
}

fn properties(out: &mut String, tally: &Tally) {
    if tally.properties().is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", styled(BOLD, "Properties"));
    let mut properties: Vec<_> = tally.properties().iter().collect();
    properties.sort_by_key(|(_, property)| std::cmp::Reverse(property.broken_first));
    for (name, property) in properties {
        if property.broken > 0 {
            failure(out, name, property, tally.verdicts().seeds);
        }
        if property.unknown > 0 {
            let _ = writeln!(
                out,
                "  {} {name}: nobody knows under {}",
                styled(DOUBTFUL, "?"),
                count(property.unknown, "seed")
            );
        }
    }
    let _ = writeln!(out);
}

fn failure(out: &mut String, name: &str, property: &Property, seeds: u64) {
    let classes: Vec<_> =
        property.by_class.iter().map(|(class, seeds)| format!("{class} {}", thousands(*seeds))).collect();
    let first = match property.broken_first {
        all if all == property.broken => String::new(),
        0 => ", after something else".into(),
        some => format!(", the first to break under {}", thousands(some)),
    };
    let _ = writeln!(
        out,
        "  {} {name}: {}, {} ({}){first}",
        styled(BAD, "✗"),
        count(property.broken, "seed"),
        share(property.broken, seeds),
        classes.join(", "),
    );
    let show = |out: &mut String, what: &str, example: &Example| {
        let Example { seed, class, events, at_ns, seen } = example;
        let at = moment(Time::from_nanos(*at_ns));
        let line = format!("{what} seed {seed} of class {class}, {} events, at {at}: {seen}", thousands(*events));
        let _ = writeln!(out, "      {}", styled(DIM, &wrapped(&line, "      ")));
    };
    if let Some(fewest) = &property.fewest_events {
        show(out, "fewest events:", fewest);
    }
    if let Some(first) = property.first.as_ref().filter(|first| Some(*first) != property.fewest_events.as_ref()) {
        show(out, "first:", first);
    }
}

fn never(out: &mut String, tally: &Tally) {
    let happened: Vec<&str> = tally.never_happened().collect();
    if !happened.is_empty() {
        let text = format!("{}; these runs prove less than they seem to", happened.join(", "));
        let _ = writeln!(out, "{} {}", styled(DOUBTFUL, "Never happened"), wrapped(&text, "  "));
    }
    let struck: Vec<&str> = tally.never_struck().collect();
    if !struck.is_empty() {
        let _ = writeln!(out, "{} {}", styled(BOLD, "Never struck"), wrapped(&struck.join(", "), "  "));
    }
    let _ = writeln!(out);
}

/// The measures that every sweep has, in this order; the pattern's counters follow.
const MEASURES: [&str; 7] = [
    "latency_p50_ns",
    "latency_p99_ns",
    "availability_ppm",
    "operations_ok",
    "operations_failed",
    "operations_unknown",
    "events",
];

/// A measure's name without its unit, and how its numbers are written.
pub(super) fn measure(name: &str) -> (&str, fn(u64) -> String) {
    if let Some(name) = name.strip_suffix("_ns") {
        return (name, |nanos| short(Span::from_nanos(nanos)));
    }
    match name.strip_suffix("_ppm") {
        Some(name) => (name, |ppm| percent(ppm as f64 / 1e6)),
        None => (name, thousands),
    }
}

/// The distributions, those that every sweep has first.
pub(super) fn measures(tally: &Tally) -> Vec<(&str, &Histogram)> {
    let common = MEASURES.iter().filter_map(|name| Some((*name, tally.distribution(name)?)));
    let counters = tally.distributions().filter(|(name, _)| !MEASURES.contains(name));
    common.chain(counters).collect()
}

fn distributions(out: &mut String, tally: &Tally) {
    let measures = measures(tally);
    let width = measures.iter().map(|(name, _)| measure(name).0.len()).max().unwrap_or(0);
    let head = format!(
        "{:width$}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "Over seeds",
        "p1",
        "p50",
        "p90",
        "p99",
        "max",
        width = width + 2
    );
    let _ = writeln!(out, "{}", styled(BOLD, &head));
    for (name, histogram) in measures {
        let (name, write) = measure(name);
        let _ = write!(out, "  {name:width$}");
        for per_mille in [10, 500, 900, 990, 1000] {
            let number = histogram.quantile(per_mille).map_or("none".into(), |value| write(value.as_nanos()));
            let _ = write!(out, "{number:>12}");
        }
        let _ = writeln!(out);
    }
}

/// The commands with which to go on from here.
fn go_on(out: &mut String, shown: &Shown<'_>) {
    let file = quoted(shown.file);
    let examples = shown.tally.properties().values().filter_map(|property| property.fewest_events.as_ref());
    for (place, Example { seed, class, .. }) in examples.enumerate() {
        let _ =
            writeln!(out, "{}", if place == 0 { format!("\n{}", styled(BOLD, "Go on with")) } else { String::new() });
        let _ = writeln!(out, "  faultlab run {file} --seed {seed} --class {class}");
        let _ = writeln!(out, "  faultlab shrink {file} --seed {seed} --class {class}");
    }
}
