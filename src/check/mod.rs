//! Judging a run: claims, and the monitors that test them.
//!
//! A [`Claim`] is a sentence that should be true of every run. A [`Monitor`] watches a run from outside and reports
//! when one of its claims breaks, or, for claims that something must happen, when it has happened. A [`Judge`] runs the
//! monitors of a run and turns their findings into a [`Standing`] for each claim.
//!
//! A monitor sees the world between two events by shared reference, so it can change nothing. It should look only at
//! what the last event changed ([`World::changed`], [`World::history`]): a monitor that looks at everything after every
//! event is what makes checked simulations slow.

pub mod convergence;
mod edn;
pub mod history;
mod judge;
pub mod judgement;
pub mod linearizability;
mod linearizable;
pub mod models;
mod progress;
pub mod sequential;
pub mod sessions;
mod settling;
pub mod story;
pub mod transactions;
pub mod violation;

pub use judge::{Judge, Judged, Standing, Verdict, Violation};
pub use linearizable::{Calls, Linearizable, Words};
pub use progress::Progress;
pub use settling::Settling;

pub(crate) use judge::NO_PANIC;
#[cfg(feature = "cli")]
pub(crate) use progress::CLAIM as PROGRESS;
#[cfg(feature = "cli")]
pub(crate) use settling::CLAIM as SETTLING;

use crate::actor::Protocol;
use crate::sim::World;

/// When a claim must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// After every event.
    Always,
    /// At some moment of the run: guards against vacuous success.
    Sometimes,
    /// When the run is over.
    AtEnd,
    /// Within a bound after the last fault has ended.
    Settles,
}

impl Kind {
    /// The kind as a word: `always`, `sometimes`, `at end`, `settles`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Sometimes => "sometimes",
            Self::AtEnd => "at end",
            Self::Settles => "settles",
        }
    }
}

/// A sentence that should be true of every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its name in scenario files: `election-safety`.
    pub name: &'static str,
    /// The sentence.
    pub claim: &'static str,
    /// Why it matters, or where it comes from.
    pub why: &'static str,
    /// When it must hold.
    pub kind: Kind,
}

/// Watches a run and tests claims about it.
pub trait Monitor<P: Protocol>: Send {
    /// The claims that this monitor tests.
    fn claims(&self) -> Vec<Claim>;

    /// Looks at the world after an event.
    fn step(&mut self, world: &World<P>, findings: &mut Findings);

    /// What clients saw, if this monitor writes it down: a run leaves it as a file.
    fn history(&self) -> Option<&history::History> {
        None
    }

    /// Looks at the world when the run is over.
    fn end(&mut self, world: &World<P>, findings: &mut Findings) {
        let _ = (world, findings);
    }
}

/// What a monitor found out about one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    Broken(String),
    Happened,
    Unknown(String),
}

/// What a monitor found out after one event.
#[derive(Debug, Default)]
pub struct Findings(Vec<(&'static str, Finding)>);

impl Findings {
    /// The claim `name` is broken; `what` was seen, in a sentence.
    pub fn broken(&mut self, name: &'static str, what: impl Into<String>) {
        self.0.push((name, Finding::Broken(what.into())));
    }

    /// Nobody can tell whether the claim `name` holds; `why`, in a sentence. Never a pass.
    pub fn unknown(&mut self, name: &'static str, why: impl Into<String>) {
        self.0.push((name, Finding::Unknown(why.into())));
    }

    /// What the *sometimes* or *settles* claim `name` asks for has happened.
    pub fn happened(&mut self, name: &'static str) {
        self.0.push((name, Finding::Happened));
    }
}
