//! The network: what becomes of a message.
//!
//! Each directed link has settings (latency law, loss, duplication, reordering, order) and remembers how many messages
//! it has carried. The fate of the n-th message on a link is a pure function of seed, link and n, so editing anything
//! elsewhere leaves it alone. The one thing that links of a sender share is a cap on its messages in flight, which
//! keeps a storm (every duplicate begets a reply, which is duplicated) finite.
//!
//! A partition stops messages when they are sent; those already on the wire arrive. A node reaches itself at once and
//! always.

mod links;
mod partition;

use super::NodeId;
use super::law::Law;
use super::time::{Span, SpanRange, Time};
use super::trace::Passage;
use super::units::Share;
use links::Links;
pub use partition::CutId;
use partition::Cuts;

/// How a directed link treats its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSettings {
    /// How long a message travels.
    pub latency: Law,
    /// The share of messages that vanish.
    pub loss: Share,
    /// The share of messages that arrive twice.
    pub duplicate: Share,
    /// The share of messages that are held up, so that later ones overtake them.
    pub reorder: Share,
    /// How long a message that is held up is held up.
    pub reorder_delay: SpanRange,
    /// Whether messages arrive in the order in which they were sent.
    pub fifo: bool,
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self {
            latency: Law::Uniform(SpanRange::new(Span::from_millis(1), Span::from_millis(10))),
            loss: Share::NEVER,
            duplicate: Share::NEVER,
            reorder: Share::NEVER,
            reorder_delay: SpanRange::new(Span::ZERO, Span::from_millis(50)),
            fifo: false,
        }
    }
}

/// How many messages of one sender may be in flight unless a scenario says otherwise.
pub const MAX_IN_FLIGHT: u32 = 10_000;

/// The questions that a message's fate answers. Part of the trace format: never renumber.
mod question {
    pub(super) const LATENCY: u64 = 0;
    pub(super) const LOSS: u64 = 1;
    pub(super) const DUPLICATE: u64 = 2;
    pub(super) const SECOND_LATENCY: u64 = 3;
    pub(super) const REORDER: u64 = 4;
    pub(super) const REORDER_DELAY: u64 = 5;
}

/// The network between the nodes of one run.
#[derive(Clone, Debug)]
pub struct Network {
    /// Every distinct setting, the default one first.
    settings: Vec<LinkSettings>,
    /// For each (from, to) its setting; empty while all links are alike.
    class: Vec<u16>,
    nodes: u32,
    links: Links,
    cuts: Cuts,
    /// For each sender how many of its messages are on their way.
    in_flight: Vec<u32>,
    max_in_flight: u32,
}

impl Network {
    /// A network between `nodes` nodes whose links are all alike. What a sender sends while `max_in_flight` of its
    /// messages are on their way is dropped.
    pub fn new(seed: u64, nodes: u32, settings: LinkSettings, max_in_flight: u32) -> Self {
        Self {
            settings: vec![settings],
            class: Vec::new(),
            nodes,
            links: Links::new(seed, nodes),
            cuts: Cuts::default(),
            in_flight: vec![0; nodes as usize],
            max_in_flight,
        }
    }

    /// Gives the link from `from` to `to` settings of its own.
    ///
    /// # Panics
    /// If a run has more than 65,535 distinct settings.
    pub fn set_link(&mut self, from: NodeId, to: NodeId, settings: &LinkSettings) {
        let known = self.settings.iter().position(|known| known == settings);
        let class = known.unwrap_or_else(|| {
            self.settings.push(settings.clone());
            self.settings.len() - 1
        });
        if self.class.is_empty() {
            self.class = vec![0; self.nodes as usize * self.nodes as usize];
        }
        self.class[from.index() * self.nodes as usize + to.index()] =
            u16::try_from(class).expect("a run has at most 65,535 distinct link settings");
    }

    /// Which of the distinct settings the link from `from` to `to` has.
    #[inline]
    fn class(&self, from: NodeId, to: NodeId) -> usize {
        match self.class.is_empty() {
            true => 0,
            false => usize::from(self.class[from.index() * self.nodes as usize + to.index()]),
        }
    }

    /// Sends the next message from `from` to `to`. Each arrival that the passage names must be answered by one call of
    /// [`arrived`](Self::arrived).
    #[inline]
    pub fn send(&mut self, now: Time, from: NodeId, to: NodeId) -> Passage {
        let in_flight = self.in_flight[from.index()];
        if from == to {
            if in_flight >= self.max_in_flight {
                return Passage::Capped;
            }
            self.in_flight[from.index()] = in_flight + 1;
            return Passage::Arrives { at: now };
        }
        let settings = &self.settings[self.class(from, to)];
        let (place, fate) = self.links.next(from, to);
        if self.cuts.any() && self.cuts.separate(from, to) {
            return Passage::Cut;
        }
        if fate.happens(question::LOSS, settings.loss) {
            return Passage::Lost;
        }
        if in_flight >= self.max_in_flight {
            return Passage::Capped;
        }
        let mut delay = settings.latency.draw(fate.bits(question::LATENCY));
        if fate.happens(question::REORDER, settings.reorder) {
            delay = delay + Law::from(settings.reorder_delay).draw(fate.bits(question::REORDER_DELAY));
        }
        let mut at = now + delay;
        if settings.fifo {
            let last = self.links.last_arrival(place);
            at = at.max(*last);
            *last = at;
        }
        if fate.happens(question::DUPLICATE, settings.duplicate) && in_flight + 1 < self.max_in_flight {
            self.in_flight[from.index()] = in_flight + 2;
            let again = at + settings.latency.draw(fate.bits(question::SECOND_LATENCY));
            if settings.fifo {
                *self.links.last_arrival(place) = again;
            }
            return Passage::Duplicated { at, again };
        }
        self.in_flight[from.index()] = in_flight + 1;
        Passage::Arrives { at }
    }

    /// A message of this sender is no longer in flight.
    #[inline]
    pub fn arrived(&mut self, from: NodeId) {
        self.in_flight[from.index()] -= 1;
    }

    /// Separates groups of nodes from each other until [`heal`](Self::heal). Nodes in no group reach everybody.
    pub fn cut(&mut self, groups: &[Vec<NodeId>]) -> CutId {
        self.cuts.add(self.nodes, groups)
    }

    /// Ends a cut.
    pub fn heal(&mut self, cut: CutId) {
        self.cuts.remove(cut);
    }

    /// Whether a message from `from` would be stopped on its way to `to` just now.
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts.separate(from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId(0);
    const B: NodeId = NodeId(1);

    fn network(settings: LinkSettings) -> Network {
        Network::new(7, 3, settings, 2_000)
    }

    #[test]
    fn a_message_keeps_its_fate_whatever_other_links_carry() {
        let mut quiet = network(LinkSettings { loss: Share::from_ppm(300_000), ..LinkSettings::default() });
        let mut busy = quiet.clone();
        for _ in 0..100 {
            busy.send(Time::ZERO, B, A);
            busy.send(Time::ZERO, A, NodeId(2));
            assert_eq!(quiet.send(Time::ZERO, A, B), busy.send(Time::ZERO, A, B));
        }
    }

    #[test]
    fn fifo_links_never_overtake_and_others_do() {
        let overtakes = |fifo| {
            let mut network = network(LinkSettings { fifo, ..LinkSettings::default() });
            let mut last = Time::ZERO;
            (0..100).any(|millis| {
                let now = Time::ZERO + Span::from_millis(millis);
                let Passage::Arrives { at } = network.send(now, A, B) else { panic!("nothing is lost here") };
                let overtakes = at < last;
                last = at;
                overtakes
            })
        };
        assert!(overtakes(false));
        assert!(!overtakes(true));
    }

    #[test]
    fn the_cap_drops_what_exceeds_it_and_counts_arrivals_back() {
        let mut network = Network::new(7, 3, LinkSettings::default(), 2);
        network.send(Time::ZERO, A, B);
        network.send(Time::ZERO, A, NodeId(2));
        assert_eq!(network.send(Time::ZERO, A, B), Passage::Capped);
        network.arrived(A);
        assert_ne!(network.send(Time::ZERO, A, B), Passage::Capped);
    }

    #[test]
    fn links_of_many_nodes_keep_order_and_forget_nothing() {
        let settings = LinkSettings { fifo: true, ..LinkSettings::default() };
        let mut many = Network::new(7, 5_000, settings, 99_999);
        let mut last = Time::ZERO;
        for millis in 0..1_000 {
            let now = Time::ZERO + Span::from_millis(millis);
            let to = NodeId(millis as u32 % 4_999 + 1);
            many.send(now, A, to);
            let Passage::Arrives { at } = many.send(now, B, NodeId(4_999)) else { panic!("nothing is lost here") };
            assert!(at >= last);
            last = at;
        }
    }

    #[test]
    fn overlapping_cuts_heal_one_by_one_and_bystanders_reach_everybody() {
        let mut network = network(LinkSettings::default());
        let first = network.cut(&[vec![A], vec![B]]);
        let second = network.cut(&[vec![A], vec![B]]);
        assert!(network.is_cut(A, B) && network.is_cut(B, A) && !network.is_cut(A, NodeId(2)));
        network.heal(first);
        assert!(network.is_cut(A, B));
        network.heal(second);
        assert!(!network.is_cut(A, B));
    }
}
