//! What pictures show of a run: intervals and counts instead of records.
//!
//! A record says that something changed; a picture needs to know how long it stayed so. [`Timeline::of`] goes once over
//! the trace and pairs beginnings with ends: a crash with the next start, a fault's begin with its end, an invocation
//! with its return. What has no end in the trace lasts until the trace ends, never longer: where the trace was cut,
//! nothing is claimed about what came after.
//!
//! Texts and names are borrowed from the trace.

use std::collections::BTreeMap;

use crate::engine::trace::{DropReason, Impairment, Outcome, Passage, Record, Trace, What};
use crate::engine::{NodeId, Span, Time};

#[cfg(test)]
mod tests;

/// A run, condensed to what pictures show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline<'t> {
    /// When the run ends: its duration, or its last record if that is later.
    pub end: Time,
    /// Where the trace stops although the run was to go on: records were left out, or a handler panicked, which ends a
    /// run. `None` if the trace tells the whole run.
    pub cut: Option<Time>,
    /// One line a node, by its number.
    pub lines: Vec<NodeLine<'t>>,
    /// Every change of a role after a node's first, in order of time.
    pub changes: Vec<RoleChange>,
    /// Every fault, by its beginning.
    pub faults: Vec<FaultSpan<'t>>,
    /// Every broken property and every panic, in order of time.
    pub violations: Vec<ViolationMark<'t>>,
    /// Every operation, by its invocation.
    pub operations: Vec<Operation<'t>>,
    /// What became of messages, by kind; the most frequent kind first.
    pub messages: Vec<MessageCount>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Its beginning.
    pub from: Time,
    /// Its end.
    pub to: Time,
}

/// What one node was and went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLine<'t> {
    /// The node's name.
    pub name: &'t str,
    /// Whether it is a client.
    pub client: bool,
    /// The roles that it had while it was up, without overlap, in order of time.
    pub roles: Vec<RoleSpan>,
    /// When it was down: from each crash to the next start.
    pub down: Vec<Interval>,
    /// When it was paused.
    pub paused: Vec<Interval>,
    /// What was wrong with its machine, and when, by the end.
    pub impaired: Vec<ImpairedSpan>,
    /// When its clock was set.
    pub clock_steps: Vec<Time>,
}

/// A stretch of time in which something was wrong with a node's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImpairedSpan {
    /// What was wrong.
    pub by: Impairment,
    /// When.
    pub during: Interval,
}

/// A stretch of time in one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleSpan {
    /// The role.
    pub role: &'static str,
    /// When the node had it.
    pub during: Interval,
}

/// A node took another role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleChange {
    /// The node.
    pub node: NodeId,
    /// When.
    pub time: Time,
    /// The new role.
    pub role: &'static str,
}

/// A fault of the scenario, from its beginning to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultSpan<'t> {
    /// Its place in the scenario, from zero.
    pub fault: u32,
    /// What it does, for people.
    pub text: &'t str,
    /// The groups that cannot reach each other; empty unless the fault is a partition.
    pub groups: &'t [Vec<NodeId>],
    /// The nodes at the ends of the links that it changes; empty unless it is a fault of single links.
    pub ends: &'t [NodeId],
    /// When it was in force.
    pub during: Interval,
}

impl FaultSpan<'_> {
    /// In place of a fault's number: no fault, but the phase in which the run settles. It belongs in the same rows.
    pub const SETTLING: u32 = u32::MAX;
}

/// A property broke, or a handler panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViolationMark<'t> {
    /// When.
    pub time: Time,
    /// On which node, if it concerns one.
    pub node: Option<NodeId>,
    /// The property; `panic` for a panic.
    pub property: &'t str,
    /// What was seen.
    pub text: &'t str,
}

/// What a client was asked, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation<'t> {
    /// Its number.
    pub op: u64,
    /// The client.
    pub client: NodeId,
    /// What was asked.
    pub text: &'t str,
    /// When it was asked.
    pub invoked: Time,
    /// When and how it ended; `None` if the trace does not tell.
    pub ended: Option<(Time, Outcome)>,
}

impl Operation<'_> {
    /// How long it took; `None` if the trace shows no end.
    pub fn latency(&self) -> Option<Span> {
        self.ended.map(|(time, _)| time.since(self.invoked))
    }
}

/// What became of the messages of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageCount {
    /// The kind.
    pub kind: &'static str,
    /// How many were handed to the network.
    pub sent: u64,
    /// How many of these the network delivered twice.
    pub duplicated: u64,
    /// How many were lost by chance.
    pub lost: u64,
    /// How many a partition stopped.
    pub cut: u64,
    /// How many were dropped because too many were in flight.
    pub capped: u64,
    /// How many a fault picked out and dropped.
    pub picked: u64,
    /// How many were changed on the way, found out and dropped.
    pub corrupted: u64,
    /// How many found no room in the queue of a link of limited bandwidth.
    pub overflowed: u64,
    /// How many copies a node handled.
    pub handled: u64,
    /// How many copies reached a node that was down.
    pub met_down: u64,
    /// How many copies reached a full inbox.
    pub met_full: u64,
}

impl MessageCount {
    /// Copies that nobody handled and nobody dropped: at the end they were on their way or in an inbox, or their node
    /// crashed with them in its inbox.
    pub fn unhandled(&self) -> u64 {
        let sent_in_vain = self.lost + self.cut + self.capped + self.picked + self.corrupted + self.overflowed;
        let gone = sent_in_vain + self.handled + self.met_down + self.met_full;
        (self.sent + self.duplicated).saturating_sub(gone)
    }
}

impl<'t> Timeline<'t> {
    /// Condenses a trace.
    pub fn of(trace: &'t Trace) -> Self {
        let last = trace.records.last().map_or(Time::ZERO, |record| record.time);
        let end = (Time::ZERO + trace.header.duration).max(last);
        let mut pairing = Pairing::of(trace);
        for record in &trace.records {
            pairing.take(record);
        }
        let cut = (trace.left_out > 0 || pairing.panicked).then_some(last);
        pairing.finish(end, cut)
    }

    /// Where the trace's knowledge ends: the cut, or the end of the run.
    pub fn horizon(&self) -> Time {
        self.cut.unwrap_or(self.end)
    }
}

/// What is open while the trace is read.
struct Pairing<'t> {
    lines: Vec<(NodeLine<'t>, OpenLine)>,
    changes: Vec<RoleChange>,
    faults: Vec<FaultSpan<'t>>,
    open_faults: BTreeMap<u32, usize>,
    violations: Vec<ViolationMark<'t>>,
    panicked: bool,
    operations: Vec<Operation<'t>>,
    open_operations: BTreeMap<u64, usize>,
    messages: BTreeMap<&'static str, MessageCount>,
}

/// What is open on one node.
#[derive(Default)]
struct OpenLine {
    /// Since when the node has been up in its role; `None` while it is down.
    up: Option<Time>,
    down: Option<Time>,
    paused: Option<Time>,
    role: Option<&'static str>,
    /// What is wrong, one entry for each fault, and since when.
    impaired: Vec<(Impairment, Time)>,
    /// Stretches before the first role was recorded: the node had that role already.
    nameless: Vec<Interval>,
}

impl<'t> Pairing<'t> {
    fn of(trace: &'t Trace) -> Self {
        let line = |node: &'t crate::engine::trace::NodeInfo| NodeLine {
            name: &node.name,
            client: node.client,
            roles: Vec::new(),
            down: Vec::new(),
            paused: Vec::new(),
            impaired: Vec::new(),
            clock_steps: Vec::new(),
        };
        let open = || OpenLine { up: Some(Time::ZERO), ..OpenLine::default() };
        Self {
            lines: trace.header.nodes.iter().map(|node| (line(node), open())).collect(),
            changes: Vec::new(),
            faults: Vec::new(),
            open_faults: BTreeMap::new(),
            violations: Vec::new(),
            panicked: false,
            operations: Vec::new(),
            open_operations: BTreeMap::new(),
            messages: BTreeMap::new(),
        }
    }

    fn take(&mut self, record: &'t Record) {
        if let Some(node) = record.node {
            self.take_of_node(record, node);
        }
        match &record.what {
            What::FaultBegin { fault, text, groups, ends } => {
                let during = Interval { from: record.time, to: Time::MAX };
                // A fault that begins again without an end starts over.
                if let Some(open) = self.open_faults.insert(*fault, self.faults.len()) {
                    self.faults[open].during.to = record.time;
                }
                self.faults.push(FaultSpan { fault: *fault, text, groups, ends, during });
            }
            What::FaultEnd { fault } => {
                if let Some(open) = self.open_faults.remove(fault) {
                    self.faults[open].during.to = record.time;
                }
            }
            What::Settle { text, .. } => {
                let during = Interval { from: record.time, to: Time::MAX };
                self.faults.push(FaultSpan { fault: FaultSpan::SETTLING, text, groups: &[], ends: &[], during });
            }
            What::Violation { property, text } => {
                self.violations.push(ViolationMark { time: record.time, node: record.node, property, text });
            }
            What::Panic { text } => {
                self.panicked = true;
                self.violations.push(ViolationMark { time: record.time, node: record.node, property: "panic", text });
            }
            What::Return { op, outcome, .. } => {
                if let Some(open) = self.open_operations.remove(op) {
                    self.operations[open].ended = Some((record.time, *outcome));
                }
            }
            what => self.count(what),
        }
    }

    fn take_of_node(&mut self, record: &'t Record, node: NodeId) {
        if let What::Invoke { op, text } = &record.what {
            self.open_operations.insert(*op, self.operations.len());
            self.operations.push(Operation { op: *op, client: node, text, invoked: record.time, ended: None });
        }
        let Some((line, open)) = self.lines.get_mut(node.index()) else { return };
        match record.what {
            What::Start { incarnation } => {
                if let Some(from) = open.down.take() {
                    line.down.push(Interval { from, to: record.time });
                    open.up = Some(record.time);
                } else if incarnation == 0 && open.role.is_none() {
                    // A node that joins late was nothing before.
                    open.up = Some(record.time);
                }
            }
            What::Crash { .. } => {
                open.close_role(line, record.time);
                open.close_pause(line, record.time);
                open.down.get_or_insert(record.time);
            }
            What::Pause => {
                open.paused.get_or_insert(record.time);
            }
            What::Resume => open.close_pause(line, record.time),
            What::Impaired { by } => open.impaired.push((by, record.time)),
            What::Mended { of } => open.close_impaired(line, of, record.time),
            What::ClockStep { .. } => line.clock_steps.push(record.time),
            What::Role { role } => {
                if open.role.is_some_and(|before| before != role) {
                    self.changes.push(RoleChange { node, time: record.time, role });
                    let up = open.up.is_some();
                    open.close_role(line, record.time);
                    open.up = up.then_some(record.time);
                }
                open.role = Some(role);
                line.roles.extend(open.nameless.drain(..).map(|during| RoleSpan { role, during }));
            }
            _ => {}
        }
    }

    fn count(&mut self, what: &What) {
        match *what {
            What::Send { kind, passage, .. } => {
                let count = self.messages.entry(kind).or_default();
                count.sent += 1;
                match passage {
                    Passage::Arrives { .. } | Passage::Clogged { .. } | Passage::Altered { .. } => {}
                    Passage::Dropped => count.picked += 1,
                    Passage::Corrupted => count.corrupted += 1,
                    Passage::Overflowed => count.overflowed += 1,
                    Passage::Duplicated { .. } => count.duplicated += 1,
                    Passage::Lost => count.lost += 1,
                    Passage::Cut => count.cut += 1,
                    Passage::Capped => count.capped += 1,
                }
            }
            What::Deliver { kind, .. } => self.messages.entry(kind).or_default().handled += 1,
            What::Drop { from: Some(_), kind, reason } => {
                let count = self.messages.entry(kind).or_default();
                match reason {
                    DropReason::Down => count.met_down += 1,
                    DropReason::InboxFull => count.met_full += 1,
                }
            }
            _ => {}
        }
    }

    fn finish(self, end: Time, cut: Option<Time>) -> Timeline<'t> {
        let horizon = cut.unwrap_or(end);
        let mut faults = self.faults;
        for fault in &mut faults {
            fault.during.to = fault.during.to.min(horizon);
        }
        let lines = self.lines.into_iter().map(|(mut line, mut open)| {
            open.close_role(&mut line, horizon);
            open.close_pause(&mut line, horizon);
            while let Some((by, _)) = open.impaired.first().copied() {
                open.close_impaired(&mut line, by, horizon);
            }
            line.down.extend(open.down.map(|from| Interval { from, to: horizon }));
            line
        });
        let mut messages =
            self.messages.into_iter().map(|(kind, count)| MessageCount { kind, ..count }).collect::<Vec<_>>();
        // The sort is stable, so kinds sent equally often stay in alphabetical order.
        messages.sort_by_key(|count| std::cmp::Reverse(count.sent));
        Timeline {
            end,
            cut,
            lines: lines.collect(),
            changes: self.changes,
            faults,
            violations: self.violations,
            operations: self.operations,
            messages,
        }
    }
}

impl OpenLine {
    /// The node's role ends; a role that lasted no time was never seen.
    fn close_role(&mut self, line: &mut NodeLine, to: Time) {
        let Some(from) = self.up.take().filter(|from| *from < to) else { return };
        let during = Interval { from, to };
        match self.role {
            Some(role) => line.roles.push(RoleSpan { role, during }),
            None => self.nameless.push(during),
        }
    }

    /// One of the faults that impair the node ends; of several of a kind, the one that began first.
    fn close_impaired(&mut self, line: &mut NodeLine, by: Impairment, to: Time) {
        let Some(place) = self.impaired.iter().position(|(open, _)| *open == by) else { return };
        let (_, from) = self.impaired.remove(place);
        line.impaired.push(ImpairedSpan { by, during: Interval { from, to } });
    }

    fn close_pause(&mut self, line: &mut NodeLine, to: Time) {
        line.paused.extend(self.paused.take().map(|from| Interval { from, to }));
    }
}
