//! What a violation leaves for whoever has to understand it: the event, the state of every node before and after it, and
//! the operations that were under way.
//!
//! None of this is kept while a run goes on. A run is a function of its scenario and its seed, so it is run once more up
//! to the event in question and looked at there. A run without violations, or one that nobody wants explained, pays
//! nothing.

use crate::actor::Protocol;
use crate::engine::NodeId;
use crate::sim::World;
use serde::Serialize;

/// The world around a violation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scene {
    /// Every node.
    pub nodes: Vec<NodeScene>,
    /// The operations that had begun and not ended.
    pub open: Vec<OpenOperation>,
}

/// A node around a violation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeScene {
    /// Its name.
    pub name: String,
    /// Its role after the event.
    pub role: &'static str,
    /// Whether it was up after the event.
    pub up: bool,
    /// What is different in its state after the event from that at the beginning of the run, for people. Settings and
    /// the like, which never change, are therefore left out.
    pub state: Vec<String>,
    /// Lines of its state that the event took away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// Lines of its state that the event brought.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
}

/// An operation under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenOperation {
    /// Its number.
    pub op: u64,
    /// The client that was asked.
    pub client: String,
}

impl Scene {
    /// The scenes at the given numbers of handled events, ascending, of a run that `world` is the beginning of. A number
    /// beyond the last event stands for the end of the run, where no event made a difference.
    pub fn replay<P: Protocol>(mut world: World<P>, events: &[u64]) -> Vec<Self> {
        let mut scenes = Vec::with_capacity(events.len());
        let states = |world: &World<P>| world.ids().map(|id| state(world, id)).collect::<Vec<_>>();
        let begin = states(&world);
        for &event in events {
            while world.stats().events < event - 1 && world.step().is_some() {}
            let before = states(&world);
            if world.stats().events < event {
                world.step();
            }
            scenes.push(Self::of(&world, &begin, &before));
        }
        scenes
    }

    fn of<P: Protocol>(world: &World<P>, begin: &[String], before: &[String]) -> Self {
        let node = |((id, begin), before): ((NodeId, &String), &String)| {
            let now = state(world, id);
            let (removed, added) = difference(before, &now);
            let node = world.node(id);
            let (_, state) = difference(begin, &now);
            NodeScene {
                name: world.info(id).name.clone(),
                role: node.role(),
                up: world.is_up(id),
                state,
                removed,
                added,
            }
        };
        let open = |(client, op): (NodeId, crate::actor::OpId)| OpenOperation {
            op: op.0,
            client: world.info(client).name.clone(),
        };
        Self {
            nodes: world.ids().zip(begin).zip(before).map(node).collect(),
            open: world.open_ops().map(open).collect(),
        }
    }
}

fn state<P: Protocol>(world: &World<P>, id: NodeId) -> String {
    format!("{:#?}", world.node(id).actor())
}

/// The lines that one text has and the other has not, each with the names of what it lies in: `log / entries: 3`.
fn difference(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    if before == after {
        return Default::default();
    }
    let (before, after) = (paths(before), paths(after));
    let begin = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let (before, after) = (&before[begin..], &after[begin..]);
    let end = before.iter().rev().zip(after.iter().rev()).take_while(|(one, other)| one == other).count();
    let (before, after) = (&before[..before.len() - end], &after[..after.len() - end]);
    // Between the first and the last change, what stands in both did not change.
    let only = |lines: &[String], other: &[String]| {
        let sorted: std::collections::BTreeSet<&String> = other.iter().collect();
        lines.iter().filter(|line| !sorted.contains(line)).cloned().collect()
    };
    (only(before, after), only(after, before))
}

/// The lines of a `{:#?}` text that hold values, each behind the names of the structures around it.
fn paths(text: &str) -> Vec<String> {
    let mut around: Vec<&str> = Vec::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        match line.strip_suffix(['{', '[', '(']) {
            // An opening line gives its field's name, or that of its type if it is no field.
            Some(name) => around.push(name.split_once(':').map_or("", |(field, _)| field).trim()),
            None if line.starts_with(['}', ']', ')']) => drop(around.pop()),
            None => {
                let names = around.iter().copied().filter(|name| !name.is_empty());
                lines.push(names.chain([line.trim_end_matches(',')]).collect::<Vec<_>>().join(" / "));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    #[allow(dead_code, reason = "what Debug shows is what is tested")]
    struct Node {
        term: u64,
        log: Vec<u64>,
        vote: Option<u64>,
    }

    #[test]
    fn a_difference_names_where_it_lies() {
        let before = format!("{:#?}", Node { term: 1, log: vec![7], vote: None });
        let after = format!("{:#?}", Node { term: 2, log: vec![7, 8], vote: Some(3) });
        let (removed, added) = difference(&before, &after);
        assert_eq!(removed, ["term: 1", "vote: None"]);
        assert_eq!(added, ["term: 2", "log / 8", "vote / 3"]);
        assert_eq!(difference(&before, &before), Default::default());
    }
}
