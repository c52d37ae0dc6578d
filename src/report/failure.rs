//! A violation told to somebody who did not write what broke: what was claimed, what was seen, the event, what it
//! changed, what led to it, and how things stood.
//!
//! What led to it is the *causal past* (Lamport 1978): whatever could have influenced the event, because it happened
//! before on the same node or reached it through messages. Most of it does not matter, so the telling keeps the chain of
//! causes of the event itself, and of the rest only what changes the plot: roles, crashes, faults, and what clients
//! asked. It never takes more than a screen.

use crate::actor::Line;
use crate::check::violation::{Change, Scene, named};
use crate::check::{Claim, Violation};
use crate::engine::NodeId;
use crate::engine::trace::{NodeInfo, Outcome, Record, RecordId, Trace, What};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// How many lines the past takes at most, and how many of them the direct causes and the faults.
const PAST: usize = 24;
const CAUSES: usize = 12;
const FAULTS: usize = 6;
/// How long a node's state may be in the text; the data has all of it.
const STATE: usize = 160;
const LINES: usize = 3;
const WIDTH: usize = 110;
/// How many changes are told, how many nodes, and how many elements at the end of a list.
const CHANGES: usize = 8;
const NODES: usize = 8;
const ELEMENTS: usize = 4;

/// A property that broke, with all that there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The property's name.
    #[serde(skip)]
    pub property: &'static str,
    /// What it claims.
    #[serde(skip)]
    pub claim: &'static str,
    /// What was seen.
    #[serde(skip)]
    pub seen: String,
    /// When, for people.
    #[serde(skip)]
    pub when: String,
    /// The event after which it was seen; `None` if it was seen when the run was over, or if the trace was cut before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// What led to it, the oldest first.
    pub past: Vec<String>,
    /// How many lines of the past were left out.
    pub past_left_out: usize,
    /// The nodes and the open operations.
    #[serde(flatten)]
    pub scene: Scene,
}

impl Failure {
    /// Tells a violation.
    pub fn of(claim: &Claim, violation: &Violation, scene: Scene, trace: &Trace) -> Self {
        let Told { event, past, left_out } = match violation.event {
            Some(_) => Told::of(trace, violation.record),
            None => Told::default(),
        };
        Self {
            property: claim.name,
            claim: claim.claim,
            seen: violation.text.clone(),
            when: violation.time.to_string(),
            event,
            past,
            past_left_out: left_out,
            scene,
        }
    }
}

/// The event and its past.
#[derive(Default)]
struct Told {
    event: Option<String>,
    past: Vec<String>,
    left_out: usize,
}

impl Told {
    fn of(trace: &Trace, last: RecordId) -> Self {
        let records: Vec<&Record> =
            trace.records.iter().filter(|record| !matches!(record.what, What::Violation { .. })).collect();
        let chain = chain(&records, last);
        let Some(event) = chain.iter().copied().find(|place| is_handled(&records[*place].what)) else {
            return Self::default();
        };
        let plot = plot(&records, event);
        let mut kept: BTreeSet<usize> =
            chain.iter().copied().filter(|place| *place < event && tells(&records, *place)).take(CAUSES).collect();
        let all = kept.union(&plot).count();
        // Nothing can be understood without the faults; then what happened last matters most.
        let (faults, others): (Vec<usize>, Vec<usize>) =
            plot.into_iter().rev().partition(|place| is_fault(&records[*place].what));
        for place in faults.into_iter().take(FAULTS).chain(others) {
            if kept.len() < PAST {
                kept.insert(place);
            }
        }
        let tell = |place: &usize| line(records[*place], &trace.header.nodes);
        Self { event: Some(tell(&event)), left_out: all - kept.len(), past: kept.iter().map(tell).collect() }
    }
}

/// The places of a record, of what caused it, of what caused that, and so on.
fn chain(records: &[&Record], last: RecordId) -> Vec<usize> {
    let mut next = Some(last);
    std::iter::from_fn(|| {
        let place = records.binary_search_by_key(&next?, |record| record.id).ok()?;
        next = records[place].cause;
        Some(place)
    })
    .collect()
}

/// Whether it is something that a node handles, or that the world does to it.
fn is_handled(what: &What) -> bool {
    !matches!(
        what,
        What::Send { .. } | What::Write { .. } | What::Role { .. } | What::Note { .. } | What::Return { .. }
    )
}

fn is_fault(what: &What) -> bool {
    matches!(what, What::FaultBegin { .. } | What::FaultEnd { .. } | What::Settle { .. })
}

/// Whether a cause deserves a line: a message is told once, when it arrives.
fn tells(records: &[&Record], place: usize) -> bool {
    !matches!(records[place].what, What::Send { .. } | What::Note { .. } | What::Write { .. })
}

/// What changed the plot in the causal past of a record.
fn plot(records: &[&Record], event: usize) -> BTreeSet<usize> {
    let (mut reached, mut wanted) = (BTreeSet::new(), BTreeSet::from([records[event].id]));
    let mut plot = BTreeSet::new();
    for (place, record) in records.iter().enumerate().take(event + 1).rev() {
        let within = wanted.remove(&record.id) | record.node.is_some_and(|node| reached.contains(&node));
        if within {
            reached.extend(record.node);
            wanted.extend(record.cause);
        }
        let matters = match record.what {
            _ if is_fault(&record.what) => true,
            What::Start { incarnation } => within && incarnation > 0,
            // Everybody has a role from the beginning.
            What::Role { .. } if record.time.as_nanos() == 0 => false,
            What::Role { .. } | What::Crash { .. } | What::Panic { .. } | What::TornWrite | What::DiskFailed { .. } => {
                within
            }
            _ => false,
        };
        if matters && place != event {
            plot.insert(place);
        }
    }
    plot
}

/// A record as a line: when, where, what.
fn line(record: &Record, nodes: &[NodeInfo]) -> String {
    let name = |id: NodeId| nodes.get(id.index()).map_or_else(|| id.to_string(), |node| node.name.clone());
    let who = record.node.map_or_else(|| "world".into(), name);
    let time =
        format!("{}.{:06}s", record.time.as_nanos() / 1_000_000_000, record.time.as_nanos() % 1_000_000_000 / 1_000);
    let words = words(&record.what, name);
    format!("{time:>12}  {who:<6} {}", named(&words, |id| nodes.get(id.index()).map(|node| node.name.clone())))
}

fn words(what: &What, name: impl Fn(NodeId) -> String) -> String {
    match what {
        What::Start { incarnation: 0 } => "starts".into(),
        What::Start { .. } => "starts again".into(),
        What::Send { to, text, .. } => format!("sends {text} to {}", name(*to)),
        What::Deliver { from, text, .. } => format!("gets {text} from {}", name(*from)),
        What::Drop { kind, .. } => format!("drops {kind}"),
        What::Timer { name, .. } => format!("timer {name} goes off"),
        What::Invoke { op, text } => format!("is asked: {text} (op {op})"),
        What::Return { op, text, outcome } => match outcome {
            Outcome::Ok => format!("answers: {text} (op {op})"),
            Outcome::Failed => format!("refuses: {text} (op {op})"),
            Outcome::Unknown => format!("gives up (op {op})"),
        },
        What::Write { text } => format!("writes {text}"),
        What::Sync { writes: 1 } => "1 write is durable".into(),
        What::Sync { writes } => format!("{writes} writes are durable"),
        What::Role { role } => format!("becomes {role}"),
        What::Note { name, amount } => format!("counts {name} +{amount}"),
        What::FaultBegin { text, .. } => format!("fault begins: {text}"),
        What::FaultEnd { fault } => format!("fault {} of the scenario ends", fault + 1),
        What::Settle { text, .. } => text.clone(),
        What::Crash { lost_writes: 0 } => "crashes".into(),
        What::Crash { lost_writes } => format!("crashes and loses {lost_writes} writes"),
        What::Pause => "is paused".into(),
        What::Resume => "goes on".into(),
        What::Impaired { by } => format!("from now on: {}", by.word()),
        What::Mended { of } => format!("no longer: {}", of.word()),
        What::TornWrite => "finds its last record torn".into(),
        What::DiskFailed { by } => format!("stops: {}", by.word()),
        What::ClockStep { by } => format!("clock is set by {by}"),
        What::Panic { text } => format!("panics: {text}"),
        What::Violation { property, text } => format!("{property} breaks: {text}"),
    }
}

/// A state as text: what lies near the surface comes first, because it says most, and of lists only the end.
fn standing(state: &[Line]) -> String {
    let mut lines: Vec<&Line> = state.iter().filter(|line| !is_early(&line.label, state)).collect();
    lines.sort_by_key(|line| line.label.matches(['.', '[']).count());
    let text = lines.iter().map(|line| format!("{}: {}", line.label, line.value)).collect::<Vec<_>>().join("; ");
    if text.is_empty() { "as at the beginning".into() } else { text }
}

/// Whether a label belongs to an element of a list that has many more after it.
fn is_early(label: &str, state: &[Line]) -> bool {
    label.match_indices('[').any(|(open, _)| {
        let index = label[open + 1..].split(']').next().and_then(|index| index.parse::<usize>().ok());
        let later = |index: usize| format!("{}[{}]", &label[..open], index + ELEMENTS);
        index.map(later).is_some_and(|later| state.iter().any(|line| line.label.starts_with(&later)))
    })
}

/// Breaks a text after words into at most `most` lines that fit the page, each with an indent.
fn wrap(text: &str, most: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a first line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(word.into());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        lines.last_mut().expect("there is a line").push_str(" …");
    }
    lines.iter().map(|line| format!("      {}\n", clip(line, STATE))).collect()
}

/// A changed line in words; two lines if it is long.
fn changed(change: &Change) -> String {
    let Change { label, before, after } = change;
    match (before, after) {
        (Some(before), Some(after)) if before.len() + after.len() > WIDTH / 2 => {
            format!("{label}: {}\n      before: {}", clip(after, STATE), clip(before, STATE))
        }
        (Some(before), Some(after)) => format!("{label}: {after}, before: {before}"),
        (None, Some(after)) => format!("{label}: {}, before: nothing", clip(after, STATE)),
        (Some(before), None) => format!("{label}: nothing, before: {}", clip(before, STATE)),
        (None, None) => label.clone(),
    }
}

fn clip(text: &str, most: usize) -> String {
    let short: String = text.chars().take(most).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { property, claim, seen, when, scene, .. } = self;
        writeln!(out, "How {property} broke")?;
        writeln!(out, "  Claimed:  {claim}")?;
        writeln!(out, "  Seen:     {seen}")?;
        match &self.event {
            Some(event) => writeln!(out, "  Event:    {}", clip(event.trim_start(), STATE))?,
            None => writeln!(out, "  Event:    none; it was seen at {when}, looking back at the whole run")?,
        }
        for node in scene.nodes.iter().filter(|node| !node.changes.is_empty()) {
            writeln!(out, "\n  What the event changed on {}", node.name)?;
            for change in node.changes.iter().take(CHANGES) {
                writeln!(out, "    {}", changed(change))?;
            }
            if let more @ 1.. = node.changes.len().saturating_sub(CHANGES) {
                writeln!(out, "    and {more} lines more")?;
            }
        }
        if !self.past.is_empty() {
            writeln!(out, "\n  What led to it, the oldest first")?;
            if self.past_left_out > 0 {
                writeln!(out, "    ... {} older lines are left out", self.past_left_out)?;
            }
            for line in &self.past {
                writeln!(out, "  {}", clip(line, STATE))?;
            }
        }
        writeln!(out, "\n  How the nodes stood then")?;
        for node in scene.nodes.iter().filter(|node| node.role != "client").take(NODES) {
            let down = if node.up { "" } else { ", down" };
            writeln!(out, "    {} ({}{down})", node.name, node.role)?;
            write!(out, "{}", wrap(&standing(&node.state), LINES))?;
        }
        let open: Vec<String> =
            scene.open.iter().take(12).map(|open| format!("op {} of {}", open.op, open.client)).collect();
        match open.as_slice() {
            [] => writeln!(out, "  No operation was under way."),
            open => writeln!(out, "  Operations under way: {}", open.join(", ")),
        }
    }
}
