//! A server in a few lines, for whoever reads how a property of Raft broke: what decides whom it votes for, whom it
//! follows and what it takes for committed.

use super::core::{Core, Role, StateMachine};
use super::disk::{Entry, RaftDisk};
use crate::actor::Line;
use std::fmt::Debug;

/// How many entries at the end of the log are told. What servers disagree about is there.
const ENTRIES: usize = 4;

/// The lines of a server with this core and this disk.
pub(super) fn standing<S: StateMachine>(core: &Core<S>, disk: &RaftDisk<S::Command>) -> Vec<Line> {
    let vote = disk.vote.map_or("nobody".into(), |node| node.to_string());
    let mut lines = vec![
        Line::new("term", disk.term.to_string()),
        Line::new("voted for", vote),
        Line::new("commit", core.commit().to_string()),
        Line::new("applied", core.applied.to_string()),
        Line::new("log", format!("{} entries", disk.entries().len())),
        Line::new("its end", end(disk)),
    ];
    match &core.role {
        Role::Follower { leader, .. } => {
            lines.push(Line::new("follows", leader.map_or("nobody".into(), |node| node.to_string())));
        }
        Role::PreCandidate { votes } | Role::Candidate { votes } => {
            lines.push(Line::new("votes so far", votes.count().to_string()));
        }
        Role::Leader(leader) => {
            let known = core.members.iter().zip(&leader.progress);
            let known: Vec<String> = known.map(|(node, progress)| format!("{node} {}", progress.matched)).collect();
            lines.push(Line::new("logs known to agree up to", known.join(", ")));
        }
    }
    lines
}

/// The last entries, each with its index and its term: `157@1 put k0=3, 158@2 empty`.
fn end<C: Debug>(disk: &RaftDisk<C>) -> String {
    let entries = disk.entries();
    let tell = |(place, Entry { term, command }): (usize, &Entry<C>)| match command {
        None => format!("{}@{term} empty", place + 1),
        Some(proposal) => format!("{}@{term} {:?}", place + 1, proposal.command),
    };
    let end = entries.iter().enumerate().skip(entries.len().saturating_sub(ENTRIES));
    end.map(tell).collect::<Vec<_>>().join(", ")
}
