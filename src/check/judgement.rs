//! Judging a history by the name of a model: what `faultlab judge` does, without its printing.
//!
//! [`TABLE`] has an entry for each model. Most entries judge a sequential object by whatever consistency is asked for; but
//! an entry is only a function from a history to a [`Judgement`], so a model of another kind, such as one of
//! transactions, is a line too.

use super::Verdict;
use super::convergence;
use super::history::{BadHistory, History};
use super::linearizability::{self, Limits, Linearizability, Violation};
use super::models::{
    Model, cas_register::CasRegister, counter::Counter, key_value::KeyValue, list::List, lock::Lock, queue::Queue,
    register::Register, set::Set,
};
use super::sequential;
use super::sessions;
use super::story::Story;
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
    Entry { name: Register::NAME, about: "read, write", judge: judge::<Register> },
    Entry { name: CasRegister::NAME, about: "read, write, cas [expected new]", judge: judge::<CasRegister> },
    Entry { name: KeyValue::NAME, about: "get, put, append, delete, cas, each with a key", judge: judge::<KeyValue> },
    Entry { name: Counter::NAME, about: "read, add", judge: judge::<Counter> },
    Entry { name: Set::NAME, about: "read, contains, add, remove", judge: judge::<Set> },
    Entry { name: Queue::NAME, about: "enqueue, dequeue: first in, first out", judge: judge::<Queue> },
    Entry { name: Lock::NAME, about: "acquire, release, expire, use: with fencing tokens", judge: judge::<Lock> },
    Entry { name: List::NAME, about: "read, append", judge: judge::<List> },
];

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
    /// Against what.
    pub consistency: Consistency,
    /// How far a search may go.
    pub limits: Limits,
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
    pub story: Option<Story>,
}

impl Judgement {
    /// Nothing wrong was found.
    pub fn pass(headline: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Pass,
            headline: headline.into(),
            text: String::new(),
            detail: Value::Null,
            story: None,
        }
    }

    /// Nobody knows.
    pub fn unknown(headline: impl Into<String>) -> Self {
        Self { verdict: Verdict::Unknown, ..Self::pass(headline) }
    }
}

fn judge<M: Model + Default>(history: &History, options: &Options) -> Result<Judgement, BadHistory> {
    let model = M::default();
    match options.consistency {
        Consistency::Linearizable => linearizable(&model, history, options.limits),
        Consistency::Sequential => sequential::judge(&model, history, options.limits),
        Consistency::Session => sessions::judge(&model, history),
        Consistency::Convergence => convergence::judge(&model, history),
    }
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
    Judgement { verdict: Verdict::Fail, headline, text, detail, story: Some(story) }
}
