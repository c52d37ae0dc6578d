//! Faults of links that cannot be meant: without effect, or saying two things at once.

use super::{CorruptTable, DegradeTable, PickTable, ends, picked};
use crate::engine::Share;
use crate::engine::trace::NodeInfo;
use crate::scenario::file::{FaultTable, NetworkTable};
use crate::sim::fault::Who;

/// A key, what is wrong, a way out.
type Wrong = (&'static str, String, &'static str);

/// What is wrong with limits of bandwidth that hold for the whole run: a place, what is wrong, a way out.
pub(in super::super) fn of_network(network: &NetworkTable) -> Vec<(Vec<String>, String, &'static str)> {
    let help = "say how much passes in a second, such as bandwidth = \"1MB/s\"";
    let message = || "a queue is for messages that wait, and without `bandwidth` none does".to_string();
    let mut problems = Vec::new();
    if network.queue.is_some() && network.bandwidth.is_none() {
        problems.push((vec!["network".into(), "queue".into()], message(), help));
    }
    for (index, link) in network.link.iter().enumerate() {
        if link.queue.is_some() && link.bandwidth.is_none() && network.bandwidth.is_none() {
            let place = ["network", "link", &index.to_string(), "queue"].map(String::from);
            problems.push((place.into(), message(), help));
        }
    }
    problems
}

/// What is wrong with what a fault does to links, whatever the cluster.
pub(in super::super) fn problems(fault: &FaultTable, network: &NetworkTable) -> Vec<Wrong> {
    let mut problems = Vec::new();
    for (key, from, to) in ends(fault) {
        if from.0 == Who::Rest && to.0 == Who::Rest {
            let message = "the rest of nobody: \"rest\" is all servers that are not at the other end".into();
            problems.push((key, message, "name the nodes at one end"));
        }
    }
    if let Some(table) = &fault.degrade {
        degrade(table, network, &mut problems);
    }
    for (key, table) in [("corrupt", &fault.corrupt), ("corrupt_silently", &fault.corrupt_silently)] {
        if let Some(CorruptTable { share: Share::NEVER, .. }) = table {
            problems.push((key, "a share of 0% changes no message".into(), "write such as share = \"5%\""));
        }
    }
    if let Some((pick, _)) = picked(fault) {
        let key = ends(fault).first().map_or("drop", |(key, ..)| key);
        self::pick(key, &pick, &mut problems);
    }
    if fault.delay.as_ref().is_some_and(|delay| delay.by.max.is_zero()) {
        problems.push(("delay", "a delay of nothing changes nothing".into(), "write such as by = \"200ms\""));
    }
    problems
}

fn degrade(table: &DegradeTable, network: &NetworkTable, problems: &mut Vec<Wrong>) {
    let DegradeTable { latency, loss, duplicate, reorder, reorder_delay, .. } = table;
    let given = [loss, duplicate, reorder].into_iter().any(Option::is_some);
    if latency.is_none() && !given && reorder_delay.is_none() {
        let help = "add one of latency, loss, duplicate, reorder, reorder_delay";
        problems.push(("degrade", "this leaves the links as they are".into(), help));
    }
    let never_held_up = reorder.unwrap_or(network.reorder) == Share::NEVER
        && network.link.iter().all(|link| link.reorder.is_none_or(|share| share == Share::NEVER));
    if reorder_delay.is_some() && never_held_up {
        let message = "`reorder_delay` is for messages that are held up, and `reorder` is 0%".into();
        problems.push(("degrade", message, "say how many are, such as reorder = \"10%\""));
    }
}

fn pick(key: &'static str, pick: &PickTable, problems: &mut Vec<Wrong>) {
    let PickTable { count, nth, every, share, kind, .. } = pick;
    let given =
        [("count", count.is_some()), ("nth", nth.is_some()), ("every", every.is_some()), ("share", share.is_some())];
    let given: Vec<&str> = given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect();
    if given.len() > 1 {
        let message = format!("messages are picked out in one way, but this one has {}", given.join(" and "));
        problems.push((key, message, "write a [[fault]] of its own for each"));
    }
    let numbers = [("count", *count, 1), ("nth", *nth, 1), ("every", *every, 2)];
    for (name, number, least) in numbers {
        if let Some(number) = number.filter(|number| *number < least) {
            let help = match name {
                "every" => "leave it out to pick every message",
                _ => "messages are counted from one",
            };
            problems.push((key, format!("`{name}` is {number}, but it is at least {least}"), help));
        }
    }
    if *share == Some(Share::NEVER) {
        problems.push((key, "a share of 0% picks no message".into(), "write such as share = \"10%\""));
    }
    if kind.as_ref().is_some_and(|kind| kind.trim().is_empty()) {
        problems.push((key, "no message is of a kind without a name".into(), "leave `kind` out for any kind"));
    }
}

/// What is wrong with what a fault does to the links of this cluster, where that is known before the run begins.
pub(in super::super) fn of_cluster(fault: &FaultTable, infos: &[NodeInfo]) -> Vec<Wrong> {
    let mut problems = Vec::new();
    for (key, from, to) in ends(fault) {
        if let (Some(from), Some(to)) = (from.fixed_nodes(infos), to.fixed_nodes(infos)) {
            let named = !from.is_empty() && !to.is_empty();
            if named && !from.iter().any(|from| to.iter().any(|to| from != to)) {
                let message = "this is no link: a node reaches itself at once and always".into();
                problems.push((key, message, "name two different nodes"));
            }
        }
    }
    let servers = infos.iter().filter(|info| !info.client).count();
    if let Some(bridge) = fault.bridge.as_ref().and_then(|who| who.fixed_nodes(infos)) {
        let others = servers - bridge.iter().filter(|node| !infos[**node].client).count();
        if others < 2 {
            let message = format!("with {others} other servers there are no two halves to part");
            problems.push(("bridge", message, "leave at least two servers that are not on the bridge"));
        }
    }
    if let Some(ring) = fault.ring.as_ref().and_then(|who| who.fixed_nodes(infos)).filter(|ring| ring.len() < 4) {
        let message = format!("in a ring of {} all are neighbours, so it cuts nothing", ring.len());
        problems.push(("ring", message, "name at least four nodes, or run more servers"));
    }
    problems
}
