//! Faults that cannot be meant: out of time, without effect, or against nobody.

use super::{Collector, names_nobody};
use crate::actor::Protocol as _;
use crate::engine::Span;
use crate::engine::trace::NodeInfo;
use crate::scenario::diagnostic::help_for;
use crate::scenario::fault_info;
use crate::scenario::file::{FaultTable, Scenario};
use crate::scenario::network_faults;
use crate::scenario::node_faults;
use crate::scenario::pattern::Pattern;
use crate::scenario::run;
use crate::scenario::select::Selector;
use crate::sim::fault::Who;

/// What is wrong with faults whatever the cluster.
pub(super) fn timetables<C, L>(file: &Scenario<C, L>, found: &mut Collector<'_>) {
    for (place, message, help) in network_faults::of_network(&file.network) {
        found.add(&place.iter().map(String::as_str).collect::<Vec<_>>(), message, help);
    }
    let mut strikes = 0;
    for (index, fault) in file.fault.iter().enumerate() {
        let number = index.to_string();
        let place = |key: &'static str| ["fault", number.as_str(), key];
        timetable(fault, file.duration, &place, found);
        strikes += run::strikes(fault, file.duration).count();
        let given = fault_info::named(fault);
        match given.as_slice() {
            [_] => {}
            [] => {
                let help =
                    format!("add one of partition, crash, pause, {}, {}", node_faults::KEYS, network_faults::KEYS);
                found.add(&["fault", &number], "this fault does nothing", help);
            }
            [.., last] => {
                let message = format!("a fault does one thing, but this one has {}", given.join(" and "));
                found.add(&["fault", &number, last], message, "write a [[fault]] of its own for each");
            }
        }
        let of_links = network_faults::problems(fault, &file.network);
        for (key, message, help) in node_faults::problems(fault, file).into_iter().chain(of_links) {
            found.add(&place(key), message, help);
        }
        if fault.partition.as_ref().is_some_and(|groups| groups.len() < 2) {
            let help = "write such as partition = [[\"n1\"], \"rest\"]";
            found.add(&place("partition"), "a partition needs at least two groups", help);
        }
    }
    contradictions(file, found);
    if strikes > run::MOST_FAULTS {
        let help = format!("a run takes at most {} faults, repetitions counted", run::MOST_FAULTS);
        found.add(&["fault"], "there are too many faults", help);
    }
}

/// Faults of nodes that another fault has taken down by then, where the file says so: both name the same nodes.
fn contradictions<C, L>(file: &Scenario<C, L>, found: &mut Collector<'_>) {
    let crashes: Vec<_> = file.fault.iter().filter_map(|fault| Some((fault, named(fault.crash.as_ref()?)?))).collect();
    for (index, fault) in file.fault.iter().enumerate() {
        let again = [("crash", &fault.crash, "crashes"), ("pause", &fault.pause, "pauses")];
        for (key, selector, verb) in again {
            let Some(names) = selector.as_ref().and_then(named) else { continue };
            let down = |(crash, crashed): &&(&FaultTable, &[String])| {
                let ended = crash.lasts.is_some_and(|lasts| crash.at + lasts <= fault.at);
                // A crash that lasts longer than the first keeps the nodes down for longer; one within it does nothing.
                let end = |fault: &FaultTable| fault.lasts.map_or(Span::MAX, |lasts| fault.at + lasts);
                let longer = key == "crash" && end(fault) > end(crash);
                !longer && !std::ptr::eq(*crash, fault) && crash.at < fault.at && !ended && *crashed == names
            };
            if let Some((crash, _)) = crashes.iter().find(down) {
                let who = names.join(", ");
                let message =
                    format!("this {verb} {who} at {}, but another fault takes {who} down at {}", fault.at, crash.at);
                let help = "begin when the nodes are up again, or make the first one longer";
                found.add(&["fault", &index.to_string(), key], message, help);
            }
        }
    }
}

/// The names that a selector is, if it is names.
fn named(selector: &Selector) -> Option<&[String]> {
    match &selector.0 {
        Who::Named(names) => Some(names),
        _ => None,
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
        _ if fault.every.is_some() && fault.until.is_some_and(|until| until <= fault.at) => {
            found.add(&place("until"), "the repetition ends before it begins", "make `until` later than `at`");
        }
        (None, _) if fault.until.is_some() => {
            found.add(&place("until"), "`until` ends a repetition, but this fault does not repeat", "add `every`");
        }
        _ => {}
    }
}

/// Faults that strike nobody of this cluster.
pub(super) fn victims<P: Pattern>(file: &Scenario<P::Config, P::Load>, infos: &[NodeInfo], found: &mut Collector<'_>) {
    for (index, fault) in file.fault.iter().enumerate() {
        let fault_number = index.to_string();
        for (index, group) in fault.partition.iter().flatten().enumerate() {
            victim::<P>(&["fault", &fault_number, "partition", &index.to_string()], group, infos, found);
        }
        for (key, selector) in [("crash", &fault.crash), ("pause", &fault.pause)] {
            if let Some(selector) = selector {
                victim::<P>(&["fault", &fault_number, key], selector, infos, found);
            }
        }
        let of_links = network_faults::actions(fault);
        for (key, within, selector) in node_faults::actions(fault).into_iter().chain(of_links) {
            let place: Vec<&str> = ["fault", &fault_number, key].into_iter().chain(within).collect();
            victim::<P>(&place, selector, infos, found);
        }
        for (key, message, help) in network_faults::of_cluster(fault, infos) {
            found.add(&["fault", &fault_number, key], message, help);
        }
        if fault.corrupt_silently.is_some() && !P::Protocol::CORRUPTIBLE {
            let message = format!("the messages of {} cannot be changed unnoticed", P::NAME);
            let help = "use `corrupt`, which a checksum finds out; `faultlab explain corrupt_silently` names a scenario that can";
            found.add(&["fault", &fault_number, "corrupt_silently"], message, help);
        }
    }
}

pub(super) fn victim<P: Pattern>(place: &[&str], selector: &Selector, infos: &[NodeInfo], found: &mut Collector<'_>) {
    match &selector.0 {
        Who::Rest if !place.contains(&"partition") && !["from", "to"].iter().any(|end| place.ends_with(&[end])) => {
            found.add(
                place,
                "\"rest\" has a meaning only among the groups of a partition and at the ends of links",
                "name the nodes, or \"all\"",
            );
        }
        Who::Role(role) | Who::One(role) if !P::ROLES.contains(&role.as_str()) => {
            let help = help_for("roles", role, P::ROLES.iter().copied());
            found.add(place, format!("no server of {} is ever a `{role}`", P::NAME), help);
        }
        Who::Random(0) => found.add(place, "0 random servers are nobody", "choose at least 1"),
        Who::Minority if infos.iter().filter(|info| !info.client).count() < 3 => {
            let help = "name the node, or run at least three servers";
            found.add(place, "fewer than three servers have no minority", help);
        }
        Who::Named(names) => {
            for (index, name) in names.iter().enumerate() {
                let one = Selector(Who::Named(vec![name.clone()]));
                if !one.0.can_match(infos.iter()) {
                    let index = index.to_string();
                    let place: Vec<&str> = place.iter().copied().chain([index.as_str()]).collect();
                    names_nobody(&place, &one, infos, found);
                }
            }
        }
        who if !who.can_match(infos.iter()) => names_nobody(place, selector, infos, found),
        _ => {}
    }
}
