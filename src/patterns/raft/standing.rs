//! A server in a few lines, for whoever reads how a property of Raft broke: what decides whom it votes for, whom it
//! follows and what it takes for committed.

use super::core::{Core, Role, StateMachine};
use super::disk::{Content, Entry, RaftDisk};
use crate::actor::Line;

/// How many entries at the end of the log are told. What servers disagree about is there.
const ENTRIES: usize = 4;

/// The lines of a server with this core and this disk.
pub(super) fn standing<S: StateMachine>(core: &Core<S>, disk: &RaftDisk<S>) -> Vec<Line> {
    let vote = disk.vote.map_or("nobody".into(), |node| node.to_string());
    let mut lines = vec![
        Line::new("term", disk.term.to_string()),
        Line::new("voted for", vote),
        Line::new("commit", core.commit().to_string()),
        Line::new("applied", core.applied.to_string()),
        Line::new("log", log(disk)),
        Line::new("its end", end(disk)),
    ];
    match &core.role {
        Role::Follower { leader, .. } => {
            lines.push(Line::new("follows", leader.map_or("nobody".into(), |node| node.to_string())));
        }
        Role::PreCandidate { votes } | Role::Candidate { votes, .. } => {
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

/// How long the log is, and where it begins if its beginning was cut off.
fn log<S: StateMachine>(disk: &RaftDisk<S>) -> String {
    let entries = disk.entries().len();
    match disk.start().index {
        0 => format!("{entries} entries"),
        start => format!("{entries} entries after a snapshot's {start}"),
    }
}

/// The last entries, each with its index and its term: `157@1 put k0=3, 158@2 empty`.
fn end<S: StateMachine>(disk: &RaftDisk<S>) -> String {
    let (entries, start) = (disk.entries(), disk.start().index);
    let tell = |(place, entry): (usize, &Entry<S::Command>)| {
        let at = format!("{}@{}", start + place as u64 + 1, entry.term);
        match &entry.content {
            Content::Empty => format!("{at} empty"),
            Content::Command(proposal) => format!("{at} {:?}", proposal.command),
            Content::Membership(parts) => format!("{at} {parts:?}"),
        }
    };
    let end = entries.iter().enumerate().skip(entries.len().saturating_sub(ENTRIES));
    end.map(tell).collect::<Vec<_>>().join(", ")
}
