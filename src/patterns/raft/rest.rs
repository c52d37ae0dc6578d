//! When a cluster is at rest: one leader, and everybody has applied all that it has.

use super::server::{Msg, core_of};
use crate::engine::NodeId;
use crate::sim::World;

/// Who of the core has not come to rest, and what it waits for.
pub(super) fn unsettled(world: &World<Msg>, core: &[NodeId]) -> Vec<(NodeId, String)> {
    let term = |node: NodeId| world.node(node).disk().raft.term;
    let leads = |node: &&NodeId| core_of(world, **node).is_some_and(|(core, _)| core.leads());
    let Some(leader) = core.iter().filter(leads).max_by_key(|node| term(**node)) else {
        return core.iter().map(|node| (*node, format!("waits for a leader in term {}", term(*node)))).collect();
    };
    let last = core_of(world, *leader).map_or(0, |(_, disk)| disk.last().index);
    let behind = core.iter().filter_map(|node| {
        let (state, _) = core_of(world, *node)?;
        let name = &world.info(*leader).name;
        (state.commit() < last)
            .then(|| (*node, format!("has committed {} of the {last} entries of {name}", state.commit())))
    });
    behind.collect()
}
