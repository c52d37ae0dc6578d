//! The network: what becomes of a message.
//!
//! Each directed link has settings (latency law, loss, duplication, reordering, order) and remembers how many messages
//! it has carried. The fate of the n-th message on a link is a pure function of seed, link and n, so editing anything
//! elsewhere leaves it alone. The one thing that links of a sender share is a cap on its messages in flight, which
//! keeps a storm (every duplicate begets a reply, which is duplicated) finite.
//!
//! A cut stops messages when they are sent; those already on the wire arrive. A node reaches itself at once and always.
//!
//! A message asks one question of a network that is well: whether it is. Cuts ([`reach`]), windows ([`window`]) and limited
//! bandwidth ([`pipe`]) are looked at only while there are any.

mod links;
pub mod pipe;
pub mod reach;
pub mod window;

use super::NodeId;
use super::law::Law;
use super::random::Fate;
use super::time::{Span, SpanRange, Time};
use super::trace::Passage;
use super::units::Share;
use links::Links;
use pipe::{Bandwidth, Pipes};
use reach::{Cut, CutId, Reach};
use window::{Change, Scope, Treated, WindowId, Windows};

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
    /// How much it carries; no limit if `None`.
    pub bandwidth: Option<Bandwidth>,
}

/// What the network sees of a message.
#[derive(Clone, Copy, Debug)]
pub struct Parcel {
    /// The message's kind.
    pub kind: &'static str,
    /// How many bytes it takes.
    pub size: u32,
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
            bandwidth: None,
        }
    }
}

/// How many messages of one sender may be in flight unless a scenario says otherwise.
pub const MAX_IN_FLIGHT: u32 = 10_000;

/// How long a message travels between nodes of a core that must come to rest.
const CORE_LATENCY: Span = Span::from_millis(1);

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
    /// Whether any message meets anything but the settings of its link.
    odd: bool,
    /// Once the run settles, which nodes reach each other quickly and always; empty before that.
    core: Vec<bool>,
    reach: Reach,
    windows: Windows,
    pipes: Pipes,
    /// For each sender how many of its messages are on their way.
    in_flight: Vec<u32>,
    max_in_flight: u32,
}

impl Network {
    /// A network between `nodes` nodes whose links are all alike. What a sender sends while `max_in_flight` of its
    /// messages are on their way is dropped.
    pub fn new(seed: u64, nodes: u32, settings: LinkSettings, max_in_flight: u32) -> Self {
        let mut network = Self {
            settings: vec![settings],
            class: Vec::new(),
            nodes,
            links: Links::new(seed, nodes),
            odd: false,
            core: Vec::new(),
            reach: Reach::default(),
            windows: Windows::default(),
            pipes: Pipes::default(),
            in_flight: vec![0; nodes as usize],
            max_in_flight,
        };
        network.look();
        network
    }

    /// Sets the flag by which messages see that something is wrong.
    fn look(&mut self) {
        let narrow = self.settings.iter().any(|settings| settings.bandwidth.is_some());
        self.odd = narrow || !self.core.is_empty() || !self.reach.is_whole() || !self.windows.is_empty();
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
        self.look();
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
    /// [`arrived`](Self::arrived), and so must a clogged message when it arrives after all.
    #[inline]
    pub fn send(&mut self, now: Time, from: NodeId, to: NodeId, parcel: Parcel) -> Passage {
        let in_flight = self.in_flight[from.index()];
        if from == to {
            if in_flight >= self.max_in_flight {
                return Passage::Capped;
            }
            self.in_flight[from.index()] = in_flight + 1;
            return Passage::Arrives { at: now };
        }
        if self.odd {
            return self.send_oddly(now, (from, to), parcel);
        }
        let settings = &self.settings[self.class(from, to)];
        let (place, fate) = self.links.next(from, to);
        if fate.happens(question::LOSS, settings.loss) {
            return Passage::Lost;
        }
        if in_flight >= self.max_in_flight {
            return Passage::Capped;
        }
        let at = arrival(settings, fate, &mut self.links, place, now);
        if fate.happens(question::DUPLICATE, settings.duplicate) && in_flight + 1 < self.max_in_flight {
            self.in_flight[from.index()] = in_flight + 2;
            return Passage::Duplicated { at, again: second_arrival(settings, fate, &mut self.links, place, at) };
        }
        self.in_flight[from.index()] = in_flight + 1;
        Passage::Arrives { at }
    }

    /// The way of a message through a network in which something is cut, changed or narrow.
    #[cold]
    fn send_oddly(&mut self, now: Time, (from, to): (NodeId, NodeId), parcel: Parcel) -> Passage {
        if self.in_core(from, to) {
            return self.send_in_core(now, from);
        }
        let settings = self.settings[self.class(from, to)].clone();
        let (place, fate) = self.links.next(from, to);
        if self.reach.stops(from, to) {
            return Passage::Cut;
        }
        let treated = self.windows.treat((from, to), parcel, fate, settings);
        let Treated { settings, dropped, delay, duplicated, corrupted, altered, clogged } = treated;
        if dropped {
            return Passage::Dropped;
        }
        if fate.happens(question::LOSS, settings.loss) {
            return Passage::Lost;
        }
        if corrupted {
            return Passage::Corrupted;
        }
        let in_flight = self.in_flight[from.index()];
        if in_flight >= self.max_in_flight {
            return Passage::Capped;
        }
        if let Some((by, place)) = clogged {
            self.in_flight[from.index()] = in_flight + 1;
            return Passage::Clogged { by, place };
        }
        let leaves = settings.bandwidth.map(|bandwidth| self.pipes.enter(now, (from, to), parcel.size, bandwidth));
        let Some(leaves) = leaves.unwrap_or(Some(now)) else { return Passage::Overflowed };
        let at = arrival(&settings, fate, &mut self.links, place, leaves + delay);
        self.in_flight[from.index()] = in_flight + 1;
        if let Some(by) = altered {
            return Passage::Altered { at, by };
        }
        let twice = duplicated || fate.happens(question::DUPLICATE, settings.duplicate);
        if twice && in_flight + 1 < self.max_in_flight {
            self.in_flight[from.index()] = in_flight + 2;
            return Passage::Duplicated { at, again: second_arrival(&settings, fate, &mut self.links, place, at) };
        }
        Passage::Arrives { at }
    }

    /// From now on messages between these nodes take a millisecond and none is lost; other links stay as they are.
    pub fn settle(&mut self, core: &[NodeId]) {
        self.core = vec![false; self.nodes as usize];
        core.iter().for_each(|node| self.core[node.index()] = true);
        self.look();
    }

    fn in_core(&self, from: NodeId, to: NodeId) -> bool {
        let within = |node: NodeId| self.core.get(node.index()).copied().unwrap_or(false);
        within(from) && within(to)
    }

    fn send_in_core(&mut self, now: Time, from: NodeId) -> Passage {
        if self.in_flight[from.index()] >= self.max_in_flight {
            return Passage::Capped;
        }
        self.in_flight[from.index()] += 1;
        Passage::Arrives { at: now + CORE_LATENCY }
    }

    /// A message of this sender is no longer in flight.
    #[inline]
    pub fn arrived(&mut self, from: NodeId) {
        self.in_flight[from.index()] -= 1;
    }

    /// Stops messages between some nodes until [`heal`](Self::heal).
    pub fn cut(&mut self, cut: &Cut) -> CutId {
        let id = self.reach.add(self.nodes, cut);
        self.look();
        id
    }

    /// Ends a cut.
    pub fn heal(&mut self, cut: CutId) {
        self.reach.remove(cut);
        self.look();
    }

    /// Whether a message from `from` would be stopped on its way to `to` just now.
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        !self.in_core(from, to) && self.reach.stops(from, to)
    }

    /// Changes what messages of some links meet until [`close`](Self::close). The number is the caller's; `key` is what the
    /// window's chance follows from.
    pub fn open(&mut self, id: WindowId, scope: &Scope, change: Change, key: u64) {
        self.windows.open(self.nodes, id, scope, change, key);
        self.look();
    }

    /// Ends a window; tells how many messages it met.
    pub fn close(&mut self, id: WindowId) -> u64 {
        let met = self.windows.close(id);
        self.look();
        met
    }

    /// How many messages an open window has met.
    pub fn met(&self, id: WindowId) -> u64 {
        self.windows.met(id)
    }

    /// The open window that holds up messages from `from` to `to`.
    pub fn clogs(&self, from: NodeId, to: NodeId) -> Option<WindowId> {
        self.windows.clogs(from, to)
    }
}

/// When a message that leaves at `leaves` arrives.
#[inline]
fn arrival(settings: &LinkSettings, fate: Fate, links: &mut Links, place: usize, leaves: Time) -> Time {
    let mut delay = settings.latency.draw(fate.bits(question::LATENCY));
    if fate.happens(question::REORDER, settings.reorder) {
        delay = delay + Law::from(settings.reorder_delay).draw(fate.bits(question::REORDER_DELAY));
    }
    let mut at = leaves + delay;
    if settings.fifo {
        let last = links.last_arrival(place);
        at = at.max(*last);
        *last = at;
    }
    at
}

/// When the second copy of a message arrives whose first arrives at `at`.
#[inline]
fn second_arrival(settings: &LinkSettings, fate: Fate, links: &mut Links, place: usize, at: Time) -> Time {
    let again = at + settings.latency.draw(fate.bits(question::SECOND_LATENCY));
    if settings.fifo {
        *links.last_arrival(place) = again;
    }
    again
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId(0);
    const B: NodeId = NodeId(1);

    const PARCEL: Parcel = Parcel { kind: "message", size: 64 };

    fn network(settings: LinkSettings) -> Network {
        Network::new(7, 3, settings, 2_000)
    }

    #[test]
    fn a_message_keeps_its_fate_whatever_other_links_carry() {
        let mut quiet = network(LinkSettings { loss: Share::from_ppm(300_000), ..LinkSettings::default() });
        let mut busy = quiet.clone();
        for _ in 0..100 {
            busy.send(Time::ZERO, B, A, PARCEL);
            busy.send(Time::ZERO, A, NodeId(2), PARCEL);
            assert_eq!(quiet.send(Time::ZERO, A, B, PARCEL), busy.send(Time::ZERO, A, B, PARCEL));
        }
    }

    #[test]
    fn fifo_links_never_overtake_and_others_do() {
        let overtakes = |fifo| {
            let mut network = network(LinkSettings { fifo, ..LinkSettings::default() });
            let mut last = Time::ZERO;
            (0..100).any(|millis| {
                let now = Time::ZERO + Span::from_millis(millis);
                let Passage::Arrives { at } = network.send(now, A, B, PARCEL) else { panic!("nothing is lost here") };
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
        network.send(Time::ZERO, A, B, PARCEL);
        network.send(Time::ZERO, A, NodeId(2), PARCEL);
        assert_eq!(network.send(Time::ZERO, A, B, PARCEL), Passage::Capped);
        network.arrived(A);
        assert_ne!(network.send(Time::ZERO, A, B, PARCEL), Passage::Capped);
    }

    #[test]
    fn links_of_many_nodes_keep_order_and_forget_nothing() {
        let settings = LinkSettings { fifo: true, ..LinkSettings::default() };
        let mut many = Network::new(7, 5_000, settings, 99_999);
        let mut last = Time::ZERO;
        for millis in 0..1_000 {
            let now = Time::ZERO + Span::from_millis(millis);
            let to = NodeId(millis as u32 % 4_999 + 1);
            many.send(now, A, to, PARCEL);
            let Passage::Arrives { at } = many.send(now, B, NodeId(4_999), PARCEL) else {
                panic!("nothing is lost here")
            };
            assert!(at >= last);
            last = at;
        }
    }
}
