//! Running a scenario: from the file's tables to a world, and from a run to a report.

use super::expect::Bound;
use super::file::{FaultTable, LinkTable, NetworkTable, OperationTable, Scenario};
use super::measure::{MEASURES, Unit};
use super::nemesis;
use super::network_faults;
use super::node_faults;
use super::pattern::Pattern;
use super::struck::{self, FaultReport};
use super::troubles;
use crate::actor::Protocol;
use crate::check::history::History;
use crate::check::violation::Scene;
use crate::check::{Judge, Judged, Monitor, Progress, Settling, Standing, Verdict, Violation};
use crate::engine::digest::Digest;
use crate::engine::network::LinkSettings;
use crate::engine::network::pipe::Bandwidth;
use crate::engine::trace::{Header, Record, RecordId, Recorder, Sink, Trace, What};
use crate::engine::{NodeId, Share, Span, Time};
use crate::report::failure::Failure;
use crate::sim::fault::{Action, Fault};
use crate::sim::workload::{Asking, Load};
use crate::sim::{Cluster, End, Limits, Setup, Stats, World};
use std::collections::BTreeMap;

/// How to run a scenario.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// A seed in place of the scenario's own.
    pub seed: Option<u64>,
    /// Whether to keep a trace.
    pub trace: bool,
}

/// A property and how it fared against what the scenario expects of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyReport {
    /// The property and where it stands.
    pub judged: Judged,
    /// What the scenario makes of it.
    pub status: Status,
}

/// What a scenario makes of where a property stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It stands as expected: it holds, or it broke in a scenario that demonstrates just that.
    Met,
    /// It does not stand as expected.
    Unmet,
    /// Nobody can tell, because the run was stopped early.
    Unknown,
    /// The scenario asks not to judge it.
    Ignored,
}

/// A bound of the scenario and the number that it was held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// What is bounded.
    pub name: String,
    /// The bound.
    pub bound: Bound,
    /// The number, for people; `none` if there was nothing to measure.
    pub actual: String,
    /// Whether it is within the bound.
    pub status: Status,
}

/// Everything that a run leaves.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// The scenario's title.
    pub title: String,
    /// The pattern's name.
    pub pattern: &'static str,
    /// The seed.
    pub seed: u64,
    /// How long the run was to last.
    pub duration: Span,
    /// When it was over.
    pub ended: Time,
    /// Why it was over.
    pub end: End,
    /// The judgement of the whole.
    pub verdict: Verdict,
    /// Every property.
    pub properties: Vec<PropertyReport>,
    /// Every bound.
    pub expectations: Vec<Expectation>,
    /// The properties that were to break.
    pub violates: Vec<String>,
    /// Every fault of the file, and whether it struck anybody.
    pub faults: Vec<FaultReport>,
    /// The counts.
    pub stats: Stats,
    /// The counters that the pattern can note, with zeros.
    pub counters: BTreeMap<&'static str, u64>,
    /// The digest of the run.
    pub digest: Digest,
    /// For each fault of the timetable the names of those struck, in groups, if a trace was kept.
    pub struck: Vec<Vec<Vec<String>>>,
    /// How many faults of each kind met somebody: see [`troubles`](super::troubles).
    pub troubles: BTreeMap<&'static str, u64>,
    /// The trace, if one was kept.
    pub trace: Option<Trace>,
    /// How each broken property broke, if a trace was kept.
    pub failures: Vec<Failure>,
    /// What clients saw, if a trace was kept and the pattern writes histories down.
    pub history: Option<History>,
}

/// Runs a scenario that was found sound.
pub(super) fn run<P: Pattern>(file: &Scenario<P::Config, P::Load>, options: &RunOptions) -> RunReport {
    let seed = options.seed.unwrap_or(file.seed);
    let mut world = World::new(setup::<P>(file, seed));
    if options.trace {
        world.record_into(Box::new(Recorder::new(file.limits.trace)));
    }
    let mut judge = Judge::new(monitors::<P>(file));
    while let Some(step) = world.step() {
        for (property, text) in judge.step(&world, step.record) {
            let what = What::Violation { property: property.into(), text };
            let cause = Some(step.record);
            if let Some(recorder) = world.sink_mut::<Recorder>() {
                recorder.record(Record { id: step.remark, time: step.time, cause, node: None, what });
            }
        }
    }
    report::<P>(file, seed, world, judge)
}

fn report<P: Pattern>(
    file: &Scenario<P::Config, P::Load>,
    seed: u64,
    mut world: World<P::Protocol>,
    judge: Judge<P::Protocol>,
) -> RunReport {
    let end = world.end().expect("the run is over");
    let history = judge.history().filter(|_| world.sink_mut::<Recorder>().is_some()).cloned();
    let judged = judge.finish(&world);
    record_end(&mut world, &judged);
    let faults = struck::reports(file, world.strikes());
    let judged = judged.into_iter().chain(struck::judged(&faults));
    let properties: Vec<_> = judged.map(|judged| weigh(judged, file)).collect();
    let expectations = bounds(file, world.stats(), end);
    let zeros = P::counters().iter().map(|counter| (counter.name, 0));
    let counters = zeros.chain(world.stats().notes()).collect();
    let struck = struck(&mut world);
    let trace = take_trace::<P>(file, seed, &mut world);
    let failures = trace.as_ref().map_or_else(Vec::new, |trace| failures::<P>(file, seed, &properties, trace));
    RunReport {
        title: file.title.clone(),
        pattern: P::NAME,
        seed,
        duration: file.duration,
        ended: world.now(),
        end,
        verdict: verdict(&properties, &expectations, end),
        properties,
        expectations,
        violates: file.expect.violates.clone(),
        faults,
        counters,
        stats: world.stats().clone(),
        digest: world.digest(),
        struck,
        troubles: troubles::of(&file.network, &world),
        trace,
        failures,
        history,
    }
}

/// Writes what was seen when the run was over behind the last record.
fn record_end<P: Protocol>(world: &mut World<P>, judged: &[Judged]) {
    let (last, time) = (world.last_record(), world.now());
    let Some(recorder) = world.sink_mut::<Recorder>() else { return };
    for Judged { claim, standing } in judged {
        let Standing::Broken(Violation { event: None, text, .. }) = standing else { continue };
        let what = What::Violation { property: claim.name.into(), text: text.clone() };
        recorder.record(Record { id: RecordId(last.0 + 1), time, cause: None, node: None, what });
    }
}

/// How each property broke: the run is run again up to there.
fn failures<P: Pattern>(
    file: &Scenario<P::Config, P::Load>,
    seed: u64,
    properties: &[PropertyReport],
    trace: &Trace,
) -> Vec<Failure> {
    let broken = |property: &PropertyReport| match &property.judged.standing {
        Standing::Broken(violation) if property.status != Status::Ignored => {
            Some((property.judged.claim.clone(), violation.clone()))
        }
        _ => None,
    };
    let mut broken: Vec<_> = properties.iter().filter_map(broken).collect();
    broken.sort_by_key(|(_, violation)| violation.event.unwrap_or(u64::MAX));
    if broken.is_empty() {
        return Vec::new();
    }
    let events: Vec<u64> = broken.iter().map(|(_, violation)| violation.event.unwrap_or(u64::MAX)).collect();
    let scenes = Scene::replay(World::new(setup::<P>(file, seed)), &events);
    let tell = |((claim, violation), scene)| Failure::of(&claim, &violation, scene, trace);
    broken.into_iter().zip(scenes).map(tell).collect()
}

/// Holds a property against what the scenario expects of it.
fn weigh<C, L>(judged: Judged, file: &Scenario<C, L>) -> PropertyReport {
    let name = judged.claim.name;
    let named = |list: &[String]| list.iter().any(|listed| listed == name);
    let to_break = named(&file.expect.violates);
    let status = match &judged.standing {
        _ if named(&file.expect.ignores) => Status::Ignored,
        Standing::Unknown => Status::Unknown,
        Standing::Held | Standing::Happened(_) if !to_break => Status::Met,
        Standing::Broken(_) | Standing::NeverHappened if to_break => Status::Met,
        _ => Status::Unmet,
    };
    PropertyReport { judged, status }
}

fn bounds<C, L>(file: &Scenario<C, L>, stats: &Stats, end: End) -> Vec<Expectation> {
    let weigh = |(name, bound): &(String, Bound)| {
        let measure = MEASURES.iter().find(|measure| measure.name == name);
        let (actual, unit) = match measure {
            Some(measure) => ((measure.read)(stats), measure.unit),
            None => (Some(stats.note(name)), Unit::Count),
        };
        let status = match actual {
            _ if end != End::Finished => Status::Unknown,
            Some(number) if bound.allows(number) => Status::Met,
            _ => Status::Unmet,
        };
        let actual = actual.map_or("none".into(), |number| match unit {
            Unit::Count => number.to_string(),
            Unit::Time => Span::from_nanos(number).to_string(),
            Unit::Share => Share::from_ppm(number as u32).to_string(),
        });
        Expectation { name: name.clone(), bound: bound.clone(), actual, status }
    };
    file.expect.bounds.iter().map(weigh).collect()
}

/// A failure is a failure even if the run was stopped early; a pass needs the whole run.
fn verdict(properties: &[PropertyReport], expectations: &[Expectation], end: End) -> Verdict {
    let statuses = || properties.iter().map(|p| p.status).chain(expectations.iter().map(|e| e.status));
    if end == End::EventLimit {
        let broken =
            properties.iter().any(|p| p.status == Status::Unmet && matches!(p.judged.standing, Standing::Broken(_)));
        return if broken { Verdict::Fail } else { Verdict::Unknown };
    }
    if statuses().any(|status| status == Status::Unmet) {
        Verdict::Fail
    } else if statuses().any(|status| status == Status::Unknown) {
        Verdict::Unknown
    } else {
        Verdict::Pass
    }
}

/// Whom each fault struck, by name, if somebody records.
fn struck<P: Protocol>(world: &mut World<P>) -> Vec<Vec<Vec<String>>> {
    if world.sink_mut::<Recorder>().is_none() {
        return Vec::new();
    }
    let names = |group: &Vec<NodeId>| group.iter().map(|node| world.info(*node).name.clone()).collect();
    (0..world.faults().len()).map(|fault| world.struck(fault).iter().map(names).collect()).collect()
}

fn take_trace<P: Pattern>(
    file: &Scenario<P::Config, P::Load>,
    seed: u64,
    world: &mut World<P::Protocol>,
) -> Option<Trace> {
    let nodes = world.ids().map(|id| world.info(id).clone()).collect();
    let recorder = world.sink_mut::<Recorder>()?;
    let header = Header {
        version: env!("CARGO_PKG_VERSION").into(),
        title: file.title.clone(),
        pattern: P::NAME.into(),
        seed,
        duration: file.duration,
        nodes,
    };
    Some(Trace { header, left_out: recorder.left_out(), records: recorder.take() })
}

/// The pattern's properties and those that the scenario adds.
pub(super) fn monitors<P: Pattern>(file: &Scenario<P::Config, P::Load>) -> Vec<Box<dyn Monitor<P::Protocol>>> {
    let mut monitors = P::monitors(&file.config, &file.workload);
    if file.expect.settle.is_some() {
        monitors.push(Box::new(Settling::new(P::unsettled)));
    }
    if let Some(bound) = file.expect.settles_within {
        monitors.push(Box::new(Progress::new(Time::ZERO + settled(file), bound)));
    }
    monitors
}

fn setup<P: Pattern>(file: &Scenario<P::Config, P::Load>, seed: u64) -> Setup<P::Protocol> {
    let mut cluster = P::cluster(&file.config, &file.workload);
    place_in_regions(&mut cluster, &file.regions);
    let (workload, pace) = P::load(&file.config, &file.workload);
    let until = Time::ZERO + file.expect.settle.as_ref().map_or(file.duration, |settle| settle.at(file.duration));
    Setup {
        seed,
        duration: file.duration,
        network: link_settings(&file.network),
        links: links(&file.network, &cluster),
        sync: file.disk.sync.law().clone(),
        nodes: node_faults::settings(file, &cluster.infos().cloned().collect::<Vec<_>>()),
        faults: faults(&timetable::<P>(file, seed, &cluster), file.duration),
        settle: file.expect.settle.as_ref().map(|settle| settle.begin(file.duration)),
        load: Some(Load { workload, pace, from: Time::ZERO, until }),
        operations: operations::<P>(file, &cluster),
        limits: Limits { events: file.limits.events, in_flight: file.network.max_in_flight, inbox: file.limits.inbox },
        cluster,
    }
}

fn operations<P: Pattern>(
    file: &Scenario<P::Config, P::Load>,
    cluster: &Cluster<P::Protocol>,
) -> Vec<Asking<P::Protocol>> {
    let asking = |table: &OperationTable| {
        let client = cluster.infos().position(|info| info.name == table.client)?;
        Some(Asking { at: Time::ZERO + table.at, client: NodeId(client as u32), op: P::read_op(&table.ask).ok()? })
    };
    file.operation.iter().map(|table| asking(table).expect("operations were checked")).collect()
}

/// Notes in each node the first region that names it.
pub(super) fn place_in_regions<P: Protocol>(cluster: &mut Cluster<P>, regions: &BTreeMap<String, Vec<String>>) {
    for info in cluster.infos_mut() {
        let holds = |names: &Vec<String>| names.iter().any(|name| wildmatch::WildMatch::new(name).matches(&info.name));
        info.region = regions.iter().find(|(_, names)| holds(names)).map(|(region, _)| region.clone());
    }
}

fn link_settings(network: &NetworkTable) -> LinkSettings {
    LinkSettings {
        latency: network.latency.law().clone(),
        loss: network.loss,
        duplicate: network.duplicate,
        reorder: network.reorder,
        reorder_delay: network.reorder_delay,
        fifo: network.fifo,
        bandwidth: network.bandwidth.map(|rate| Bandwidth { rate, queue: network.queue }),
    }
}

fn links<P: Protocol>(network: &NetworkTable, cluster: &Cluster<P>) -> Vec<(NodeId, NodeId, LinkSettings)> {
    let infos: Vec<_> = cluster.infos().cloned().collect();
    let mut links = BTreeMap::new();
    for table in &network.link {
        let ends = |selector: &super::select::Selector| selector.fixed_nodes(&infos).unwrap_or_default();
        for from in ends(&table.from) {
            for to in ends(&table.to) {
                for (from, to) in [(from, to)].into_iter().chain(table.both_ways.then_some((to, from))) {
                    let settings = links.entry((from, to)).or_insert_with(|| link_settings(network));
                    override_link(settings, table);
                }
            }
        }
    }
    let id = |index: usize| NodeId(index as u32);
    links.into_iter().map(|((from, to), settings)| (id(from), id(to), settings)).collect()
}

fn override_link(settings: &mut LinkSettings, table: &LinkTable) {
    let LinkTable { latency, loss, duplicate, reorder, reorder_delay, fifo, bandwidth, queue, .. } = table;
    if let Some(latency) = latency {
        settings.latency = latency.law().clone();
    }
    settings.loss = loss.unwrap_or(settings.loss);
    settings.duplicate = duplicate.unwrap_or(settings.duplicate);
    settings.reorder = reorder.unwrap_or(settings.reorder);
    settings.reorder_delay = reorder_delay.unwrap_or(settings.reorder_delay);
    settings.fifo = fifo.unwrap_or(settings.fifo);
    if let Some(rate) = bandwidth.or(settings.bandwidth.map(|limit| limit.rate)) {
        let queue = queue.or(settings.bandwidth.and_then(|limit| limit.queue));
        settings.bandwidth = Some(Bandwidth { rate, queue });
    }
}

/// How many times the faults of one scenario may strike.
pub(super) const MOST_FAULTS: usize = 10_000;

/// When a fault strikes: once, or again and again, up to one more time than is allowed.
pub(super) fn strikes(fault: &FaultTable, duration: Span) -> impl Iterator<Item = Span> + use<> {
    let (every, until) = (fault.every, fault.until.unwrap_or(duration).min(duration));
    let next =
        move |at: &Span| every.filter(|every| !every.is_zero()).map(|every| *at + every).filter(|at| *at < until);
    std::iter::successors(Some(fault.at), next).take(MOST_FAULTS + 1)
}

fn action(table: &FaultTable) -> Option<Action> {
    Some(match (&table.partition, &table.crash, &table.pause) {
        (Some(groups), ..) => Action::Partition(groups.iter().map(|group| group.0.clone()).collect()),
        (_, Some(who), _) => Action::Crash(who.0.clone()),
        (.., Some(who)) => Action::Pause(who.0.clone()),
        _ => return None,
    })
}

fn faults(tables: &[FaultTable], duration: Span) -> Vec<Fault> {
    let mut faults = Vec::new();
    for table in tables {
        let known = node_faults::action(table).or_else(|| network_faults::action(table));
        let Some(action) = known.or_else(|| action(table)) else { continue };
        for at in strikes(table, duration) {
            faults.push(Fault { at: Time::ZERO + at, lasts: table.lasts, action: action.clone() });
        }
    }
    faults
}

/// All faults of a run: those that the file says, then those that its nemesis draws.
pub(super) fn timetable<P: Pattern>(
    file: &Scenario<P::Config, P::Load>,
    seed: u64,
    cluster: &Cluster<P::Protocol>,
) -> Vec<FaultTable> {
    let mut tables = file.fault.clone();
    if let Some(nemesis) = &file.nemesis {
        let servers = cluster.infos().filter(|info| !info.client).count() as u32;
        let run = nemesis::Run { seed, duration: file.duration, servers, roles: P::ROLES, others: &file.fault };
        tables.extend(nemesis.draw(&run));
    }
    tables
}

/// When the last fault ends; one that never ends counts from its beginning.
pub(super) fn settled<C, L>(file: &Scenario<C, L>) -> Span {
    let ends = file.fault.iter().map(|fault| {
        let last = strikes(fault, file.duration).last().unwrap_or(fault.at);
        last + fault.lasts.unwrap_or(Span::ZERO) + node_faults::latest_restart(fault)
    });
    let nemesis = file.nemesis.as_ref().map(|nemesis| nemesis.end(file.duration));
    ends.chain(nemesis).max().unwrap_or(Span::ZERO)
}

impl RunReport {
    /// The share of half-second windows in which an operation ended well; `None` if none was asked for, or if the run was
    /// stopped, because nobody knows what the windows that it never reached would have held.
    pub fn availability(&self) -> Option<Share> {
        self.stats.availability().filter(|_| self.end == End::Finished)
    }

    /// The properties that broke, or that never happened, with what was seen.
    pub fn violations(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.properties.iter().filter_map(|property| {
            let seen = match &property.judged.standing {
                Standing::Broken(violation) => violation.text.clone(),
                Standing::NeverHappened => "it never happened".into(),
                _ => return None,
            };
            Some((property.judged.claim.name, seen))
        })
    }
}
