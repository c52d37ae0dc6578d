//! Traces made by hand, for tests.

use crate::engine::trace::{Header, NodeInfo, Outcome, Passage, Record, RecordId, Trace, What};
use crate::engine::{NodeId, Span, Time};

/// Builds a trace by hand, with times in microseconds.
pub(super) struct Fabric {
    pub(super) trace: Trace,
}

impl Fabric {
    pub(super) fn new(title: &str, servers: u32, clients: u32, duration: Span) -> Self {
        let node = |name, client| NodeInfo { name, client, region: None };
        let servers = (1..=servers).map(|number| node(format!("n{number}"), false));
        let clients = (1..=clients).map(|number| node(format!("c{number}"), true));
        let header = Header {
            version: "0.1.0".into(),
            title: title.into(),
            pattern: "raft".into(),
            seed: 42,
            duration,
            nodes: servers.chain(clients).collect(),
        };
        Self { trace: Trace { header, records: Vec::new(), left_out: 0 } }
    }

    pub(super) fn add(&mut self, micros: u64, node: impl Into<Option<u32>>, what: What) {
        let id = RecordId(self.trace.records.len() as u64);
        let time = Time::from_nanos(micros * 1_000);
        self.trace.records.push(Record { id, time, cause: None, node: node.into().map(NodeId), what });
    }

    pub(super) fn role(&mut self, micros: u64, node: u32, role: &'static str) {
        self.add(micros, node, What::Role { role });
    }

    pub(super) fn operation(&mut self, op: u64, client: u32, from: u64, to: u64, outcome: Outcome) {
        self.add(from, client, What::Invoke { op, text: format!("Put(x, {op})") });
        self.add(to, client, What::Return { op, text: "Done".into(), outcome });
    }

    pub(super) fn fault(&mut self, fault: u32, from: u64, to: u64, text: &str, groups: &[&[u32]]) {
        let groups = groups.iter().map(|group| group.iter().copied().map(NodeId).collect()).collect();
        self.add(from, None, What::FaultBegin { fault, text: text.into(), groups, ends: Vec::new() });
        self.add(to, None, What::FaultEnd { fault });
    }

    pub(super) fn message(&mut self, micros: u64, from: u32, to: u32, kind: &'static str, passage: Passage) {
        let text = format!("{kind} {{ term: 3 }}");
        self.add(micros, from, What::Send { to: NodeId(to), kind, text: text.clone(), passage });
        if let Passage::Arrives { .. } | Passage::Duplicated { .. } = passage {
            self.add(micros + 900, to, What::Deliver { from: NodeId(from), kind, text, waited: Span::ZERO });
        }
    }

    pub(super) fn done(mut self) -> Trace {
        self.trace.records.sort_by_key(|record| record.time);
        self.trace
    }
}
