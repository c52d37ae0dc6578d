//! From findings to a verdict.

use super::history::History;
use super::{Claim, Finding, Findings, Kind, Monitor};
use crate::actor::Protocol;
use crate::engine::Time;
use crate::engine::trace::RecordId;
use crate::sim::{End, World};
use serde::{Deserialize, Serialize};

/// The judgement of a run. None is ever reported as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything that was demanded was checked and holds.
    Pass,
    /// Something demanded does not hold.
    Fail,
    /// A budget ran out before everything was checked.
    Unknown,
}

impl Verdict {
    /// The verdict as a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// How a claim broke first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// When.
    pub time: Time,
    /// The record of the event after which it was seen.
    pub record: RecordId,
    /// How many events had been handled, this one included; `None` if it was seen when the run was over.
    pub event: Option<u64>,
    /// What was seen.
    pub text: String,
}

/// Where a claim stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It held throughout the run.
    Held,
    /// What it asks for happened; first at this moment.
    Happened(Time),
    /// It broke.
    Broken(Violation),
    /// What it asks for did not happen, although the run went to its end.
    NeverHappened,
    /// Nobody can tell: the run was stopped too early, or a search reached its limits.
    Unknown,
}

/// A claim and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The claim.
    pub claim: Claim,
    /// Where it stands.
    pub standing: Standing,
}

/// Runs the monitors of one run.
pub struct Judge<P: Protocol> {
    monitors: Vec<Watch<P>>,
    findings: Findings,
}

struct Watch<P: Protocol> {
    monitor: Box<dyn Monitor<P>>,
    claims: Vec<(Claim, Option<Standing>)>,
}

/// The claim that every run is judged by: no handler panics.
pub(crate) const NO_PANIC: Claim = Claim {
    name: "no-panic",
    claim: "No handler panics",
    why: "A panic takes a node down with everything that it had not yet written; in production it is a crash loop.",
    kind: Kind::Always,
};

impl<P: Protocol> Judge<P> {
    /// A judge with these monitors.
    pub fn new(monitors: Vec<Box<dyn Monitor<P>>>) -> Self {
        let watch = |monitor: Box<dyn Monitor<P>>| {
            let claims = monitor.claims().into_iter().map(|claim| (claim, None)).collect();
            Watch { monitor, claims }
        };
        Self { monitors: monitors.into_iter().map(watch).collect(), findings: Findings::default() }
    }

    /// Looks at the world after an event. Returns the claims that broke just now, with what was seen.
    pub fn step(&mut self, world: &World<P>, record: RecordId) -> Vec<(&'static str, String)> {
        let mut broken = Vec::new();
        for watch in &mut self.monitors {
            watch.monitor.step(world, &mut self.findings);
            if !self.findings.0.is_empty() {
                watch.take(&mut self.findings, world.now(), record, Some(world.stats().events), &mut broken);
            }
        }
        broken
    }

    /// What clients saw, if one of the monitors wrote it down.
    pub fn history(&self) -> Option<&History> {
        self.monitors.iter().find_map(|watch| watch.monitor.history())
    }

    /// Looks at the world when the run is over and judges every claim.
    pub fn finish(mut self, world: &World<P>) -> Vec<Judged> {
        let record = world.last_record();
        let complete = world.end() == Some(End::Finished);
        let mut judged = vec![Judged { claim: NO_PANIC, standing: panic_standing(world, record) }];
        for watch in &mut self.monitors {
            if complete {
                watch.monitor.end(world, &mut self.findings);
                watch.take(&mut self.findings, world.now(), record, None, &mut Vec::new());
            }
            for (claim, standing) in watch.claims.drain(..) {
                let standing = standing.unwrap_or(match (claim.kind, complete) {
                    (Kind::Always, _) => Standing::Held,
                    (Kind::AtEnd, true) => Standing::Held,
                    (Kind::Sometimes | Kind::Settles, true) => Standing::NeverHappened,
                    (_, false) => Standing::Unknown,
                });
                judged.push(Judged { claim, standing });
            }
        }
        judged
    }
}

fn panic_standing<P: Protocol>(world: &World<P>, record: RecordId) -> Standing {
    match world.panic() {
        None => Standing::Held,
        Some(panic) => {
            let text = format!("{} panicked: {}", world.info(panic.node).name, panic.text);
            Standing::Broken(Violation { time: world.now(), record, event: Some(world.stats().events), text })
        }
    }
}

impl<P: Protocol> Watch<P> {
    /// Books findings; only the first of each claim counts.
    fn take(
        &mut self,
        findings: &mut Findings,
        time: Time,
        record: RecordId,
        event: Option<u64>,
        broken: &mut Vec<(&'static str, String)>,
    ) {
        for (name, finding) in findings.0.drain(..) {
            let (claim, standing) =
                self.claims.iter_mut().find(|(claim, _)| claim.name == name).unwrap_or_else(|| {
                    panic!("a monitor may only speak of its own claims, and `{name}` is none of them")
                });
            match (finding, &standing) {
                (Finding::Broken(text), None | Some(Standing::Happened(_) | Standing::Unknown)) => {
                    broken.push((claim.name, text.clone()));
                    *standing = Some(Standing::Broken(Violation { time, record, event, text }));
                }
                (Finding::Unknown(_), None) => *standing = Some(Standing::Unknown),
                (Finding::Happened, None) => *standing = Some(Standing::Happened(time)),
                _ => {}
            }
        }
    }
}
