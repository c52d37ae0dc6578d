//! Judging a history by the name of a model: what `faultlab judge` does, without its printing.
//!
//! [`TABLE`] has an entry for each model. Most entries judge a sequential object by whatever consistency is asked for; but
//! an entry is only a function from a history to a [`Judgement`], so a model of another kind, such as those of
//! transactions, is a line too. [`judge`] is the whole way from a file's text to its judgement.

use super::Verdict;
use super::convergence;
use super::history::{self, BadHistory, Format, History};
use super::linearizability::{self, Limits, Linearizability, Violation};
use super::models::{
    Model, cas_register::CasRegister, counter::Counter, key_value::KeyValue, list::List, lock::Lock, queue::Queue,
    register::Register, set::Set,
};
use super::sequential;
use super::sessions;
use super::story::{Picture, Story};
use super::transactions::{self, Level, Workload};
use serde_json::{Value, json};

/// A model by name.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it is and what may be asked of it, in a line.
    pub about: &'static str,
    /// Judges a history.
    pub judge: fn(&History, &Options) -> Result<Judgement, BadHistory>,
}

/// Every model.
pub const TABLE: &[Entry] = &[
    Entry { name: Register::NAME, about: "read, write", judge: object::<Register> },
    Entry { name: CasRegister::NAME, about: "read, write, cas [expected new]", judge: object::<CasRegister> },
    Entry { name: KeyValue::NAME, about: "get, put, append, delete, cas, each with a key", judge: object::<KeyValue> },
    Entry { name: Counter::NAME, about: "read, add", judge: object::<Counter> },
    Entry { name: Set::NAME, about: "read, contains, add, remove", judge: object::<Set> },
    Entry { name: Queue::NAME, about: "enqueue, dequeue: first in, first out", judge: object::<Queue> },
    Entry { name: Lock::NAME, about: "acquire, release, expire, use: with fencing tokens", judge: object::<Lock> },
    Entry { name: List::NAME, about: "read, append", judge: object::<List> },
    Entry { name: LIST_APPEND, about: "transactions that read lists and append to them", judge: list_append },
    Entry { name: RW_REGISTER, about: "transactions that read and write registers", judge: rw_register },
];

const LIST_APPEND: &str = "list-append";
const RW_REGISTER: &str = "rw-register";

/// What a history is held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consistency {
    /// One object, one thing at a time, in real time.
    #[default]
    Linearizable,
    /// The same without real time: only each client's own order counts.
    Sequential,
    /// Read your writes, monotonic reads, monotonic writes, writes follow reads.
    Session,
    /// Once nobody writes any more, everybody reads the same.
    Convergence,
}

impl Consistency {
    /// Every one, by name.
    pub const ALL: [(&'static str, Self); 4] = [
        ("linearizable", Self::Linearizable),
        ("sequential", Self::Sequential),
        ("session", Self::Session),
        ("convergence", Self::Convergence),
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, other)| *other == self).map_or("", |(name, _)| name)
    }
}

/// How to judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Against what; means nothing for transactions.
    pub consistency: Consistency,
    /// Against what, for transactions.
    pub isolation: Level,
    /// How many steps a search may take; `None` is what its kind usually takes.
    pub budget: Option<u64>,
}

impl Options {
    fn limits(&self) -> Limits {
        let defaults = Limits::default();
        Limits { steps: self.budget.unwrap_or(defaults.steps), ..defaults }
    }
}

/// The judgement of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What was found, in a line.
    pub headline: String,
    /// What there is to say about it, in lines; empty if there is nothing.
    pub text: String,
    /// The same for programs.
    pub detail: Value,
    /// The same as a picture.
    pub picture: Option<Picture>,
}

impl Judgement {
    /// Nothing wrong was found.
    pub fn pass(headline: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Pass,
            headline: headline.into(),
            text: String::new(),
            detail: Value::Null,
            picture: None,
        }
    }

    /// Nobody knows.
    pub fn unknown(headline: impl Into<String>) -> Self {
        Self { verdict: Verdict::Unknown, ..Self::pass(headline) }
    }
}

fn object<M: Model + Default>(history: &History, options: &Options) -> Result<Judgement, BadHistory> {
    let model = M::default();
    match options.consistency {
        Consistency::Linearizable => linearizable(&model, history, options.limits()),
        Consistency::Sequential => sequential::judge(&model, history, options.limits()),
        Consistency::Session => sessions::judge(&model, history),
        Consistency::Convergence => convergence::judge(&model, history),
    }
}

fn list_append(history: &History, options: &Options) -> Result<Judgement, BadHistory> {
    transactions::judge_recorded(history, Workload::ListAppend, options)
}

fn rw_register(history: &History, options: &Options) -> Result<Judgement, BadHistory> {
    transactions::judge_recorded(history, Workload::Register, options)
}

/// Why a file got no judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotJudged {
    /// It cannot be read.
    Bad(BadHistory),
    /// Nobody says what it is a history of.
    NoModel,
    /// It says that it is a history of something that is not in the table.
    UnknownModel(String),
}

impl From<BadHistory> for NotJudged {
    fn from(bad: BadHistory) -> Self {
        Self::Bad(bad)
    }
}

/// A file's judgement.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What it was judged by.
    pub model: &'static str,
    /// How many operations it has, or transactions.
    pub operations: usize,
    /// The judgement.
    pub judgement: Judgement,
}

/// Judges a text, in the format given or in the one that it shows, by the model given or by the one that it names.
///
/// # Errors
/// If it cannot be read, or if there is no such model.
pub fn judge(text: &str, format: Option<Format>, model: Option<&str>, options: &Options) -> Result<Judged, NotJudged> {
    let format = format.map_or_else(|| Format::detect(text), Ok)?;
    // Transactions in EDN, of which there may be many, are read without a detour.
    let workload = match (model, format) {
        (Some(LIST_APPEND), Format::Edn) => Some((LIST_APPEND, Workload::ListAppend)),
        (Some(RW_REGISTER), Format::Edn) => Some((RW_REGISTER, Workload::Register)),
        _ => None,
    };
    if let Some((model, workload)) = workload {
        let judged = transactions::judge_edn(text, workload, options);
        let (operations, judgement) = judged.map_err(|bad| history::explain_mixture(text, format, bad))?;
        return Ok(Judged { model, operations, judgement });
    }
    let history = History::read(text, Some(format))?;
    let name = model.or(history.model.as_deref()).ok_or(NotJudged::NoModel)?;
    let entry = TABLE.iter().find(|entry| entry.name == name).ok_or_else(|| NotJudged::UnknownModel(name.into()))?;
    let judgement = (entry.judge)(&history, options)?;
    Ok(Judged { model: entry.name, operations: history.operations.len(), judgement })
}

/// Judges whether a history is linearizable.
///
/// # Errors
/// The first operation that means nothing to the model.
pub fn linearizable<M: Model>(model: &M, history: &History, limits: Limits) -> Result<Judgement, BadHistory> {
    Ok(match linearizability::check(model, history, limits)? {
        Linearizability::Holds { keys: 0 | 1 } => Judgement::pass("linearizable"),
        Linearizability::Holds { keys } => Judgement::pass(format!("linearizable, each of {keys} keys")),
        Linearizability::Unknown { keys, steps } => {
            let which = if keys == 1 { "a key".to_owned() } else { format!("{keys} keys") };
            Judgement::unknown(format!(
                "the search reached its limits after {steps} steps; {which} may or may not have a legal order"
            ))
        }
        Linearizability::Broken(violation) => broken(history, &violation),
    })
}

fn broken(history: &History, violation: &Violation) -> Judgement {
    let of_key = violation.key.as_ref().map_or(String::new(), |key| format!(" of key {key}"));
    let shown = |place: &u32| violation.window.contains(place);
    let tell = |place: u32| history.tell(&history.operations[place as usize]);
    let culprit = tell(violation.culprit);
    let mut text = format!("{}\n{}\n\nThe longest legal order{of_key}", violation.conflict, violation.state);
    let first = violation.order.iter().position(shown).unwrap_or(violation.order.len());
    text.push_str(&format!(" has {} of {} operations", violation.order.len(), violation.operations));
    text.push_str(if first > 0 { "; of these the ones that matter:\n" } else { ":\n" });
    for (place, operation) in (1..).zip(&violation.order).filter(|(_, operation)| shown(operation)) {
        text.push_str(&format!("  {place:>4}. {}\n", tell(*operation)));
    }
    text.push_str(&format!("     ✗ {culprit}   fits nowhere\n"));
    let rest = |place: &&u32| **place != violation.culprit && !violation.order.contains(place);
    let rest: Vec<String> =
        violation.window.iter().filter(rest).map(|place| format!("       {}\n", tell(*place))).collect();
    if !rest.is_empty() {
        text.push_str(&format!("Not placed:\n{}", rest.concat()));
    }
    let key = violation.key.as_ref().map_or(String::new(), |key| format!(" (key {key})"));
    let title = format!("Not linearizable{key}: one operation fits nowhere");
    let story = Story::of(
        history,
        title,
        violation.conflict.clone(),
        &violation.window,
        &violation.order,
        &[violation.culprit],
    );
    let one = |place: &u32| {
        let operation = &history.operations[*place as usize];
        json!({
            "process": history.process(operation),
            "f": history.function(operation),
            "key": operation.key,
            "input": operation.input,
            "answer": operation.completion.as_ref().map(|end| &end.value),
            "line": operation.invoked.line,
            "end_line": operation.ended().map(|at| at.line),
            "text": history.tell(operation),
        })
    };
    let detail = json!({
        "key": violation.key,
        "conflict": violation.conflict,
        "state": violation.state,
        "culprit": one(&violation.culprit),
        "placed": violation.order.len(),
        "operations": violation.operations,
        "order": violation.order.iter().filter(|place| shown(place)).map(one).collect::<Vec<_>>(),
    });
    let headline = format!("not linearizable: {}", violation.conflict);
    Judgement { verdict: Verdict::Fail, headline, text, detail, picture: Some(Picture::Lanes(story)) }
}
