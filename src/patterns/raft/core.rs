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
use super::disk::{Entry, Index, RaftWrite, Term};
use super::early::Early;
use super::leader::Leader;
use super::membership::{Changes, Electorate, Memberships, Parts};
use super::message::{CoreOp, CoreRet, CoreTimer, Message};
use super::progress::Limits;
use super::read::Forwarded;
use super::reconfigure::CatchUp;
use super::session::Replica;
use super::slots::Slots;
use crate::actor::{Context, Data, OpId};
use crate::engine::{LocalTime, NodeId, Share, Span, SpanRange};
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
    /// The leader answers at once for as long as a majority has promised to elect nobody else. Fast, and right only while
    /// clocks run about equally fast (section 6.4.1 of the dissertation). Needs `check_quorum`.
    Lease,
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
    /// Whether followers answer questions too, after asking the leader how far they must have come.
    pub follower_reads: bool,
    /// How much faster or slower than true time a server's clock may run, at most: leases are shortened accordingly.
    pub clock_drift: Share,
    /// How long a leader leads without an answer from a majority, exactly; without it, it looks every longest election
    /// timeout whether a majority has answered since the last look.
    pub leader_lease: Option<Span>,
    /// How the voters change.
    pub changes: Changes,
    /// When a newcomer has caught up.
    pub catch_up: CatchUp,
    /// How long the steps are in which a server measures time; `None` if it measures exactly.
    pub tick: Option<Span>,
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

impl Settings {
    /// How long until a leader looks again whether a majority still answers.
    pub(super) fn quorum_timeout(&self) -> Span {
        match (self.leader_lease, self.tick) {
            (Some(lease), _) => lease,
            // Servers that count ticks look every least election timeout, as etcd's do.
            (None, Some(_)) => self.election_timeout.min,
            (None, None) => self.election_timeout.max,
        }
    }
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
        votes: Slots,
    },
    /// Asks to be elected for the current term.
    Candidate {
        /// Who voted for it.
        votes: Slots,
        /// Whether a leader told it to.
        told: bool,
    },
    /// Was elected for the current term.
    Leader(Box<Leader<S::Query>>),
}

/// One server's part in the consensus.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Core<S: StateMachine> {
    pub(super) settings: Settings,
    /// The address book: all servers that may ever take part, this one included, in ascending order.
    pub(super) members: Arc<[NodeId]>,
    /// Who takes part.
    pub(super) memberships: Memberships,
    /// This server's place in the address book, once it has started.
    own: Option<usize>,
    /// When it started.
    pub(super) started: LocalTime,
    /// The questions that it has asked the leader about.
    pub(super) forwarded: Forwarded<S::Query>,
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
        assert!(members.len() <= Slots::MOST, "votes are counted in 128 bits");
        let role = Role::Follower { leader: None, heard: LocalTime::default() };
        let everybody = Parts { voters: Slots::first(members.len()), ..Parts::default() };
        Self {
            settings,
            members: members.into(),
            memberships: Memberships::new(everybody),
            own: None,
            started: LocalTime::default(),
            forwarded: Forwarded::default(),
            role,
            commit: 0,
            applied: 0,
            replica: Replica::new(machine),
            early: Early::default(),
        }
    }

    /// The same, where only `voters` take part in the beginning, and the others stand by until they are added.
    ///
    /// # Panics
    /// If there are none among the members.
    pub fn beginning_with(mut self, voters: impl IntoIterator<Item = NodeId>) -> Self {
        let voters: Slots = voters.into_iter().filter_map(|node| self.slot(node)).collect();
        assert!(!voters.is_empty(), "somebody must take part");
        self.memberships = Memberships::new(Parts { voters, ..Parts::default() });
        self
    }

    /// A word for the role: `follower`, `pre-candidate`, `candidate` or `leader`; `learner` and `standby` for servers
    /// without a vote.
    pub fn role(&self) -> &'static str {
        match self.role {
            Role::Follower { .. } if !self.may_lead() => {
                if self.parts().learners.and(self.own()).is_empty() {
                    "standby"
                } else {
                    "learner"
                }
            }
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

    /// All servers that may ever take part, in ascending order.
    pub fn members(&self) -> &[NodeId] {
        &self.members
    }

    /// The index of the membership in force, and of the one before it; 0 for the first.
    pub fn membership_indices(&self) -> (Index, Index) {
        self.memberships.last_two()
    }

    /// Everybody who has a say now, in ascending order.
    pub fn electors(&self) -> Vec<NodeId> {
        self.parts().electors().iter().map(|slot| self.members[slot]).collect()
    }

    /// Whether this server asks to be elected for the term on its disk.
    pub fn is_candidate(&self) -> bool {
        matches!(self.role, Role::Candidate { .. })
    }

    /// Whether it asks because a leader told it to.
    pub fn was_told_to_campaign(&self) -> bool {
        matches!(self.role, Role::Candidate { told: true, .. })
    }

    /// Whether this server neither leads nor asks to.
    pub fn is_follower(&self) -> bool {
        matches!(self.role, Role::Follower { .. })
    }

    /// When this server last heard from the leader that it follows, by its own clock.
    pub fn heard_leader(&self) -> Option<LocalTime> {
        match self.role {
            Role::Follower { leader: Some(_), heard } => Some(heard),
            _ => None,
        }
    }

    /// The server starts, for the first time or again. Its disk says what it promised before.
    pub fn on_start(&mut self, ctx: &mut Context<Message<S>>) {
        let (term, last) = (ctx.disk().term, ctx.disk().last());
        if self.planted(Bug::ForgetVote) && term > 0 {
            ctx.write(RaftWrite::Term { term, vote: None });
        }
        if self.planted(Bug::ForgetTerm) && term > 0 {
            ctx.write(RaftWrite::Term { term: last.term, vote: None });
        }
        self.own = self.slot(ctx.id());
        self.started = ctx.clock();
        self.recover(ctx);
        self.await_leader(ctx);
    }

    /// A message from another server. Strangers are ignored.
    pub fn on_message(&mut self, from: NodeId, message: Message<S>, ctx: &mut Context<Message<S>>) {
        let Some(slot) = self.slot(from) else { return };
        match message {
            Message::RequestVote { term, last, pre: true, .. } => self.on_request_pre_vote(from, term, last, ctx),
            Message::RequestVote { term, last, pre: false, transfer } => {
                self.on_request_vote(from, term, last, transfer, ctx);
            }
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
            Message::TimeoutNow { term } => self.on_timeout_now(term, ctx),
            Message::ReadIndex { op } => self.on_read_index(from, op, ctx),
            Message::ReadReady { op, index } => self.on_read_ready(op, index, ctx),
        }
    }

    /// An alarm went off.
    pub fn on_timer(&mut self, timer: CoreTimer, ctx: &mut Context<Message<S>>) {
        match timer {
            CoreTimer::Election => self.on_election_timeout(ctx),
            CoreTimer::Heartbeat => self.on_heartbeat_due(ctx),
            CoreTimer::Quorum => self.on_quorum_due(ctx),
            CoreTimer::Transfer => self.on_transfer_due(ctx),
        }
    }

    /// The host asks for something.
    pub fn on_op(&mut self, op: OpId, asked: CoreOp<S>, ctx: &mut Context<Message<S>>) {
        match asked {
            CoreOp::Propose { client, sequence, command } => self.on_propose(op, client, sequence, command, ctx),
            CoreOp::Read { query } => self.on_read(op, query, ctx),
            CoreOp::Change { change } => self.on_change(op, &change, ctx),
            CoreOp::Transfer { to } => self.on_transfer(op, to, ctx),
        }
    }

    /// Falls back to following, in `term` if that is later than the current one. A leader lets go of everything that it
    /// was asked: its entries may be committed by its successor or replaced, so it cannot say what becomes of them.
    pub(super) fn follow(&mut self, term: Term, leader: Option<NodeId>, ctx: &mut Context<Message<S>>) {
        if term > ctx.disk().term {
            ctx.write(RaftWrite::Term { term, vote: None });
        }
        // Whoever waits for an answer through the leader of before asks again.
        if !self.forwarded.is_empty() {
            for op in self.forwarded.take() {
                ctx.reply(op, CoreRet::NotLeader { leader });
            }
        }
        let before = mem::replace(&mut self.role, Role::Follower { leader, heard: ctx.clock() });
        if let Role::Leader(deposed) = before {
            ctx.note("leader_step_downs", 1);
            ctx.disarm(CoreTimer::Heartbeat);
            ctx.disarm(CoreTimer::Quorum);
            if deposed.transfer.is_some() {
                ctx.disarm(CoreTimer::Transfer);
            }
            self.await_leader(ctx);
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

    /// How many of `count` servers are a majority: any two majorities share one.
    fn majority(&self, count: usize) -> usize {
        if self.planted(Bug::QuorumOffByOne) { count / 2 } else { count / 2 + 1 }
    }

    /// Whose word counts now.
    pub(super) fn electorate(&self) -> Electorate {
        Electorate::of(self.parts(), |count| self.majority(count))
    }

    /// Who takes part now.
    pub(super) fn parts(&self) -> Parts {
        self.memberships.in_force().1
    }

    /// This server alone.
    pub(super) fn own(&self) -> Slots {
        self.own.into_iter().collect()
    }

    /// Whether this server may become the leader: it has a vote, or had one under what is committed so far.
    pub(super) fn may_lead(&self) -> bool {
        let has_vote = |parts: Parts| !parts.electors().and(self.own()).is_empty();
        self.own.is_none() || has_vote(self.parts()) || has_vote(self.memberships.at(self.commit))
    }

    /// The log was changed after `after`: whoever takes part may have changed with it.
    pub(super) fn log_changed(&mut self, after: Index, entries: &[Entry<S::Command>]) {
        self.memberships.replace(after, entries, &self.members);
    }

    /// A server's place in tables of servers.
    pub(super) fn slot(&self, node: NodeId) -> Option<usize> {
        self.members.binary_search(&node).ok()
    }

    /// Whether nobody but this server has a say: it is a majority in itself.
    pub(super) fn alone(&self) -> bool {
        self.parts().electors() == self.own()
    }

    /// Whether this bug is planted.
    pub(super) fn planted(&self, bug: Bug) -> bool {
        self.settings.bug == Some(bug)
    }
}
