//! A run as a person reads it.

use super::numbers::{WIDTH, count, first_of, moment, short, thousands, wrapped};
use super::output::{BAD, BOLD, DIM, DOUBTFUL, GOOD, styled};
use crate::check::{Standing, Verdict, Violation};
use crate::engine::{Span, Time};
use crate::scenario::{EVERY_FAULT, Expectation, FaultReport, PropertyReport, RunReport, Status};
use crate::sim::{End, KindCounts};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// The whole summary; `options` are those that replay the run.
pub(super) fn summary(path: &Path, report: &RunReport, options: &str) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", styled(BOLD, &wrapped(&report.title, "")));
    let facts = format!(
        "{} · seed {} · {} simulated · {}",
        report.pattern,
        report.seed,
        moment(report.ended),
        count(report.stats.events, "event")
    );
    let _ = writeln!(out, "{}\n", styled(DIM, &facts));
    let _ = writeln!(out, "{}{}\n", verdict(report.verdict), reason(report));
    properties(&mut out, report);
    failure(&mut out, report);
    expectations(&mut out, report);
    operations(&mut out, report);
    machines(&mut out, report);
    faults(&mut out, report);
    messages(&mut out, report);
    links(&mut out, report);
    counters(&mut out, report);
    let _ = writeln!(out, "{} {}", styled(BOLD, "Digest"), report.digest);
    let _ = writeln!(out, "{} faultlab run {}{options}", styled(BOLD, "Replay"), quoted(path));
    out
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%\\".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

pub(super) fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Pass => styled(GOOD, "PASS"),
        Verdict::Fail => styled(BAD, "FAIL"),
        Verdict::Unknown => styled(DOUBTFUL, "UNKNOWN"),
    }
}

/// What there is to say about the verdict in the same line.
fn reason(report: &RunReport) -> String {
    match report.end {
        End::EventLimit => format!(
            ": {}\n  to see all of it, set [limits] events = {} or so, or shorten `duration`",
            stopped(report),
            thousands(estimate(report)).replace(',', "_"),
        ),
        End::Panicked => ": a handler panicked".into(),
        End::Finished if !report.violates.is_empty() && report.verdict == Verdict::Pass => {
            format!(": it breaks {}, as it set out to show", first_of(&report.violates))
        }
        End::Finished => match report.faults.iter().find(|fault| fault.is_idle()) {
            Some(fault) if report.verdict == Verdict::Unknown => {
                format!(": the {} at {} never struck anybody, so nothing is known of it", fault.name, fault.at)
            }
            _ => String::new(),
        },
    }
}

fn stopped(report: &RunReport) -> String {
    let whole = moment(Time::ZERO + report.duration);
    format!("stopped at {} of {whole}, after {}", moment(report.ended), count(report.stats.events, "event"))
}

/// How many events the whole run would take if it went on as it began: two digits, rounded up.
fn estimate(report: &RunReport) -> u64 {
    let (events, ended) = (u128::from(report.stats.events), u128::from(report.ended.as_nanos()));
    let whole = (events * u128::from(report.duration.as_nanos())).checked_div(ended).unwrap_or(events * 10);
    let whole = u64::try_from(whole.max(events + 1)).unwrap_or(u64::MAX);
    let unit = 10_u64.pow(whole.ilog10().saturating_sub(1));
    whole.div_ceil(unit).saturating_mul(unit)
}

/// The availability, if it could be measured.
fn availability(report: &RunReport) -> String {
    match (report.availability(), report.end) {
        (Some(share), _) => share.to_string(),
        (None, End::Finished) => "none".into(),
        (None, _) => "unknown".into(),
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

/// How the first property broke; how the others did stands in the files.
fn failure(out: &mut String, report: &RunReport) {
    let Some((first, rest)) = report.failures.split_first() else { return };
    let text = first.to_string();
    let (head, body) = text.split_once('\n').unwrap_or((&text, ""));
    let _ = write!(out, "{}\n{body}", styled(BOLD, head));
    if !rest.is_empty() {
        let names: Vec<&str> = rest.iter().map(|failure| failure.property).collect();
        let _ = writeln!(out, "  summary.json tells the same of {}.", wrapped(&names.join(", "), "  "));
    }
    let _ = writeln!(out);
}

fn properties(out: &mut String, report: &RunReport) {
    let _ = writeln!(out, "{}", styled(BOLD, "Properties"));
    let width = report.properties.iter().map(|property| property.judged.claim.name.len()).max().unwrap_or(0);
    for property in &report.properties {
        let claim = &property.judged.claim;
        let line = format!("{:width$}  {}", claim.name, wrapped(claim.claim, &" ".repeat(4 + width + 2)));
        let _ = write!(out, "  {} {line}", mark(property.status));
        let to_break = report.violates.iter().any(|name| name == claim.name);
        let remark = remark(property, to_break, report.end);
        let fits = 4 + line.chars().count() + 3 + remark.chars().count() <= WIDTH;
        let _ = match (remark.is_empty(), !matches!(property.judged.standing, Standing::Broken(_)) && fits) {
            (true, _) => writeln!(out),
            (_, true) => writeln!(out, "{}", styled(DIM, &format!(" ({remark})"))),
            _ => writeln!(out, "\n      {}", styled(DIM, &wrapped(&remark, "      "))),
        };
    }
    let _ = writeln!(out);
}

/// What there is to say about where a property stands.
fn remark(property: &PropertyReport, to_break: bool, end: End) -> String {
    if property.status == Status::Ignored {
        return "not judged".into();
    }
    match &property.judged.standing {
        Standing::Held if to_break => "it holds, but this scenario expects it to break".into(),
        Standing::Held => String::new(),
        Standing::Happened(time) if to_break => {
            format!("it happens, first at {}, but this scenario expects that it does not", moment(*time))
        }
        Standing::Happened(time) => format!("first at {}", moment(*time)),
        Standing::Broken(Violation { time, record, text, .. }) => {
            let how = if to_break { "breaks as expected" } else { "broken" };
            format!("{how} at {}, event {}: {text}", moment(*time), record.0)
        }
        Standing::NeverHappened if to_break => "it never happens, as expected".into(),
        Standing::NeverHappened => "it never happened".into(),
        Standing::Unknown if property.judged.claim.name == EVERY_FAULT.name => "a fault began and met nobody".into(),
        Standing::Unknown if end == End::Finished => "the search for a legal order reached its limits".into(),
        Standing::Unknown => "the run was stopped too early to tell".into(),
    }
}

fn expectations(out: &mut String, report: &RunReport) {
    if report.expectations.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", styled(BOLD, "Expectations"));
    let wanted = |expectation: &Expectation| format!("{} {}", expectation.name, expectation.bound);
    let width = report.expectations.iter().map(|expectation| wanted(expectation).chars().count()).max().unwrap_or(0);
    for expectation in &report.expectations {
        let was = match expectation.status {
            Status::Unknown => "so far it is",
            _ => "it was",
        };
        let _ = writeln!(
            out,
            "  {} {:width$}  {was} {}",
            mark(expectation.status),
            wanted(expectation),
            rounded(expectation)
        );
    }
    let _ = writeln!(out);
}

/// The number that was held against a bound; exact when the bound was missed, perhaps by a hair.
fn rounded(expectation: &Expectation) -> String {
    let actual = &expectation.actual;
    match (actual.parse::<u64>(), actual.parse::<Span>()) {
        (Ok(number), _) => thousands(number),
        (_, Ok(span)) if expectation.status != Status::Unmet => short(span),
        _ => actual.clone(),
    }
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
    let availability = availability(report);
    let _ = writeln!(
        out,
        "  throughput {rate}, latency p50 {}, p99 {}, max {}, availability {availability}\n",
        span(stats.latency.quantile(500)),
        span(stats.latency.quantile(990)),
        span(stats.latency.max()),
    );
}

/// What machines could not take, or lost; nothing where nothing of the kind happened.
fn machines(out: &mut String, report: &RunReport) {
    let stats = &report.stats;
    let counts = [
        ("inputs found the inbox full", stats.inbox_overflows),
        ("writes lost in crashes", stats.writes_lost),
        ("torn records dropped", stats.writes_torn),
        ("disk failures", stats.disk_failures),
    ];
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(name, count)| format!("{} {name}", thousands(*count))).collect();
    if !counts.is_empty() {
        let _ = writeln!(out, "{}\n  {}\n", styled(BOLD, "Machines"), counts.join(", "));
    }
}

/// Faults that struck nobody when they began; nothing where there are none.
fn faults(out: &mut String, report: &RunReport) {
    let idle: Vec<_> = report.faults.iter().filter(|fault| fault.struck_nobody > 0).collect();
    if idle.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", styled(BOLD, "Faults"));
    for FaultReport { name, at, begun, struck_nobody } in idle {
        let times = if *begun == 1 { String::new() } else { format!(" {struck_nobody} times of {begun}") };
        let _ = writeln!(out, "  {name} at {at} struck nobody{times}");
    }
    out.push('\n');
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

/// What faults of links did to messages; nothing where there were none.
fn links(out: &mut String, report: &RunReport) {
    let kinds = report.stats.kinds();
    let sum = |count: fn(&KindCounts) -> u64| kinds.values().map(count).sum::<u64>();
    let counts = [
        ("picked out and dropped", sum(|kind| kind.picked)),
        ("corrupted and dropped", sum(|kind| kind.corrupted)),
        ("changed unnoticed", sum(|kind| kind.altered)),
        ("found the queue of their link full", sum(|kind| kind.overflowed)),
        ("held up", sum(|kind| kind.clogged)),
    ];
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(name, count)| format!("{} {name}", thousands(*count))).collect();
    if !counts.is_empty() {
        let _ = writeln!(out, "{}\n  messages: {}\n", styled(BOLD, "Links"), counts.join(", "));
    }
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
    let broken = report.properties.iter().filter(|p| p.status == Status::Unmet).map(|p| p.judged.claim.name);
    let unmet = report.expectations.iter().filter(|e| e.status == Status::Unmet).map(|e| e.name.as_str());
    let mut why: Vec<String> = broken.chain(unmet).map(str::to_string).collect();
    let idle = report.faults.iter().filter(|fault| fault.is_idle());
    why.extend(idle.map(|fault| format!("{} at {} struck nobody", fault.name, fault.at)));
    if report.end == End::EventLimit {
        why.push(stopped(report));
    }
    let why = if why.is_empty() { String::new() } else { format!("  ({})", why.join(", ")) };
    format!("{}{}{why}\n", padded(report.verdict), path.display())
}

/// A verdict in a column of its own.
fn padded(of: Verdict) -> String {
    format!("{}{}", verdict(of), " ".repeat(8 - of.word().len()))
}

/// The table at the end of several runs.
pub(super) fn table(rows: &[(&Path, Option<&RunReport>)]) -> String {
    let width = rows.iter().map(|(path, _)| path.display().to_string().chars().count()).max().unwrap_or(0);
    let mut out = format!(
        "\n{}\n",
        styled(
            BOLD,
            &format!(
                "{:8}{:width$}{:>10}{:>10}{:>10}{:>14}",
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
        let availability = availability(report);
        let _ = writeln!(
            out,
            "{}{path:width$}{:>10}{:>10}{:>10}{availability:>14}",
            padded(report.verdict),
            thousands(report.stats.ok),
            quantile(500),
            quantile(990)
        );
    }
    let with =
        |verdict| rows.iter().filter(|(_, report)| report.is_some_and(|report| report.verdict == verdict)).count();
    let errors = rows.iter().filter(|(_, report)| report.is_none()).count();
    let (passed, failed, unknown) = (with(Verdict::Pass), with(Verdict::Fail), with(Verdict::Unknown));
    let _ = writeln!(
        out,
        "\n{}: {passed} passed, {failed} failed, {unknown} unknown, {errors} with mistakes",
        count(rows.len() as u64, "scenario")
    );
    out
}

/// How fast the run was on this machine: a note, because no two runs agree.
pub(super) fn speed(report: &RunReport, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(1e-9);
    let simulated = report.ended.as_nanos() as f64 / 1e9;
    let text = format!(
        "Simulated {} in {:.1} ms: {} simulated seconds and {} events per second",
        moment(report.ended),
        seconds * 1e3,
        thousands((simulated / seconds) as u64),
        thousands((report.stats.events as f64 / seconds) as u64),
    );
    styled(DIM, &text)
}
