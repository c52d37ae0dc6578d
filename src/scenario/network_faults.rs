//! Links in a scenario file: how much they carry, and what faults of links say.
//!
//! The doc comments below are what an editor and `faultlab explain` show.

use super::file::{FaultTable, Latency};
use super::select::Selector;
use crate::engine::network::pipe::Bandwidth;
use crate::engine::network::window::{Change, Degraded, Release, Selection, Treatment, Which};
use crate::engine::{ByteRate, Bytes, Share, SpanRange};
use crate::sim::fault::{Action, Links, Who};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod problems;

pub(super) use problems::{of_cluster, of_network, problems};

/// Links that carry messages one way only.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneWayTable {
    /// The senders whose messages no longer pass. "rest" is all servers that are not receivers.
    pub from: Selector,
    /// The receivers who no longer hear them; what they send still arrives. "rest" is all servers that are not senders.
    pub to: Selector,
}

/// Other settings for links, for a while; what is left out stays as it is.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DegradeTable {
    /// The senders. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub from: Selector,
    /// The receivers. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub to: Selector,
    /// Whether the links back are meant too. Default false.
    #[serde(default)]
    pub both_ways: bool,
    /// How long a message travels: "80ms", "50ms..200ms", or { median = "20ms", p99 = "400ms" }.
    pub latency: Option<Latency>,
    /// The share of messages that vanish, from 0 to 100%.
    pub loss: Option<Share>,
    /// The share of messages that arrive twice, from 0 to 100%.
    pub duplicate: Option<Share>,
    /// The share of messages that are held up, so that later ones overtake them, from 0 to 100%.
    pub reorder: Option<Share>,
    /// How long a held-up message is held up. Default: as `[network]` has it, "0s..50ms".
    pub reorder_delay: Option<SpanRange>,
}

impl DegradeTable {
    /// All links to and from these nodes, with nothing changed yet.
    pub(super) fn of(who: Selector) -> Self {
        let (latency, loss, duplicate, reorder, reorder_delay) = (None, None, None, None, None);
        Self { from: who, to: everybody(), both_ways: true, latency, loss, duplicate, reorder, reorder_delay }
    }
}

/// Links that hold their messages until the fault ends.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClogTable {
    /// The senders. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub from: Selector,
    /// The receivers. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub to: Selector,
    /// Whether the links back are meant too. Default false.
    #[serde(default)]
    pub both_ways: bool,
    /// In which order they are let go, all at the moment when the fault ends: "in-order" or "random". Default "in-order".
    #[serde(default)]
    pub release: ReleaseSetting,
}

/// In which order a clogged link lets its messages go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseSetting {
    /// In the order in which they were sent.
    #[default]
    InOrder,
    /// In an order drawn at random.
    Random,
}

/// Links that carry only so much.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandwidthTable {
    /// The senders. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub from: Selector,
    /// The receivers. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub to: Selector,
    /// Whether the links back are meant too. Each link has its own bandwidth, and its own queue. Default false.
    #[serde(default)]
    pub both_ways: bool,
    /// How many bytes pass in a second, from "1B/s" to "1TB/s": "1MB/s" is a million, "1MiB/s" 1,048,576. A message takes
    /// its size divided by this before it begins to travel, and the next one waits for it.
    pub rate: ByteRate,
    /// How much may wait for its turn, from "1B" to "1TB"; what does not fit is dropped. Default: without end.
    pub queue: Option<Bytes>,
}

/// Single messages, picked out by kind, by number or by chance. Messages are counted on each link by itself, from one,
/// from the moment when the fault begins.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PickTable {
    /// Only messages of this kind, such as "append": `summary.json` names the kinds of a run. Default: of any kind.
    pub kind: Option<String>,
    /// The senders. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub from: Selector,
    /// The receivers. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub to: Selector,
    /// Only the first so many of each link. At most one of `count`, `nth`, `every` and `share`; without any, all.
    #[schemars(range(min = 1))]
    pub count: Option<u64>,
    /// Only the one with this number on its link, the first being 1.
    #[schemars(range(min = 1))]
    pub nth: Option<u64>,
    /// Every second, third, ... of each link.
    #[schemars(range(min = 2))]
    pub every: Option<u64>,
    /// Each with this chance, from 0 to 100%.
    pub share: Option<Share>,
}

/// Single messages that take longer, picked out by kind, by number or by chance. Messages are counted on each link by
/// itself, from one, from the moment when the fault begins.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DelayTable {
    /// How much longer than they would anyway: "200ms", or a range such as "50ms..1s".
    pub by: SpanRange,
    /// Only messages of this kind, such as "append": `summary.json` names the kinds of a run. Default: of any kind.
    pub kind: Option<String>,
    /// The senders. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub from: Selector,
    /// The receivers. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub to: Selector,
    /// Only the first so many of each link. At most one of `count`, `nth`, `every` and `share`; without any, all.
    #[schemars(range(min = 1))]
    pub count: Option<u64>,
    /// Only the one with this number on its link, the first being 1.
    #[schemars(range(min = 1))]
    pub nth: Option<u64>,
    /// Every second, third, ... of each link.
    #[schemars(range(min = 2))]
    pub every: Option<u64>,
    /// Each with this chance, from 0 to 100%.
    pub share: Option<Share>,
}

/// Links that change what they carry.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorruptTable {
    /// The senders. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub from: Selector,
    /// The receivers. Default: every node, clients too.
    #[serde(default = "everybody")]
    pub to: Selector,
    /// Whether the links back are meant too. Default false.
    #[serde(default)]
    pub both_ways: bool,
    /// The share of messages that are changed, from 0 to 100%.
    pub share: Share,
}

pub(super) fn everybody() -> Selector {
    Selector(Who::Named(vec!["*".into()]))
}

/// The faults of links that a fault names: their keys, the key within the table if there is one, whom they strike.
pub(super) fn actions(fault: &FaultTable) -> Vec<(&'static str, Option<&'static str>, &Selector)> {
    let alone = [("bridge", fault.bridge.as_ref()), ("ring", fault.ring.as_ref())];
    let alone = alone.into_iter().filter_map(|(key, who)| who.map(|who| (key, None, who)));
    let both = ends(fault).into_iter().flat_map(|(key, from, to)| [(key, Some("from"), from), (key, Some("to"), to)]);
    alone.chain(both).collect()
}

/// The links that a fault names, under their keys.
fn ends(fault: &FaultTable) -> Vec<(&'static str, &Selector, &Selector)> {
    macro_rules! ends {
        ($($field:ident),*) => {
            [$((stringify!($field), fault.$field.as_ref().map(|table| (&table.from, &table.to)))),*]
        };
    }
    let named = ends!(one_way, degrade, clog, bandwidth, drop, delay, duplicate, corrupt, corrupt_silently);
    named.into_iter().filter_map(|(key, ends)| ends.map(|(from, to)| (key, from, to))).collect()
}

/// The keys of these actions.
pub(super) const KEYS: &str =
    "one_way, bridge, ring, degrade, clog, bandwidth, drop, delay, duplicate, corrupt, corrupt_silently";

/// What the fault does to links; `None` if it does nothing of the kind.
pub(super) fn action(fault: &FaultTable) -> Option<Action> {
    if let Some(OneWayTable { from, to }) = &fault.one_way {
        return Some(Action::OneWay(links(from, to, false)));
    }
    if let Some(who) = &fault.bridge {
        return Some(Action::Bridge(who.0.clone()));
    }
    if let Some(who) = &fault.ring {
        return Some(Action::Ring(who.0.clone()));
    }
    let (links, change) = window(fault)?;
    Some(Action::Window(links, change))
}

fn links(from: &Selector, to: &Selector, both_ways: bool) -> Links {
    Links { from: from.0.clone(), to: to.0.clone(), both_ways }
}

/// The window that the fault opens over links.
fn window(fault: &FaultTable) -> Option<(Links, Change)> {
    if let Some(table) = &fault.degrade {
        return Some((links(&table.from, &table.to, table.both_ways), Change::Degrade(table.into())));
    }
    if let Some(ClogTable { from, to, both_ways, release }) = &fault.clog {
        return Some((links(from, to, *both_ways), Change::Clog((*release).into())));
    }
    if let Some(BandwidthTable { from, to, both_ways, rate, queue }) = &fault.bandwidth {
        let bandwidth = Bandwidth { rate: *rate, queue: *queue };
        return Some((links(from, to, *both_ways), Change::Narrow(bandwidth)));
    }
    for (table, silently) in [(&fault.corrupt, false), (&fault.corrupt_silently, true)] {
        if let Some(CorruptTable { from, to, both_ways, share }) = table {
            return Some((links(from, to, *both_ways), Change::Corrupt { share: *share, silently }));
        }
    }
    let (pick, treatment) = picked(fault)?;
    Some((links(&pick.from, &pick.to, false), Change::Select(pick.selection(), treatment)))
}

/// The single messages that the fault picks out, and what becomes of them.
fn picked(fault: &FaultTable) -> Option<(PickTable, Treatment)> {
    let drop = fault.drop.clone().map(|pick| (pick, Treatment::Drop));
    let duplicate = fault.duplicate.clone().map(|pick| (pick, Treatment::Duplicate));
    let delay = fault.delay.as_ref().map(|delay| (delay.pick(), Treatment::Delay(delay.by)));
    drop.or(duplicate).or(delay)
}

impl PickTable {
    fn selection(&self) -> Selection {
        let which = match self {
            Self { count: Some(count), .. } => Which::First(*count),
            Self { nth: Some(nth), .. } => Which::Nth(*nth),
            Self { every: Some(every), .. } => Which::Every(*every),
            Self { share: Some(share), .. } => Which::Share(*share),
            _ => Which::All,
        };
        Selection { kind: self.kind.clone(), which }
    }
}

impl DelayTable {
    fn pick(&self) -> PickTable {
        let Self { by: _, kind, from, to, count, nth, every, share } = self.clone();
        PickTable { kind, from, to, count, nth, every, share }
    }
}

impl From<&DegradeTable> for Degraded {
    fn from(table: &DegradeTable) -> Self {
        let DegradeTable { latency, loss, duplicate, reorder, reorder_delay, .. } = table;
        Self {
            latency: latency.as_ref().map(|latency| latency.law().clone()),
            loss: *loss,
            duplicate: *duplicate,
            reorder: *reorder,
            reorder_delay: *reorder_delay,
        }
    }
}

impl From<ReleaseSetting> for Release {
    fn from(setting: ReleaseSetting) -> Self {
        match setting {
            ReleaseSetting::InOrder => Self::InOrder,
            ReleaseSetting::Random => Self::Shuffled,
        }
    }
}
