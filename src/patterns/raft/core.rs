//! The component: a server's part in the consensus, apart from what is being replicated and who asks for it.
//!
//! A [`Core`] is embedded in an actor, which feeds it messages, alarms and operations through
//! [`Context::embed`] and carries out what it answers. It has four roles. A follower listens to a leader; when it has
//! heard none for too long, it sounds out whether it could win (pre-candidate), asks for votes (candidate), and leads
//! if a majority gives them. Whoever hears of a later term falls back to following.
//!
//! Whatever a core says is covered by its disk: it writes first and sends afterwards, and the world holds back what is
//! sent until the writing is durable. The leader's own log counts for a majority in the same way: its appends are sent
//! after its own write, so no follower can confirm an entry that the leader could still lose. Only a server that is alone
//! has no follower to wait for; it waits for a message to itself instead.

use super::bugs::Bug;
use super::disk::{Index, RaftWrite, Term};
use super::early::Early;
use super::election::Votes;
use super::leader::Leader;
use super::message::{CoreOp, CoreRet, CoreTimer, Message};
use super::progress::Limits;
use super::session::Replica;
use crate::actor::{Context, Data, OpId};
use crate::engine::{LocalTime, NodeId, Span, SpanRange};
use serde::{Deserialize, Serialize};
use std::mem;
use std::sync::Arc;

/// What is replicated. Two machines that apply the same commands in the same order must be equal, and must have
/// answered equally. `Sync`, because entries and snapshots are shared between messages and disks.
pub trait StateMachine: Data + Sync {
    /// What changes it.
    type Command: Data + Sync;
    /// What asks about it.
    type Query: Data;
    /// What it answers.
    type Output: Data + Sync;

    /// Carries out a command.
    fn apply(&mut self, command: &Self::Command) -> Self::Output;

    /// Answers a question.
    fn query(&self, query: &Self::Query) -> Self::Output;

    /// How many bytes the state takes on the wire, about.
    fn size(&self) -> u32;
}

/// How questions are answered.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reads {
    /// Through the log: each question takes a place among the commands.
    Log,
    /// The leader notes what is committed, asks a majority whether it still leads, and answers when both are settled.
    #[default]
    ReadIndex,
    /// Any server answers from what it has, at once. Fast, and wrong: the answer may come from any distance in the
    /// past.
    Local,
}

/// The settings of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Settings {
    /// How long a server waits for a leader before it wants to become one; drawn anew each time.
    pub election_timeout: SpanRange,
    /// How often a leader speaks to everybody.
    pub heartbeat: Span,
    /// Whether a server sounds out the others before it raises its term.
    pub pre_vote: bool,
    /// Whether a leader retires when a majority has been silent for an election timeout.
    pub check_quorum: bool,
    /// How questions are answered.
    pub reads: Reads,
    /// How many entries one message may carry.
    pub max_batch: u32,
    /// How many appends may be under way to a follower.
    pub max_inflight: u32,
    /// How many bytes they may have together; the one that exceeds it is still sent.
    pub max_inflight_bytes: u64,
    /// How many entries are applied between two snapshots; 0 for no snapshots.
    pub snapshot_after: u64,
    /// How many entries before a snapshot stay in the log, for followers that are a little behind.
    pub snapshot_keep: u64,
    /// How long taking or installing a snapshot keeps a server busy.
    pub snapshot_work: Span,
    /// The planted bug.
    pub bug: Option<Bug>,
}

/// The part that a server plays just now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role<S: StateMachine> {
    /// Listens to a leader.
    Follower {
        /// The leader of the current term, once it has been heard.
        leader: Option<NodeId>,
        /// When it was last heard.
        heard: LocalTime,
    },
    /// Asks whether it could win an election.
    PreCandidate {
        /// Who said yes.
        votes: Votes,
    },
    /// Asks to be elected for the current term.
    Candidate {
        /// Who voted for it.
        votes: Votes,
    },
    /// Was elected for the current term.
    Leader(Leader<S::Query>),
}

/// One server's part in the consensus.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Core<S: StateMachine> {
    pub(super) settings: Settings,
    /// All servers, this one included, in ascending order.
    pub(super) members: Arc<[NodeId]>,
    pub(super) role: Role<S>,
    /// Up to here the log is known to be committed.
    pub(super) commit: Index,
    /// Up to here the log has been applied to the replica.
    pub(super) applied: Index,
    pub(super) replica: Replica<S>,
    /// Entries of the current leader's that came before their time.
    pub(super) early: Early<S::Command>,
}

impl Settings {
    /// How much may be under way to a follower.
    pub(super) fn limits(&self) -> Limits {
        Limits { appends: self.max_inflight, bytes: self.max_inflight_bytes }
    }
}

impl<S: StateMachine> Core<S> {
    /// A core that replicates `machine` among `members`, of which this server is one.
    ///
    /// # Panics
    /// If there are no members, or more than 128.
    pub fn new(members: impl IntoIterator<Item = NodeId>, machine: S, settings: Settings) -> Self {
        let mut members: Vec<NodeId> = members.into_iter().collect();
        members.sort_unstable();
        members.dedup();
        assert!(!members.is_empty(), "a cluster has at least one member");
        assert!(members.len() <= Votes::MOST, "votes are counted in 128 bits");
        let role = Role::Follower { leader: None, heard: LocalTime::default() };
        let (replica, early) = (Replica::new(machine), Early::default());
        Self { settings, members: members.into(), role, commit: 0, applied: 0, replica, early }
    }

    /// A word for the role: `follower`, `pre-candidate`, `candidate` or `leader`.
    pub fn role(&self) -> &'static str {
        match self.role {
            Role::Follower { .. } => "follower",
            Role::PreCandidate { .. } => "pre-candidate",
            Role::Candidate { .. } => "candidate",
            Role::Leader(_) => "leader",
        }
    }

    /// Whether this server takes itself for the leader of the term on its disk.
    pub fn leads(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// Up to which index this server knows the log to be committed.
    pub fn commit(&self) -> Index {
        self.commit
    }

    /// Up to which index this server has applied the log.
    pub fn applied(&self) -> Index {
        self.applied
    }

    /// The replicated state, as far as it has been applied.
    pub fn machine(&self) -> &S {
        self.replica.machine()
    }

    /// All servers, in ascending order.
    pub fn members(&self) -> &[NodeId] {
        &self.members
    }

    /// The server starts, for the first time or again. Its disk says what it promised before.
    pub fn on_start(&mut self, ctx: &mut Context<Message<S>>) {
        self.recover(ctx);
        let (term, last) = (ctx.disk().term, ctx.disk().last());
        if self.planted(Bug::ForgetVote) && term > 0 {
            ctx.write(RaftWrite::Term { term, vote: None });
        }
        if self.planted(Bug::ForgetTerm) && term > 0 {
            ctx.write(RaftWrite::Term { term: last.term, vote: None });
        }
        ctx.arm(CoreTimer::Election, self.settings.election_timeout);
    }

    /// A message from another server. Strangers are ignored.
    pub fn on_message(&mut self, from: NodeId, message: Message<S>, ctx: &mut Context<Message<S>>) {
        let Some(slot) = self.slot(from) else { return };
        match message {
            Message::RequestVote { term, last, pre: true } => self.on_request_pre_vote(from, term, last, ctx),
            Message::RequestVote { term, last, pre: false } => self.on_request_vote(from, term, last, ctx),
            Message::Vote { term, granted, pre: true } => self.on_pre_vote(slot, term, granted, ctx),
            Message::Vote { term, granted, pre: false } => self.on_vote(slot, term, granted, ctx),
            Message::Append { term, prev, entries, commit, round } => {
                if self.hear_leader(from, term, round, ctx) {
                    self.on_append(from, prev, entries, commit, round, ctx);
                }
            }
            Message::InstallSnapshot { term, snapshot, round } => {
                if self.hear_leader(from, term, round, ctx) {
                    self.on_install_snapshot(from, snapshot, round, ctx);
                }
            }
            Message::Appended { term, round, outcome } => self.on_appended(slot, term, round, outcome, ctx),
        }
    }

    /// An alarm went off.
    pub fn on_timer(&mut self, timer: CoreTimer, ctx: &mut Context<Message<S>>) {
        match timer {
            CoreTimer::Election => self.on_election_timeout(ctx),
            CoreTimer::Heartbeat => self.on_heartbeat_due(ctx),
            CoreTimer::Quorum => self.on_quorum_due(ctx),
        }
    }

    /// The host asks for something.
    pub fn on_op(&mut self, op: OpId, asked: CoreOp<S>, ctx: &mut Context<Message<S>>) {
        match asked {
            CoreOp::Propose { client, sequence, command } => self.on_propose(op, client, sequence, command, ctx),
            CoreOp::Read { query } => self.on_read(op, query, ctx),
        }
    }

    /// Falls back to following, in `term` if that is later than the current one. A leader lets go of everything that it
    /// was asked: its entries may be committed by its successor or replaced, so it cannot say what becomes of them.
    pub(super) fn follow(&mut self, term: Term, leader: Option<NodeId>, ctx: &mut Context<Message<S>>) {
        if term > ctx.disk().term {
            ctx.write(RaftWrite::Term { term, vote: None });
        }
        let before = mem::replace(&mut self.role, Role::Follower { leader, heard: ctx.clock() });
        if let Role::Leader(deposed) = before {
            ctx.note("leader_step_downs", 1);
            ctx.disarm(CoreTimer::Heartbeat);
            ctx.disarm(CoreTimer::Quorum);
            ctx.arm(CoreTimer::Election, self.settings.election_timeout);
            for op in deposed.waiting() {
                ctx.reply(op, CoreRet::Deposed { leader });
            }
        }
    }

    /// The leader as far as this server knows, for clients that asked the wrong one.
    pub(super) fn leader_hint(&self) -> Option<NodeId> {
        match self.role {
            Role::Follower { leader, .. } => leader,
            _ => None,
        }
    }

    /// How many servers are a majority: any two majorities share one.
    pub(super) fn quorum(&self) -> usize {
        if self.planted(Bug::QuorumOffByOne) {
            return self.members.len() / 2;
        }
        self.members.len() / 2 + 1
    }

    /// A server's place in tables of servers.
    pub(super) fn slot(&self, node: NodeId) -> Option<usize> {
        self.members.binary_search(&node).ok()
    }

    /// Whether this server is the only one: a majority in itself.
    pub(super) fn alone(&self) -> bool {
        self.members.len() == 1
    }

    /// Whether this bug is planted.
    pub(super) fn planted(&self, bug: Bug) -> bool {
        self.settings.bug == Some(bug)
    }
}
