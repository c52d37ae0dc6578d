//! Faults drawn from a seed, written down as a person would write them.

use super::{Class, log_uniform};
use crate::actor::Protocol;
use crate::engine::random::Stream;
use crate::engine::{Span, SpanRange};
use crate::scenario::file::FaultTable;
use crate::scenario::network_faults::{ClogTable, OneWayTable, ReleaseSetting, everybody};
use crate::scenario::select::Selector;
use crate::sim::Cluster;
use crate::sim::fault::Who;

/// How often faults come and how long they last.
struct Rhythm {
    gap: SpanRange,
    length: SpanRange,
    /// The share, in percent, of faults that are over in a moment: a process that is restarted at once.
    momentary: u64,
}

const fn millis(min: u64, max: u64) -> SpanRange {
    SpanRange { min: Span::from_millis(min), max: Span::from_millis(max) }
}

impl Rhythm {
    fn of(class: Class) -> Self {
        match class {
            Class::Storm => Self { gap: millis(10, 100), length: millis(3, 200), momentary: 50 },
            Class::Swarm => Self { gap: millis(20, 2_000), length: millis(3, 1_000), momentary: 20 },
            _ => Self { gap: millis(150, 1_000), length: millis(100, 1_000), momentary: 0 },
        }
    }
}

/// What may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Partition,
    Crash,
    Pause,
    Stall,
    RestartAll,
    OneWay,
    Clog,
}

/// Whom faults can strike.
pub(super) struct Targets {
    roles: &'static [&'static str],
    servers: usize,
    clients: Vec<String>,
}

impl Targets {
    pub(super) fn of<P: Protocol>(cluster: &Cluster<P>, roles: &'static [&'static str]) -> Self {
        let clients = cluster.infos().filter(|info| info.client).map(|info| info.name.clone()).collect();
        let servers = cluster.infos().filter(|info| !info.client).count();
        Self { roles, servers, clients }
    }

    /// Some servers.
    fn some(&self, chance: &mut Stream) -> Selector {
        let few = [Who::Random(1), Who::Minority, Who::Random(2)];
        let few = if self.servers < 3 { &few[..1] } else { &few };
        let roles = self.roles.iter().map(|role| Who::Role((*role).to_owned()));
        let choices: Vec<Who> = few.iter().cloned().chain(roles).collect();
        Selector(choices[chance.below(choices.len() as u64) as usize].clone())
    }

    /// What some servers are cut off from: the other servers, or all clients.
    fn others(&self, chance: &mut Stream) -> Selector {
        let clients = !self.clients.is_empty() && chance.below(4) == 0;
        Selector(if clients || self.servers < 2 { Who::Named(self.clients.clone()) } else { Who::Rest })
    }
}

/// The longest moment: shorter than an election takes.
const MOMENT: Span = Span::from_millis(3);

/// The faults of a plan, which are over at `end`.
pub(super) fn draw(class: Class, targets: &Targets, end: Span, chance: &mut Stream) -> Vec<FaultTable> {
    let kinds = kinds(class, chance);
    let Rhythm { gap, length, momentary } = Rhythm::of(class);
    // A swarm also draws how thick its faults come, so that some runs have few.
    let thinning = if class == Class::Swarm { 1 + chance.below(4) } else { 1 };
    let mut faults = Vec::new();
    let mut at = Span::from_millis(100) + log_uniform(gap, chance);
    while at < end && !kinds.is_empty() {
        let lasts = match chance.below(100) < momentary {
            true => MOMENT,
            false => log_uniform(length, chance),
        };
        let lasts = Span::from_nanos(lasts.as_nanos().min(end.as_nanos() - at.as_nanos()).max(1));
        let mut fault = FaultTable::at(at, lasts);
        strike(&mut fault, chance.one_of(&kinds), targets, chance);
        faults.push(fault);
        at = at + log_uniform(gap, chance).times(thinning);
    }
    faults
}

/// Which kinds there are: all that the class knows, or in a swarm those that a coin leaves.
fn kinds(class: Class, chance: &mut Stream) -> Vec<Kind> {
    let mut coin = |kind: Kind| (chance.below(2) == 0).then_some(kind);
    match class {
        Class::Written | Class::Calm => Vec::new(),
        Class::Faults => vec![Kind::Partition, Kind::Partition, Kind::OneWay, Kind::Crash, Kind::Pause],
        Class::Swarm => {
            let all =
                [Kind::Partition, Kind::Crash, Kind::Pause, Kind::Stall, Kind::RestartAll, Kind::OneWay, Kind::Clog];
            all.map(&mut coin).into_iter().flatten().collect()
        }
        Class::Storm => {
            let coins = [Kind::Partition, Kind::Pause, Kind::RestartAll, Kind::OneWay].map(&mut coin);
            [Kind::Crash].into_iter().chain(coins.into_iter().flatten()).collect()
        }
    }
}

fn strike(fault: &mut FaultTable, kind: Kind, targets: &Targets, chance: &mut Stream) {
    match kind {
        Kind::Partition => fault.partition = Some(vec![targets.some(chance), targets.others(chance)]),
        Kind::Crash => fault.crash = Some(targets.some(chance)),
        Kind::Pause => fault.pause = Some(targets.some(chance)),
        Kind::Stall => fault.stall = Some(targets.some(chance)),
        Kind::RestartAll => fault.crash = Some(Selector(Who::All)),
        Kind::OneWay => {
            let (some, all) = (targets.some(chance), everybody());
            let (from, to) = if chance.below(2) == 0 { (some, all) } else { (all, some) };
            fault.one_way = Some(OneWayTable { from, to });
        }
        Kind::Clog => {
            let (from, to, release) = (targets.some(chance), everybody(), ReleaseSetting::Random);
            fault.clog = Some(ClogTable { from, to, both_ways: true, release });
        }
    }
}
