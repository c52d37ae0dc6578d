//! Windows: for a while, what messages of some links meet is changed.
//!
//! A window covers the links from some nodes to some nodes. While it is open it gives them other settings, holds their
//! messages up (a *clog*: FoundationDB's simulator holds a link's messages and lets all go at once), narrows them,
//! corrupts what they carry, or picks out single messages.
//!
//! Messages are counted for each link by itself, and a window's chance is keyed by the fault behind it. So what one window
//! does on one link is the same whatever other links carry and whatever other windows there are.

use super::pipe::Bandwidth;
use super::{LinkSettings, Parcel};
use crate::engine::NodeId;
use crate::engine::law::Law;
use crate::engine::random::Fate;
use crate::engine::time::{Span, SpanRange};
use crate::engine::units::Share;
use std::collections::BTreeMap;

/// What a window changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Links have other settings. Where two such windows set the same, the one that opened last counts.
    Degrade(Degraded),
    /// Messages are held until the window closes.
    Clog(Release),
    /// Links are narrower. Where several limits apply, the lowest rate counts.
    Narrow(Bandwidth),
    /// Single messages are picked out.
    Select(Selection, Treatment),
    /// Messages are changed on the way.
    Corrupt {
        /// How many of them.
        share: Share,
        /// Whether no checksum notices. One that is noticed counts as lost.
        silently: bool,
    },
}

/// Settings that replace those of a link; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Degraded {
    /// How long a message travels.
    pub latency: Option<Law>,
    /// The share of messages that vanish.
    pub loss: Option<Share>,
    /// The share of messages that arrive twice.
    pub duplicate: Option<Share>,
    /// The share of messages that are held up.
    pub reorder: Option<Share>,
    /// How long a held-up message is held up.
    pub reorder_delay: Option<SpanRange>,
}

/// In which order a clog lets its messages go, all at the moment when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// In the order in which they were sent.
    InOrder,
    /// In an order drawn at random.
    Shuffled,
}

/// Which messages of a link are picked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Only messages of this kind.
    pub kind: Option<String>,
    /// Which of those, counted on each link from the window's opening.
    pub which: Which,
}

/// Which of a link's messages, counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// The first so many.
    First(u64),
    /// Only this one.
    Nth(u64),
    /// Every so manieth.
    Every(u64),
    /// Each with this chance.
    Share(Share),
}

/// What becomes of a message that was picked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It vanishes.
    Drop,
    /// It takes longer by so much.
    Delay(SpanRange),
    /// It arrives twice.
    Duplicate,
}

/// The links of a window: from each of some nodes to each of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The senders.
    pub from: Vec<NodeId>,
    /// The receivers.
    pub to: Vec<NodeId>,
    /// Whether the links back are meant too.
    pub both_ways: bool,
}

impl Scope {
    /// How many links these are; a node has none to itself.
    pub fn links(&self) -> usize {
        let both = self.from.iter().filter(|node| self.to.contains(node)).count();
        let one_way = self.from.len() * self.to.len() - both;
        // A link between two nodes that are both senders and receivers is its own way back.
        let mutual = both * both.saturating_sub(1);
        if self.both_ways { 2 * one_way - mutual } else { one_way }
    }
}

/// A window that can be closed: the number that its owner gave it.
pub type WindowId = u32;

/// What the open windows do to one message.
#[derive(Debug)]
pub(super) struct Treated {
    pub(super) settings: LinkSettings,
    pub(super) dropped: bool,
    pub(super) delay: Span,
    pub(super) duplicated: bool,
    /// It is changed, and a checksum says so.
    pub(super) corrupted: bool,
    /// It is changed unnoticed, as these bits say.
    pub(super) altered: Option<u64>,
    /// Which window holds it, and its place if that shuffles.
    pub(super) clogged: Option<(WindowId, u64)>,
}

/// Questions about a message that a window asks, next to its key.
mod question {
    pub(super) const HAPPENS: u64 = 0;
    pub(super) const DETAIL: u64 = 1;
}

#[derive(Clone, Debug)]
struct Window {
    id: WindowId,
    /// The bits are of senders and receivers.
    marks: Vec<u8>,
    both_ways: bool,
    change: Change,
    /// From which its chance follows.
    key: u64,
    /// How many messages of each link were candidates so far.
    counts: BTreeMap<(NodeId, NodeId), u64>,
    /// How many messages it has met.
    met: u64,
}

const SENDER: u8 = 1;
const RECEIVER: u8 = 2;

impl Window {
    fn covers(&self, from: NodeId, to: NodeId) -> bool {
        let is = |node: NodeId, mark| self.marks[node.index()] & mark != 0;
        is(from, SENDER) && is(to, RECEIVER) || self.both_ways && is(to, SENDER) && is(from, RECEIVER)
    }

    fn treat(&mut self, link: (NodeId, NodeId), parcel: Parcel, fate: Fate, treated: &mut Treated) {
        let happens = self.key.wrapping_add(question::HAPPENS);
        let detail = fate.bits(self.key.wrapping_add(question::DETAIL));
        match &self.change {
            Change::Degrade(degraded) => degraded.apply(&mut treated.settings),
            Change::Narrow(bandwidth) => treated.settings.bandwidth = bandwidth.or_narrower(treated.settings.bandwidth),
            Change::Clog(release) => {
                let place = if *release == Release::Shuffled { detail } else { 0 };
                treated.clogged.get_or_insert((self.id, place));
            }
            Change::Corrupt { share, silently } => {
                if fate.happens(happens, *share) {
                    match silently {
                        true => treated.altered = Some(detail),
                        false => treated.corrupted = true,
                    }
                }
            }
            Change::Select(Selection { kind, which }, treatment) => {
                if kind.as_ref().is_some_and(|kind| kind != parcel.kind) {
                    return;
                }
                let count = self.counts.entry(link).or_default();
                *count += 1;
                let picked = match *which {
                    Which::All => true,
                    Which::First(most) => *count <= most,
                    Which::Nth(nth) => *count == nth,
                    Which::Every(every) => every != 0 && count.is_multiple_of(every),
                    Which::Share(share) => fate.happens(happens, share),
                };
                // Chance may spare all that it could have picked; it was for this window to decide all the same.
                self.met += u64::from(picked || matches!(which, Which::Share(_)));
                match treatment {
                    _ if !picked => {}
                    Treatment::Drop => treated.dropped = true,
                    Treatment::Delay(range) => treated.delay = treated.delay + Law::from(*range).draw(detail),
                    Treatment::Duplicate => treated.duplicated = true,
                }
                return;
            }
        }
        self.met += 1;
    }
}

impl Degraded {
    fn apply(&self, settings: &mut LinkSettings) {
        if let Some(latency) = &self.latency {
            settings.latency = latency.clone();
        }
        settings.loss = self.loss.unwrap_or(settings.loss);
        settings.duplicate = self.duplicate.unwrap_or(settings.duplicate);
        settings.reorder = self.reorder.unwrap_or(settings.reorder);
        settings.reorder_delay = self.reorder_delay.unwrap_or(settings.reorder_delay);
    }
}

/// The open windows, in the order in which they opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Windows {
    open: Vec<Window>,
}

impl Windows {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn open(&mut self, nodes: u32, id: WindowId, scope: &Scope, change: Change, key: u64) {
        let mut marks = vec![0; nodes as usize];
        scope.from.iter().for_each(|node| marks[node.index()] |= SENDER);
        scope.to.iter().for_each(|node| marks[node.index()] |= RECEIVER);
        let window = Window { id, marks, both_ways: scope.both_ways, change, key, counts: BTreeMap::new(), met: 0 };
        self.open.push(window);
    }

    /// Closes a window; tells how many messages it met.
    pub(super) fn close(&mut self, id: WindowId) -> u64 {
        let met = self.met(id);
        self.open.retain(|window| window.id != id);
        met
    }

    pub(super) fn met(&self, id: WindowId) -> u64 {
        self.open.iter().find(|window| window.id == id).map_or(0, |window| window.met)
    }

    /// The window that holds up the messages of a link.
    pub(super) fn clogs(&self, from: NodeId, to: NodeId) -> Option<WindowId> {
        let clogs = |window: &&Window| matches!(window.change, Change::Clog(_)) && window.covers(from, to);
        self.open.iter().find(clogs).map(|window| window.id)
    }

    /// What becomes of a message on a link with these settings.
    pub(super) fn treat(
        &mut self,
        (from, to): (NodeId, NodeId),
        parcel: Parcel,
        fate: Fate,
        settings: LinkSettings,
    ) -> Treated {
        let mut treated = Treated {
            settings,
            dropped: false,
            delay: Span::ZERO,
            duplicated: false,
            corrupted: false,
            altered: None,
            clogged: None,
        };
        for window in self.open.iter_mut().filter(|window| window.covers(from, to)) {
            window.treat((from, to), parcel, fate, &mut treated);
        }
        treated
    }
}
