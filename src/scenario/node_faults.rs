//! Nodes, disks and clocks in a scenario file: what `[nodes]`, `[disk]`, `[[clock]]` and the faults of single machines
//! say, and what is wrong with what they say.
//!
//! The doc comments below are what an editor shows while a file is written.

use super::file::{DiskTable, FaultTable, Scenario};
use super::select::Selector;
use crate::engine::survival::OnCrash;
use crate::engine::trace::NodeInfo;
use crate::engine::{Drift, NodeId, SignedSpan, Span, SpanRange};
use crate::sim::ailment::{Ailment, NodeSettings, Slowness};
use crate::sim::fault::Action;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest time that one input may take.
const LONGEST_WORK: Span = Span::from_secs(10);

/// How many times slower a fault may make a node.
const SLOWEST: u32 = 1_000;

/// How fast servers are.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NodesTable {
    /// How long a server is busy with one input, at most "10s": what it sends leaves afterwards, and inputs that arrive
    /// meanwhile wait in its inbox. A server handles at most 1 / `work` inputs a second. Default "0s".
    pub work: Span,
}

/// What a crash leaves of writes that were not durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnCrashSetting {
    /// All are lost.
    #[default]
    Lose,
    /// The first few survive; how many is drawn at random.
    Prefix,
    /// Each survives or not, by the toss of a coin; those that do keep their order.
    Subset,
    /// The first few survive and the next one is torn: its checksum is wrong, so recovery drops it.
    Torn,
}

/// A clock that is off or runs wrong throughout the run.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockTable {
    /// Whose clock: a name or glob, a list of them, "all", or { region = ".." }. For the same node the last one counts.
    pub node: Selector,
    /// How far the clock is off at the beginning: "50ms" is fast, "-50ms" slow; from "-1h" to "1h". Default "0s".
    #[serde(default)]
    pub offset: SignedSpan,
    /// How wrong the clock runs: "200ppm" gains 0.2 ms a second, "-200ppm" loses as much; from "-50%" to "100%".
    /// Alarms follow it: on a clock of "-10%" an alarm of 100 ms goes off after 111 ms. Default "0ppm".
    #[serde(default)]
    pub drift: Drift,
}

/// Nodes that take a multiple of their time.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlowTable {
    /// Whom.
    pub who: Selector,
    /// How many times as long inputs take, from 1 to 1000: the time of `[nodes] work`, which must not be "0s", and what
    /// handlers ask for themselves. Default 1.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub work: u32,
    /// How many times as long disk syncs take, from 1 to 1000, if they begin while the fault lasts. Default 1.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub disk: u32,
}

fn one() -> u32 {
    1
}

/// Clocks that are set.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockStepTable {
    /// Whose clocks.
    pub who: Selector,
    /// How far: "2s" forwards, "-2s" backwards; from "-1h" to "1h".
    pub by: SignedSpan,
}

/// Clocks that run wrong for a while.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockDriftTable {
    /// Whose clocks.
    pub who: Selector,
    /// How wrong, on top of what they are already: "100000ppm" or "10%" gains 100 ms a second, "-10%" loses as much; from
    /// "-50%" to "100%".
    pub by: Drift,
}

impl From<OnCrashSetting> for OnCrash {
    fn from(setting: OnCrashSetting) -> Self {
        match setting {
            OnCrashSetting::Lose => Self::Lose,
            OnCrashSetting::Prefix => Self::Prefix,
            OnCrashSetting::Subset => Self::Subset,
            OnCrashSetting::Torn => Self::Torn,
        }
    }
}

/// The actions of single machines that a fault names: their keys, the key within the table if there is one, whom they
/// strike.
pub(super) fn actions(fault: &FaultTable) -> Vec<(&'static str, Option<&'static str>, &Selector)> {
    let named = [
        ("slow", Some("who"), fault.slow.as_ref().map(|slow| &slow.who)),
        ("stall", None, fault.stall.as_ref()),
        ("lying_sync", None, fault.lying_sync.as_ref()),
        ("disk_full", None, fault.disk_full.as_ref()),
        ("disk_error", None, fault.disk_error.as_ref()),
        ("clock_step", Some("who"), fault.clock_step.as_ref().map(|step| &step.who)),
        ("clock_drift", Some("who"), fault.clock_drift.as_ref().map(|drift| &drift.who)),
    ];
    named.into_iter().filter_map(|(key, within, who)| who.map(|who| (key, within, who))).collect()
}

/// The keys of these actions.
pub(super) const KEYS: &str = "slow, stall, lying_sync, disk_full, disk_error, clock_step, clock_drift";

/// What the fault does to single machines; `None` if it does nothing of the kind.
pub(super) fn action(fault: &FaultTable) -> Option<Action> {
    let node = |who: &Selector, ailment| Action::Node(who.0.clone(), ailment);
    let circumstances = fault.wipe || fault.restart_delay.is_some();
    if let Some(who) = fault.crash.as_ref().filter(|_| circumstances) {
        let restart_delay = fault.restart_delay.unwrap_or(SpanRange::exactly(Span::ZERO));
        return Some(node(who, Ailment::Crash { wipe: fault.wipe, restart_delay }));
    }
    let slow = fault.slow.as_ref().map(|slow| {
        let slowness = Slowness { work: slow.work, disk: slow.disk };
        node(&slow.who, Ailment::Slow(slowness))
    });
    let step = fault.clock_step.as_ref().map(|step| node(&step.who, Ailment::ClockStep(step.by)));
    let drift = fault.clock_drift.as_ref().map(|drift| node(&drift.who, Ailment::ClockDrift(drift.by)));
    let simple = [
        (&fault.stall, Ailment::Stall),
        (&fault.lying_sync, Ailment::LyingSync),
        (&fault.disk_full, Ailment::DiskFull),
        (&fault.disk_error, Ailment::DiskError),
    ];
    let simple = simple.into_iter().find_map(|(who, ailment)| who.as_ref().map(|who| node(who, ailment)));
    slow.or(step).or(drift).or(simple)
}

/// What the file says of single nodes for the whole run.
pub(super) fn settings<C, L>(file: &Scenario<C, L>, infos: &[NodeInfo]) -> NodeSettings {
    let ids = |selector: &Selector| selector.fixed_nodes(infos).unwrap_or_default().into_iter();
    let id = |index: usize| NodeId(index as u32);
    let clocks = file.clock.iter().flat_map(|clock| ids(&clock.node).map(|at| (id(at), clock.offset, clock.drift)));
    NodeSettings {
        work: file.nodes.work,
        on_crash: file.disk.on_crash.into(),
        barrier: file.disk.barrier,
        lying: file.disk.lying_sync.iter().flat_map(ids).map(id).collect(),
        clocks: clocks.collect(),
    }
}

/// How late after a fault's end the last node may start again.
pub(super) fn latest_restart(fault: &FaultTable) -> Span {
    fault.restart_delay.map_or(Span::ZERO, |delay| delay.max)
}

/// What is wrong with the tables of nodes and disks: a place, what is wrong, a way out.
pub(super) fn table_problems<C, L>(file: &Scenario<C, L>) -> Vec<(&'static [&'static str], String, &'static str)> {
    let mut problems: Vec<(&'static [&'static str], String, &'static str)> = Vec::new();
    if file.nodes.work > LONGEST_WORK {
        let message =
            format!("{} is too long for one input: `work` lies between 0s and {LONGEST_WORK}", file.nodes.work);
        problems.push((&["nodes", "work"], message, "write such as work = \"200us\""));
    }
    let DiskTable { sync, on_crash, barrier, lying_sync } = &file.disk;
    if sync.law().is_zero() {
        let help = "give syncs a length, such as sync = \"1ms\"";
        if *on_crash != OnCrashSetting::Lose && lying_sync.is_none() {
            let message = "every write is durable at once, so a crash finds nothing to keep or to lose";
            problems.push((&["disk", "on_crash"], message.into(), help));
        }
        if !barrier {
            let message = "every write is durable at once, so there is nothing to wait for";
            problems.push((&["disk", "barrier"], message.into(), help));
        }
    }
    problems
}

/// What is wrong with what a fault does to single machines: a key, what is wrong, a way out.
pub(super) fn problems<C, L>(fault: &FaultTable, file: &Scenario<C, L>) -> Vec<(&'static str, String, &'static str)> {
    let mut problems = Vec::new();
    let instant = file.disk.sync.law().is_zero();
    let mut wrong = |key, message: &str, help| problems.push((key, message.to_string(), help));
    if fault.crash.is_none() && fault.wipe {
        wrong(
            "wipe",
            "`wipe` is about nodes that crash, and this fault crashes nobody",
            "add `crash`, or leave it out",
        );
    }
    match (&fault.restart_delay, &fault.crash, fault.lasts) {
        (Some(_), None, _) => {
            let message = "`restart_delay` is about nodes that crash, and this fault crashes nobody";
            wrong("restart_delay", message, "add `crash`, or leave it out");
        }
        (Some(_), Some(_), None) => {
            wrong("restart_delay", "these nodes never start again", "say how long they are down with `for`");
        }
        _ => {}
    }
    if let Some(slow) = &fault.slow {
        for (name, factor) in [("work", slow.work), ("disk", slow.disk)] {
            if !(1..=SLOWEST).contains(&factor) {
                let message = format!("`{name}` is {factor}, but a factor lies between 1 and {SLOWEST}");
                wrong("slow", &message, "write such as slow = { who = \"n1\", disk = 10 }");
            }
        }
        if slow.work == 1 && slow.disk == 1 {
            wrong("slow", "once as long is as fast as ever", "give `work`, `disk` or both a factor, such as disk = 10");
        }
        if slow.work > 1 && file.nodes.work.is_zero() {
            let message = "`work` multiplies the time of one input, and `[nodes] work` is 0s";
            wrong("slow", message, "say how long an input takes, such as [nodes] work = \"100us\"");
        }
        if slow.disk > 1 && instant {
            wrong(
                "slow",
                "syncs take no time, however slow the disk is",
                "give syncs a length, such as [disk] sync = \"1ms\"",
            );
        }
    }
    if fault.stall.is_some() && instant {
        wrong("stall", "syncs take no time, so none can stall", "give syncs a length, such as [disk] sync = \"1ms\"");
    }
    if fault.clock_step.as_ref().is_some_and(|step| step.by.is_zero()) {
        wrong("clock_step", "a clock set by nothing shows what it showed before", "write such as by = \"-2s\"");
    }
    if fault.clock_drift.as_ref().is_some_and(|drift| drift.by == Drift::NONE) {
        wrong("clock_drift", "a drift of nothing changes nothing", "write such as by = \"10%\"");
    }
    problems
}
