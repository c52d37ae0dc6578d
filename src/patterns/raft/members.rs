//! What must be true while the members change, watched from outside.
//!
//! As [`Safety`](super::properties::Safety), it looks at one server when an event changed it, and at no more than its role,
//! its term and the memberships in its log.

use super::core::StateMachine;
use super::disk::{Index, Term};
use super::properties::View;
use crate::actor::Protocol;
use crate::check::{Claim, Findings, Kind, Monitor};
use crate::engine::{LocalTime, NodeId, Span};
use crate::sim::World;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

const ONE_AT_A_TIME: &str = "one-change-at-a-time";
const UNDISTURBED: &str = "removed-servers-disturb-nobody";

/// A server as it was when it was last looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    incarnation: u32,
    term: Term,
    /// The index of the membership in force.
    membership: Index,
    /// When it last heard its leader, by its own clock.
    heard: Option<LocalTime>,
    /// Whether it ever did anything but follow. An answer to what it asked then may come at any time, and any answer of a
    /// later term deposes its leader, rightly.
    asked: bool,
}

/// Watches the members of a cluster.
#[derive(Clone, Debug)]
pub struct Members<P: Protocol, S: StateMachine> {
    view: View<P, S>,
    /// For how long a server that has heard its leader must not listen to candidates; `None` if it may always listen.
    patience: Option<Span>,
    servers: Vec<Seen>,
    /// The latest membership that is committed, and its index; `None` while it is the first.
    committed: Option<(Index, Vec<NodeId>)>,
    /// Who asked of its own accord to be elected in which term.
    candidates: BTreeMap<Term, Vec<NodeId>>,
    /// The terms that somebody took over, or that a leader wanted. Only the first to take one over must have heard of it
    /// from a candidate, and to those whom a leader told to call an election everybody listens.
    taken_over: BTreeSet<Term>,
}

impl<P: Protocol, S: StateMachine> Members<P, S> {
    /// A monitor of the cores that `view` shows. With `check_quorum`, their `patience` is the least election timeout.
    pub fn new(view: View<P, S>, patience: Option<Span>) -> Self {
        Self {
            view,
            patience,
            servers: Vec::new(),
            committed: None,
            candidates: BTreeMap::new(),
            taken_over: BTreeSet::new(),
        }
    }

    fn look(&mut self, world: &World<P>, node: NodeId, findings: &mut Findings) {
        let Some((core, disk)) = (self.view)(world, node) else { return };
        if self.servers.len() <= node.index() {
            self.servers.resize(world.len(), Seen::default());
        }
        let (membership, before_it) = core.membership_indices();
        let incarnation = world.incarnation(node);
        let before = self.servers[node.index()];
        let (heard, asked) = (core.heard_leader(), before.asked || !core.is_follower());
        let now = Seen { incarnation, term: disk.term, membership, heard, asked };
        if membership > 0
            && membership <= core.commit()
            && self.committed.as_ref().is_none_or(|(at, _)| *at < membership)
        {
            self.committed = Some((membership, core.electors()));
        }
        if now == mem::replace(&mut self.servers[node.index()], now) {
            return;
        }
        let name = &world.info(node).name;
        if core.leads()
            && membership > before.membership
            && before.incarnation == incarnation
            && before_it > core.commit()
        {
            let text =
                format!("{name} appended a membership at {membership} while the one at {before_it} was not committed");
            findings.broken(ONE_AT_A_TIME, text);
        }
        if core.is_candidate() && now.term > before.term {
            if core.was_told_to_campaign() {
                self.taken_over.insert(now.term);
            }
            self.candidates.entry(now.term).or_default().push(node);
        } else if now.term > before.term && self.taken_over.insert(now.term) && before.incarnation == incarnation {
            self.look_at_term(world, node, before, now.term, findings);
        }
    }

    /// A server took over a term that it did not begin itself.
    fn look_at_term(&self, world: &World<P>, node: NodeId, before: Seen, term: Term, findings: &mut Findings) {
        let Some((_, members)) = &self.committed else { return };
        let (Some(patience), Some(heard)) = (self.patience, before.heard.filter(|_| !before.asked)) else { return };
        let Some(candidates) = self.candidates.get(&term) else { return };
        let content = world.local_clock(node).since(heard) < patience;
        let strangers = candidates.iter().all(|candidate| !members.contains(candidate));
        if content && strangers && members.contains(&node) {
            let (name, by) = (&world.info(node).name, &world.info(candidates[0]).name);
            let text = format!(
                "{name} had just heard its leader, and gave it up for term {term}, begun by {by}, which had been removed"
            );
            findings.broken(UNDISTURBED, text);
        }
    }
}

impl<P: Protocol, S: StateMachine> Monitor<P> for Members<P, S> {
    fn claims(&self) -> Vec<Claim> {
        vec![
            Claim {
                name: ONE_AT_A_TIME,
                claim: "A leader changes the members only when the last change that it knows is committed",
                why: "Majorities of memberships that are two changes apart need not share a server.",
                kind: Kind::Always,
            },
            Claim {
                name: UNDISTURBED,
                claim: "With `check_quorum`, a member that has only ever followed, and has just heard its leader, does not give it up for a server that was removed",
                why: "A removed server may not know that it is, and calls elections for ever.",
                kind: Kind::Always,
            },
        ]
    }

    fn step(&mut self, world: &World<P>, findings: &mut Findings) {
        for node in world.changed() {
            self.look(world, *node, findings);
        }
    }
}
