//! A run as a person reads it.

use super::output::{BAD, BOLD, DIM, DOUBTFUL, GOOD, styled};
use crate::check::{Standing, Verdict};
use crate::engine::Span;
use crate::scenario::{RunReport, Status};
use crate::sim::End;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// The whole summary.
pub(super) fn summary(path: &Path, report: &RunReport, seed: Option<u64>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", styled(BOLD, &report.title));
    let facts = format!(
        "{} · seed {} · {} simulated · {} events",
        report.pattern,
        report.seed,
        report.ended,
        thousands(report.stats.events)
    );
    let _ = writeln!(out, "{}\n", styled(DIM, &facts));
    let _ = writeln!(out, "{}{}\n", verdict(report.verdict), reason(report));
    properties(&mut out, report);
    expectations(&mut out, report);
    operations(&mut out, report);
    messages(&mut out, report);
    counters(&mut out, report);
    let _ = writeln!(out, "{} {}", styled(BOLD, "Digest"), report.digest);
    let seed = seed.map(|seed| format!(" --seed {seed}")).unwrap_or_default();
    let _ = writeln!(out, "{} faultlab run {}{seed}", styled(BOLD, "Replay"), path.display());
    out
}

fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Pass => styled(GOOD, "PASS"),
        Verdict::Fail => styled(BAD, "FAIL"),
        Verdict::Unknown => styled(DOUBTFUL, "UNKNOWN"),
    }
}

/// What there is to say about the verdict in the same line.
fn reason(report: &RunReport) -> String {
    match report.end {
        End::EventLimit => {
            format!(
                ": stopped at {} of {} after {} events; raise [limits] events to go on",
                report.ended,
                report.duration,
                thousands(report.stats.events)
            )
        }
        End::Panicked => ": a handler panicked".into(),
        End::Finished if !report.violates.is_empty() && report.verdict == Verdict::Pass => {
            format!(": it breaks {}, as it set out to show", report.violates.join(", "))
        }
        End::Finished => String::new(),
    }
}

fn mark(status: Status) -> String {
    match status {
        Status::Met => styled(GOOD, "✓"),
        Status::Unmet => styled(BAD, "✗"),
        Status::Unknown => styled(DOUBTFUL, "?"),
        Status::Ignored => styled(DIM, "-"),
    }
}

fn properties(out: &mut String, report: &RunReport) {
    let _ = writeln!(out, "{}", styled(BOLD, "Properties"));
    let width = report.properties.iter().map(|property| property.judged.claim.name.len()).max().unwrap_or(0);
    for property in &report.properties {
        let claim = &property.judged.claim;
        let remark = match &property.judged.standing {
            Standing::Held => String::new(),
            Standing::Happened(time) => format!(" (first at {time})"),
            Standing::Broken(violation) => {
                format!("\n      broken at {}, event {}: {}", violation.time, violation.record.0, violation.text)
            }
            Standing::NeverHappened => "\n      it never happened".into(),
            Standing::Unknown => match report.end {
                End::Finished => " (the search for a legal order reached its limits)".into(),
                _ => " (the run was stopped too early to tell)".into(),
            },
        };
        let remark = if property.status == Status::Ignored { " (not judged)".into() } else { remark };
        let _ =
            writeln!(out, "  {} {:width$}  {}{}", mark(property.status), claim.name, claim.claim, styled(DIM, &remark));
    }
    let _ = writeln!(out);
}

fn expectations(out: &mut String, report: &RunReport) {
    if report.expectations.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", styled(BOLD, "Expectations"));
    for expectation in &report.expectations {
        let wanted = format!("{} {}", expectation.name, expectation.bound);
        let _ = writeln!(out, "  {} {wanted:28} it was {}", mark(expectation.status), expectation.actual);
    }
    let _ = writeln!(out);
}

fn operations(out: &mut String, report: &RunReport) {
    let stats = &report.stats;
    let _ = writeln!(out, "{}", styled(BOLD, "Operations"));
    let counts = [("ok", stats.ok), ("failed", stats.failed), ("unknown", stats.unknown), ("still open", stats.open())];
    let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{} {name}", thousands(*count))).collect();
    let _ = writeln!(out, "  {} begun: {}", thousands(stats.invoked), counts.join(", "));
    let span = |span: Option<Span>| span.map_or("none".into(), short);
    let tenths = u128::from(stats.ok) * 10_000_000_000 / u128::from(report.ended.as_nanos().max(1));
    let rate = format!("{}.{}/s", thousands((tenths / 10) as u64), tenths % 10);
    let availability = stats.availability().map_or("none".into(), |share| share.to_string());
    let _ = writeln!(
        out,
        "  throughput {rate}, latency p50 {}, p99 {}, max {}, availability {availability}\n",
        span(stats.latency.quantile(500)),
        span(stats.latency.quantile(990)),
        span(stats.latency.max()),
    );
}

fn messages(out: &mut String, report: &RunReport) {
    let kinds = report.stats.kinds();
    if kinds.is_empty() {
        return;
    }
    let head = format!(
        "{:16}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "Messages", "sent", "lost", "twice", "cut", "capped", "dropped"
    );
    let _ = writeln!(out, "{}", styled(BOLD, &head));
    for (kind, counts) in kinds {
        let numbers = [counts.lost, counts.duplicated, counts.cut, counts.capped, counts.dropped];
        let _ = write!(out, "  {kind:14}{:>10}", thousands(counts.sent));
        for number in numbers {
            let _ = write!(out, "{:>9}", thousands(number));
        }
        out.push('\n');
    }
    out.push('\n');
}

fn counters(out: &mut String, report: &RunReport) {
    if report.counters.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", styled(BOLD, "Counters"));
    for (name, count) in &report.counters {
        let _ = writeln!(out, "  {name:24}{:>8}", thousands(*count));
    }
    out.push('\n');
}

/// One line for a run.
pub(super) fn line(path: &Path, report: &RunReport) -> String {
    let broken: Vec<&str> =
        report.properties.iter().filter(|p| p.status == Status::Unmet).map(|p| p.judged.claim.name).collect();
    let unmet = report.expectations.iter().filter(|e| e.status == Status::Unmet).map(|e| e.name.as_str());
    let broken: Vec<&str> = broken.into_iter().chain(unmet).collect();
    let why = if broken.is_empty() { String::new() } else { format!("  ({})", broken.join(", ")) };
    format!("{} {}{why}\n", verdict(report.verdict), path.display())
}

/// The table at the end of several runs.
pub(super) fn table(rows: &[(&Path, Option<&RunReport>)]) -> String {
    let width = rows.iter().map(|(path, _)| path.display().to_string().chars().count()).max().unwrap_or(0);
    let mut out = format!(
        "\n{}\n",
        styled(
            BOLD,
            &format!(
                "{:8}{:width$}{:>10}{:>12}{:>12}{:>14}",
                "Verdict", "Scenario", "ok", "p50", "p99", "availability"
            )
        )
    );
    for (path, report) in rows {
        let path = path.display().to_string();
        let Some(report) = report else {
            let _ = writeln!(out, "{}   {path}", styled(BAD, "ERROR"));
            continue;
        };
        let quantile = |per_mille| report.stats.latency.quantile(per_mille).map_or("none".into(), short);
        let availability = report.stats.availability().map_or("none".into(), |share| share.to_string());
        let verdict = verdict(report.verdict);
        let pad = " ".repeat(8 - report.verdict.word().len());
        let _ = writeln!(
            out,
            "{verdict}{pad}{path:width$}{:>10}{:>12}{:>12}{availability:>14}",
            thousands(report.stats.ok),
            quantile(500),
            quantile(990)
        );
    }
    let count =
        |verdict| rows.iter().filter(|(_, report)| report.is_some_and(|report| report.verdict == verdict)).count();
    let errors = rows.iter().filter(|(_, report)| report.is_none()).count();
    let _ = writeln!(
        out,
        "\n{} passed, {} failed, {} unknown, {errors} in error",
        count(Verdict::Pass),
        count(Verdict::Fail),
        count(Verdict::Unknown)
    );
    out
}

/// How fast the run was on this machine: a note, because no two runs agree.
pub(super) fn speed(report: &RunReport, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(1e-9);
    let simulated = report.ended.as_nanos() as f64 / 1e9;
    let text = format!(
        "Simulated {} in {:.1} ms: {} simulated seconds and {} events per second",
        report.ended,
        seconds * 1e3,
        thousands((simulated / seconds) as u64),
        thousands((report.stats.events as f64 / seconds) as u64),
    );
    styled(DIM, &text)
}

/// A length of time with at most three digits that matter.
fn short(span: Span) -> String {
    let nanos = span.as_nanos();
    let unit = 10_u64.pow(nanos.checked_ilog10().unwrap_or(0).saturating_sub(2));
    Span::from_nanos((nanos + unit / 2) / unit * unit).to_string()
}

/// A number with commas: 12,345.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
