//! What servers say to each other, and what a core is asked by its host.
//!
//! Every message carries its sender's term. A receiver with an earlier term takes over the later one before anything
//! else; a receiver with a later term tells the sender, who then does the same.

use super::core::StateMachine;
use super::disk::{Entries, Index, Position, RaftDisk, Term};
use super::membership::{Change, Refusal};
use super::snapshot::Snapshot;
use crate::actor::{OpId, Protocol};
use crate::engine::NodeId;
use std::sync::Arc;

/// A message between servers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message<S: StateMachine> {
    /// A candidate asks everybody for a vote (or, before it is one, whether they would vote for it).
    RequestVote {
        /// The term to be elected for. In a real request, the sender has already adopted it and voted for itself; in
        /// a preliminary one it has not, and the receiver must not adopt it either.
        term: Term,
        /// The end of the candidate's log, so that a voter can refuse one less complete than its own.
        last: Position,
        /// Whether the candidate is only sounding out. A preliminary request changes nothing at its receiver.
        pre: bool,
        /// Whether the leader wants this election, so that having heard from it is no reason to refuse.
        transfer: bool,
    },
    /// The answer to `RequestVote`, from every server that received it.
    Vote {
        /// When a preliminary vote is granted, the term asked about; otherwise the voter's own. A candidate that sees
        /// a later term here than its own has lost.
        term: Term,
        /// Whether the vote is given. If so, the voter's disk already says it, and it votes for nobody else in this
        /// term; a preliminary vote binds nobody.
        granted: bool,
        /// Whether this answers a preliminary request.
        pre: bool,
    },
    /// The leader brings entries. Without entries it is a heartbeat: it keeps followers from becoming candidates,
    /// tells them what is committed, and notices when their logs differ.
    Append {
        /// The leader's term. Whoever gets this may assume that a majority elected the sender in this term.
        term: Term,
        /// Where the entries go: after this entry. A follower that does not have it must refuse.
        prev: Position,
        /// The entries. They are durable at the leader.
        entries: Entries<S::Command>,
        /// Up to which index the leader knows the log to be committed. May lie beyond what this message brings.
        commit: Index,
        /// The leader's count of the times it asked whether it still leads. Sent back unchanged.
        round: u64,
    },
    /// The answer to `Append` and `InstallSnapshot`, from every server that received one, even a deposed leader's.
    Appended {
        /// The follower's term. Later than the leader's: the leader has been deposed.
        term: Term,
        /// The round of the `Append`. If the terms agree and the answer is no refusal of a leader of the past, the sender
        /// still took the receiver for the leader when it answered: that is all a reading leader wants to know.
        round: u64,
        /// What became of the entries.
        outcome: Appending,
    },
    /// The leader wants the receiver to lead: do not wait, call an election now.
    TimeoutNow {
        /// The leader's term. In any later one the message is void.
        term: Term,
    },
    /// A follower was asked a question, and wants to know how far it must have applied the log to answer.
    ReadIndex {
        /// The operation, which no other question shares: an answer that comes late must not be taken for another's.
        op: OpId,
    },
    /// The leader answers `ReadIndex`, once it is sure that it led after it was asked.
    ReadReady {
        /// The operation.
        op: OpId,
        /// How far the log must have been applied.
        index: Index,
    },
    /// The leader brings its snapshot, to a follower that needs entries which the leader no longer has.
    InstallSnapshot {
        /// The leader's term, as in `Append`.
        term: Term,
        /// The snapshot. It covers committed entries only, and is durable at the leader.
        snapshot: Arc<Snapshot<S>>,
        /// The leader's count of the times it asked whether it still leads. Sent back unchanged.
        round: u64,
    },
}

impl<S: StateMachine> Message<S> {
    /// How many bytes an append of so many entries has.
    pub(super) fn append_size(entries: usize) -> u32 {
        64 + 40 * entries as u32
    }
}

/// What a follower did with an `Append`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Appending {
    /// The follower's log agrees with the leader's up to this index, and is durable so far.
    Matched {
        /// The index of the last entry brought, or of the entry before them if there were none; later if what follows it
        /// had come before. After a snapshot, up to where the follower knows the log to be committed.
        index: Index,
    },
    /// The follower's log does not hold the entry after which the new ones should go.
    Conflict {
        /// The index that was asked for, so that the leader can tell an old refusal from a new one.
        prev: Index,
        /// The term of the entry that the follower has there instead; `None` if its log is too short.
        term: Option<Term>,
        /// Where that term begins in the follower's log; if it is too short, the index after its end.
        first: Index,
    },
    /// The `Append` came from a leader of an earlier term; the answer's term says which one it is now.
    Deposed,
}

/// The alarms of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoreTimer {
    /// Armed on everybody but the leader: nothing has been heard of a leader for too long.
    Election,
    /// Armed on the leader: time to send everybody something.
    Heartbeat,
    /// Armed on the leader: time to see whether a majority still answers.
    Quorum,
    /// Armed on a leader that hands over: it takes too long.
    Transfer,
}

/// What a core is asked by its host. The answer may come at once, later or, if the server crashes, never.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoreOp<S: StateMachine> {
    /// Put a command into the log, and answer when it has taken effect.
    Propose {
        /// Whose command it is.
        client: NodeId,
        /// The client's number for it: larger than for its earlier commands, equal when it asks again. A number below
        /// the latest that took effect is never answered: the client has moved on.
        sequence: u64,
        /// The command.
        command: S::Command,
    },
    /// Read the state, as it is at some moment between question and answer.
    Read {
        /// The question.
        query: S::Query,
    },
    /// Change who takes part, and answer when that is committed. Asking for what is already so succeeds, so it can be
    /// asked again after a change of leaders.
    Change {
        /// What is wanted.
        change: Change,
    },
    /// Hand the leadership over. The new leader answers when it is asked again.
    Transfer {
        /// To whom.
        to: NodeId,
    },
}

/// What a core answers to its host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoreRet<S: StateMachine> {
    /// The command took effect, or the question was answered.
    Done {
        /// The state machine's output.
        output: S::Output,
        /// The log index of the command, or of the last entry that the reader's state contains.
        index: Index,
    },
    /// This server does not lead, and has done nothing.
    NotLeader {
        /// Who does, as far as it knows.
        leader: Option<NodeId>,
    },
    /// This server led when it was asked, but does not any more. A command may still take effect.
    Deposed {
        /// Who leads now, as far as it knows.
        leader: Option<NodeId>,
    },
    /// The members are as they should be, and that is committed.
    Changed {
        /// The index of the entry that says so.
        index: Index,
    },
    /// This server leads, as it should.
    Leads,
    /// This server leads, and has done nothing; it will not, or not now.
    Refused {
        /// Why.
        why: Refusal,
    },
}

impl<S: StateMachine> Protocol for Message<S> {
    type Timer = CoreTimer;
    type Op = CoreOp<S>;
    type Ret = CoreRet<S>;
    type Disk = RaftDisk<S>;

    fn kind(&self) -> &'static str {
        match self {
            Self::RequestVote { pre: false, .. } => "request-vote",
            Self::RequestVote { pre: true, .. } => "request-pre-vote",
            Self::Vote { pre: false, .. } => "vote",
            Self::Vote { pre: true, .. } => "pre-vote",
            Self::Append { entries, .. } if entries.is_empty() => "heartbeat",
            Self::Append { .. } => "append",
            Self::Appended { .. } => "appended",
            Self::TimeoutNow { .. } => "timeout-now",
            Self::ReadIndex { .. } => "read-index",
            Self::ReadReady { .. } => "read-ready",
            Self::InstallSnapshot { .. } => "install-snapshot",
        }
    }

    fn size(&self) -> u32 {
        match self {
            Self::Append { entries, .. } => Self::append_size(entries.len()),
            Self::InstallSnapshot { snapshot, .. } => snapshot.replica.size(),
            _ => 48,
        }
    }
}
