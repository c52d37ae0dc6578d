//! What serde cannot see: values that contradict each other, names that mean nothing, faults that strike nobody.

use super::diagnostic::{Problem, help_for};
use super::expect::Limit;
use super::file::{FaultTable, Scenario};
use super::node_faults;
use super::pattern::{Counter, Pattern};
use super::run::{self, MEASURES, Unit};
use super::select::Selector;
use crate::engine::Span;
use crate::engine::trace::NodeInfo;
use crate::sim::fault::Who;
use std::ops::Range;

/// How many times repeated faults may strike in one scenario.
const MOST_FAULTS: u64 = 10_000;

type Locate<'a> = &'a dyn Fn(&[&str]) -> Range<usize>;

/// Collects problems with their places.
struct Collector<'a> {
    locate: Locate<'a>,
    problems: Vec<Problem>,
}

impl Collector<'_> {
    fn add(&mut self, path: &[&str], message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem::new((self.locate)(path), message, help.into()));
    }
}

/// All that is wrong with a scenario that could be read.
pub(super) fn problems<P: Pattern>(file: &Scenario<P::Config, P::Load>, locate: Locate<'_>) -> Vec<Problem> {
    let mut found = Collector { locate, problems: Vec::new() };
    for problem in P::problems(&file.config, &file.workload) {
        found.add(&problem.path, problem.message, problem.help);
    }
    if file.title.trim().is_empty() {
        found.add(&["title"], "the title is empty", "say what the scenario shows, as a claim in one sentence");
    }
    if file.duration.is_zero() {
        found.add(&["duration"], "a run of no length shows nothing", "write such as duration = \"20s\"");
    }
    if file.network.max_in_flight == 0 {
        found.add(&["network", "max_in_flight"], "with no message in flight nothing arrives", "choose at least 1");
    }
    if file.limits.events == 0 {
        found.add(&["limits", "events"], "a run of no events shows nothing", "choose at least 1");
    }
    if file.limits.inbox == 0 {
        found.add(&["limits", "inbox"], "a busy node needs room for at least one input", "choose at least 1");
    }
    for (place, message, help) in node_faults::table_problems(file) {
        found.add(place, message, help);
    }
    // Whatever needs the cluster comes only after the settings from which it is built are known to be sane.
    if found.problems.is_empty() {
        let mut cluster = P::cluster(&file.config, &file.workload);
        run::place_in_regions(&mut cluster, &file.regions);
        let infos: Vec<NodeInfo> = cluster.infos().cloned().collect();
        regions(&file.regions, &infos, &mut found);
        links(file, &infos, &mut found);
        machines(file, &infos, &mut found);
        faults::<P>(file, &infos, &mut found);
        let monitors = run::monitors::<P>(file);
        let claims: Vec<&str> = monitors.iter().flat_map(|monitor| monitor.claims()).map(|claim| claim.name).collect();
        expectations(file, &claims, P::counters(), &mut found);
    }
    found.problems
}

fn node_names(infos: &[NodeInfo]) -> Vec<&str> {
    infos.iter().map(|info| info.name.as_str()).collect()
}

fn regions(regions: &std::collections::BTreeMap<String, Vec<String>>, infos: &[NodeInfo], found: &mut Collector<'_>) {
    for (region, names) in regions {
        for (index, name) in names.iter().enumerate() {
            if !Who::Named(vec![name.clone()]).can_match(infos.iter()) {
                let help = help_for("nodes", name, node_names(infos));
                found.add(&["regions", region, &index.to_string()], format!("no node is called `{name}`"), help);
            }
        }
    }
}

fn links<C, L>(file: &Scenario<C, L>, infos: &[NodeInfo], found: &mut Collector<'_>) {
    for (index, link) in file.network.link.iter().enumerate() {
        for (end, selector) in [("from", &link.from), ("to", &link.to)] {
            let place = ["network", "link", &index.to_string(), end];
            named_beforehand(&place, selector, "a link cannot end at", infos, found);
        }
    }
}

/// Clocks and disks that differ throughout the run.
fn machines<C, L>(file: &Scenario<C, L>, infos: &[NodeInfo], found: &mut Collector<'_>) {
    if let Some(selector) = &file.disk.lying_sync {
        named_beforehand(&["disk", "lying_sync"], selector, "a disk's setting cannot be for", infos, found);
    }
    for (index, clock) in file.clock.iter().enumerate() {
        let number = index.to_string();
        named_beforehand(&["clock", &number, "node"], &clock.node, "a clock's setting cannot be for", infos, found);
        if clock.offset.is_zero() && clock.drift.as_ppm() == 0 {
            let help = "give it an `offset` such as \"50ms\", a `drift` such as \"200ppm\", or both";
            found.add(&["clock", &number, "node"], "this clock is right", help);
        }
    }
}

/// Settings are for nodes that are known before the run begins.
fn named_beforehand(place: &[&str], selector: &Selector, message: &str, infos: &[NodeInfo], found: &mut Collector<'_>) {
    match selector.fixed_nodes(infos) {
        Some(nodes) if !nodes.is_empty() => {}
        Some(_) => names_nobody(place, selector, infos, found),
        None => {
            let help = "settings are made before the run begins: use names, globs, a region, or \"all\"";
            found.add(place, format!("{message} {}", selector.0), help);
        }
    }
}

fn names_nobody(place: &[&str], selector: &Selector, infos: &[NodeInfo], found: &mut Collector<'_>) {
    let written = selector.0.to_string();
    let help = match &selector.0 {
        Who::Region(region) => {
            let regions: Vec<&str> = infos.iter().filter_map(|info| info.region.as_deref()).collect();
            match regions.is_empty() {
                true => "the scenario has no [regions]".into(),
                false => help_for("regions", region, regions),
            }
        }
        _ => help_for("nodes", &written, node_names(infos)),
    };
    found.add(place, format!("`{written}` names nobody"), help);
}

fn faults<P: Pattern>(file: &Scenario<P::Config, P::Load>, infos: &[NodeInfo], found: &mut Collector<'_>) {
    let mut strikes = 0;
    for (index, fault) in file.fault.iter().enumerate() {
        let number = index.to_string();
        let place = |key: &'static str| ["fault", number.as_str(), key];
        timetable(fault, file.duration, &place, found);
        strikes += run::strikes(fault, file.duration).take(MOST_FAULTS as usize + 1).count() as u64;
        let groups = fault.partition.as_deref().unwrap_or_default();
        let whom = groups.iter().map(|who| ("partition", who));
        let whom = whom.chain(fault.crash.iter().map(|who| ("crash", who)));
        let machines = node_faults::actions(fault);
        let whom = whom.chain(fault.pause.iter().map(|who| ("pause", who))).chain(machines.iter().copied());
        for (key, selector) in whom {
            victim::<P>(&place(key), selector, infos, found);
        }
        let actions = [fault.partition.is_some(), fault.crash.is_some(), fault.pause.is_some()];
        let all = format!("partition, crash, pause, {}", node_faults::KEYS);
        match actions.iter().filter(|given| **given).count() + machines.len() {
            1 => {}
            0 => found.add(&place("at"), "this fault does nothing", format!("add one of {all}")),
            _ => found.add(&place("at"), "a fault does one thing", format!("write one [[fault]] for each of {all}")),
        }
        for (key, message, help) in node_faults::problems(fault, file) {
            found.add(&place(key), message, help);
        }
        if fault.partition.is_some() && groups.len() < 2 {
            let help = "write such as partition = [[\"n1\"], \"rest\"]";
            found.add(&place("partition"), "a partition needs at least two groups", help);
        }
    }
    if strikes > MOST_FAULTS {
        let help = format!("a run takes at most {MOST_FAULTS} faults, repetitions counted");
        found.add(&["fault"], "there are too many faults", help);
    }
}

fn timetable<'a>(
    fault: &FaultTable,
    duration: Span,
    place: &impl Fn(&'static str) -> [&'a str; 3],
    found: &mut Collector<'_>,
) {
    if fault.at >= duration {
        let message = format!("the fault begins at {}, but the run is over at {duration}", fault.at);
        found.add(&place("at"), message, "begin earlier or run longer");
    }
    if fault.lasts == Some(Span::ZERO) {
        found.add(&place("for"), "a fault of no length does nothing", "write such as for = \"2s\"");
    }
    match (fault.every, fault.lasts) {
        (Some(every), Some(lasts)) if every <= lasts => {
            let message = format!("the fault begins anew every {every}, but each time lasts {lasts}");
            found.add(&place("every"), message, "make `every` longer than `for`");
        }
        (Some(_), None) => {
            found.add(
                &place("every"),
                "a fault that never ends cannot begin again",
                "say how long it lasts with `for`",
            );
        }
        (None, _) if fault.until.is_some() => {
            found.add(&place("until"), "`until` ends a repetition, but this fault does not repeat", "add `every`");
        }
        _ => {}
    }
}

fn victim<P: Pattern>(place: &[&str], selector: &Selector, infos: &[NodeInfo], found: &mut Collector<'_>) {
    match &selector.0 {
        Who::Rest if place[2] != "partition" => {
            found.add(
                place,
                "\"rest\" has a meaning only among the groups of a partition",
                "name the nodes, or \"all\"",
            );
        }
        Who::Role(role) if !P::ROLES.contains(&role.as_str()) => {
            let help = help_for("roles", role, P::ROLES.iter().copied());
            found.add(place, format!("no server of {} is ever a `{role}`", P::NAME), help);
        }
        Who::Random(0) => found.add(place, "0 random servers are nobody", "choose at least 1"),
        Who::Named(names) => {
            for name in names {
                let one = Selector(Who::Named(vec![name.clone()]));
                if !one.0.can_match(infos.iter()) {
                    names_nobody(place, &one, infos, found);
                }
            }
        }
        who if !who.can_match(infos.iter()) => names_nobody(place, selector, infos, found),
        _ => {}
    }
}

fn expectations<C, L>(file: &Scenario<C, L>, claims: &[&str], counters: &[Counter], found: &mut Collector<'_>) {
    for (key, names) in [("violates", &file.expect.violates), ("ignores", &file.expect.ignores)] {
        for (index, name) in names.iter().enumerate() {
            if !claims.contains(&name.as_str()) && name != "no-panic" {
                let help = help_for("properties", name, claims.iter().copied());
                found.add(&["expect", key, &index.to_string()], format!("there is no property `{name}`"), help);
            }
        }
    }
    if let Some(bound) = file.expect.settles_within {
        let settled = run::settled(file);
        if settled.as_nanos().saturating_add(bound.as_nanos()) > file.duration.as_nanos() {
            let message = format!("the last fault ends at {settled}, and the run is over before {bound} have passed");
            found.add(&["expect", "settles_within"], message, "run longer, or end the faults earlier");
        }
    }
    for (name, bound) in &file.expect.bounds {
        let measure = MEASURES.iter().find(|measure| measure.name == name).map(|measure| measure.unit);
        let counter = counters.iter().any(|counter| counter.name == name).then_some(Unit::Count);
        let Some(unit) = measure.or(counter) else {
            let known: Vec<&str> = MEASURES.iter().map(|m| m.name).chain(counters.iter().map(|c| c.name)).collect();
            let known = known.into_iter().chain(["settles_within", "violates", "ignores"]).collect::<Vec<_>>();
            let message = format!("there is nothing called `{name}` to expect");
            found.add(&["expect", name], message, help_for("names", name, known));
            continue;
        };
        let fits = match bound.limit {
            Limit::Count(_) => unit == Unit::Count,
            Limit::Time(_) => unit == Unit::Time,
            Limit::Share(_) => unit == Unit::Share,
        };
        if !fits {
            let example = match unit {
                Unit::Count => "<= 4",
                Unit::Time => "< 40ms",
                Unit::Share => ">= 90%",
            };
            found.add(
                &["expect", name],
                format!("`{bound}` is no bound for `{name}`"),
                format!("write such as \"{example}\""),
            );
        }
    }
}
