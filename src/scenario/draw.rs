//! Plans drawn from a seed: the same scenario under other conditions.
//!
//! One file describes one run; a sweep wants thousands that differ. [`Class`] says how far from the file a seed may lead.
//! A drawn plan is a scenario like any other: explicit, runnable, and writable as a file.
//!
//! What the file says stays as it says it: only what it leaves to the defaults is drawn. Each quantity has a stream of its own,
//! so that a new one changes nothing about the others. A draw that makes no sense with the rest of the file (fewer servers than
//! its faults name) is dropped, and the file's own settings stay.

mod faults;

use super::explicit::allow_misses;
use super::file::{DiskTable, NetworkTable, Scenario};
use super::pattern::Pattern;
use super::validate;
use super::write;
use crate::engine::random::{Domain, Stream};
use crate::engine::{Share, Span, SpanRange};
use faults::Targets;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How much of a plan is drawn from its seed.
///
/// No single class finds everything: heavy faults hide the bugs that need a service in working order, and calm runs never
/// meet those that need a crash at the wrong moment. A sweep therefore mixes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The file as it stands; only the seed differs.
    Written,
    /// The file, and a network that loses and repeats a few messages.
    Calm,
    /// The file, and partitions, crashes and pauses at random moments.
    Faults,
    /// Every class of faults on or off by a coin, and every number drawn.
    Swarm,
    /// A swarm with crashes always on, fast restarts, tight timeouts and faults in quick succession.
    Storm,
}

impl Class {
    /// All of them, the gentlest first.
    pub const ALL: [Self; 5] = [Self::Written, Self::Calm, Self::Faults, Self::Swarm, Self::Storm];

    /// Its name in `--mix` and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Calm => "calm",
            Self::Faults => "faults",
            Self::Swarm => "swarm",
            Self::Storm => "storm",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::word).join(", ");
        Self::ALL.into_iter().find(|class| class.word() == text).ok_or_else(|| format!("expected one of {}", known()))
    }
}

/// What is drawn, each from a stream of its own. The numbers are part of what a seed means: never reuse one.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
enum Quantity {
    Settings = 1,
    Network = 2,
    Disk = 3,
    Faults = 4,
}

/// The plan that `seed` leads to in `class`.
pub(super) fn draw<P: Pattern>(
    file: &Scenario<P::Config, P::Load>,
    class: Class,
    seed: u64,
) -> Scenario<P::Config, P::Load> {
    let mut plan = file.clone();
    plan.seed = seed;
    if class == Class::Written {
        return plan;
    }
    let chance = |quantity: Quantity| Stream::new(seed, Domain::Plan, quantity as u64);
    let said = write::document::<P>(file).0;
    let says = |section: &str, key: &str| said.get(section).is_some_and(|section| section.get(key).is_some());
    network(&mut plan.network, class, &mut chance(Quantity::Network), &|key| says("network", key));
    let (mut config, mut workload) = (plan.config.clone(), plan.workload.clone());
    P::vary(&mut config, &mut workload, class, &mut chance(Quantity::Settings));
    let config = keep(&file.config, config, &|key| says("config", key));
    let workload = keep(&file.workload, workload, &|key| says("workload", key));
    plan = unless_senseless::<P>(Scenario { config, workload, ..plan.clone() }, plan);
    if class >= Class::Swarm && !says("disk", "sync") {
        let sync = chance(Quantity::Disk).one_of(&SYNCS).into();
        plan = unless_senseless::<P>(Scenario { disk: DiskTable { sync, ..plan.disk.clone() }, ..plan.clone() }, plan);
    }
    let cluster = P::cluster(&plan.config, &plan.workload);
    let drawn = faults::draw(class, &Targets::of(&cluster, P::ROLES), quiet_from(file), &mut chance(Quantity::Faults));
    // Syncs that take no time cannot stall, and a file that says so is refused.
    let instant = plan.disk.sync.law().is_zero();
    plan.fault.extend(drawn.into_iter().filter(|fault| fault.stall.is_none() || !instant));
    // A drawn fault may meet nobody.
    if class >= Class::Faults && !plan.fault.is_empty() {
        allow_misses(&mut plan);
    }
    plan
}

/// The bold plan, or the cautious one if the bold one contradicts itself.
fn unless_senseless<P: Pattern>(
    bold: Scenario<P::Config, P::Load>,
    cautious: Scenario<P::Config, P::Load>,
) -> Scenario<P::Config, P::Load> {
    if validate::problems::<P>(&bold, &|_| 0..0).is_empty() { bold } else { cautious }
}

/// How long a disk sync takes: nothing, as on a good drive, as on a bad one.
const SYNCS: [SpanRange; 3] = [
    SpanRange { min: Span::ZERO, max: Span::ZERO },
    SpanRange { min: Span::from_micros(100), max: Span::from_millis(2) },
    SpanRange { min: Span::from_millis(1), max: Span::from_millis(20) },
];

/// When the drawn faults are over: early enough for what the file expects to settle, and to see what they have done.
fn quiet_from<C, L>(file: &Scenario<C, L>) -> Span {
    let tail = file.expect.settles_within.unwrap_or(Span::ZERO).as_nanos().max(file.duration.as_nanos() / 5);
    Span::from_nanos(file.duration.as_nanos().saturating_sub(tail))
}

/// The varied settings, but for those that the file says.
fn keep<S: Serialize + DeserializeOwned>(file: &S, varied: S, says: &dyn Fn(&str) -> bool) -> S {
    let table = |settings: &S| toml::Table::try_from(settings).expect("settings are plain data");
    let (own, mut mixed) = (table(file), table(&varied));
    mixed.retain(|key, _| !says(key));
    mixed.extend(own.into_iter().filter(|(key, _)| says(key)));
    mixed.try_into().unwrap_or(varied)
}

/// How messages travel: calmly with a few losses, or with each kind of trouble by the toss of a coin.
fn network(network: &mut NetworkTable, class: Class, chance: &mut Stream, says: &dyn Fn(&str) -> bool) {
    let rough = class >= Class::Swarm;
    let mut share = |most: u32| match rough {
        false => Share::from_ppm(20_000),
        true if chance.below(2) == 0 => Share::NEVER,
        true => Share::from_ppm(chance.below(u64::from(most)) as u32),
    };
    let (loss, duplicate, reorder) = (share(300_000), share(400_000), share(200_000));
    if !says("loss") {
        network.loss = loss;
    }
    if !says("duplicate") {
        network.duplicate = duplicate;
    }
    if !rough {
        return;
    }
    if !says("reorder") && !network.fifo {
        network.reorder = reorder;
    }
    if !says("reorder_delay") {
        network.reorder_delay = SpanRange::new(Span::ZERO, Span::from_millis(400));
    }
    if !says("latency") {
        let mean = log_uniform(SpanRange::new(Span::from_micros(500), Span::from_millis(30)), chance);
        network.latency =
            SpanRange::new(Span::from_nanos(mean.as_nanos() / 2), Span::from_nanos(mean.as_nanos() / 2 * 3)).into();
    }
}

/// A length whose logarithm is evenly spread between those of the ends, so that short and long ones are met alike.
///
/// Drawn in integers: one of the octaves that the range begins, each equally likely, then a place within it. The last octave
/// ends with the range, so its lengths are somewhat more frequent than the law has them.
pub(super) fn log_uniform(range: SpanRange, chance: &mut Stream) -> Span {
    let (min, max) = (range.min.as_nanos().max(1), range.max.as_nanos().max(1));
    let octaves = u64::from((max / min).max(1).ilog2()) + 1;
    let low = min << chance.below(octaves);
    let high = (low * 2).min(max.max(low + 1));
    Span::from_nanos((low + chance.below(high - low)).clamp(min, max))
}
