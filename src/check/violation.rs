//! What a violation leaves for whoever has to understand it: the event, the state of every node before and after it, and
//! the operations that were under way.
//!
//! None of this is kept while a run goes on. A run is a function of its scenario and its seed, so it is run once more up
//! to the event in question and looked at there. A run without violations, or one that nobody wants explained, pays
//! nothing.

use crate::actor::Protocol;
use crate::actor::line::{self, Line};
use crate::engine::NodeId;
use crate::sim::World;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Its memory and its disk after the event: what the actor shows, or else all that is different from the beginning
    /// of the run, so that settings and the like are left out.
    pub state: Vec<Line>,
    /// What the event changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// A line of a node's state that an event changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Where the value lies.
    pub label: String,
    /// The value before; `None` if there was none.
    pub before: Option<String>,
    /// The value after; `None` if there is none any more.
    pub after: Option<String>,
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
        let states = |world: &World<P>| world.ids().map(|id| State::of(world, id)).collect::<Vec<_>>();
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

    fn of<P: Protocol>(world: &World<P>, begin: &[State], before: &[State]) -> Self {
        let node = |((id, begin), before): ((NodeId, &State), &State)| {
            let now = State::of(world, id);
            NodeScene {
                name: world.info(id).name.clone(),
                role: world.node(id).role(),
                up: world.is_up(id),
                changes: now.changes_since(before),
                state: now.worth_telling(begin),
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

/// A node's state in lines.
struct State {
    lines: Vec<Line>,
    /// Whether the actor chose the lines.
    chosen: bool,
}

impl State {
    fn of<P: Protocol>(world: &World<P>, id: NodeId) -> Self {
        let node = world.node(id);
        let mut lines = node.actor().show(node.disk());
        let chosen = !lines.is_empty();
        if !chosen {
            lines = line::lines("", node.actor());
            lines.extend(line::lines("disk", node.disk()));
        }
        for line in &mut lines {
            line.value = named(&line.value, |id| world.ids().nth(id.index()).map(|id| world.info(id).name.clone()));
        }
        Self { lines, chosen }
    }

    /// The lines that say something: all that were chosen; of others those that are not as at the beginning.
    fn worth_telling(self, begin: &Self) -> Vec<Line> {
        let known: BTreeSet<&Line> = begin.lines.iter().filter(|_| !self.chosen).collect();
        self.lines.into_iter().filter(|line| !known.contains(line)).collect()
    }

    /// What is different from an earlier state, in the order of the lines; what is gone comes last.
    fn changes_since(&self, before: &Self) -> Vec<Change> {
        let by_label = |state: &Self| -> BTreeMap<String, String> {
            state.lines.iter().map(|line| (line.label.clone(), line.value.clone())).collect()
        };
        let (old, new) = (by_label(before), by_label(self));
        let changed = self.lines.iter().filter(|line| old.get(&line.label) != Some(&line.value));
        let gone = before.lines.iter().filter(|line| !new.contains_key(&line.label));
        let change = |line: &Line| Change {
            label: line.label.clone(),
            before: old.get(&line.label).cloned(),
            after: new.get(&line.label).cloned(),
        };
        changed.chain(gone).map(change).collect()
    }
}

/// The text with the names of nodes in place of their numbers: `#3` becomes `n4`.
pub fn named(text: &str, name: impl Fn(NodeId) -> Option<String>) -> String {
    let mut parts = text.split('#');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let (number, rest) = part.split_at(digits);
        match number.parse().ok().and_then(|number| name(NodeId(number))) {
            Some(name) => out.push_str(&name),
            None => out.extend(["#", number]),
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_nodes_become_names() {
        let name = |id: NodeId| (id.0 < 2).then(|| format!("n{}", id.0 + 1));
        assert_eq!(named("#0 asks #1, #12, # and #x", name), "n1 asks n2, #12, # and #x");
        assert_eq!(named("nobody", name), "nobody");
    }

    #[test]
    fn a_change_says_what_was_before_and_what_is_after() {
        let state = |lines: &[(&str, &str)]| State {
            lines: lines.iter().map(|(label, value)| Line::new(*label, *value)).collect(),
            chosen: false,
        };
        let before = state(&[("term", "1"), ("log[1]", "x"), ("vote", "None"), ("asked", "5")]);
        let after = state(&[("term", "2"), ("log[1]", "x"), ("log[2]", "y"), ("vote", "None")]);
        let change = |label: &str, before: Option<&str>, after: Option<&str>| Change {
            label: label.into(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        assert_eq!(
            after.changes_since(&before),
            [change("term", Some("1"), Some("2")), change("log[2]", None, Some("y")), change("asked", Some("5"), None)]
        );
        assert_eq!(after.changes_since(&after), []);
        assert_eq!(after.worth_telling(&before), [Line::new("term", "2"), Line::new("log[2]", "y")]);
    }
}
