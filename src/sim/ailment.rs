//! What can be wrong with single nodes: how they crash, their speed, their disk, their clock.
//!
//! An ailment is of the machine, not of the process: a crash does not end it, and a node that is down has it too.

use crate::engine::survival::OnCrash;
use crate::engine::trace::Impairment;
use crate::engine::{Drift, NodeId, SignedSpan, Span, SpanRange};

/// Something wrong with nodes while a fault lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ailment {
    /// Nodes crash as in [`Action::Crash`](super::fault::Action::Crash), with circumstances.
    Crash {
        /// Whether the disk is lost as well: the node starts again as if it were new.
        wipe: bool,
        /// How long after the fault's end a node starts again, drawn for each.
        restart_delay: SpanRange,
    },
    /// Everything takes a multiple of its time.
    Slow(Slowness),
    /// The disk makes no progress: syncs that run or begin meanwhile go on when the fault ends.
    Stall,
    /// Syncs report success and make nothing durable; the first sync that begins and ends after the fault makes up for it.
    LyingSync,
    /// A write fails, and the node stops at once. It starts again when the fault ends.
    DiskFull,
    /// A sync fails when it ends, and the node stops at once. It starts again when the fault ends.
    DiskError,
    /// The clock is set forwards or backwards once, and right again when the fault ends.
    ClockStep(SignedSpan),
    /// The clock runs wrong by so much more.
    ClockDrift(Drift),
}

/// How many times as long things take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slowness {
    /// Handling inputs.
    pub work: u32,
    /// Disk syncs that begin meanwhile.
    pub disk: u32,
}

impl Slowness {
    /// As fast as ever.
    pub const NONE: Self = Self { work: 1, disk: 1 };
}

/// How single nodes differ from perfect machines throughout a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSettings {
    /// How long a server is busy with one input, on top of what its handler asks for.
    pub work: Span,
    /// What a crash leaves of writes that were not durable.
    pub on_crash: OnCrash,
    /// Whether sends and replies wait until the writes before them are durable.
    pub barrier: bool,
    /// Nodes whose syncs report success and make nothing durable.
    pub lying: Vec<NodeId>,
    /// Nodes whose clock is off, or runs wrong; for the same node the last one counts.
    pub clocks: Vec<(NodeId, SignedSpan, Drift)>,
}

impl Default for NodeSettings {
    fn default() -> Self {
        Self { work: Span::ZERO, on_crash: OnCrash::Lose, barrier: true, lying: Vec::new(), clocks: Vec::new() }
    }
}

impl Ailment {
    /// What it does to those struck, for people: `slow n1 (the leader): work x10, disk x1`.
    pub(super) fn describe(&self, whom: &str) -> String {
        match self {
            Self::Crash { wipe, restart_delay } => {
                let wiped = if *wipe { ", wipe the disk" } else { "" };
                let late = match restart_delay.max.is_zero() {
                    true => String::new(),
                    false => format!(", restart {restart_delay} late"),
                };
                format!("crash {whom}{wiped}{late}")
            }
            Self::Slow(Slowness { work, disk: 1 }) => format!("slow {whom}: work x{work}"),
            Self::Slow(Slowness { work: 1, disk }) => format!("slow {whom}: disk x{disk}"),
            Self::Slow(Slowness { work, disk }) => format!("slow {whom}: work x{work}, disk x{disk}"),
            Self::Stall => format!("stall the disk of {whom}"),
            Self::LyingSync => format!("syncs lie on {whom}"),
            Self::DiskFull => format!("fill the disk of {whom}"),
            Self::DiskError => format!("fail the syncs of {whom}"),
            Self::ClockStep(by) => format!("set the clock of {whom} by {by}"),
            Self::ClockDrift(drift) => format!("let the clock of {whom} drift by {drift}"),
        }
    }

    /// Its kind in a word: the key under which scenario files have it.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Crash { .. } => "crash",
            Self::Slow(_) => "slow",
            Self::Stall => "stall",
            Self::LyingSync => "lying_sync",
            Self::DiskFull => "disk_full",
            Self::DiskError => "disk_error",
            Self::ClockStep(_) => "clock_step",
            Self::ClockDrift(_) => "clock_drift",
        }
    }

    /// What the nodes struck are marked with while the fault lasts.
    pub(super) fn impairment(&self) -> Option<Impairment> {
        match self {
            Self::Crash { .. } | Self::ClockStep(_) => None,
            Self::Slow(_) => Some(Impairment::Slow),
            Self::Stall => Some(Impairment::DiskStalled),
            Self::LyingSync => Some(Impairment::SyncLies),
            Self::DiskFull => Some(Impairment::DiskFull),
            Self::DiskError => Some(Impairment::DiskError),
            Self::ClockDrift(_) => Some(Impairment::ClockDrift),
        }
    }
}
