//! `faultlab reproduce`: published results beside those measured here.

use super::files::Batch;
use super::numbers::{count, wrapped};
use super::output::{self, BAD, BOLD, DIM, Failure, GOOD, styled};
use super::{Exit, sweep};
use crate::engine::Span;
use crate::explore::study::{self, Measured, written};
use crate::patterns;
use crate::report::charts::{self, Curve, Curves, Format};
use crate::scenario::nearest;
use crate::scenario::study::{Measurement, Statistic, Study};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

/// Measure what others have published, and lay the two side by side
///
/// Each study runs thousands of small simulations and prints, for every published or computed number, the one measured
/// here with its 95 % confidence interval. Studies of lengths of time also leave a chart of their distributions.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The study; all are listed if it is left out
    #[arg(value_name = "STUDY")]
    name: Option<String>,

    /// How many trials each case gets, in place of the study's own number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    trials: Option<u32>,

    /// How many threads work; as many as the machine has if left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    jobs: Option<u32>,

    /// Where charts are written: DIR/studies/
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,

    /// Write charts as PNG too
    #[arg(long)]
    png: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn studies() -> impl Iterator<Item = &'static Study> {
    patterns::ALL.iter().flat_map(|pattern| pattern.studies())
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    let Some(name) = &arguments.name else {
        output::result(&list())?;
        return Ok(Exit::Passed);
    };
    let Some(study) = studies().find(|study| study.name == name) else {
        let names: Vec<_> = studies().map(|study| study.name).collect();
        let help = match nearest(name, names.iter().copied()) {
            Some(best) => format!("did you mean `{best}`?"),
            None => format!("the studies are: {}", names.join(", ")),
        };
        return Err(Failure::input(format!("there is no study `{name}`"), help));
    };
    let jobs = sweep::threads(arguments.jobs);
    let trials = arguments.trials.unwrap_or(study.trials);
    let cases = 0..(study.cases)().len();
    let measured: Vec<Measured> = cases.map(|case| study::measure(study, case, trials, jobs)).collect();
    match arguments.json {
        true => output::result(&json(study, &measured))?,
        false => output::result(&table(study, &measured))?,
    }
    if study.measures == Measurement::Length {
        draw(arguments, study, &measured)?;
    }
    let agrees = measured.iter().flat_map(|measured| &measured.comparisons).all(|comparison| comparison.agrees);
    Ok(if agrees { Exit::Passed } else { Exit::Violated })
}

fn list() -> String {
    let mut out = String::new();
    let width = studies().map(|study| study.name.len()).max().unwrap_or(0);
    for study in studies() {
        let about = wrapped(study.about, &" ".repeat(width + 2));
        let _ = writeln!(out, "{}{}  {about}", styled(BOLD, study.name), " ".repeat(width - study.name.len()));
    }
    out
}

fn table(study: &Study, measured: &[Measured]) -> String {
    let mut out = format!("{}: {}\n\n", styled(BOLD, study.name), wrapped(study.about, ""));
    for (head, text) in [("Source", study.source), ("Assumed", study.assumes)] {
        let _ = writeln!(out, "{} {}", styled(BOLD, head), wrapped(text, "  "));
    }
    for measured in measured {
        let _ = writeln!(
            out,
            "\n{} {}",
            styled(BOLD, &measured.case),
            styled(DIM, &format!("({})", count(measured.trials.into(), "trial")))
        );
        let rows: Vec<_> = measured.comparisons.iter().map(|comparison| row(study, comparison)).collect();
        let _ = write!(out, "{}", aligned(&rows));
    }
    out
}

/// What a comparison says: what, published, measured with its interval, the difference, by whom, whether it is close
/// enough.
fn row(study: &Study, comparison: &study::Comparison) -> [String; 6] {
    let published = &comparison.published;
    let write = |value| written(study, published.statistic, value);
    let (measured, difference) = match comparison.measured {
        None => ("no trial ended".into(), String::new()),
        Some(estimate) => {
            let interval = match estimate.high.is_finite() {
                true => format!(" [{}, {}]", write(estimate.low), write(estimate.high)),
                false => String::new(),
            };
            let off = (estimate.value - published.value) / published.value * 100.0;
            let off = if published.value == 0.0 { String::new() } else { format!("{off:+.1} %") };
            (format!("{}{interval}", write(estimate.value)), off)
        }
    };
    let mark = if comparison.agrees { styled(GOOD, "✓") } else { styled(BAD, "✗ too far off") };
    let published = [word(published.statistic), write(published.value), published.by.to_string()];
    let [what, value, by] = published;
    [what, format!("{value} ({by})"), "here".into(), measured, difference, mark]
}

fn word(statistic: Statistic) -> String {
    match statistic {
        Statistic::Share => "share".into(),
        Statistic::Mean => "mean".into(),
        Statistic::Quantile(500) => "median".into(),
        Statistic::Quantile(per_mille) => format!("p{}", f64::from(per_mille) / 10.0),
        Statistic::Max => "longest".into(),
        Statistic::Never => "never ends".into(),
    }
}

fn aligned(rows: &[[String; 6]]) -> String {
    let widths: Vec<usize> =
        (0..5).map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let _ = write!(out, " ");
        for (at, cell) in row.iter().enumerate() {
            let pad = widths.get(at).map_or(0, |width| width - cell.chars().count());
            let _ = write!(out, " {cell}{} ", " ".repeat(pad));
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

fn draw(arguments: &Arguments, study: &Study, measured: &[Measured]) -> super::Result<()> {
    let curve = |measured: &Measured| {
        let mark = |comparison: &study::Comparison| match comparison.published.statistic {
            Statistic::Quantile(per_mille) => {
                Some((Span::from_nanos((comparison.published.value * 1e6) as u64), per_mille))
            }
            _ => None,
        };
        Curve {
            name: measured.case.clone(),
            lengths: measured.lengths.clone(),
            trials: measured.trials,
            published: measured.comparisons.iter().filter_map(mark).collect(),
        }
    };
    let curves = Curves {
        title: study.about.to_owned(),
        origin: format!(
            "faultlab reproduce {}  ·  {} a case  ·  Faultlab {}",
            study.name,
            count(u64::from(measured.first().map_or(0, |measured| measured.trials)), "trial"),
            env!("CARGO_PKG_VERSION")
        ),
        curves: measured.iter().map(curve).collect(),
    };
    let mut batch = Batch::new(&arguments.out.join("studies"))?;
    for format in [Some(Format::Svg), arguments.png.then_some(Format::Png)].into_iter().flatten() {
        let chart = charts::draw_curves(&curves, format)
            .map_err(|error| Failure::input(format!("the chart cannot be drawn: {error}"), "report this"))?;
        batch.add(&format!("{}.{}", study.name, format.extension()), |file| file.write_all(&chart.bytes))?;
    }
    batch.finish()?;
    let place = arguments.out.join("studies").join(format!("{}.svg", study.name));
    output::note(&format!("Wrote {}", styled(BOLD, &place.display().to_string())));
    Ok(())
}

fn json(study: &Study, measured: &[Measured]) -> String {
    let comparison = |comparison: &study::Comparison| {
        let published = &comparison.published;
        serde_json::json!({
            "statistic": word(published.statistic),
            "published": published.value,
            "by": published.by,
            "measured": comparison.measured.map(|estimate| estimate.value),
            "low": comparison.measured.map(|estimate| estimate.low),
            "high": comparison.measured.map(|estimate| estimate.high).filter(|high| high.is_finite()),
            "agrees": comparison.agrees,
        })
    };
    let case = |measured: &Measured| {
        serde_json::json!({
            "case": measured.case,
            "trials": measured.trials,
            "comparisons": measured.comparisons.iter().map(comparison).collect::<Vec<_>>(),
        })
    };
    let unit = if study.measures == Measurement::Length { "ms" } else { "share" };
    let cases: Vec<_> = measured.iter().map(case).collect();
    let value = serde_json::json!({ "study": study.name, "source": study.source, "unit": unit, "cases": cases });
    serde_json::to_string_pretty(&value).expect("a study is plain data") + "\n"
}
