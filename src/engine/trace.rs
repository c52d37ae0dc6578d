//! What happened, record by record.
//!
//! Every record has a number, a time and, unless it came from outside, the number of the record that caused it:
//! a delivery names its sending, a sending names what its node was handling, a timer names what armed it. Following the
//! causes backwards from any record therefore gives its causal past.
//!
//! Numbers are counted whether or not anybody records, so a run is the same with and without a trace.

use super::NodeId;
use super::signed::SignedSpan;
use super::time::{Span, Time};
use std::any::Any;

/// The number of a record in its run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u64);

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number; ascending, with gaps. Violations seen after the same event share one.
    pub id: RecordId,
    /// When it happened.
    pub time: Time,
    /// What caused it; `None` for what came from outside (the workload, a scheduled fault, the first start).
    pub cause: Option<RecordId>,
    /// On which node it happened; `None` for what concerns the world.
    pub node: Option<NodeId>,
    /// What it was.
    pub what: What,
}

/// What can happen. Texts are the `Debug` form of typed values: for people, never for decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The node started; incarnation 0 is the first boot, each restart adds one.
    Start {
        /// How often the node has restarted.
        incarnation: u32,
    },
    /// The node handed a message to the network.
    Send {
        /// The receiver.
        to: NodeId,
        /// The message's kind.
        kind: &'static str,
        /// The message.
        text: String,
        /// What the network does with it.
        passage: Passage,
    },
    /// The node handled a message.
    Deliver {
        /// The sender.
        from: NodeId,
        /// The message's kind.
        kind: &'static str,
        /// The message.
        text: String,
        /// How long it waited in the node's inbox.
        waited: Span,
    },
    /// A message or operation reached a node that could not take it.
    Drop {
        /// The sender; `None` for an operation.
        from: Option<NodeId>,
        /// The message's kind, or `op`.
        kind: &'static str,
        /// Why it was dropped.
        reason: DropReason,
    },
    /// A timer of the node fired.
    Timer {
        /// The timer.
        name: String,
        /// How long the node was too busy to handle it.
        waited: Span,
    },
    /// The workload asked a client for an operation.
    Invoke {
        /// The operation's number.
        op: u64,
        /// What was asked.
        text: String,
    },
    /// An operation ended.
    Return {
        /// The operation's number.
        op: u64,
        /// What was answered.
        text: String,
        /// How it ended.
        outcome: Outcome,
    },
    /// The node wrote to its disk; not durable yet.
    Write {
        /// What was written.
        text: String,
    },
    /// All that the node had written up to the start of this sync is durable.
    Sync {
        /// How many writes became durable.
        writes: u64,
    },
    /// The node's role changed.
    Role {
        /// The new role.
        role: &'static str,
    },
    /// The node counted something.
    Note {
        /// The counter.
        name: &'static str,
        /// How much was added.
        amount: u64,
    },
    /// A fault of the scenario began.
    FaultBegin {
        /// Its place in the scenario, from zero.
        fault: u32,
        /// What it does, for people: `crash n2`.
        text: String,
        /// The groups that cannot reach each other; empty unless the fault is a partition.
        groups: Vec<Vec<NodeId>>,
        /// The nodes at the ends of the links that it changes; empty unless it is a fault of single links.
        ends: Vec<NodeId>,
    },
    /// A fault of the scenario ended.
    FaultEnd {
        /// Its place in the scenario, from zero.
        fault: u32,
    },
    /// The run settles: the core is healed, and whatever is wrong elsewhere stays as it is.
    Settle {
        /// What this asks, for people: `settle: n1 n2 n3 must come to rest`.
        text: String,
        /// The servers that must come to rest.
        core: Vec<NodeId>,
    },
    /// The node crashed: its memory is gone, its disk keeps what was durable.
    Crash {
        /// How many writes were lost because they had not been synced.
        lost_writes: u64,
    },
    /// The node stopped handling anything.
    Pause,
    /// The node goes on.
    Resume,
    /// Something is wrong with the node's machine from now on.
    Impaired {
        /// What.
        by: Impairment,
    },
    /// It is well again.
    Mended {
        /// What had been wrong.
        of: Impairment,
    },
    /// The node started and found the last record on its disk torn: the checksum was wrong, and the record was dropped.
    TornWrite,
    /// A write or a sync failed, and the node stopped: a crash follows.
    DiskFailed {
        /// What had been wrong with the disk.
        by: Impairment,
    },
    /// The node's clock was set.
    ClockStep {
        /// How far.
        by: SignedSpan,
    },
    /// The node's handler panicked.
    Panic {
        /// The panic's message.
        text: String,
    },
    /// A property broke.
    Violation {
        /// The property's name.
        property: String,
        /// What was seen.
        text: String,
    },
}

/// What the network does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It arrives.
    Arrives {
        /// When.
        at: Time,
    },
    /// It arrives twice.
    Duplicated {
        /// When first.
        at: Time,
        /// When again.
        again: Time,
    },
    /// It is lost by chance.
    Lost,
    /// A partition stands in its way.
    Cut,
    /// Too many messages are in flight already.
    Capped,
    /// A fault that picks out single messages drops it.
    Dropped,
    /// It is changed on the way; the receiver's checksum finds that out, and nobody handles it.
    Corrupted,
    /// There is no room for it in the queue of a link of limited bandwidth.
    Overflowed,
    /// It is held up until a fault ends.
    Clogged {
        /// The fault's place in the scenario, from zero.
        by: u32,
        /// Where it comes among those that are let go at the same moment; equal ones in the order of their sending.
        place: u64,
    },
    /// It is changed on the way, and arrives.
    Altered {
        /// When.
        at: Time,
        /// The random bits from which the change follows.
        by: u64,
    },
}

/// Why a message was dropped at its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// The node is down.
    Down,
    /// The node's inbox is full.
    InboxFull,
}

/// What can be wrong with a node's machine for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Impairment {
    /// It takes longer to handle inputs, or to sync.
    Slow,
    /// Its disk makes no progress.
    DiskStalled,
    /// Its syncs report success and make nothing durable.
    SyncLies,
    /// Writes fail.
    DiskFull,
    /// Syncs fail.
    DiskError,
    /// Its clock runs wrong.
    ClockDrift,
}

impl Impairment {
    /// A word for pictures.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::DiskStalled => "disk stalled",
            Self::SyncLies => "sync lies",
            Self::DiskFull => "disk full",
            Self::DiskError => "disk error",
            Self::ClockDrift => "clock drifts",
        }
    }
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It took effect.
    Ok,
    /// It certainly took no effect.
    Failed,
    /// Nobody knows: it may have taken effect, or may yet.
    Unknown,
}

/// A node of the run, as pictures and tables name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    /// Its name, such as `n1`.
    pub name: String,
    /// Whether it is a client: clients carry out operations and are not struck by faults unless named.
    pub client: bool,
    /// The region that it lies in, if the scenario has regions.
    pub region: Option<String>,
}

/// What a trace is a trace of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The version of Faultlab that made it.
    pub version: String,
    /// The scenario's title.
    pub title: String,
    /// The pattern's name.
    pub pattern: String,
    /// The seed.
    pub seed: u64,
    /// How long the run lasts.
    pub duration: Span,
    /// The nodes, by their number.
    pub nodes: Vec<NodeInfo>,
}

/// A whole run, record by record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What it is a trace of.
    pub header: Header,
    /// What happened, in order.
    pub records: Vec<Record>,
    /// How many records were left out after the trace's limit was reached.
    pub left_out: u64,
}

/// Takes records as they happen. It sees everything and can influence nothing.
pub trait Sink: Any + Send {
    /// Takes the next record.
    fn record(&mut self, record: Record);
}

/// Keeps the first records in memory and counts the rest.
#[derive(Clone, Debug)]
pub struct Recorder {
    records: Vec<Record>,
    limit: usize,
    left_out: u64,
}

impl Recorder {
    /// A recorder that keeps `limit` records.
    pub fn new(limit: usize) -> Self {
        Self { records: Vec::new(), limit, left_out: 0 }
    }

    /// The records kept, in order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The records kept, taken out.
    pub fn take(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }

    /// How many records came after the limit.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

impl Sink for Recorder {
    /// A violation is kept even beyond the limit: it is what the trace will be read for.
    fn record(&mut self, record: Record) {
        if self.records.len() < self.limit || matches!(record.what, What::Violation { .. }) {
            self.records.push(record);
        } else {
            self.left_out += 1;
        }
    }
}
