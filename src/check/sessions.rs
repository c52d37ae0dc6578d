//! Session guarantees: what each client may expect of its own sequence (Terry et al., "Session guarantees for weakly
//! consistent replicated data", 1994).
//!
//! If every write of a key writes a value of its own, a read tells which write it saw, and each guarantee becomes a demand
//! on the order of the key's versions:
//!
//! | guarantee | in one session | demands |
//! |---|---|---|
//! | read your writes | write `a`, then read `b` | `b` is `a` or newer |
//! | monotonic reads | read `a`, then read `b` | `b` is `a` or newer |
//! | monotonic writes | write `a`, then write `b` | `b` is newer |
//! | writes follow reads | read `a`, then write `b` | `b` is newer |
//!
//! The first version, nil, is older than all others. A guarantee is broken if no order of the versions meets its demands,
//! that is, if they run in a circle; they are also held together, because each may be met by an order of its own. Keys are
//! judged one by one, so what only several keys together would show is not seen. Operations of unknown outcome
//! demand nothing, but the values that they write may be read.

use super::Verdict;
use super::history::{BadHistory, Datum, History};
use super::judgement::Judgement;
use super::models::Model;
use super::models::reading::{Part, parts};
use super::story::{Picture, Story};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use std::collections::{BTreeMap, VecDeque};

/// A guarantee: by name, and what the earlier and the later operation of a session are.
const GUARANTEES: [(&str, Side, Side); 4] = [
    ("read your writes", Side::Write, Side::Read),
    ("monotonic reads", Side::Read, Side::Read),
    ("monotonic writes", Side::Write, Side::Write),
    ("writes follow reads", Side::Read, Side::Write),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Read,
    Write,
}

/// `newer` must not be older than `older`, because of two operations, by their places in the history.
#[derive(Clone, Copy)]
struct Demand {
    older: usize,
    newer: usize,
    because: [u32; 2],
}

/// Judges the four guarantees.
///
/// # Errors
/// If the model has operations that neither read nor write a whole value, or a value is written twice.
pub fn judge<M: Model>(model: &M, history: &History) -> Result<Judgement, BadHistory> {
    for part in parts(model, history)? {
        let versions = versions(model, history, &part)?;
        let accesses = accesses(model, history, &part, &versions);
        let mut together = Vec::new();
        for (name, earlier, later) in GUARANTEES {
            let demands = demands(&accesses, earlier, later);
            if let Some(circle) = circle(versions.len(), &demands) {
                return Ok(broken(history, &part, name, &circle));
            }
            together.extend(demands);
        }
        if let Some(circle) = circle(versions.len(), &together) {
            return Ok(broken(history, &part, "the four session guarantees together", &circle));
        }
    }
    Ok(Judgement::pass("the four session guarantees hold"))
}

/// The versions of a key, by value; the first is 0.
fn versions<'a, M: Model>(
    model: &M,
    history: &History,
    part: &'a Part<'_, M::Op>,
) -> Result<BTreeMap<&'a Datum, usize>, BadHistory> {
    let mut versions = BTreeMap::from([(&Datum::Nil, 0)]);
    for (call, source) in part.calls.iter().zip(&part.sources) {
        let operation = &history.operations[*source as usize];
        let line = operation.invoked.line;
        let Some(value) = model.writes(&call.op) else {
            if model.only_looks(&call.op, call.seen) {
                continue;
            }
            let message = format!("`{}` writes no whole value", history.function(operation));
            return Err(BadHistory::at(line, message, "session guarantees are judged of reads and writes"));
        };
        if call.seen == Some(&Datum::Bool(false)) {
            continue;
        }
        let next = versions.len();
        if versions.insert(value, next).is_some() {
            let message = format!("{value} is written a second time, so a read does not tell which write it saw");
            return Err(BadHistory::at(line, message, "session guarantees need a value of its own for each write"));
        }
    }
    Ok(versions)
}

/// What a session did to which version. A compare-and-set reads one and writes another.
struct Access {
    process: u32,
    side: Side,
    version: usize,
    source: u32,
}

fn accesses<M: Model>(
    model: &M,
    history: &History,
    part: &Part<'_, M::Op>,
    versions: &BTreeMap<&Datum, usize>,
) -> Vec<Access> {
    let mut accesses = Vec::new();
    for (call, source) in part.calls.iter().zip(&part.sources) {
        let Some(seen) = call.seen else { continue };
        let process = history.operations[*source as usize].process;
        let mut push = |side, value: &Datum| {
            // A value that nobody wrote is not this judge's business: it breaks other promises.
            if let Some(version) = versions.get(value) {
                accesses.push(Access { process, side, version: *version, source: *source });
            }
        };
        if let Some(value) = model.sees(&call.op, seen) {
            push(Side::Read, &value);
        }
        if let Some(value) = model.writes(&call.op).filter(|_| *seen != Datum::Bool(false)) {
            push(Side::Write, value);
        }
    }
    accesses
}

/// What a guarantee demands. Of all earlier accesses the latest is enough: the others are demanded before it.
fn demands(accesses: &[Access], earlier: Side, later: Side) -> Vec<Demand> {
    let mut sessions: BTreeMap<u32, Vec<&Access>> = BTreeMap::new();
    for access in accesses {
        sessions.entry(access.process).or_default().push(access);
    }
    let mut demands = Vec::new();
    for session in sessions.values() {
        let mut last: Vec<&Access> = Vec::new();
        for access in session {
            if access.side == later {
                let unlike = last.iter().filter(|before| before.version != access.version);
                demands.extend(unlike.map(|before| Demand {
                    older: before.version,
                    newer: access.version,
                    because: [before.source, access.source],
                }));
            }
            if access.side == earlier {
                if earlier == later {
                    last.clear();
                }
                last.push(access);
            }
        }
    }
    demands
}

/// Demands that run in a circle. That the first version is the oldest is demanded without a reason.
fn circle(versions: usize, demands: &[Demand]) -> Option<Vec<Demand>> {
    let mut edges: Vec<Vec<(usize, Option<&Demand>)>> = vec![Vec::new(); versions];
    edges[0] = (1..versions).map(|version| (version, None)).collect();
    for demand in demands {
        edges[demand.older].push((demand.newer, Some(demand)));
    }
    // The shortest circle through each demand; the shortest of all is the easiest to understand.
    let mut best: Option<Vec<Demand>> = None;
    let knots = knots(&edges);
    let candidates = demands.iter().filter(|demand| knots[demand.older] == knots[demand.newer]).take(64);
    for demand in candidates {
        let mut from: Vec<Option<(usize, Option<&Demand>)>> = vec![None; versions];
        let mut queue = VecDeque::from([demand.newer]);
        while let Some(version) = queue.pop_front().filter(|version| *version != demand.older) {
            for (next, why) in &edges[version] {
                if from[*next].is_none() && *next != demand.newer {
                    from[*next] = Some((version, *why));
                    queue.push_back(*next);
                }
            }
        }
        let mut found = vec![*demand];
        let mut at = demand.older;
        while at != demand.newer {
            let Some((before, why)) = from[at] else { break };
            found.extend(why.copied());
            at = before;
        }
        if best.as_ref().is_none_or(|best| found.len() < best.len()) {
            best = Some(found);
        }
    }
    best
}

/// For each version a number; versions with the same one are demanded to be newer than each other.
fn knots(edges: &[Vec<(usize, Option<&Demand>)>]) -> Vec<usize> {
    let pairs = edges.iter().enumerate().flat_map(|(older, newer)| newer.iter().map(move |(newer, _)| (older, *newer)));
    let mut graph = DiGraph::<(), (), usize>::default();
    for _ in edges {
        graph.add_node(());
    }
    graph.extend_with_edges(pairs);
    let mut knots = vec![0; edges.len()];
    for (number, versions) in kosaraju_scc(&graph).into_iter().enumerate() {
        for version in versions {
            knots[version.index()] = number;
        }
    }
    knots
}

fn broken<O>(history: &History, part: &Part<'_, O>, name: &str, circle: &[Demand]) -> Judgement {
    let of_key = part.key.map_or(String::new(), |key| format!(" of key {key}"));
    let mut shown: Vec<u32> = circle.iter().flat_map(|demand| demand.because).collect();
    shown.sort_unstable();
    shown.dedup();
    let tell = |place: &u32| history.tell(&history.operations[*place as usize]);
    let mut text = format!("No order of the versions{of_key} gives {name}. These demands contradict each other:\n");
    for demand in circle {
        let [before, after] = demand.because;
        text.push_str(&format!("  first  {}\n  then   {}\n\n", tell(&before), tell(&after)));
    }
    let conflict = format!("{} contradicts what went before in its session or in others", tell(&circle[0].because[1]));
    let headline = format!("{name} is broken{of_key}: {conflict}");
    let culprits = [circle[0].because[1]];
    let story = Story::of(history, format!("Broken: {name}{of_key}"), conflict, &shown, &[], &culprits);
    let detail = serde_json::json!({ "guarantee": name, "key": part.key, "operations": shown.iter().map(tell).collect::<Vec<_>>() });
    Judgement { verdict: Verdict::Fail, headline, text, detail, picture: Some(Picture::Lanes(story)) }
}
