//! What the paper and Ongaro's dissertation say about elections, measured on this implementation.

use super::config::Config;
use super::core::Core;
use super::pattern::Raft;
use super::server::{Msg, Server};
use super::workload::Load;
use crate::engine::law::Law;
use crate::engine::{Span, SpanRange, Time};
use crate::scenario::Pattern;
use crate::scenario::study::{Case, Measurement, Published, Statistic, Study};
use crate::sim::fault::{Action, Fault, Who};
use crate::sim::{Setup, World};

/// All studies.
pub(super) const ALL: &[Study] = &[SPLIT_VOTES, ELECTION_TIME];

/// How often nobody wins the first term.
const SPLIT_VOTES: Study = Study {
    name: "raft-split-votes",
    about: "How likely the first term of an election elects nobody, when all timers start together",
    source: "Ongaro, Consensus: Bridging Theory and Practice (2014), chapter 9: with n servers of which s are alive, and a \
             one-way latency of l as a share of the range of timeouts, the sum over k from c - 1 to s of \
             binomial(s, k) l^k (1 - l)^(s - k), where c = s - floor(n / 2) + 1",
    assumes: "Fixed latency, votes decided on arrival, disks that cost nothing, no sounding out beforehand",
    measures: Measurement::Happens,
    trials: 20_000,
    cases: || SPLITS.iter().map(|(servers, alive, latency, share)| split(*servers, *alive, *latency, *share)).collect(),
    trial: split_vote,
};

/// Servers, those alive, the latency in hundredths of the range of timeouts, and what the formula gives.
const SPLITS: [(u32, u32, u64, f64); 9] = [
    (3, 3, 5, 0.0073),
    (3, 2, 5, 0.0975),
    (5, 5, 10, 0.0086),
    (5, 4, 1, 0.0006),
    (5, 4, 10, 0.0523),
    (5, 4, 20, 0.1808),
    (5, 3, 10, 0.2710),
    (9, 7, 10, 0.0257),
    (9, 5, 10, 0.4095),
];

fn split(servers: u32, alive: u32, latency: u64, share: f64) -> Case {
    let name = format!("{alive} of {servers} servers alive, latency {:.2} of the range", latency as f64 / 100.0);
    Case { name, published: vec![Published { statistic: Statistic::Share, value: share, within: 0.0, by: "formula" }] }
}

fn split_vote(case: usize, seed: u64) -> Option<Span> {
    let (servers, alive, latency, _) = SPLITS[case];
    // The range is a second wide, so that a hundredth of it is ten milliseconds.
    let timeouts = SpanRange::new(Span::from_secs(1), Span::from_secs(2));
    let latency = Law::Constant(Span::from_millis(10 * latency));
    let mut world = World::new(election(servers, alive, timeouts, latency, seed));
    let (_, term) = elected(&mut world)?;
    Some(Span::from_nanos(u64::from(term > 1)))
}

/// How long an election takes over a wide-area network.
const ELECTION_TIME: Study = Study {
    name: "raft-election-time",
    about: "How long five servers take to elect a leader over a wide-area network, from fresh timers on",
    source: "Ongaro (2014), chapter 9, the AvailSim experiment: timeouts of 300 to 600 ms, one-way latency of 30 to 40 ms; with one \
             server down about 475 ms on average and 1.5 s at the 99.9th percentile, with two down about 650 ms and 3 s. Beside it \
             the values of an independent event simulation of the same model",
    assumes: "The dissertation's numbers are read off a plot. Time ends when a candidate holds a majority; disks cost nothing, and \
              nobody sounds out beforehand",
    measures: Measurement::Length,
    trials: 20_000,
    cases: availability,
    trial: election_time,
};

fn availability() -> Vec<Case> {
    let number = |statistic, value, within, by| Published { statistic, value, within, by };
    let thesis = "dissertation, read off a plot";
    let simulated = "independent simulation";
    let case = |down: u32, published| Case { name: format!("5 servers, {down} down"), published };
    vec![
        case(0, vec![number(Statistic::Mean, 428.6, 0.03, simulated)]),
        case(
            1,
            vec![
                number(Statistic::Mean, 475.0, 0.08, thesis),
                number(Statistic::Mean, 467.8, 0.03, simulated),
                number(Statistic::Quantile(500), 422.8, 0.03, simulated),
                number(Statistic::Quantile(999), 1_402.0, 0.10, simulated),
            ],
        ),
        case(
            2,
            vec![
                number(Statistic::Mean, 650.0, 0.08, thesis),
                number(Statistic::Mean, 619.9, 0.03, simulated),
                number(Statistic::Quantile(500), 464.6, 0.03, simulated),
                number(Statistic::Quantile(999), 2_651.0, 0.10, simulated),
            ],
        ),
    ]
}

fn election_time(case: usize, seed: u64) -> Option<Span> {
    let range = |min, max| SpanRange::new(Span::from_millis(min), Span::from_millis(max));
    let mut world = World::new(election(5, 5 - case as u32, range(300, 600), Law::Uniform(range(30, 40)), seed));
    elected(&mut world).map(|(at, _)| at.since(Time::ZERO))
}

/// Longer than any election should take: a trial that lasts longer counts as one that never ends.
const PATIENCE: Span = Span::from_secs(120);

/// Servers whose timers start together, `alive` of them; the others are down from the beginning.
fn election(servers: u32, alive: u32, election_timeout: SpanRange, latency: Law, seed: u64) -> Setup<Msg> {
    let config = Config { nodes: servers, election_timeout, pre_vote: false, check_quorum: false, ..Config::default() };
    let cluster = Raft::cluster(&config, &Load { clients: 0, ..Load::default() });
    let mut setup = Setup::new(cluster, seed, PATIENCE);
    setup.network.latency = latency;
    setup.sync = Law::Constant(Span::ZERO);
    let down = (alive..servers).map(|id| format!("n{}", id + 1)).collect::<Vec<_>>();
    if !down.is_empty() {
        setup.faults.push(Fault { at: Time::ZERO, lasts: None, action: Action::Crash(Who::Named(down)) });
    }
    setup
}

/// When the first leader was elected, and in which term.
fn elected(world: &mut World<Msg>) -> Option<(Time, u64)> {
    while let Some(step) = world.step() {
        for node in world.changed() {
            if world.actor::<Server>(*node).map(Server::core).is_some_and(Core::leads) {
                return Some((step.time, world.node(*node).disk().raft.term));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_is_what_the_formula_gives() {
        let binomial = |n: u32, k: u32| (0..k).fold(1.0, |product, i| product * f64::from(n - i) / f64::from(i + 1));
        for (servers, alive, latency, published) in SPLITS {
            let (l, c) = (latency as f64 / 100.0, alive - servers / 2 + 1);
            let term = |k: u32| binomial(alive, k) * libm::pow(l, k.into()) * libm::pow(1.0 - l, (alive - k).into());
            let share: f64 = (c - 1..=alive).map(term).sum();
            assert!((share - published).abs() < 6e-5, "{servers} {alive} {latency}: {share}");
        }
    }
}
