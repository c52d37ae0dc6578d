//! A report on transactions as a [`Judgement`], like that of any other model: a headline, a text, data and a picture.

use super::report::{Example, Report};
use super::{Options, Workload, check, edn, history::History, recorded};
use crate::check::Verdict;
use crate::check::history::{self, BadHistory};
use crate::check::judgement::{self, Judgement};
use crate::check::story::{Card, Circle, Picture};

/// Judges a history of any format that was read already.
///
/// # Errors
/// The first operation that is no transaction of the workload.
pub fn judge_recorded(
    recorded: &history::History,
    workload: Workload,
    options: &judgement::Options,
) -> Result<Judgement, BadHistory> {
    Ok(judgement(&recorded::transactions(recorded, workload)?, options))
}

/// Judges a text in EDN. Returns how many transactions there are, too.
///
/// # Errors
/// The first thing that cannot be read or cannot have happened, with its line.
pub fn judge_edn(
    text: &str,
    workload: Workload,
    options: &judgement::Options,
) -> Result<(usize, Judgement), BadHistory> {
    let history = edn::read(text, Some(workload))?;
    Ok((history.transactions.len(), judgement(&history, options)))
}

fn judgement(history: &History, options: &judgement::Options) -> Judgement {
    let defaults = Options::default();
    let budget = options.budget.unwrap_or(defaults.budget);
    let report = check(history, &Options { level: options.isolation, budget, ..defaults });
    Judgement {
        verdict: report.verdict,
        headline: headline(&report),
        text: if report.anomalies.is_empty() { String::new() } else { body(&report) },
        detail: serde_json::to_value(&report).expect("a report is plain data"),
        picture: circle(&report).map(Picture::Circle),
    }
}

fn headline(report: &Report) -> String {
    let level = report.level;
    let names = report.names().join(", ");
    match report.verdict {
        Verdict::Pass if names.is_empty() => format!("no anomaly; {level} is possible"),
        Verdict::Pass => format!("{names}; {level} is possible all the same"),
        Verdict::Fail => format!("not {level}: {names}"),
        Verdict::Unknown => format!("the search reached its limits; {level} may or may not hold"),
    }
}

/// The report without its first line, which the headline says already.
fn body(report: &Report) -> String {
    let text = report.to_string();
    text.split_once('\n').map_or(text.as_str(), |(_, rest)| rest).to_owned()
}

/// The first occurrence of the worst anomaly.
fn circle(report: &Report) -> Option<Circle> {
    let worst = report.anomalies.first()?;
    let example = worst.examples.iter().find(|example| !example.cycle.is_empty()).or(worst.examples.first())?;
    let weakest: Vec<&str> = worst.ruled_out.iter().map(|level| level.name()).collect();
    let title = format!("{}: rules out {}", worst.anomaly.name(), weakest.join(" and "));
    let (cards, links) = if example.cycle.is_empty() { (cards(example), Vec::new()) } else { around(example) };
    let closing = match example.cycle.is_empty() {
        true => example.story.join(" "),
        false => example.story.last().cloned().unwrap_or_default(),
    };
    Some(Circle { title, meaning: sentence(worst.meaning), cards, links, closing })
}

fn sentence(meaning: &str) -> String {
    let mut letters = meaning.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn cards(example: &Example) -> Vec<Card> {
    let card = |one: &super::report::Participant| Card {
        name: one.name.to_string(),
        about: format!("process {}, line {}, {}", one.process, one.line, one.outcome),
        text: one.operations.clone(),
    };
    example.transactions.iter().map(card).collect()
}

/// The transactions of a cycle in its order, and why each came before the next.
fn around(example: &Example) -> (Vec<Card>, Vec<(String, String)>) {
    let all = cards(example);
    let place = |step: &super::report::Step| example.transactions.iter().position(|one| one.name == step.from);
    let cards = example.cycle.iter().filter_map(place).map(|place| all[place].clone()).collect();
    // The sentences end with the name of the arrow, which the picture shows apart.
    let link = |(step, sentence): (&super::report::Step, &String)| {
        let word = step.why.word();
        (word.to_owned(), sentence.strip_suffix(&format!(": {word}")).unwrap_or(sentence).to_owned())
    };
    (cards, example.cycle.iter().zip(&example.story).map(link).collect())
}
