//! Faults of links: how they begin and end, and what becomes of messages that they hold up or change.

use super::{Event, World};
use crate::actor::Protocol;
use crate::engine::network::reach::Cut;
use crate::engine::network::window::{Change, Scope};
use crate::engine::random::{Domain, Stream};
use crate::engine::trace::{Passage, RecordId, What};
use crate::engine::{NodeId, Time};
use crate::sim::fault::Action;

/// A message on its way.
pub(super) struct Parted<P> {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    /// The record of its sending.
    pub(super) cause: RecordId,
    pub(super) message: P,
}

/// A message that a fault holds up.
pub(super) struct Clogged<P> {
    by: u32,
    /// Where it comes among those that are let go with it.
    place: u64,
    parted: Parted<P>,
}

impl<P: Protocol> World<P> {
    /// What stops messages while the fault lasts; `None` if it stops none.
    pub(super) fn cut(action: &Action, groups: Vec<Vec<NodeId>>) -> Option<Cut> {
        let mut groups = groups.into_iter();
        Some(match action {
            Action::Partition(_) => Cut::Groups(groups.collect()),
            // The bridge itself comes last and belongs to no side.
            Action::Bridge(_) => Cut::Groups(groups.take(2).collect()),
            Action::OneWay(_) => Cut::OneWay(groups.next()?, groups.next()?),
            Action::Ring(_) => Cut::Ring(groups.next()?),
            _ => return None,
        })
    }

    /// How many nodes or links the fault meets.
    pub(super) fn meets(action: &Action, groups: &[Vec<NodeId>]) -> u64 {
        let parted = groups.iter().filter(|group| !group.is_empty()).count();
        let nodes = groups.iter().map(Vec::len).sum::<usize>();
        let met = match action {
            Action::Partition(_) if parted < 2 => 0,
            Action::Bridge(_) if parted < 3 => 0,
            Action::Ring(_) if nodes < 4 => 0,
            Action::OneWay(links) | Action::Window(links, _) => scope(groups, links.both_ways).links(),
            _ => nodes,
        };
        met as u64
    }

    /// What pictures show of the fault: groups that cannot reach each other, or the ends of the links that it changes.
    pub(super) fn picture(&self, action: &Action, groups: &[Vec<NodeId>]) -> (Vec<Vec<NodeId>>, Vec<NodeId>) {
        match action {
            Action::Partition(_) => (groups.to_vec(), Vec::new()),
            Action::Bridge(_) => (groups[..2].to_vec(), Vec::new()),
            Action::OneWay(_) | Action::Ring(_) | Action::Window(..) => {
                let mut ends = groups.concat();
                ends.sort_unstable();
                ends.dedup();
                (Vec::new(), ends)
            }
            Action::Crash(_) | Action::Pause(_) | Action::Node(..) => Default::default(),
        }
    }

    pub(super) fn open_window(&mut self, fault: usize, both_ways: bool, change: Change, groups: Vec<Vec<NodeId>>) {
        let scope = scope(&groups, both_ways);
        if self.picks_messages(fault) {
            self.strikes[fault].met = 0;
        }
        self.network.open(fault as u32, &scope, change, self.fault_keys[fault]);
    }

    /// Whether the fault is counted by the messages that it met: it strikes nobody if there were none to pick from.
    pub(super) fn picks_messages(&self, fault: usize) -> bool {
        matches!(self.faults[fault].action, Action::Window(_, Change::Select(..)))
    }

    /// The fault ends. What it had held up goes on, unless another fault holds it up now.
    pub(super) fn close_window(&mut self, fault: usize) {
        let met = self.network.close(fault as u32);
        if self.picks_messages(fault) {
            self.strikes[fault].met = met;
        }
        let (mut free, held): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.clogged).into_iter().partition(|clogged| clogged.by == fault as u32);
        self.clogged = held;
        free.sort_by_key(|clogged| clogged.place);
        for Clogged { place, parted, .. } in free {
            match self.network.clogs(parted.from, parted.to) {
                Some(by) => self.clogged.push(Clogged { by, place, parted }),
                None => self.go_on(self.now, parted),
            }
        }
    }

    /// What was held up between these nodes goes on.
    pub(super) fn let_go_within(&mut self, nodes: &[NodeId]) {
        let within = |clogged: &Clogged<P>| nodes.contains(&clogged.parted.from) && nodes.contains(&clogged.parted.to);
        let (mut free, held): (Vec<_>, Vec<_>) = std::mem::take(&mut self.clogged).into_iter().partition(within);
        self.clogged = held;
        free.sort_by_key(|clogged| clogged.place);
        for clogged in free {
            self.go_on(self.now, clogged.parted);
        }
    }

    #[cold]
    pub(super) fn hold_up(&mut self, by: u32, place: u64, parted: Parted<P>) {
        self.clogged.push(Clogged { by, place, parted });
    }

    /// Sends a message that is changed on its way, if there is anything in it to change. The trace has it as it was sent.
    #[cold]
    pub(super) fn send_altered(&mut self, at: Time, by: u64, parted: Parted<P>) {
        let Parted { from, to, cause, mut message } = parted;
        let (kind, size, text) = (message.kind(), message.size(), format!("{message:?}"));
        let altered = message.corrupt(&mut Stream::new(self.seed, Domain::Corruption, by));
        let passage = if altered { Passage::Altered { at, by } } else { Passage::Arrives { at } };
        self.stats.count_send(kind, size, &passage);
        let cause = self.trace(Some(cause), Some(from), || What::Send { to, kind, text, passage });
        self.go_on(at, Parted { from, to, cause, message });
    }

    fn go_on(&mut self, at: Time, Parted { from, to, cause, message }: Parted<P>) {
        self.queue.push(at, Event::Arrive { to, from, cause, message });
    }
}

fn scope(groups: &[Vec<NodeId>], both_ways: bool) -> Scope {
    Scope { from: groups[0].clone(), to: groups[1].clone(), both_ways }
}
