//! `[nemesis]`: random faults, drawn from the seed.
//!
//! A nemesis is a way to write many `[[fault]]`s: before the run begins it becomes a timetable of ordinary faults, which the
//! trace and the summary show like any others and which `run --write-explicit` writes down. Whom a fault strikes is
//! still decided at its moment.
//!
//! Each fault is drawn from a stream of its own, so one more or one less changes nothing about the others' kinds, targets
//! and lengths. Gaps and lengths are log-uniform unless the file says otherwise: a length between 10 ms and 10 s is as likely
//! to lie in the tens of milliseconds as in the seconds, because bugs hide at every scale.

mod kinds;

pub use kinds::Kind;

use super::draw::log_uniform;
use super::file::FaultTable;
use super::run::MOST_FAULTS;
use super::select::Selector;
use crate::engine::random::{Domain, Stream};
use crate::engine::{Span, SpanRange};
use crate::sim::fault::Who;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Random faults, drawn from the seed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NemesisTable {
    /// What goes wrong; each kind equally likely, or as often as it is listed. `faultlab explain nemesis` lists the kinds.
    pub kinds: Vec<Kind>,
    /// How long after a fault's beginning the next one begins.
    #[serde(default = "default_every")]
    pub every: SpanRange,
    /// How long a fault lasts.
    #[serde(rename = "for", default = "default_length")]
    pub lasts: SpanRange,
    /// How gaps and lengths are spread over their ranges: "log-uniform", or "uniform".
    #[serde(default)]
    pub spread: Spread,
    /// Whom faults strike, each equally likely. If left out: a random server, several, or one of a random role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Selector>,
    /// How many faults may be in force at once.
    #[serde(default = "default_at_once")]
    #[schemars(range(min = 1))]
    pub at_once: u32,
    /// Whether a majority of the servers stays unharmed at any moment.
    #[serde(default = "yes")]
    pub keep_majority: bool,
    /// When the first fault may begin.
    #[serde(default)]
    pub from: Span,
    /// When all faults are over; four fifths of the run if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Span>,
    /// Phases that follow one another, again and again; in each only its own kinds go wrong. A phase with no kinds is quiet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phase: Vec<PhaseTable>,
}

/// A phase of a nemesis.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseTable {
    /// How long it lasts.
    #[serde(rename = "for")]
    pub lasts: Span,
    /// What goes wrong in it; nothing if empty.
    pub kinds: Vec<Kind>,
}

/// How a number is spread over its range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// Each order of magnitude equally likely.
    #[default]
    LogUniform,
    /// Each value equally likely.
    Uniform,
}

fn default_every() -> SpanRange {
    SpanRange::new(Span::from_millis(500), Span::from_secs(2))
}

fn default_length() -> SpanRange {
    SpanRange::new(Span::from_millis(100), Span::from_secs(2))
}

fn default_at_once() -> u32 {
    2
}

fn yes() -> bool {
    true
}

/// What a nemesis must know about the run.
pub(super) struct Run<'a> {
    pub(super) seed: u64,
    pub(super) duration: Span,
    pub(super) servers: u32,
    pub(super) roles: &'a [&'static str],
    /// The faults that the file itself has: whom they harm counts as harmed.
    pub(super) others: &'a [FaultTable],
}

impl NemesisTable {
    /// When all faults are over.
    pub(super) fn end(&self, duration: Span) -> Span {
        self.until.unwrap_or(Span::from_nanos(duration.as_nanos() / 5 * 4)).min(duration)
    }

    /// The faults of a run, in order.
    pub(super) fn draw(&self, run: &Run<'_>) -> Vec<FaultTable> {
        let end = self.end(run.duration);
        let mut faults = Vec::new();
        let own: Vec<Harm> = run.others.iter().flat_map(|fault| self.harm_of(fault, run)).collect();
        let mut harm = Vec::new();
        let mut at = self.from;
        for ordinal in 0_u64.. {
            let mut chance = Stream::new(run.seed, Domain::Nemesis, ordinal);
            at = at + self.spread.draw(self.every, &mut chance);
            if at >= end || faults.len() > MOST_FAULTS {
                break;
            }
            let lasts = self.spread.draw(self.lasts, &mut chance).min(Span::from_nanos(end.as_nanos() - at.as_nanos()));
            let kinds = self.kinds_at(at);
            if kinds.is_empty() || lasts.is_zero() {
                continue;
            }
            let kind = kinds[chance.below(kinds.len() as u64) as usize];
            let lasts = lasts.min(self.allowed(kind, at));
            harm.retain(|harm: &Harm| harm.until > at);
            if harm.len() >= self.at_once as usize {
                continue;
            }
            let beside = own.iter().filter(|other| other.from < at + lasts && at < other.until);
            let room = self.room(harm.iter().chain(beside), run);
            let (who, harmed) = self.target(kind, room, run, &mut chance);
            if kind.harms() && harmed > room {
                continue;
            }
            let (fault, lasts) = kind.fault(at, lasts, Selector(who), &mut chance);
            harm.push(Harm { from: at, until: at + lasts, servers: if kind.harms() { harmed } else { 0 } });
            faults.push(fault);
        }
        faults
    }

    /// What may go wrong at a moment.
    fn kinds_at(&self, at: Span) -> &[Kind] {
        match self.phase_at(at) {
            None => &self.kinds,
            Some((phase, _)) => &phase.kinds,
        }
    }

    /// The phase at a moment, and how much of it is left; `None` if there are no phases.
    fn phase_at(&self, at: Span) -> Option<(&PhaseTable, Span)> {
        let round: u64 = self.phase.iter().map(|phase| phase.lasts.as_nanos()).sum();
        let mut rest = at.as_nanos().checked_rem(round)?;
        self.phase.iter().find_map(|phase| {
            let left = phase.lasts.as_nanos().checked_sub(rest).filter(|left| *left > 0);
            rest = rest.saturating_sub(phase.lasts.as_nanos());
            left.map(|left| (phase, Span::from_nanos(left)))
        })
    }

    /// How long a fault may last: to the end of the first phase that its kind does not belong to the next of.
    fn allowed(&self, kind: Kind, at: Span) -> Span {
        let mut until = at;
        for _ in 0..=self.phase.len() {
            match self.phase_at(until) {
                Some((phase, left)) if phase.kinds.contains(&kind) => until = until + left,
                Some(_) => return Span::from_nanos(until.as_nanos() - at.as_nanos()),
                None => return Span::from_nanos(u64::MAX - at.as_nanos()),
            }
        }
        Span::from_nanos(u64::MAX - at.as_nanos())
    }

    /// How many servers another fault may harm.
    fn room<'a>(&self, harm: impl Iterator<Item = &'a Harm>, run: &Run<'_>) -> u32 {
        let harmed: u32 = harm.map(|harm| harm.servers).sum();
        let most = if self.keep_majority { run.servers.saturating_sub(1) / 2 } else { run.servers };
        most.saturating_sub(harmed)
    }

    /// Whom a fault of the file harms, and when: each time that it strikes.
    fn harm_of(&self, fault: &FaultTable, run: &Run<'_>) -> Vec<Harm> {
        let groups = fault.partition.iter().flatten().map(|group| size(&group.0, run)).filter(|size| *size > 0);
        let simple = [&fault.crash, &fault.pause, &fault.stall, &fault.disk_full, &fault.disk_error];
        let simple = simple.into_iter().flatten().map(|who| size(&who.0, run)).max();
        // The smaller side of a partition is the one that is cut off.
        let Some(servers) = groups.min().or(simple) else { return Vec::new() };
        let lasts = fault.lasts.unwrap_or(run.duration);
        let moments = super::run::strikes(fault, run.duration);
        moments.map(|from| Harm { from, until: from + lasts, servers }).collect()
    }

    /// Whom a fault strikes, and how many servers these are at most.
    fn target(&self, kind: Kind, room: u32, run: &Run<'_>, chance: &mut Stream) -> (Who, u32) {
        let who = match self.targets.len() {
            _ if kind == Kind::Blackout => Who::All,
            0 => usual_target(kind, room, run, chance),
            count => self.targets[chance.below(count as u64) as usize].0.clone(),
        };
        let size = size(&who, run);
        (who, size)
    }
}

/// How many servers a selector means at most.
fn size(who: &Who, run: &Run<'_>) -> u32 {
    let size = match who {
        Who::Named(names) if names.iter().any(|name| name.contains(['*', '?'])) => run.servers,
        Who::Named(names) => names.len() as u32,
        Who::One(_) => 1,
        Who::Random(count) => *count,
        Who::Minority => run.servers.saturating_sub(1) / 2,
        Who::Majority => run.servers / 2 + 1,
        Who::Role(_) | Who::Region(_) | Who::All | Who::Rest => run.servers,
    };
    size.min(run.servers)
}

/// Servers that a fault harms, and from when until when.
struct Harm {
    from: Span,
    until: Span,
    servers: u32,
}

/// A random server, several, or one of a random role.
fn usual_target(kind: Kind, room: u32, run: &Run<'_>, chance: &mut Stream) -> Who {
    let most = if kind.harms() { room.max(1) } else { run.servers.max(1) };
    match chance.below(3) {
        0 => Who::Random(1),
        1 => Who::Random(1 + chance.below(u64::from(most)) as u32),
        _ => match run.roles.len() {
            0 => Who::Random(1),
            count => Who::One(run.roles[chance.below(count as u64) as usize].to_owned()),
        },
    }
}

impl Spread {
    fn draw(self, range: SpanRange, chance: &mut Stream) -> Span {
        match self {
            Self::LogUniform => log_uniform(range, chance),
            Self::Uniform => chance.span(range),
        }
    }
}

#[cfg(test)]
mod tests;
