//! Partitions: which groups of nodes cannot reach each other.

use crate::engine::NodeId;

/// A cut that can be healed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutId(u32);

/// A node that a cut does not concern.
const BYSTANDER: u16 = u16::MAX;

/// The cuts in force; any one of them stops a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Cuts {
    active: Vec<(CutId, Vec<u16>)>,
    made: u32,
}

impl Cuts {
    pub(super) fn any(&self) -> bool {
        !self.active.is_empty()
    }

    pub(super) fn add(&mut self, nodes: u32, groups: &[Vec<NodeId>]) -> CutId {
        assert!(groups.len() < usize::from(BYSTANDER), "a partition has at most 65,534 groups");
        let mut side = vec![BYSTANDER; nodes as usize];
        for (number, group) in groups.iter().enumerate() {
            for node in group {
                side[node.index()] = number as u16;
            }
        }
        let id = CutId(self.made);
        self.made += 1;
        self.active.push((id, side));
        id
    }

    pub(super) fn remove(&mut self, id: CutId) {
        self.active.retain(|(active, _)| *active != id);
    }

    pub(super) fn separate(&self, from: NodeId, to: NodeId) -> bool {
        self.active.iter().any(|(_, side)| {
            let (from, to) = (side[from.index()], side[to.index()]);
            from != to && from != BYSTANDER && to != BYSTANDER
        })
    }
}
