//! The key-value service: what goes over the wire, and the server that hosts a core.
//!
//! A [`Server`] is thin on purpose. It hands its core whatever servers say to each other, turns a client's request into
//! an operation of the core, and the core's answer into a response.

use super::admin::Wish;
use super::config::Config;
use super::core::Core;
use super::disk::{Index, RaftDisk, RaftWrite};
use super::membership::Refusal;
use super::message::{CoreOp, CoreRet, CoreTimer, Message};
use super::standing::standing;
use super::store::{Command, Key, Output, Query, Store};
use crate::actor::{Actor, Context, Durable, Embeds, Line, OpId, Protocol};
use crate::engine::NodeId;
use crate::engine::trace::Outcome;
use crate::sim::World;

/// Everything that goes over the wire.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Msg {
    /// Between servers.
    Raft(Message<Store>),
    /// A client asks a server that it takes for the leader. It asks again, here or elsewhere, until it is answered.
    Request {
        /// The client's number for the operation. The same operation keeps it however often it is sent.
        serial: Serial,
        /// The operation.
        op: Op,
    },
    /// A server answers a client. There may be several answers to an operation, or none.
    Response {
        /// The operation.
        serial: Serial,
        /// The answer.
        reply: Reply,
    },
}

/// A client's number for an operation: how often the client has started, and how many operations it has begun since. So
/// a client that forgot everything in a crash still never uses a number twice.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial {
    /// How often the client has started.
    pub boot: u16,
    /// The operation's number since then.
    pub number: u32,
}

/// What a server answers to a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// The operation took effect, once.
    Done {
        /// The store's output.
        output: Output,
        /// The index of the operation in the log or, for a read, of the last entry that it saw.
        revision: Index,
    },
    /// Ask somebody else.
    NotLeader {
        /// Who should know, if the server knows that much.
        leader: Option<NodeId>,
    },
    /// What the operator wants is so.
    Arranged,
    /// The server leads, and has done nothing.
    Refused {
        /// Why.
        why: Refusal,
    },
}

/// What the outside world asks of a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// The value of a key.
    Get {
        /// The key.
        key: Key,
    },
    /// A change of the store.
    Change(Command),
    /// What an operator wants of the cluster.
    Admin(Wish),
}

/// What the outside world gets back from a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// The operation took effect.
    Done {
        /// The store's output.
        output: Output,
        /// The index of the operation in the log or, for a read, of the last entry that it saw: later operations have
        /// larger ones.
        revision: Index,
    },
    /// What the operator wants is so.
    Arranged,
    /// The leader does not do what the operator wants.
    Declined {
        /// Why.
        why: Refusal,
    },
    /// The client gave up, and the operation certainly has no effect: it is a read, or was never sent.
    Refused,
    /// The client gave up, and nobody knows whether the operation has taken effect or will.
    TimedOut,
}

impl Answer {
    /// What the answer says about the operation's effect.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Done { .. } | Self::Arranged => Outcome::Ok,
            Self::Declined { .. } | Self::Refused => Outcome::Failed,
            Self::TimedOut => Outcome::Unknown,
        }
    }
}

/// The alarms of servers and clients.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// A server's core's.
    Raft(CoreTimer),
    /// On a client: the request has not been answered, or nobody knew a leader; ask again.
    Retry,
    /// On a client: the operation has taken too long.
    GiveUp(OpId),
    /// On an operator: a step of its timetable is due, or has not been answered.
    Step(u32),
}

/// What survives a crash, of a server or of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Disk {
    /// A server's: what its core promised.
    pub raft: RaftDisk<Store>,
    /// A client's: how often it has started.
    pub boots: u16,
}

/// A change of a disk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Write {
    /// A server's core writes.
    Raft(RaftWrite<Store>),
    /// A client starts.
    Boot,
}

impl Durable for Disk {
    type Write = Write;

    fn apply(&mut self, write: &Write) {
        match write {
            Write::Raft(write) => self.raft.apply(write),
            Write::Boot => self.boots += 1,
        }
    }

    fn fits(&self, write: &Write) -> bool {
        match write {
            Write::Raft(write) => self.raft.fits(write),
            Write::Boot => true,
        }
    }
}

impl Protocol for Msg {
    type Timer = Timer;
    type Op = Op;
    type Ret = Answer;
    type Disk = Disk;

    fn kind(&self) -> &'static str {
        match self {
            Self::Raft(message) => message.kind(),
            Self::Request { .. } => "request",
            Self::Response { .. } => "response",
        }
    }

    fn size(&self) -> u32 {
        match self {
            Self::Raft(message) => message.size(),
            Self::Request { .. } | Self::Response { .. } => 64,
        }
    }
}

impl Embeds<Message<Store>> for Msg {
    fn message(inner: Message<Store>) -> Self {
        Self::Raft(inner)
    }

    fn timer(inner: CoreTimer) -> Timer {
        Timer::Raft(inner)
    }

    fn disk(disk: &mut Disk) -> &mut RaftDisk<Store> {
        &mut disk.raft
    }

    fn write(inner: RaftWrite<Store>) -> Write {
        Write::Raft(inner)
    }
}

impl Serial {
    /// The number as one that grows with each operation, as sessions want it.
    pub fn sequence(self) -> u64 {
        u64::from(self.boot) << 32 | u64::from(self.number)
    }

    /// The operation's number at the server's core: whose it is, and which.
    fn op(self, client: NodeId) -> OpId {
        assert!(client.0 < 1 << 16, "clients are numbered in 16 bits where servers tell operations apart");
        OpId(u64::from(client.0) << 48 | self.sequence())
    }

    /// The same backwards.
    fn of(op: OpId) -> (NodeId, Self) {
        (NodeId((op.0 >> 48) as u32), Self { boot: (op.0 >> 32) as u16, number: op.0 as u32 })
    }
}

/// A server of the key-value service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    core: Core<Store>,
}

impl Server {
    /// One of `servers`, with an empty store. The last of them may have to stand by.
    pub fn new(servers: impl IntoIterator<Item = NodeId>, config: &Config) -> Self {
        let core = Core::new(servers, Store::default(), config.settings());
        let voters: Vec<NodeId> = core.members()[..config.voters()].to_vec();
        Self { core: core.beginning_with(voters) }
    }

    /// This server's part in the consensus.
    pub fn core(&self) -> &Core<Store> {
        &self.core
    }

    /// Runs one of the core's handlers and sends what it answers to the clients that asked.
    fn drive(&mut self, ctx: &mut Context<Msg>, body: impl FnOnce(&mut Core<Store>, &mut Context<Message<Store>>)) {
        let ((), replies) = ctx.embed(|inner| body(&mut self.core, inner));
        for (op, ret) in replies {
            let (client, serial) = Serial::of(op);
            let reply = match ret {
                CoreRet::Done { output, index } => Reply::Done { output, revision: index },
                // For the client both mean the same: ask another server, under the same number.
                CoreRet::NotLeader { leader } | CoreRet::Deposed { leader } => Reply::NotLeader { leader },
                CoreRet::Changed { .. } | CoreRet::Leads => Reply::Arranged,
                CoreRet::Refused { why } => Reply::Refused { why },
            };
            ctx.send(client, Msg::Response { serial, reply });
        }
    }
}

impl Actor<Msg> for Server {
    fn on_start(&mut self, ctx: &mut Context<Msg>) {
        self.drive(ctx, |core, inner| core.on_start(inner));
    }

    fn on_message(&mut self, from: NodeId, message: Msg, ctx: &mut Context<Msg>) {
        match message {
            Msg::Raft(message) => self.drive(ctx, |core, inner| core.on_message(from, message, inner)),
            Msg::Request { serial, op } => {
                let asked = match op {
                    Op::Get { key } => CoreOp::Read { query: Query { key } },
                    Op::Change(command) => CoreOp::Propose { client: from, sequence: serial.sequence(), command },
                    Op::Admin(wish) => match wish.change() {
                        Ok(change) => CoreOp::Change { change },
                        Err(to) => CoreOp::Transfer { to },
                    },
                };
                self.drive(ctx, |core, inner| core.on_op(serial.op(from), asked, inner));
            }
            // Servers ask nothing, so this is a stray.
            Msg::Response { .. } => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Context<Msg>) {
        if let Timer::Raft(timer) = timer {
            self.drive(ctx, |core, inner| core.on_timer(timer, inner));
        }
    }

    /// The world may also ask a server directly, which only tests of a single server do: it has no answer to give but
    /// over the wire.
    fn on_op(&mut self, id: OpId, _op: Op, ctx: &mut Context<Msg>) {
        ctx.reply(id, Answer::Refused);
    }

    fn role(&self) -> &'static str {
        self.core.role()
    }

    fn show(&self, disk: &Disk) -> Vec<Line> {
        standing(&self.core, &disk.raft)
    }
}

/// Where the service's servers keep their cores, for [`Safety`](super::properties::Safety).
pub fn core_of(world: &World<Msg>, node: NodeId) -> Option<(&Core<Store>, &RaftDisk<Store>)> {
    Some((world.actor::<Server>(node)?.core(), &world.node(node).disk().raft))
}
