//! What a nemesis can do.

use crate::engine::random::Stream;
use crate::engine::{Drift, Share, SignedSpan, Span, SpanRange};
use crate::scenario::draw::log_uniform;
use crate::scenario::file::FaultTable;
use crate::scenario::network_faults::{ClogTable, DegradeTable, OneWayTable, ReleaseSetting, everybody};
use crate::scenario::node_faults::{ClockDriftTable, ClockStepTable, SlowTable};
use crate::scenario::select::Selector;
use crate::sim::fault::Who;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of random fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Nodes are cut off from the other servers.
    Partition,
    /// Nodes are cut off from everybody, clients included.
    Isolate,
    /// Nodes crash, and start again when the fault ends.
    Crash,
    /// Nodes crash and start again within 5 ms: a supervisor at work.
    Restart,
    /// All servers crash at once and start again when the fault ends. Harms a majority, so it needs `keep_majority = false`.
    Blackout,
    /// Nodes handle nothing.
    Pause,
    /// Disks take 2 to 50 times as long.
    SlowDisk,
    /// Disks make no progress.
    Stall,
    /// Disks are full: a node that writes stops, and starts again when the fault ends.
    DiskFull,
    /// Syncs fail: a node that syncs stops, and starts again when the fault ends.
    DiskError,
    /// Clocks are set by up to 2 s, forwards or backwards, and set right again.
    ClockStep,
    /// Clocks gain or lose up to a tenth.
    ClockDrift,
    /// Nodes hear nobody, but are heard.
    Deaf,
    /// Nobody hears the nodes, but they hear the others.
    Mute,
    /// Messages to and from nodes take between 2 and 400 ms.
    SlowLinks,
    /// Between 5 and 50 % of the messages to and from nodes are lost.
    LossyLinks,
    /// Messages to and from nodes are held, and let go in a random order when the fault ends.
    Clog,
}

/// The longest restart.
const QUICK: Span = Span::from_millis(5);

impl Kind {
    /// Whether a server that it strikes cannot serve meanwhile.
    pub(super) fn harms(self) -> bool {
        !matches!(self, Self::SlowDisk | Self::ClockStep | Self::ClockDrift | Self::SlowLinks | Self::LossyLinks)
    }

    /// The fault, and how long it lasts.
    pub(super) fn fault(self, at: Span, lasts: Span, who: Selector, chance: &mut Stream) -> (FaultTable, Span) {
        let lasts = if self == Self::Restart { lasts.min(QUICK) } else { lasts };
        let mut fault = FaultTable::at(at, lasts);
        match self {
            Self::Partition => fault.partition = Some(vec![who, Selector(Who::Rest)]),
            Self::Isolate => fault.partition = Some(vec![who, Selector(Who::Named(vec!["*".into()]))]),
            Self::Crash | Self::Restart => fault.crash = Some(who),
            Self::Blackout => fault.crash = Some(Selector(Who::All)),
            Self::Pause => fault.pause = Some(who),
            Self::SlowDisk => fault.slow = Some(SlowTable { who, work: 1, disk: 2 + chance.below(49) as u32 }),
            Self::Stall => fault.stall = Some(who),
            Self::DiskFull => fault.disk_full = Some(who),
            Self::DiskError => fault.disk_error = Some(who),
            Self::ClockStep => {
                let by = signed(log_uniform(SpanRange::new(Span::from_millis(1), Span::from_secs(2)), chance), chance);
                fault.clock_step = Some(ClockStepTable { who, by });
            }
            Self::ClockDrift => {
                let by = Drift::from_ppm(chance.below(200_001) as i32 - 100_000);
                fault.clock_drift = Some(ClockDriftTable { who, by });
            }
            Self::Deaf => fault.one_way = Some(OneWayTable { from: everybody(), to: who }),
            Self::Mute => fault.one_way = Some(OneWayTable { from: who, to: everybody() }),
            Self::SlowLinks => {
                let late = log_uniform(SpanRange::new(Span::from_millis(2), Span::from_millis(200)), chance);
                let latency = Some(SpanRange::new(late, late.times(2)).into());
                fault.degrade = Some(DegradeTable { latency, ..DegradeTable::of(who) });
            }
            Self::LossyLinks => {
                let loss = Some(Share::from_ppm(50_000 + chance.below(450_001) as u32));
                fault.degrade = Some(DegradeTable { loss, ..DegradeTable::of(who) });
            }
            Self::Clog => {
                let (from, to, release) = (who, everybody(), ReleaseSetting::Random);
                fault.clog = Some(ClogTable { from, to, both_ways: true, release });
            }
        }
        (fault, lasts)
    }
}

/// Forwards or backwards by the toss of a coin.
fn signed(span: Span, chance: &mut Stream) -> SignedSpan {
    if chance.below(2) == 0 { SignedSpan::forwards(span) } else { SignedSpan::backwards(span) }
}
