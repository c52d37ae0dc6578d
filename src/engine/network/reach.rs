//! Who can reach whom: the cuts in force, each of which stops messages between some nodes.
//!
//! A real network fails in more ways than into halves. A link may carry messages one way only (a firewall rule, a
//! broken receiver), two halves may still share one node that sees both (the *bridge* of Jepsen's tests), and every
//! node may see a majority without any two seeing the same one (its *ring* of majorities). A consensus protocol that
//! survives halves may livelock under these.

use crate::engine::NodeId;

/// A cut that can be healed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutId(u32);

/// Which messages a cut stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Those between different groups. Nodes in no group reach everybody.
    Groups(Vec<Vec<NodeId>>),
    /// Those from a node of the first list to a node of the second; the way back stays open.
    OneWay(Vec<NodeId>, Vec<NodeId>),
    /// Those between members that are not neighbours; the last is a neighbour of the first. Others reach everybody.
    Ring(Vec<NodeId>),
}

/// The mark of a node that a cut does not concern.
const BYSTANDER: u32 = u32::MAX;

/// The bits of a one-way cut's marks.
const SENDER: u32 = 1;
const RECEIVER: u32 = 2;

/// A cut made ready to be asked: a mark for each node, and what marks mean.
#[derive(Clone, Debug)]
enum Shape {
    /// The mark is the number of the group.
    Groups(Vec<u32>),
    /// The mark says whether the node is a sender, a receiver, or both.
    OneWay(Vec<u32>),
    /// The mark is the place in a ring of so many.
    Ring(Vec<u32>, u32),
}

impl Shape {
    fn of(nodes: u32, cut: &Cut) -> Self {
        let nobody = |mark| vec![mark; nodes as usize];
        match cut {
            Cut::Groups(groups) => {
                let mut marks = nobody(BYSTANDER);
                for (number, group) in groups.iter().enumerate() {
                    group.iter().for_each(|node| marks[node.index()] = number as u32);
                }
                Self::Groups(marks)
            }
            Cut::OneWay(from, to) => {
                let mut marks = nobody(0);
                from.iter().for_each(|node| marks[node.index()] |= SENDER);
                to.iter().for_each(|node| marks[node.index()] |= RECEIVER);
                Self::OneWay(marks)
            }
            Cut::Ring(members) => {
                let mut marks = nobody(BYSTANDER);
                members.iter().enumerate().for_each(|(place, node)| marks[node.index()] = place as u32);
                Self::Ring(marks, members.len() as u32)
            }
        }
    }

    fn stops(&self, from: NodeId, to: NodeId) -> bool {
        let ends = |marks: &[u32]| (marks[from.index()], marks[to.index()]);
        match self {
            Self::Groups(marks) => {
                let (from, to) = ends(marks);
                from != to && from != BYSTANDER && to != BYSTANDER
            }
            Self::OneWay(marks) => {
                let (from, to) = ends(marks);
                from & SENDER != 0 && to & RECEIVER != 0
            }
            Self::Ring(marks, length) => {
                let (from, to) = ends(marks);
                let neighbours = |from: u32, to: u32| (from + 1) % length == to;
                from != BYSTANDER && to != BYSTANDER && !neighbours(from, to) && !neighbours(to, from)
            }
        }
    }
}

/// The cuts in force; any one of them stops a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    active: Vec<(CutId, Shape)>,
    made: u32,
}

impl Reach {
    pub(super) fn is_whole(&self) -> bool {
        self.active.is_empty()
    }

    pub(super) fn add(&mut self, nodes: u32, cut: &Cut) -> CutId {
        let id = CutId(self.made);
        self.made += 1;
        self.active.push((id, Shape::of(nodes, cut)));
        id
    }

    pub(super) fn remove(&mut self, id: CutId) {
        self.active.retain(|(active, _)| *active != id);
    }

    /// Whether a message between two different nodes is stopped.
    pub(super) fn stops(&self, from: NodeId, to: NodeId) -> bool {
        from != to && self.active.iter().any(|(_, shape)| shape.stops(from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u32]) -> Vec<NodeId> {
        numbers.iter().copied().map(NodeId).collect()
    }

    /// The links among six nodes that a cut stops, the sender first.
    fn stopped(cut: Cut) -> Vec<(u32, u32)> {
        let mut reach = Reach::default();
        reach.add(6, &cut);
        let links = (0..6).flat_map(|from| (0..6).map(move |to| (from, to)));
        links.filter(|(from, to)| reach.stops(NodeId(*from), NodeId(*to))).collect()
    }

    #[test]
    fn groups_are_cut_both_ways_and_bystanders_reach_everybody() {
        let cut = Cut::Groups(vec![ids(&[0, 1]), ids(&[2])]);
        assert_eq!(stopped(cut), [(0, 2), (1, 2), (2, 0), (2, 1)]);
    }

    #[test]
    fn a_one_way_cut_leaves_the_way_back_open() {
        assert_eq!(stopped(Cut::OneWay(ids(&[0]), ids(&[2, 3]))), [(0, 2), (0, 3)]);
        assert_eq!(stopped(Cut::OneWay(ids(&[0, 1]), ids(&[1]))), [(0, 1)], "a node always reaches itself");
    }

    #[test]
    fn in_a_ring_each_hears_its_neighbours_and_those_outside() {
        let stopped = stopped(Cut::Ring(ids(&[0, 1, 2, 3, 4])));
        assert_eq!(stopped, [(0, 2), (0, 3), (1, 3), (1, 4), (2, 0), (2, 4), (3, 0), (3, 1), (4, 1), (4, 2)]);
    }

    #[test]
    fn cuts_heal_one_by_one() {
        let mut reach = Reach::default();
        let (a, b) = (NodeId(0), NodeId(1));
        let first = reach.add(2, &Cut::OneWay(vec![a], vec![b]));
        let second = reach.add(2, &Cut::Groups(vec![vec![a], vec![b]]));
        assert!(reach.stops(a, b) && reach.stops(b, a));
        reach.remove(second);
        assert!(reach.stops(a, b) && !reach.stops(b, a));
        reach.remove(first);
        assert!(reach.is_whole() && !reach.stops(a, b));
    }
}
