//! Liveness: once the last fault has ended, work gets done again.
//!
//! Liveness cannot be judged while faults go on: a cluster that is always partitioned may rightly do nothing. So the
//! claim looks only at what comes after the last fault, and only at operations that began after it.

use super::{Claim, Findings, Kind, Monitor};
use crate::actor::Protocol;
use crate::actor::history::HistoryEvent;
use crate::engine::trace::Outcome;
use crate::engine::{Span, Time};
use crate::sim::World;

const NAME: &str = "progress-after-faults";

/// The claim, for catalogues.
pub(crate) const CLAIM: Claim = Claim {
    name: NAME,
    claim: "Operations complete again within a bound once no fault begins or ends any more",
    why: "An inert cluster breaks no safety property; this is what tells it from a healthy one.",
    kind: Kind::Settles,
};

/// Demands that an operation which began after `settled` ends well within `bound`.
#[derive(Clone, Debug)]
pub struct Progress {
    settled: Time,
    bound: Span,
    done: bool,
}

impl Progress {
    /// `settled` is when the last fault ends.
    pub fn new(settled: Time, bound: Span) -> Self {
        Self { settled, bound, done: false }
    }
}

impl<P: Protocol> Monitor<P> for Progress {
    fn claims(&self) -> Vec<Claim> {
        vec![CLAIM]
    }

    fn step(&mut self, world: &World<P>, findings: &mut Findings) {
        if self.done || world.now() < self.settled {
            return;
        }
        let completed = |event: &HistoryEvent<P>| matches!(event, HistoryEvent::Return { outcome: Outcome::Ok, invoked, .. } if *invoked >= self.settled);
        if world.now() > self.settled + self.bound {
            self.done = true;
            let text = format!("no operation that began after {} completed within {}", self.settled, self.bound);
            findings.broken(NAME, text);
        } else if world.history().iter().any(completed) {
            self.done = true;
            findings.happened(NAME);
        }
    }
}
