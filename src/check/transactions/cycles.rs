//! Finding cycles, the shortest and the worst.
//!
//! Most histories have none, so first everything goes that cannot lie on a cycle: again and again the transactions
//! that nothing precedes or nothing follows, in linear time. What is left is split into strongly connected components
//! for each shape, over the dependencies that the shape allows; inside a component a breadth-first search from each
//! dependency that the shape demands finds the shortest way back. The search walks over pairs of a transaction and what
//! the way has had so far, because "no two rw next to each other" or "at least one realtime" is a property of the way
//! and not of where it leads.
//!
//! A budget bounds the searches. What was cut short is said, and no verdict is drawn from it.

use super::anomaly::{Anomaly, Clock, Dependency, Shape};
use super::inference::Edge;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use std::collections::{BTreeMap, BTreeSet};

/// A cycle: each edge begins where the one before it ends, and the last ends where the first begins.
#[derive(Clone, Debug)]
pub(super) struct Cycle {
    pub(super) anomaly: Anomaly,
    pub(super) edges: Vec<Edge>,
}

/// What the search found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) cycles: Vec<Cycle>,
    /// In how many separate components each anomaly occurs.
    pub(super) counts: BTreeMap<Anomaly, u64>,
    /// What the budget did not suffice to look for.
    pub(super) cut_short: BTreeSet<Anomaly>,
}

/// Looks for cycles of every shape, with the orders in `clocks`.
pub(super) fn search(transactions: usize, edges: &[Edge], clocks: &[Clock], examples: usize, budget: u64) -> Found {
    let mut found = Found::default();
    let core = core(transactions, edges);
    let mut budget = budget;
    for &clock in clocks {
        for shape in Shape::ALL {
            let weaker = clocks.iter().take_while(|other| **other < clock);
            if weaker.map(|weaker| Anomaly::Cycle(*weaker, shape)).any(|weaker| found.counts.contains_key(&weaker)) {
                continue;
            }
            let pattern = Pattern { clock, shape, any: false };
            search_pattern(&core, pattern, examples, &mut budget, &mut found);
        }
        if found.counts.is_empty() && clock != Clock::Data {
            // Ways that pass a transaction twice are no cycles, and one may have hidden a cycle behind it. So that no
            // contradiction goes unnoticed, any cycle with the order of this clock will do.
            search_pattern(
                &core,
                Pattern { clock, shape: Shape::G2Item, any: true },
                examples,
                &mut budget,
                &mut found,
            );
        }
    }
    found
}

/// The edges that remain when everything is gone that nothing precedes or nothing follows.
fn core(transactions: usize, edges: &[Edge]) -> Vec<Edge> {
    let ahead = peel(transactions, edges, |edge| (edge.from.index(), edge.to.index()));
    let both = |kept: &[bool], edge: &&Edge| kept[edge.from.index()] && kept[edge.to.index()];
    let left: Vec<Edge> = edges.iter().filter(|edge| both(&ahead, edge)).copied().collect();
    if left.is_empty() {
        return left;
    }
    let behind = peel(transactions, &left, |edge| (edge.to.index(), edge.from.index()));
    left.iter().filter(|edge| both(&behind, edge)).copied().collect()
}

/// Takes away points without an incoming edge until there are none; says which are left.
fn peel(points: usize, edges: &[Edge], ends: impl Fn(&Edge) -> (usize, usize)) -> Vec<bool> {
    let mut starts = vec![0_u32; points + 1];
    let mut incoming = vec![0_u32; points];
    for edge in edges {
        let (from, to) = ends(edge);
        starts[from + 1] += 1;
        incoming[to] += 1;
    }
    for at in 0..points {
        starts[at + 1] += starts[at];
    }
    let mut targets = vec![0_u32; edges.len()];
    let mut next = starts.clone();
    for edge in edges {
        let (from, to) = ends(edge);
        targets[next[from] as usize] = to as u32;
        next[from] += 1;
    }
    let mut ready: Vec<usize> = (0..points).filter(|point| incoming[*point] == 0).collect();
    let mut kept = vec![true; points];
    while let Some(point) = ready.pop() {
        kept[point] = false;
        for target in &targets[starts[point] as usize..starts[point + 1] as usize] {
            let target = *target as usize;
            incoming[target] -= 1;
            if incoming[target] == 0 {
                ready.push(target);
            }
        }
    }
    kept
}

/// What a cycle must look like.
#[derive(Clone, Copy)]
struct Pattern {
    clock: Clock,
    shape: Shape,
    /// Any cycle that has an edge of the clock.
    any: bool,
}

impl Pattern {
    fn is_clock(self, why: Dependency) -> bool {
        match self.clock {
            Clock::Data => false,
            Clock::Process => why == Dependency::Process,
            Clock::Realtime => why == Dependency::Realtime,
        }
    }

    fn allows(self, why: Dependency) -> bool {
        match why {
            Dependency::Ww => true,
            Dependency::Wr => self.shape > Shape::G0,
            Dependency::Rw => self.shape > Shape::G1c,
            Dependency::Process | Dependency::Realtime => self.is_clock(why),
        }
    }

    /// The edge that every such cycle has.
    fn starts_at(self, why: Dependency) -> bool {
        match self.shape {
            _ if self.any => self.is_clock(why),
            Shape::G0 if self.clock != Clock::Data => self.is_clock(why),
            Shape::G0 => why == Dependency::Ww,
            Shape::G1c => why == Dependency::Wr,
            Shape::GSingle | Shape::GNonadjacent | Shape::G2Item => why == Dependency::Rw,
        }
    }

    /// What is remembered of a way that has `state` and goes on over `why`; `None` if it may not.
    fn step(self, state: u8, why: Dependency) -> Option<u8> {
        let mut next = state & !LAST_RW;
        if self.clock != Clock::Data && !self.any && self.is_clock(why) {
            next |= CLOCK;
        }
        match (self.shape, why) {
            (Shape::GSingle, Dependency::Rw) => return None,
            (Shape::GNonadjacent, Dependency::Rw) if state & LAST_RW != 0 => return None,
            (Shape::GNonadjacent, Dependency::Rw) => next |= LAST_RW | MORE_RW,
            _ => {}
        }
        Some(next)
    }

    /// Whether a way that has `state` and comes home over `why` closes such a cycle.
    fn closes(self, state: u8, why: Dependency) -> bool {
        if self.any {
            return true;
        }
        let timed = self.clock == Clock::Data || self.starts_at(self.clock_edge()) || state & CLOCK != 0;
        timed
            && match self.shape {
                Shape::G0 | Shape::G1c | Shape::GSingle => true,
                Shape::GNonadjacent => state & MORE_RW != 0 && state & LAST_RW == 0,
                Shape::G2Item => why == Dependency::Rw,
            }
    }

    fn clock_edge(self) -> Dependency {
        match self.clock {
            Clock::Process => Dependency::Process,
            Clock::Data | Clock::Realtime => Dependency::Realtime,
        }
    }
}

const CLOCK: u8 = 1;
const MORE_RW: u8 = 2;
const LAST_RW: u8 = 4;
const STATES: usize = 8;

/// The name of a cycle by its edges.
fn classify(clock: Clock, edges: &[Edge]) -> Anomaly {
    let count = |why| edges.iter().filter(|edge| edge.why == why).count();
    let rw = |at: usize| edges[at % edges.len()].why == Dependency::Rw;
    let shape = match count(Dependency::Rw) {
        0 if count(Dependency::Wr) == 0 => Shape::G0,
        0 => Shape::G1c,
        1 => Shape::GSingle,
        _ if (0..edges.len()).any(|at| rw(at) && rw(at + 1)) => Shape::G2Item,
        _ => Shape::GNonadjacent,
    };
    Anomaly::Cycle(clock, shape)
}

/// Looks for cycles of one pattern, one for each component.
fn search_pattern(core: &[Edge], pattern: Pattern, examples: usize, budget: &mut u64, found: &mut Found) {
    let edges: Vec<Edge> = core.iter().filter(|edge| pattern.allows(edge.why)).copied().collect();
    let web = Web::new(edges);
    let mut walk = Walk::new(web.points.len());
    for component in web.edges.chunk_by(|left, right| left.0 == right.0) {
        let starts: Vec<Edge> =
            component.iter().map(|(_, edge)| *edge).filter(|edge| pattern.starts_at(edge.why)).collect();
        match web.shortest(&starts, pattern, &mut walk, budget) {
            Ok(Some(edges)) => {
                let anomaly = classify(pattern.clock, &edges);
                let count = found.counts.entry(anomaly).or_default();
                *count += 1;
                if *count <= examples as u64 {
                    found.cycles.push(Cycle { anomaly, edges });
                }
            }
            Ok(None) => {}
            Err(OutOfBudget) => {
                found.cut_short.insert(Anomaly::Cycle(pattern.clock, pattern.shape));
            }
        }
    }
}

struct OutOfBudget;

/// The strongly connected components of a graph, with their inner edges only.
struct Web {
    /// By component and then by origin.
    edges: Vec<(usize, Edge)>,
    /// Where the edges of each point begin, by dense number.
    first: Vec<usize>,
    /// The transactions in the graph, ascending; their places are their dense numbers.
    points: Vec<u32>,
    /// The dense number of each transaction.
    numbers: Vec<u32>,
}

impl Web {
    fn new(edges: Vec<Edge>) -> Self {
        let mut points: Vec<u32> = edges.iter().flat_map(|edge| [edge.from.0, edge.to.0]).collect();
        points.sort_unstable();
        points.dedup();
        let mut numbers = vec![u32::MAX; points.last().map_or(0, |last| *last as usize + 1)];
        for (number, point) in (0..).zip(&points) {
            numbers[*point as usize] = number;
        }
        let mut web = Self { edges: Vec::new(), first: Vec::new(), points, numbers };
        let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(web.points.len(), edges.len());
        for _ in &web.points {
            graph.add_node(());
        }
        for edge in &edges {
            graph.add_edge((web.dense(edge.from.0) as u32).into(), (web.dense(edge.to.0) as u32).into(), ());
        }
        let mut component = vec![0; web.points.len()];
        for (number, members) in kosaraju_scc(&graph).iter().enumerate() {
            // The number of a component is its first transaction, so that reports go by the history.
            let least = members.iter().map(|member| member.index()).min().unwrap_or(number);
            members.iter().for_each(|member| component[member.index()] = least);
        }
        let inner = |edge: Edge| {
            let (from, to) = (component[web.dense(edge.from.0)], component[web.dense(edge.to.0)]);
            (from == to).then_some((from, edge))
        };
        let mut kept: Vec<(usize, Edge)> = edges.into_iter().filter_map(inner).collect();
        kept.sort_by_key(|(component, edge)| (*component, edge.from));
        web.edges = kept;
        web.first = vec![usize::MAX; web.points.len()];
        for (at, (_, edge)) in web.edges.iter().enumerate().rev() {
            let dense = web.dense(edge.from.0);
            web.first[dense] = at;
        }
        web
    }

    fn dense(&self, point: u32) -> usize {
        self.numbers[point as usize] as usize
    }

    /// The inner edges that leave a point.
    fn leaving(&self, point: usize) -> impl Iterator<Item = (usize, &Edge)> {
        let (from, first) = (self.points[point], self.first[point]);
        let edges = self.edges.get(first..).unwrap_or(&[]);
        (first..).zip(edges.iter().map(|(_, edge)| edge)).take_while(move |(_, edge)| edge.from.0 == from)
    }

    /// The shortest cycle through one of `starts`. Among equally short ones the first.
    fn shortest(
        &self,
        starts: &[Edge],
        pattern: Pattern,
        walk: &mut Walk,
        budget: &mut u64,
    ) -> Result<Option<Vec<Edge>>, OutOfBudget> {
        /// Further starts rarely shorten a cycle once so many have led to one.
        const ENOUGH: usize = 100;
        let mut best: Option<Vec<Edge>> = None;
        let mut successes = 0;
        for start in starts {
            let limit = best.as_ref().map_or(usize::MAX, |best| best.len() - 1);
            if limit < 2 || successes == ENOUGH {
                break;
            }
            match walk.home(self, *start, pattern, limit, budget) {
                Ok(Some(cycle)) => {
                    best = Some(cycle);
                    successes += 1;
                }
                Ok(None) => {}
                Err(OutOfBudget) if best.is_some() => break,
                Err(OutOfBudget) => return Err(OutOfBudget),
            }
        }
        Ok(best)
    }
}

/// A breadth-first search over pairs of a point and what the way has had, reused from one start to the next.
struct Walk {
    /// The search that visited a pair last, and over which edge (by place) and from which pair it came.
    visited: Vec<(u32, u32, u32)>,
    round: u32,
    queue: Vec<(u32, u32)>,
}

impl Walk {
    fn new(points: usize) -> Self {
        Self { visited: vec![(0, 0, 0); points * STATES], round: 0, queue: Vec::new() }
    }

    /// The shortest way from the end of `start` back to its beginning, with `start` itself in front.
    fn home(
        &mut self,
        web: &Web,
        start: Edge,
        pattern: Pattern,
        limit: usize,
        budget: &mut u64,
    ) -> Result<Option<Vec<Edge>>, OutOfBudget> {
        let home = start.from;
        self.round += 1;
        self.queue.clear();
        let state = if start.why == Dependency::Rw { LAST_RW } else { 0 };
        let first =
            web.dense(start.to.0) * STATES + usize::from(if pattern.shape == Shape::GNonadjacent { state } else { 0 });
        self.visited[first] = (self.round, u32::MAX, u32::MAX);
        self.queue.push((first as u32, 1));
        let mut at = 0;
        while let Some((pair, length)) = self.queue.get(at).copied() {
            at += 1;
            if length as usize >= limit {
                break;
            }
            let (point, state) = (pair as usize / STATES, (pair as usize % STATES) as u8);
            for (place, edge) in web.leaving(point) {
                *budget = budget.checked_sub(1).ok_or(OutOfBudget)?;
                let Some(next) = pattern.step(state, edge.why) else { continue };
                if edge.to == home {
                    if pattern.closes(next, edge.why) {
                        let cycle = self.way(web, start, pair, *edge);
                        if pattern.shape == Shape::GNonadjacent || is_simple(&cycle) {
                            return Ok(Some(cycle));
                        }
                    }
                    continue;
                }
                let pair_next = web.dense(edge.to.0) * STATES + usize::from(next);
                if self.visited[pair_next].0 != self.round {
                    self.visited[pair_next] = (self.round, place as u32, pair);
                    self.queue.push((pair_next as u32, length + 1));
                }
            }
        }
        Ok(None)
    }

    fn way(&self, web: &Web, start: Edge, mut pair: u32, last: Edge) -> Vec<Edge> {
        let mut edges = vec![last];
        loop {
            let (_, place, before) = self.visited[pair as usize];
            if place == u32::MAX {
                break;
            }
            edges.push(web.edges[place as usize].1);
            pair = before;
        }
        edges.push(start);
        edges.reverse();
        edges
    }
}

/// Whether a way passes no transaction twice.
fn is_simple(cycle: &[Edge]) -> bool {
    let distinct: BTreeSet<_> = cycle.iter().map(|edge| edge.from).collect();
    distinct.len() == cycle.len()
}
