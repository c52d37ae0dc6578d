//! What must be true of every cluster: the paper's figure 3, watched from outside.
//!
//! The monitor sees every server's disk and role after each event, so it can state the five properties as the paper
//! does. What it costs depends only on what an event changed: it keeps the fingerprints of each server's log, finds by
//! comparing them from the end what is new, and compares whole logs by the fingerprint of their last entry.
//!
//! Logs are cut off at their beginning by snapshots. A fingerprint stands for the whole log up to its entry, also for
//! what is no longer there, so this changes little: a log is compared as far as it goes, and [`Snapshots`] looks whether
//! what replaced the rest says the same.
//!
//! It watches cores, whatever actor hosts them; the host says where they are ([`View`]).

use super::core::{Core, StateMachine};
use super::disk::{Index, RaftDisk, Term};
use super::tail::Tail;
use crate::actor::Protocol;
use crate::check::{Claim, Findings, Kind, Monitor};
use crate::engine::NodeId;
use crate::sim::World;
use std::collections::BTreeMap;
use std::mem;

pub use super::snapshot_checks::Snapshots;

/// Where a node keeps its core and the core's disk; `None` if it is not a server.
pub type View<P, S> = for<'a> fn(&'a World<P>, NodeId) -> Option<(&'a Core<S>, &'a RaftDisk<S>)>;

const ELECTION_SAFETY: &str = "election-safety";
const APPEND_ONLY: &str = "leader-append-only";
const LOG_MATCHING: &str = "log-matching";
const COMPLETENESS: &str = "leader-completeness";
const STATE_MACHINE_SAFETY: &str = "state-machine-safety";
const SURVIVAL: &str = "committed-entries-survive";
const FORWARD: &str = "commit-never-goes-back";
const ELECTED: &str = "a-leader-is-elected";

/// A server as it was when it was last looked at.
#[derive(Clone, Debug, Default)]
struct Seen {
    incarnation: u32,
    /// The fingerprint at each index of its log that it still has.
    log: Tail<u64>,
    /// The term in which it leads.
    leads: Option<Term>,
    commit: Index,
    applied: Index,
}

/// An entry that has been applied somewhere.
#[derive(Clone, Copy, Debug)]
struct Committed {
    /// The fingerprint of the log up to it.
    fingerprint: u64,
    /// The term in which it was committed, which is its own or a later one.
    term: Term,
    /// Who applied it first.
    node: NodeId,
}

/// Watches the logs and roles of all servers. What every server has cut off its log is forgotten here too.
#[derive(Clone, Debug)]
pub struct Safety<P: Protocol, S: StateMachine> {
    view: View<P, S>,
    servers: Vec<Seen>,
    leaders: BTreeMap<Term, NodeId>,
    /// For each index, every entry ever seen there: its term, and the fingerprint of the log up to it.
    seen: Tail<Vec<(Term, u64)>>,
    committed: Tail<Committed>,
}

impl<P: Protocol, S: StateMachine> Safety<P, S> {
    /// A monitor of the cores that `view` shows.
    pub fn new(view: View<P, S>) -> Self {
        let (seen, committed) = (Tail::default(), Tail::default());
        Self { view, servers: Vec::new(), leaders: BTreeMap::new(), seen, committed }
    }

    /// Looks at one server: its log, what it has applied, its role.
    fn look(&mut self, world: &World<P>, node: NodeId, findings: &mut Findings) {
        let Some((core, disk)) = (self.view)(world, node) else { return };
        if self.servers.len() <= node.index() {
            self.servers.resize(world.len(), Seen::default());
        }
        let mut server = mem::take(&mut self.servers[node.index()]);
        let restarted = mem::replace(&mut server.incarnation, world.incarnation(node)) != world.incarnation(node);
        if restarted {
            (server.leads, server.commit, server.applied) = (None, 0, 0);
        }
        let (start, last) = (disk.start().index, disk.last_index());
        if core.commit() < server.commit || core.applied() < server.applied {
            look_at_retreat(&world.info(node).name, &mut server, core, findings);
        }
        let empty = server.log.start() == start && start == last;
        let same = server.log.end() == last && (empty || server.log.get(last).copied() == disk.fingerprint(last));
        if !same {
            self.look_at_log(world, node, &mut server, disk, restarted, findings);
        }
        if server.log.start() < start {
            server.log.cut(start);
            self.forget(world);
        }
        if core.applied() > server.applied {
            self.look_at_applied(world, node, &mut server, core.applied(), disk, findings);
        }
        server.commit = core.commit();
        let leads = core.leads().then_some(disk.term);
        if leads != mem::replace(&mut server.leads, leads)
            && let Some(term) = leads
        {
            self.look_at_leader(world, node, term, disk, findings);
        }
        self.servers[node.index()] = server;
    }

    /// Forgets what all servers have cut off.
    fn forget(&mut self, world: &World<P>) {
        let starts = (0..world.len() as u32)
            .filter_map(|node| (self.view)(world, NodeId(node)))
            .map(|(_, disk)| disk.start().index);
        if let Some(start) = starts.min() {
            self.seen.cut(start);
            self.committed.cut(start);
        }
    }

    /// A server's log is not what it was.
    fn look_at_log(
        &mut self,
        world: &World<P>,
        node: NodeId,
        server: &mut Seen,
        disk: &RaftDisk<S>,
        restarted: bool,
        findings: &mut Findings,
    ) {
        let name = &world.info(node).name;
        let (start, before) = (disk.start().index, server.log.end());
        let mut same = before.min(disk.last_index());
        while same > start.max(server.log.start()) && server.log.get(same).copied() != disk.fingerprint(same) {
            same -= 1;
        }
        if same < before && !restarted {
            if server.leads == Some(disk.term) {
                let text = format!("{name} leads term {} and replaced entry {} of its own log", disk.term, same + 1);
                findings.broken(APPEND_ONLY, text);
            }
            let index = same.max(server.log.start()) + 1;
            // A late append of a leader that was deposed before the entry was committed may still replace it.
            let lost =
                |entry: &&Committed| Some(&entry.fingerprint) == server.log.get(index) && entry.term <= disk.term;
            if let Some(committed) = self.committed.get(index).filter(lost) {
                let by = &world.info(committed.node).name;
                let text = format!("{name} replaced entry {index} of its log, which {by} has applied");
                findings.broken(SURVIVAL, text);
            }
        }
        if same < start || start < server.log.start() {
            server.log.restart(start);
            same = start;
        }
        server.log.truncate(same);
        for index in same + 1..=disk.last_index() {
            let (Some(term), Some(fingerprint)) = (disk.term_at(index), disk.fingerprint(index)) else { break };
            server.log.push(fingerprint);
            if self.seen.end() < index {
                self.seen.push(Vec::new());
            }
            let Some(seen) = self.seen.get_mut(index) else { continue };
            match seen.iter().find(|(other, _)| *other == term) {
                None => seen.push((term, fingerprint)),
                Some((_, other)) if *other == fingerprint => {}
                Some(_) => {
                    let text = format!(
                        "{name} has an entry of term {term} at index {index}, and so has another server, but their logs differ up to there"
                    );
                    findings.broken(LOG_MATCHING, text);
                }
            }
        }
    }

    /// A server has applied more of its log.
    fn look_at_applied(
        &mut self,
        world: &World<P>,
        node: NodeId,
        server: &mut Seen,
        applied: Index,
        disk: &RaftDisk<S>,
        findings: &mut Findings,
    ) {
        let known = applied.min(self.committed.end());
        // The fingerprint of the last entry stands for all before it.
        if let (Some(committed), Some(fingerprint)) = (self.committed.get(known), disk.fingerprint(known))
            && committed.fingerprint != fingerprint
        {
            let (name, by) = (&world.info(node).name, &world.info(committed.node).name);
            let text = format!("{name} and {by} have applied different entries up to index {known}");
            findings.broken(STATE_MACHINE_SAFETY, text);
        }
        for index in known + 1..=applied {
            let Some(fingerprint) = disk.fingerprint(index) else { break };
            self.committed.push(Committed { fingerprint, term: disk.term, node });
        }
        server.applied = applied;
    }

    /// A server begins to lead.
    fn look_at_leader(
        &mut self,
        world: &World<P>,
        node: NodeId,
        term: Term,
        disk: &RaftDisk<S>,
        findings: &mut Findings,
    ) {
        findings.happened(ELECTED);
        let name = &world.info(node).name;
        let first = *self.leaders.entry(term).or_insert(node);
        if first != node {
            let text = format!("{name} and {} were both elected in term {term}", world.info(first).name);
            findings.broken(ELECTION_SAFETY, text);
        }
        // What was committed in this term or later ones was not yet committed when the votes were cast.
        let Some((index, committed)) = self.committed.last_where(|committed| committed.term < term) else { return };
        let cut = index < disk.start().index;
        if !cut && disk.fingerprint(index) != Some(committed.fingerprint) {
            let by = &world.info(committed.node).name;
            let text = format!(
                "{name} leads term {term} without entry {index}, which {by} applied in term {}",
                committed.term
            );
            findings.broken(COMPLETENESS, text);
        }
    }
}

/// A server knows less than it did.
fn look_at_retreat<S: StateMachine>(name: &str, server: &mut Seen, core: &Core<S>, findings: &mut Findings) {
    let text = format!(
        "{name} had committed up to {} and applied up to {}, and now only up to {} and {}",
        server.commit,
        server.applied,
        core.commit(),
        core.applied()
    );
    findings.broken(FORWARD, text);
    server.applied = server.applied.min(core.applied());
}

impl<P: Protocol, S: StateMachine> Monitor<P> for Safety<P, S> {
    fn claims(&self) -> Vec<Claim> {
        let always = |name, claim, why| Claim { name, claim, why, kind: Kind::Always };
        vec![
            always(
                ELECTION_SAFETY,
                "At most one leader is elected in a term",
                "Two leaders of one term would put different entries in the same place, and nothing could tell them apart.",
            ),
            always(
                APPEND_ONLY,
                "A leader never replaces or removes an entry of its own log",
                "Followers are brought to agree with the leader's log; it must stand still.",
            ),
            always(
                LOG_MATCHING,
                "If two logs have an entry of the same term at the same index, they are the same up to it",
                "This is what lets one look at the entry before the new ones stand for the whole log.",
            ),
            always(
                COMPLETENESS,
                "A leader has every entry that was committed in earlier terms",
                "Followers take over the leader's log, so what it lacks is lost.",
            ),
            always(
                STATE_MACHINE_SAFETY,
                "All servers apply the same entries at the same indices",
                "This is the point of it all: the servers are copies of one another.",
            ),
            always(
                SURVIVAL,
                "A running server never replaces an entry that was committed in its own term or an earlier one",
                "Somebody may have been told that it took effect.",
            ),
            always(
                FORWARD,
                "A running server never takes back what it knows to be committed, nor what it has applied",
                "Answers were given from it.",
            ),
            Claim {
                name: ELECTED,
                claim: "A leader is elected",
                why: "A cluster that elects nobody breaks none of the claims above.",
                kind: Kind::Sometimes,
            },
        ]
    }

    fn step(&mut self, world: &World<P>, findings: &mut Findings) {
        for node in world.changed() {
            self.look(world, *node, findings);
        }
    }
}
