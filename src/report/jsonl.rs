//! A run as text, one JSON object a line: `trace.jsonl`.
//!
//! The format is made for `grep`, `jq` and a hundred lines of a scripting language. Nodes appear by name, times are
//! whole nanoseconds since the run began, and the fields of an object always come in the order given here. Fields may
//! be added; anything else raises `format_version`.
//!
//! **The first line** describes the run:
//!
//! | field | meaning |
//! |---|---|
//! | `format` | always `faultlab-trace` |
//! | `format_version` | always 1 |
//! | `version` | the version of Faultlab that made the trace |
//! | `pattern`, `title` | what ran, and the scenario's title |
//! | `seed` | the seed |
//! | `duration_ns` | how long the run lasts |
//! | `nodes` | one object each, by number: `name`, `client` (a truth value), `region` (a text or null) |
//! | `left_out` | how many records came after the trace's limit and are missing at the end |
//!
//! **Every other line** is a record:
//!
//! | field | meaning |
//! |---|---|
//! | `id` | the record's number, ascending with gaps; violations seen after the same event share one |
//! | `t` | when |
//! | `cause` | the `id` of the record that caused it, or null if it came from outside |
//! | `node` | where, or null for what concerns the world |
//! | `event` | what; it decides which fields follow |
//!
//! | event | its fields |
//! |---|---|
//! | `start` | `incarnation`: 0 at the first boot |
//! | `send` | `to`, `kind`, `text`, `passage`: `arrives` (then `at`), `duplicated` (then `at`, `again`), `lost`, `cut`, `capped` |
//! | `deliver` | `from`, `kind`, `text`, `waited_ns` in the node's inbox |
//! | `drop` | `from` (null for an operation), `kind`, `reason`: `down` or `inbox_full` |
//! | `timer` | `name`, `waited_ns` because the node was busy |
//! | `invoke` | `op`, `text` |
//! | `return` | `op`, `text`, `outcome`: `ok`, `failed` or `unknown` |
//! | `write` | `text` |
//! | `sync` | `writes` that became durable |
//! | `role` | `role` |
//! | `note` | `name`, `amount` |
//! | `fault_begin` | `fault` (its place in the scenario, from zero), `text`, `groups` of nodes that a partition separates |
//! | `fault_end` | `fault` |
//! | `crash` | `lost_writes` |
//! | `pause`, `resume` | none |
//! | `impaired`, `mended` | `impairment`: `slow`, `disk stalled`, `sync lies`, `disk full`, `disk error` or `clock drifts` |
//! | `torn_write` | none |
//! | `disk_failed` | `impairment` |
//! | `clock_step` | `by_ns`, negative for backwards |
//! | `panic` | `text` |
//! | `violation` | `property`, `text` |

use std::io::{self, Write};

use crate::engine::trace::{DropReason, Outcome, Passage, Record, Trace, What};
use crate::engine::{NodeId, Time};

/// The `format_version` of what [`write()`] writes.
pub const FORMAT_VERSION: u64 = 1;

/// How much is gathered before it is written: a file need not be buffered as well.
const GATHER: usize = 1 << 16;

/// Writes the whole trace.
pub fn write(trace: &Trace, out: &mut impl Write) -> io::Result<()> {
    let mut lines = Lines { bytes: Vec::with_capacity(GATHER + 1024) };
    lines.header(trace);
    let names = trace.header.nodes.iter().map(|node| escaped(&node.name)).collect::<Vec<_>>();
    for record in &trace.records {
        if lines.bytes.len() >= GATHER {
            out.write_all(&lines.bytes)?;
            lines.bytes.clear();
        }
        lines.record(record, &names);
    }
    out.write_all(&lines.bytes)
}

/// `text` as a JSON string with its quotes.
fn escaped(text: &str) -> Vec<u8> {
    serde_json::to_vec(text).expect("a text is always a JSON string")
}

/// Lines in the making. Keys are pushed with their punctuation: they are ours and need no escaping.
struct Lines {
    bytes: Vec<u8>,
}

impl Lines {
    fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn text(&mut self, key: &str, value: &str) {
        self.raw(key);
        serde_json::to_writer(&mut self.bytes, value).expect("writing to memory cannot fail");
    }

    /// Most of a trace is numbers, and the formatting machinery would take most of the time.
    fn number(&mut self, key: &str, mut value: u64) {
        self.raw(key);
        let mut digits = [0; 20];
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.bytes.extend_from_slice(&digits[start..]);
    }

    fn time(&mut self, key: &str, value: Time) {
        self.number(key, value.as_nanos());
    }

    fn node(&mut self, key: &str, node: NodeId, names: &[Vec<u8>]) {
        match names.get(node.index()) {
            Some(name) => {
                self.raw(key);
                self.bytes.extend_from_slice(name);
            }
            None => self.text(key, &node.to_string()),
        }
    }

    fn header(&mut self, trace: &Trace) {
        let header = &trace.header;
        self.raw("{\"format\":\"faultlab-trace\"");
        self.number(",\"format_version\":", FORMAT_VERSION);
        self.text(",\"version\":", &header.version);
        self.text(",\"pattern\":", &header.pattern);
        self.text(",\"title\":", &header.title);
        self.number(",\"seed\":", header.seed);
        self.number(",\"duration_ns\":", header.duration.as_nanos());
        self.raw(",\"nodes\":[");
        for (place, node) in header.nodes.iter().enumerate() {
            self.raw(if place == 0 { "{" } else { ",{" });
            self.text("\"name\":", &node.name);
            self.raw(if node.client { ",\"client\":true" } else { ",\"client\":false" });
            match &node.region {
                Some(region) => self.text(",\"region\":", region),
                None => self.raw(",\"region\":null"),
            }
            self.raw("}");
        }
        self.number("],\"left_out\":", trace.left_out);
        self.raw("}\n");
    }

    fn record(&mut self, record: &Record, names: &[Vec<u8>]) {
        self.number("{\"id\":", record.id.0);
        self.time(",\"t\":", record.time);
        match record.cause {
            Some(cause) => self.number(",\"cause\":", cause.0),
            None => self.raw(",\"cause\":null"),
        }
        match record.node {
            Some(node) => self.node(",\"node\":", node, names),
            None => self.raw(",\"node\":null"),
        }
        self.what(&record.what, names);
        self.raw("}\n");
    }

    fn what(&mut self, what: &What, names: &[Vec<u8>]) {
        self.raw(",\"event\":");
        match what {
            What::Start { incarnation } => self.number("\"start\",\"incarnation\":", u64::from(*incarnation)),
            What::Send { to, kind, text, passage } => {
                self.node("\"send\",\"to\":", *to, names);
                self.text(",\"kind\":", kind);
                self.text(",\"text\":", text);
                self.passage(*passage);
            }
            What::Deliver { from, kind, text, waited } => {
                self.node("\"deliver\",\"from\":", *from, names);
                self.text(",\"kind\":", kind);
                self.text(",\"text\":", text);
                self.number(",\"waited_ns\":", waited.as_nanos());
            }
            What::Drop { from, kind, reason } => {
                match from {
                    Some(from) => self.node("\"drop\",\"from\":", *from, names),
                    None => self.raw("\"drop\",\"from\":null"),
                }
                self.text(",\"kind\":", kind);
                self.raw(match reason {
                    DropReason::Down => ",\"reason\":\"down\"",
                    DropReason::InboxFull => ",\"reason\":\"inbox_full\"",
                });
            }
            What::Timer { name, waited } => {
                self.text("\"timer\",\"name\":", name);
                self.number(",\"waited_ns\":", waited.as_nanos());
            }
            What::Invoke { op, text } => {
                self.number("\"invoke\",\"op\":", *op);
                self.text(",\"text\":", text);
            }
            What::Return { op, text, outcome } => {
                self.number("\"return\",\"op\":", *op);
                self.text(",\"text\":", text);
                self.raw(match outcome {
                    Outcome::Ok => ",\"outcome\":\"ok\"",
                    Outcome::Failed => ",\"outcome\":\"failed\"",
                    Outcome::Unknown => ",\"outcome\":\"unknown\"",
                });
            }
            What::Write { text } => self.text("\"write\",\"text\":", text),
            What::Sync { writes } => self.number("\"sync\",\"writes\":", *writes),
            What::Role { role } => self.text("\"role\",\"role\":", role),
            What::Note { name, amount } => {
                self.text("\"note\",\"name\":", name);
                self.number(",\"amount\":", *amount);
            }
            What::FaultBegin { fault, text, groups, ends } => {
                self.number("\"fault_begin\",\"fault\":", u64::from(*fault));
                self.text(",\"text\":", text);
                self.groups(groups, names);
                if !ends.is_empty() {
                    self.raw(",\"ends\":[");
                    self.list(ends, names);
                    self.raw("]");
                }
            }
            What::FaultEnd { fault } => self.number("\"fault_end\",\"fault\":", u64::from(*fault)),
            What::Settle { text, core } => {
                self.text("\"settle\",\"text\":", text);
                self.groups(std::slice::from_ref(core), names);
            }
            What::Crash { lost_writes } => self.number("\"crash\",\"lost_writes\":", *lost_writes),
            What::Pause => self.raw("\"pause\""),
            What::Resume => self.raw("\"resume\""),
            What::Impaired { by } => self.text("\"impaired\",\"impairment\":", by.word()),
            What::Mended { of } => self.text("\"mended\",\"impairment\":", of.word()),
            What::TornWrite => self.raw("\"torn_write\""),
            What::DiskFailed { by } => self.text("\"disk_failed\",\"impairment\":", by.word()),
            What::ClockStep { by } => {
                let sign = if by.as_nanos() < 0 { "-" } else { "" };
                self.raw("\"clock_step\",\"by_ns\":");
                self.number(sign, by.as_nanos().unsigned_abs());
            }
            What::Panic { text } => self.text("\"panic\",\"text\":", text),
            What::Violation { property, text } => {
                self.text("\"violation\",\"property\":", property);
                self.text(",\"text\":", text);
            }
        }
    }

    fn passage(&mut self, passage: Passage) {
        match passage {
            Passage::Arrives { at } => self.time(",\"passage\":\"arrives\",\"at\":", at),
            Passage::Duplicated { at, again } => {
                self.time(",\"passage\":\"duplicated\",\"at\":", at);
                self.time(",\"again\":", again);
            }
            Passage::Lost => self.raw(",\"passage\":\"lost\""),
            Passage::Cut => self.raw(",\"passage\":\"cut\""),
            Passage::Capped => self.raw(",\"passage\":\"capped\""),
            Passage::Dropped => self.raw(",\"passage\":\"dropped\""),
            Passage::Corrupted => self.raw(",\"passage\":\"corrupted\""),
            Passage::Overflowed => self.raw(",\"passage\":\"overflowed\""),
            Passage::Clogged { by, .. } => self.number(",\"passage\":\"clogged\",\"by\":", u64::from(by)),
            Passage::Altered { at, .. } => self.time(",\"passage\":\"altered\",\"at\":", at),
        }
    }

    fn groups(&mut self, groups: &[Vec<NodeId>], names: &[Vec<u8>]) {
        self.raw(",\"groups\":[");
        for (place, group) in groups.iter().enumerate() {
            self.raw(if place == 0 { "[" } else { ",[" });
            self.list(group, names);
            self.raw("]");
        }
        self.raw("]");
    }

    fn list(&mut self, nodes: &[NodeId], names: &[Vec<u8>]) {
        for (place, node) in nodes.iter().enumerate() {
            self.node(if place == 0 { "" } else { "," }, *node, names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::trace::{Header, Impairment, NodeInfo, RecordId};
    use crate::engine::{SignedSpan, Span};

    fn every_variant() -> Vec<What> {
        let at = Time::from_nanos(2_000);
        let send = |passage| What::Send { to: NodeId(1), kind: "Ping", text: "Ping(\"é\n\")".into(), passage };
        vec![
            What::Start { incarnation: 0 },
            send(Passage::Arrives { at }),
            send(Passage::Duplicated { at, again: Time::MAX }),
            send(Passage::Lost),
            send(Passage::Cut),
            send(Passage::Capped),
            send(Passage::Dropped),
            send(Passage::Corrupted),
            send(Passage::Overflowed),
            send(Passage::Clogged { by: 3, place: 5 }),
            send(Passage::Altered { at, by: 9 }),
            What::Deliver { from: NodeId(1), kind: "Ping", text: "Ping".into(), waited: Span::from_nanos(7) },
            What::Drop { from: Some(NodeId(1)), kind: "Ping", reason: DropReason::Down },
            What::Drop { from: None, kind: "op", reason: DropReason::InboxFull },
            What::Timer { name: "Election".into(), waited: Span::ZERO },
            What::Invoke { op: 3, text: "Put(1)".into() },
            What::Return { op: 3, text: "Done".into(), outcome: Outcome::Ok },
            What::Return { op: 4, text: "NotLeader".into(), outcome: Outcome::Failed },
            What::Return { op: 5, text: String::new(), outcome: Outcome::Unknown },
            What::Write { text: "term = 2".into() },
            What::Sync { writes: 2 },
            What::Role { role: "leader" },
            What::Note { name: "retries", amount: 1 },
            What::FaultBegin {
                fault: 0,
                text: "split".into(),
                groups: vec![vec![NodeId(0)], vec![NodeId(1), NodeId(9)]],
                ends: Vec::new(),
            },
            What::FaultBegin { fault: 1, text: "cut".into(), groups: Vec::new(), ends: vec![NodeId(0), NodeId(1)] },
            What::FaultEnd { fault: 0 },
            What::Settle { text: "settle: n1 must come to rest".into(), core: vec![NodeId(0)] },
            What::Crash { lost_writes: 1 },
            What::Pause,
            What::Resume,
            What::Panic { text: "index out of bounds".into() },
            What::Impaired { by: Impairment::Slow },
            What::Mended { of: Impairment::Slow },
            What::TornWrite,
            What::DiskFailed { by: Impairment::DiskFull },
            What::ClockStep { by: SignedSpan::backwards(Span::from_secs(2)) },
            What::Violation { property: "one leader".into(), text: "n1 and c1 lead term 2".into() },
        ]
    }

    #[test]
    fn every_variant_has_its_line() {
        let node = |name: &str, client, region: Option<&str>| NodeInfo {
            name: name.into(),
            client,
            region: region.map(str::to_owned),
        };
        let records = every_variant().into_iter().enumerate().map(|(place, what)| Record {
            id: RecordId(place as u64 * 10),
            time: Time::from_nanos(place as u64 * 100),
            cause: (place % 2 == 1).then(|| RecordId(place as u64 * 10 - 10)),
            node: (!matches!(what, What::FaultBegin { .. } | What::FaultEnd { .. } | What::Settle { .. }))
                .then_some(NodeId(0)),
            what,
        });
        let trace = Trace {
            header: Header {
                version: "0.1.0".into(),
                title: "A \"small\" run".into(),
                pattern: "echo".into(),
                seed: u64::MAX,
                duration: Span::from_secs(1),
                nodes: vec![node("n1", false, Some("eu")), node("c1", true, None)],
            },
            records: records.collect(),
            left_out: 2,
        };
        let mut bytes = Vec::new();
        write(&trace, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        for line in text.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        insta::assert_snapshot!(text, @r##"
        {"format":"faultlab-trace","format_version":1,"version":"0.1.0","pattern":"echo","title":"A \"small\" run","seed":18446744073709551615,"duration_ns":1000000000,"nodes":[{"name":"n1","client":false,"region":"eu"},{"name":"c1","client":true,"region":null}],"left_out":2}
        {"id":0,"t":0,"cause":null,"node":"n1","event":"start","incarnation":0}
        {"id":10,"t":100,"cause":0,"node":"n1","event":"send","to":"c1","kind":"Ping","text":"Ping(\"é\n\")","passage":"arrives","at":2000}
        {"id":20,"t":200,"cause":null,"node":"n1","event":"send","to":"c1","kind":"Ping","text":"Ping(\"é\n\")","passage":"duplicated","at":2000,"again":18446744073709551615}
        {"id":30,"t":300,"cause":20,"node":"n1","event":"send","to":"c1","kind":"Ping","text":"Ping(\"é\n\")","passage":"lost"}
        {"id":40,"t":400,"cause":null,"node":"n1","event":"send","to":"c1","kind":"Ping","text":"Ping(\"é\n\")","passage":"cut"}
        {"id":50,"t":500,"cause":40,"node":"n1","event":"send","to":"c1","kind":"Ping","text":"Ping(\"é\n\")","passage":"capped"}
        {"id":60,"t":600,"cause":null,"node":"n1","event":"send","to":"c1","kind":"Ping","text":"Ping(\"é\n\")","passage":"dropped"}
        {"id":70,"t":700,"cause":60,"node":"n1","event":"send","to":"c1","kind":"Ping","text":"Ping(\"é\n\")","passage":"corrupted"}
        {"id":80,"t":800,"cause":null,"node":"n1","event":"send","to":"c1","kind":"Ping","text":"Ping(\"é\n\")","passage":"overflowed"}
        {"id":90,"t":900,"cause":80,"node":"n1","event":"send","to":"c1","kind":"Ping","text":"Ping(\"é\n\")","passage":"clogged","by":3}
        {"id":100,"t":1000,"cause":null,"node":"n1","event":"send","to":"c1","kind":"Ping","text":"Ping(\"é\n\")","passage":"altered","at":2000}
        {"id":110,"t":1100,"cause":100,"node":"n1","event":"deliver","from":"c1","kind":"Ping","text":"Ping","waited_ns":7}
        {"id":120,"t":1200,"cause":null,"node":"n1","event":"drop","from":"c1","kind":"Ping","reason":"down"}
        {"id":130,"t":1300,"cause":120,"node":"n1","event":"drop","from":null,"kind":"op","reason":"inbox_full"}
        {"id":140,"t":1400,"cause":null,"node":"n1","event":"timer","name":"Election","waited_ns":0}
        {"id":150,"t":1500,"cause":140,"node":"n1","event":"invoke","op":3,"text":"Put(1)"}
        {"id":160,"t":1600,"cause":null,"node":"n1","event":"return","op":3,"text":"Done","outcome":"ok"}
        {"id":170,"t":1700,"cause":160,"node":"n1","event":"return","op":4,"text":"NotLeader","outcome":"failed"}
        {"id":180,"t":1800,"cause":null,"node":"n1","event":"return","op":5,"text":"","outcome":"unknown"}
        {"id":190,"t":1900,"cause":180,"node":"n1","event":"write","text":"term = 2"}
        {"id":200,"t":2000,"cause":null,"node":"n1","event":"sync","writes":2}
        {"id":210,"t":2100,"cause":200,"node":"n1","event":"role","role":"leader"}
        {"id":220,"t":2200,"cause":null,"node":"n1","event":"note","name":"retries","amount":1}
        {"id":230,"t":2300,"cause":220,"node":null,"event":"fault_begin","fault":0,"text":"split","groups":[["n1"],["c1","#9"]]}
        {"id":240,"t":2400,"cause":null,"node":null,"event":"fault_begin","fault":1,"text":"cut","groups":[],"ends":["n1","c1"]}
        {"id":250,"t":2500,"cause":240,"node":null,"event":"fault_end","fault":0}
        {"id":260,"t":2600,"cause":null,"node":null,"event":"settle","text":"settle: n1 must come to rest","groups":[["n1"]]}
        {"id":270,"t":2700,"cause":260,"node":"n1","event":"crash","lost_writes":1}
        {"id":280,"t":2800,"cause":null,"node":"n1","event":"pause"}
        {"id":290,"t":2900,"cause":280,"node":"n1","event":"resume"}
        {"id":300,"t":3000,"cause":null,"node":"n1","event":"panic","text":"index out of bounds"}
        {"id":310,"t":3100,"cause":300,"node":"n1","event":"impaired","impairment":"slow"}
        {"id":320,"t":3200,"cause":null,"node":"n1","event":"mended","impairment":"slow"}
        {"id":330,"t":3300,"cause":320,"node":"n1","event":"torn_write"}
        {"id":340,"t":3400,"cause":null,"node":"n1","event":"disk_failed","impairment":"disk full"}
        {"id":350,"t":3500,"cause":340,"node":"n1","event":"clock_step","by_ns":-2000000000}
        {"id":360,"t":3600,"cause":null,"node":"n1","event":"violation","property":"one leader","text":"n1 and c1 lead term 2"}
        "##);
    }
}
