//! What a scenario file says: the types behind the format, from which its JSON Schema is made.
//!
//! The doc comments below are what an editor shows while a file is written.

use super::expect::Expect;
use super::nemesis::NemesisTable;
use super::network_faults::{
    BandwidthTable, ClogTable, CorruptTable, DegradeTable, DelayTable, OneWayTable, PickTable,
};
use super::node_faults::{ClockDriftTable, ClockStepTable, ClockTable, NodesTable, OnCrashSetting, SlowTable};
use super::select::Selector;
use crate::engine::law::Law;
use crate::engine::{ByteRate, Bytes, Share, Span, SpanRange};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// A scenario: a cluster, what is asked of it, what goes wrong, and what must hold all the same.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(bound = "C: JsonSchema + Default, L: JsonSchema + Default")]
#[serde(bound(
    deserialize = "C: serde::de::DeserializeOwned + Default, L: serde::de::DeserializeOwned + Default",
    serialize = "C: Serialize, L: Serialize"
))]
pub struct Scenario<C, L> {
    /// What this scenario shows, as a claim in one sentence.
    pub title: String,
    /// What to look for, in a paragraph.
    #[serde(default)]
    pub about: String,
    /// The pattern that runs: `faultlab list` names them.
    pub pattern: String,
    /// From which all chance is drawn. The same seed gives the same run.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// How much simulated time the run takes.
    pub duration: Span,
    /// The pattern's own settings.
    #[serde(default)]
    pub config: C,
    /// What clients ask, and how often.
    #[serde(default)]
    pub workload: L,
    /// How messages travel.
    #[serde(default)]
    pub network: NetworkTable,
    /// How disks behave.
    #[serde(default)]
    pub disk: DiskTable,
    /// How fast servers are.
    #[serde(default)]
    pub nodes: NodesTable,
    /// Clocks that are off or run wrong throughout the run.
    #[serde(default)]
    pub clock: Vec<ClockTable>,
    /// Regions, each with the names or globs of the nodes that lie in it.
    #[serde(default)]
    pub regions: BTreeMap<String, Vec<String>>,
    /// Faults on a timetable.
    #[serde(default)]
    pub fault: Vec<FaultTable>,
    /// Random faults, drawn from the seed.
    pub nemesis: Option<NemesisTable>,
    /// Operations, each at its moment, in place of what `[workload]` would ask.
    #[serde(default)]
    pub operation: Vec<OperationTable>,
    /// When to stop with the verdict `unknown`.
    #[serde(default)]
    pub limits: LimitsTable,
    /// What must hold, beyond the pattern's own properties.
    #[serde(default)]
    pub expect: Expect,
}

fn default_seed() -> u64 {
    1
}

/// How messages travel, on all links that no `[[network.link]]` names.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkTable {
    /// How long a message travels: "5ms", "1ms..8ms", or { median = "2ms", p99 = "40ms" } for a long tail.
    pub latency: Latency,
    /// The share of messages that vanish.
    pub loss: Share,
    /// The share of messages that arrive twice.
    pub duplicate: Share,
    /// The share of messages that are held up, so that later ones overtake them.
    pub reorder: Share,
    /// How long a held-up message is held up.
    pub reorder_delay: SpanRange,
    /// Whether messages of a link arrive in the order in which they were sent.
    pub fifo: bool,
    /// How many bytes each link carries in a second, from "1B/s" to "1TB/s"; without limit if left out. A message takes its
    /// size divided by this before it begins to travel, and the next one of its link waits for it.
    pub bandwidth: Option<ByteRate>,
    /// With `bandwidth`: how much may wait for its turn on a link, from "1B" to "1TB"; what does not fit is dropped and
    /// counted. Without end if left out.
    pub queue: Option<Bytes>,
    /// How many messages of one sender may be in flight; more are dropped and counted.
    #[schemars(range(min = 1))]
    pub max_in_flight: u32,
    /// Links that differ. For the same link the last one counts.
    pub link: Vec<LinkTable>,
}

impl Default for NetworkTable {
    fn default() -> Self {
        Self {
            latency: SpanRange::new(Span::from_millis(1), Span::from_millis(10)).into(),
            loss: Share::NEVER,
            duplicate: Share::NEVER,
            reorder: Share::NEVER,
            reorder_delay: SpanRange::new(Span::ZERO, Span::from_millis(50)),
            fifo: false,
            bandwidth: None,
            queue: None,
            max_in_flight: crate::engine::network::MAX_IN_FLIGHT,
            link: Vec::new(),
        }
    }
}

/// Links that differ from the rest; what is left out is as for the rest.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkTable {
    /// The senders: a name or glob, a list of them, or { region = ".." }.
    pub from: Selector,
    /// The receivers, likewise.
    pub to: Selector,
    /// Whether the links back are meant too.
    #[serde(default)]
    pub both_ways: bool,
    /// How long a message travels.
    pub latency: Option<Latency>,
    /// The share of messages that vanish.
    pub loss: Option<Share>,
    /// The share of messages that arrive twice.
    pub duplicate: Option<Share>,
    /// The share of messages that are held up.
    pub reorder: Option<Share>,
    /// How long a held-up message is held up.
    pub reorder_delay: Option<SpanRange>,
    /// Whether messages arrive in order.
    pub fifo: Option<bool>,
    /// How many bytes each of these links carries in a second.
    pub bandwidth: Option<ByteRate>,
    /// How much may wait for its turn on each of these links.
    pub queue: Option<Bytes>,
}

/// How disks behave.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DiskTable {
    /// How long a sync takes; what is written is durable when a sync that began afterwards has ended.
    pub sync: Latency,
    /// What a crash leaves of writes that were not durable: "lose" (all are lost), "prefix" (the first few survive),
    /// "subset" (any may survive, in their order) or "torn" (the first few survive, the next is torn and dropped).
    pub on_crash: OnCrashSetting,
    /// Whether what a node sends after a write waits until the write is durable. Switch it off to see what breaks.
    pub barrier: bool,
    /// Nodes whose syncs report success and make nothing durable, throughout the run: a name or glob, a list of them,
    /// "all", or { region = ".." }.
    pub lying_sync: Option<Selector>,
}

impl Default for DiskTable {
    fn default() -> Self {
        Self {
            sync: SpanRange::new(Span::from_micros(100), Span::from_millis(2)).into(),
            on_crash: OnCrashSetting::Lose,
            barrier: true,
            lying_sync: None,
        }
    }
}

/// A fault: exactly one of those that `faultlab explain faults` lists, such as `partition` or `crash`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultTable {
    /// When it begins.
    pub at: Span,
    /// How long it lasts; until the end of the run if left out.
    #[serde(rename = "for")]
    pub lasts: Option<Span>,
    /// How long after its beginning it begins again.
    pub every: Option<Span>,
    /// Until when it begins again; until the end of the run if left out.
    pub until: Option<Span>,
    /// Groups that cannot reach each other; nodes in no group reach everybody. "rest" is all servers not named.
    pub partition: Option<Vec<Selector>>,
    /// Messages that no longer pass, while those the other way do: { from = "n1", to = "n3" }.
    pub one_way: Option<OneWayTable>,
    /// Nodes that reach everybody, while the other servers fall into two halves that cannot reach each other: the first half
    /// by number, and the second. Clients reach everybody.
    pub bridge: Option<Selector>,
    /// Servers of which each reaches only its two neighbours, in the order of their numbers, the last being a neighbour of the
    /// first. It takes at least four. Everybody else reaches everybody.
    pub ring: Option<Selector>,
    /// Links with other latency, loss, duplication or reordering: { from = "n1", to = "n3", loss = "30%" }.
    pub degrade: Option<DegradeTable>,
    /// Links that hold their messages until the fault ends, and then let all go at once: { from = "n1", to = "n3" }.
    pub clog: Option<ClogTable>,
    /// Links that carry only so much: { from = "n1", to = "n3", rate = "1MB/s", queue = "64KB" }.
    pub bandwidth: Option<BandwidthTable>,
    /// Single messages that vanish: { kind = "append", from = "n1", to = "n3", count = 2 }.
    pub drop: Option<PickTable>,
    /// Single messages that take longer: { kind = "append", nth = 3, by = "200ms" }.
    pub delay: Option<DelayTable>,
    /// Single messages that arrive twice: { kind = "request", every = 10 }.
    pub duplicate: Option<PickTable>,
    /// Messages that are changed on their way, which a checksum finds out, so that the receiver drops them:
    /// { from = "n1", to = "n3", share = "5%" }.
    pub corrupt: Option<CorruptTable>,
    /// Messages that are changed on their way and arrive, because no checksum finds out: { to = "server", share = "1%" }.
    /// Only for patterns whose messages can be changed.
    pub corrupt_silently: Option<CorruptTable>,
    /// Nodes that lose their memory and all writes that are not durable. They start again when the fault ends; without
    /// `for` they are gone for good.
    pub crash: Option<Selector>,
    /// With `crash`: whether the disk is lost as well, so that the node starts again as if it were new. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wipe: bool,
    /// With `crash`: how long after the fault's end a node starts again, drawn for each node: "0s..2s". Default "0s".
    pub restart_delay: Option<SpanRange>,
    /// Nodes that handle nothing until the fault ends.
    pub pause: Option<Selector>,
    /// Nodes that take a multiple of their time: { who = "n1", work = 10, disk = 5 }.
    pub slow: Option<SlowTable>,
    /// Nodes whose disk makes no progress: syncs that run or begin meanwhile go on when the fault ends.
    pub stall: Option<Selector>,
    /// Nodes whose syncs report success and make nothing durable. A crash loses what was written since the last honest
    /// sync; the first sync that ends after the fault makes up for all before it.
    pub lying_sync: Option<Selector>,
    /// Nodes whose writes fail. A node stops at its first failed write, as in a crash, and starts again when the fault
    /// ends.
    pub disk_full: Option<Selector>,
    /// Nodes whose syncs fail. A node stops when a sync fails, as in a crash, and starts again when the fault ends.
    pub disk_error: Option<Selector>,
    /// Clocks that are set: { who = "n1", by = "-2s" }. With `for` they are set right again in the end. Alarms stay where
    /// they are.
    pub clock_step: Option<ClockStepTable>,
    /// Clocks that run wrong, and alarms with them: { who = "n1", by = "10%" }.
    pub clock_drift: Option<ClockDriftTable>,
}

impl FaultTable {
    /// A fault that does nothing yet.
    pub(super) fn at(at: Span, lasts: Span) -> Self {
        Self { at, lasts: Some(lasts), ..Self::default() }
    }
}

/// An operation that a client is asked at a given moment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationTable {
    /// When. A client that is down then is asked when it is back.
    pub at: Span,
    /// The client's name.
    pub client: String,
    /// What it is asked, in the words in which a trace shows it: "put k1=7".
    pub ask: String,
}

/// When to stop a run with the verdict `unknown`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsTable {
    /// How many events are handled.
    #[schemars(range(min = 1))]
    pub events: u64,
    /// How many inputs may wait at a busy or paused node; more are dropped and counted.
    #[schemars(range(min = 1))]
    pub inbox: u32,
    /// How many records the trace keeps; the run goes on without them.
    pub trace: usize,
}

impl Default for LimitsTable {
    fn default() -> Self {
        Self { events: 10_000_000, inbox: 10_000, trace: 500_000 }
    }
}

/// A law for lengths of time as written: a length, a range, or a long tail by its median and its 99th percentile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latency {
    law: Law,
    written: Written,
}

/// How a law was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Range(SpanRange),
    LongTail(LongTail),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct LongTail {
    median: Span,
    p99: Span,
}

impl Latency {
    /// The law.
    pub fn law(&self) -> &Law {
        &self.law
    }
}

impl From<SpanRange> for Latency {
    fn from(range: SpanRange) -> Self {
        Self { law: range.into(), written: Written::Range(range) }
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.written {
            Written::Range(range) => range.serialize(serializer),
            Written::LongTail(tail) => tail.serialize(serializer),
        }
    }
}

struct LatencyVisitor;

impl<'de> Visitor<'de> for LatencyVisitor {
    type Value = Latency;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a length of time, a range such as \"1ms..8ms\", or { median = \"2ms\", p99 = \"40ms\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Latency, E> {
        text.parse::<SpanRange>().map(Latency::from).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Latency, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Latency, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Latency, A::Error> {
        let tail = LongTail::deserialize(MapAccessDeserializer::new(map))?;
        let LongTail { median, p99 } = tail;
        if median.is_zero() || p99 < median {
            let text = format!("a long tail needs 0 < median <= p99, but the median is {median} and the p99 {p99}");
            return Err(de::Error::custom(text));
        }
        Ok(Latency { law: super::tail::log_normal(median, p99), written: Written::LongTail(tail) })
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LatencyVisitor)
    }
}

impl JsonSchema for Latency {
    fn schema_name() -> Cow<'static, str> {
        "Latency".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let range = generator.subschema_for::<SpanRange>();
        let span = generator.subschema_for::<Span>();
        json_schema!({
            "description": "How long something takes: a length, a range, or a long tail by its median and 99th percentile",
            "anyOf": [
                range,
                {
                    "type": "object",
                    "required": ["median", "p99"],
                    "properties": { "median": span, "p99": span },
                    "additionalProperties": false,
                },
            ],
        })
    }
}
