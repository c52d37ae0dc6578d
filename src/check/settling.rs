//! Liveness in two phases: a core that is healed comes to rest, whatever goes on around it.
//!
//! While faults go on nobody can demand progress. When a run [settles](crate::sim::Settle), a core of servers gets all that a
//! pattern may ask for, and there is no excuse left: by the end of the run every operation has ended and the servers of the
//! core agree. If not, the failure says who waits for what.

use super::{Claim, Findings, Kind, Monitor};
use crate::actor::Protocol;
use crate::engine::NodeId;
use crate::sim::World;

const NAME: &str = "core-settles";

/// The claim, for catalogues.
pub(crate) const CLAIM: Claim = Claim {
    name: NAME,
    claim: "Once a core of servers is healed and all else stays as it is, the core comes to rest within a bound",
    why: "A cluster that recovers only when everybody is well again is not fault tolerant.",
    kind: Kind::Settles,
};

/// More nodes that wait than this are not listed.
const MOST: usize = 8;

/// Who waits, and for what.
type Waiting<P> = fn(&World<P>, &[NodeId]) -> Vec<(NodeId, String)>;

/// Demands that a core comes to rest.
pub struct Settling<P: Protocol> {
    unsettled: Waiting<P>,
    done: bool,
}

impl<P: Protocol> Settling<P> {
    /// `unsettled` tells what the pattern's nodes wait for besides open operations.
    pub fn new(unsettled: Waiting<P>) -> Self {
        Self { unsettled, done: false }
    }

    fn waiting(&self, world: &World<P>, core: &[NodeId]) -> Vec<(NodeId, String)> {
        let down = core.iter().filter(|node| !world.is_up(**node)).map(|node| (*node, "is down".to_owned()));
        let open = world.open_ops().map(|(client, op)| (client, format!("waits for the answer to operation {}", op.0)));
        down.chain(open).chain((self.unsettled)(world, core)).collect()
    }
}

impl<P: Protocol> Monitor<P> for Settling<P> {
    fn claims(&self) -> Vec<Claim> {
        vec![CLAIM]
    }

    fn step(&mut self, world: &World<P>, findings: &mut Findings) {
        let Some(settled) = world.settled().filter(|_| !self.done && !world.changed().is_empty()) else { return };
        if self.waiting(world, &settled.core).is_empty() {
            self.done = true;
            findings.happened(NAME);
        }
    }

    fn end(&mut self, world: &World<P>, findings: &mut Findings) {
        let Some(settled) = world.settled().filter(|_| !self.done) else { return };
        let waiting = self.waiting(world, &settled.core);
        if waiting.is_empty() {
            return findings.happened(NAME);
        }
        let name = |(node, text): &(NodeId, String)| format!("{} {text}", world.info(*node).name);
        let mut list: Vec<String> = waiting.iter().take(MOST).map(name).collect();
        if waiting.len() > MOST {
            list.push(format!("and {} more", waiting.len() - MOST));
        }
        let within = world.now().since(settled.since);
        findings.broken(NAME, format!("{within} after it was healed the core is not at rest: {}", list.join("; ")));
    }
}
