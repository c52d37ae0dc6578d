//! Faults on a timetable, and whom they strike.
//!
//! Whom a fault strikes is decided at the moment when it strikes: "the leader" is whoever leads then. The nodes chosen
//! are written into the trace.

use super::ailment::Ailment;
use super::links;
pub use super::links::Links;
use crate::engine::digest::Digest;
use crate::engine::network::window::Change;
use crate::engine::random::Stream;
use crate::engine::trace::NodeInfo;
use crate::engine::{NodeId, Span, Time};
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash as _, Hasher as _};
use wildmatch::WildMatch;

/// Something that goes wrong at a given moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When it begins.
    pub at: Time,
    /// How long it lasts; `None` is until the end of the run.
    pub lasts: Option<Span>,
    /// What it is.
    pub action: Action,
}

impl Fault {
    /// For each fault a number from which its chance follows: whom it strikes, which messages it picks out. It depends on
    /// when the fault begins, on its kind and on its selectors, and not on its place among the others, so that what is
    /// chosen stays when another fault is removed. Only faults alike in all that are told apart by their order.
    pub(super) fn keys(faults: &[Self]) -> Vec<u64> {
        let mut alike = BTreeMap::<u64, u64>::new();
        let key = |fault: &Self| {
            let mut digest = Digest::default();
            digest.word(fault.at.as_nanos());
            fault.action.word().hash(&mut digest);
            fault.action.whom().hash(&mut digest);
            let ordinal = alike.entry(digest.finish()).or_default();
            *ordinal += 1;
            digest.word(*ordinal);
            digest.finish()
        };
        faults.iter().map(key).collect()
    }
}

impl Action {
    /// Its kind in a word: the key under which scenario files have it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Partition(_) => "partition",
            Self::Crash(_) => "crash",
            Self::Pause(_) => "pause",
            Self::Node(_, ailment) => ailment.word(),
            Self::OneWay(_) => "one_way",
            Self::Bridge(_) => "bridge",
            Self::Ring(_) => "ring",
            Self::Window(_, change) => links::word(change),
        }
    }

    /// Its selectors.
    pub fn whom(&self) -> Vec<&Who> {
        match self {
            Self::Partition(groups) => groups.iter().collect(),
            Self::Crash(who) | Self::Pause(who) | Self::Node(who, _) | Self::Bridge(who) | Self::Ring(who) => vec![who],
            Self::OneWay(Links { from, to, .. }) | Self::Window(Links { from, to, .. }, _) => vec![from, to],
        }
    }
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Groups of nodes cannot reach each other. Nodes in no group reach everybody.
    Partition(Vec<Who>),
    /// Nodes lose their memory and all writes that were not durable; they start again when the fault ends.
    Crash(Who),
    /// Nodes handle nothing until the fault ends; their clocks go on.
    Pause(Who),
    /// Something is wrong with single nodes: how they crash, their speed, their disk, their clock.
    Node(Who, Ailment),
    /// Messages no longer pass some links.
    OneWay(Links),
    /// The other servers fall into two halves that cannot reach each other; these nodes reach both, and so do clients.
    Bridge(Who),
    /// Each of these hears only its two neighbours among them, in the order of the nodes, and those that are not of them.
    Ring(Who),
    /// What messages meet on some links is changed.
    Window(Links, Change),
}

/// Whom a fault strikes. Selectors other than names choose among servers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// All nodes whose name matches one of these, where `*` and `?` stand for any text and any letter.
    Named(Vec<String>),
    /// All servers in this role at that moment.
    Role(String),
    /// One server of those in this role at that moment, drawn at random.
    One(String),
    /// All nodes of this region.
    Region(String),
    /// So many servers that are up, drawn at random.
    Random(u32),
    /// The largest minority of the servers, drawn at random.
    Minority,
    /// The smallest majority of the servers, drawn at random.
    Majority,
    /// All servers.
    All,
    /// In a partition: all servers that no other group names. At one end of links: all that are not at the other.
    Rest,
}

/// What a selector may look at.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) info: &'a NodeInfo,
    pub(super) role: &'a str,
    pub(super) up: bool,
}

impl Who {
    /// The nodes chosen just now, ascending.
    pub(super) fn choose(&self, candidates: &[Candidate<'_>], chance: &mut Stream) -> Vec<NodeId> {
        let all = || candidates.iter().enumerate().map(|(index, candidate)| (NodeId(index as u32), candidate));
        let servers = || all().filter(|(_, candidate)| !candidate.info.client);
        let count = servers().count();
        match self {
            Self::Named(patterns) => {
                let patterns: Vec<WildMatch> = patterns.iter().map(|pattern| WildMatch::new(pattern)).collect();
                let named = |info: &NodeInfo| patterns.iter().any(|pattern| pattern.matches(&info.name));
                all().filter(|(_, candidate)| named(candidate.info)).map(|(id, _)| id).collect()
            }
            Self::Role(role) => servers().filter(|(_, c)| c.up && c.role == role).map(|(id, _)| id).collect(),
            Self::One(role) => {
                draw(servers().filter(|(_, c)| c.up && c.role == role).map(|(id, _)| id).collect(), 1, chance)
            }
            Self::Region(region) => {
                all().filter(|(_, c)| c.info.region.as_ref() == Some(region)).map(|(id, _)| id).collect()
            }
            Self::Random(wanted) => {
                draw(servers().filter(|(_, c)| c.up).map(|(id, _)| id).collect(), *wanted as usize, chance)
            }
            Self::Minority => draw(servers().map(|(id, _)| id).collect(), count.saturating_sub(1) / 2, chance),
            Self::Majority => draw(servers().map(|(id, _)| id).collect(), count / 2 + 1, chance),
            Self::All | Self::Rest => servers().map(|(id, _)| id).collect(),
        }
    }

    /// The nodes chosen just now beside others that are `taken`: those drawn one by one are drawn among the rest.
    pub(super) fn choose_beside<'a>(
        &self,
        taken: &[bool],
        candidates: &[Candidate<'a>],
        chance: &mut Stream,
    ) -> Vec<NodeId> {
        let free = |(candidate, taken): (&Candidate<'a>, &bool)| Candidate { up: candidate.up && !taken, ..*candidate };
        match self {
            Self::Random(_) => self.choose(&candidates.iter().zip(taken).map(free).collect::<Vec<_>>(), chance),
            _ => self.choose(candidates, chance),
        }
    }

    /// Whether this selector can match one of these nodes at all; roles, chance and counts always can.
    pub fn can_match<'a>(&self, mut nodes: impl Iterator<Item = &'a NodeInfo>) -> bool {
        match self {
            Self::Named(patterns) => {
                nodes.any(|info| patterns.iter().any(|pattern| WildMatch::new(pattern).matches(&info.name)))
            }
            Self::Region(region) => nodes.any(|info| info.region.as_ref() == Some(region)),
            _ => true,
        }
    }
}

/// Chooses the groups of a partition: first those that say whom they want, then the rest. A node named twice belongs
/// to the first group that names it.
pub(super) fn choose_groups(groups: &[Who], candidates: &[Candidate<'_>], chance: &mut Stream) -> Vec<Vec<NodeId>> {
    let mut chosen = vec![Vec::new(); groups.len()];
    let mut taken = vec![false; candidates.len()];
    for rest in [false, true] {
        for (group, who) in groups.iter().enumerate().filter(|(_, who)| (**who == Who::Rest) == rest) {
            let mut nodes = who.choose_beside(&taken, candidates, chance);
            nodes.retain(|node| !std::mem::replace(&mut taken[node.index()], true));
            chosen[group] = nodes;
        }
    }
    chosen
}

/// Draws `wanted` of `pool` without putting back.
fn draw(mut pool: Vec<NodeId>, wanted: usize, chance: &mut Stream) -> Vec<NodeId> {
    let wanted = wanted.min(pool.len());
    for place in 0..wanted {
        let other = place + chance.below((pool.len() - place) as u64) as usize;
        pool.swap(place, other);
    }
    pool.truncate(wanted);
    pool.sort_unstable();
    pool
}

/// As a person would say it: `n1, n2`, `the leader`, `2 random servers`.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(patterns) => f.write_str(&patterns.join(", ")),
            Self::Role(role) => write!(f, "the {role}"),
            Self::One(role) => write!(f, "a {role}"),
            Self::Region(region) => write!(f, "region {region}"),
            Self::Random(1) => f.write_str("a random server"),
            Self::Random(count) => write!(f, "{count} random servers"),
            Self::Minority => f.write_str("a minority"),
            Self::Majority => f.write_str("a majority"),
            Self::All => f.write_str("all servers"),
            Self::Rest => f.write_str("the rest"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::Domain;

    fn infos() -> Vec<NodeInfo> {
        let info = |name: &str, client| NodeInfo { name: name.into(), client, region: None };
        vec![info("n1", false), info("n2", false), info("n3", false), info("c1", true)]
    }

    fn groups(who: &[Who]) -> Vec<Vec<u32>> {
        let infos = infos();
        let candidate =
            |info| Candidate { info, role: if info == &infos[1] { "leader" } else { "follower" }, up: true };
        let candidates: Vec<_> = infos.iter().map(candidate).collect();
        let chosen = choose_groups(who, &candidates, &mut Stream::new(1, Domain::Fault, 0));
        chosen.into_iter().map(|group| group.into_iter().map(|node| node.0).collect()).collect()
    }

    #[test]
    fn the_rest_is_all_servers_that_nobody_named() {
        assert_eq!(groups(&[Who::Rest, Who::Role("leader".into())]), [vec![0, 2], vec![1]]);
        assert_eq!(groups(&[Who::Named(vec!["c?".into(), "n1".into()]), Who::Rest]), [vec![0, 3], vec![1, 2]]);
    }

    #[test]
    fn a_random_server_is_not_one_that_another_group_has() {
        assert_eq!(groups(&[Who::Role("leader".into()), Who::Random(2)]), [vec![1], vec![0, 2]]);
    }

    #[test]
    fn a_minority_leaves_a_majority() {
        for (who, size) in [(Who::Minority, 1), (Who::Majority, 2), (Who::Random(9), 3), (Who::All, 3)] {
            assert_eq!(groups(std::slice::from_ref(&who))[0].len(), size, "{who}");
        }
    }
}
