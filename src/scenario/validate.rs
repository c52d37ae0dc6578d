//! What serde cannot see: values that contradict each other, names that mean nothing, faults that strike nobody.

mod faults;
mod machines;
mod nemesis;
mod operations;

use super::diagnostic::{Problem, help_for};
use super::expect::Limit;
use super::file::Scenario;
use super::measure::{MEASURES, Unit};
use super::pattern::{Counter, Pattern};
use super::run;
use super::select::Selector;
use super::struck::EVERY_FAULT;
use crate::check::NO_PANIC;
use crate::engine::trace::NodeInfo;
use crate::sim::fault::Who;
use std::ops::Range;

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
    let settings_are_sane = found.problems.is_empty();
    if file.title.trim().is_empty() {
        found.add(&["title"], "the title is empty", "say what the scenario shows, as a claim in one sentence");
    }
    if i64::try_from(file.seed).is_err() {
        found.add(&["seed"], format!("no file can say a seed above {}", i64::MAX), "choose a smaller one");
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
    machines::settings(file, &mut found);
    faults::timetables(file, &mut found);
    // Whatever needs the cluster comes only after the settings from which it is built are known to be sane.
    let claims: Option<Vec<&str>> = match settings_are_sane {
        true => {
            let mut cluster = P::cluster(&file.config, &file.workload);
            run::place_in_regions(&mut cluster, &file.regions);
            let infos: Vec<NodeInfo> = cluster.infos().cloned().collect();
            regions(&file.regions, &infos, &mut found);
            links(file, &infos, &mut found);
            machines::owners(file, &infos, &mut found);
            faults::victims::<P>(file, &infos, &mut found);
            operations::problems::<P>(file, &infos, &mut found);
            nemesis::problems::<P>(file, &infos, &mut found);
            let monitors = run::monitors::<P>(file);
            let claims = monitors.iter().flat_map(|monitor| monitor.claims()).map(|claim| claim.name);
            Some(claims.chain([NO_PANIC.name, EVERY_FAULT.name]).collect())
        }
        false => None,
    };
    expectations(file, claims, P::counters(), &mut found);
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
            match selector.fixed_nodes(infos) {
                Some(nodes) if !nodes.is_empty() => {}
                Some(_) => names_nobody(&place, selector, infos, found),
                None => {
                    let help = "links are named before the run begins: use names, globs, a region, or \"all\"";
                    found.add(&place, format!("a link cannot end at {}", selector.0), help);
                }
            }
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
    let message = match &selector.0 {
        Who::Region(region) => format!("no node lies in a region `{region}`"),
        _ => format!("`{written}` names nobody"),
    };
    found.add(place, message, help);
}

fn expectations<C, L>(
    file: &Scenario<C, L>,
    claims: Option<Vec<&str>>,
    counters: &[Counter],
    found: &mut Collector<'_>,
) {
    for (key, names) in [("violates", &file.expect.violates), ("ignores", &file.expect.ignores)] {
        for (index, name) in names.iter().enumerate() {
            if let Some(claims) = claims.as_ref().filter(|claims| !claims.contains(&name.as_str())) {
                let help = help_for("properties", name, claims.iter().copied());
                found.add(&["expect", key, &index.to_string()], format!("there is no property `{name}`"), help);
            }
        }
    }
    if let Some(index) = file.expect.ignores.iter().position(|name| name == NO_PANIC.name) {
        let help = "mend the handler; to show that it panics, name the property in `violates`";
        found.add(&["expect", "ignores", &index.to_string()], "a panic ends the run, so it cannot be ignored", help);
    }
    for (index, name) in file.expect.ignores.iter().enumerate().filter(|(_, name)| file.expect.violates.contains(name))
    {
        let message = format!("`{name}` cannot be expected to break and not be judged");
        found.add(&["expect", "ignores", &index.to_string()], message, "name it in `violates` or in `ignores`");
    }
    if let Some(settle) = file.expect.settle.as_ref().filter(|settle| settle.within >= file.duration) {
        let message = format!("the core has {} to settle, but the run takes only {}", settle.within, file.duration);
        found.add(&["expect", "settle", "within"], message, "run longer, or give the core less time");
    }
    if let Some(bound) = file.expect.settles_within {
        let settled = run::settled(file);
        if settled.as_nanos().saturating_add(bound.as_nanos()) > file.duration.as_nanos() {
            let message = match file.fault.is_empty() {
                true => format!("the run is over at {}, before {bound} have passed", file.duration),
                false => format!(
                    "the last fault ends at {settled}, and the run is over at {}, before {bound} have passed",
                    file.duration
                ),
            };
            found.add(&["expect", "settles_within"], message, "run longer, or end the faults earlier");
        }
    }
    for (name, bound) in &file.expect.bounds {
        let measure = MEASURES.iter().find(|measure| measure.name == name).map(|measure| measure.unit);
        let counter = counters.iter().any(|counter| counter.name == name).then_some(Unit::Count);
        let Some(unit) = measure.or(counter) else {
            let known: Vec<&str> = MEASURES.iter().map(|m| m.name).chain(counters.iter().map(|c| c.name)).collect();
            let known =
                known.into_iter().chain(["settle", "settles_within", "violates", "ignores"]).collect::<Vec<_>>();
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
            let (what, example) = match unit {
                Unit::Count => ("a count", "<= 4"),
                Unit::Time => ("a length of time", "< 40ms"),
                Unit::Share => ("a share", ">= 90%"),
            };
            found.add(
                &["expect", name],
                format!("`{bound}` is no bound for `{name}`, which is {what}"),
                format!("write such as \"{example}\""),
            );
        }
    }
}
