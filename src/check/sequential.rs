//! Sequential consistency: some order explains all answers and keeps each client's own order, whatever the clocks say.
//!
//! Without real time nothing bounds what may come next but each client's own sequence, so a search branches once for each
//! client at every step, and histories cannot be taken apart by key: each key may be explained alone and all of them
//! together not. What helps is that an operation that fits and changes nothing may be placed at once, as in the search
//! for [linearizability](super::linearizability), and that positions are remembered. It is a search with a limit.
//!
//! An operation of unknown outcome may take effect at any place after what its client did before, or not at all.

use super::history::{BadHistory, History};
use super::judgement::Judgement;
use super::linearizability::{Call, Limits, NEVER};
use super::models::Model;
use super::models::reading::parts;
use crate::engine::digest::Digest;
use std::collections::BTreeMap;

/// A client's operations, or one of unknown outcome that waits for its client's earlier ones.
struct Thread<'a, O> {
    /// The key, by place, and the operation.
    calls: Vec<(usize, Call<'a, O>)>,
    /// Another thread, and how many of its calls must come before the first of these.
    after: Option<(usize, usize)>,
    optional: bool,
}

/// Judges whether a history is sequentially consistent.
///
/// # Errors
/// The first operation that means nothing to the model.
pub fn judge<M: Model>(model: &M, history: &History, limits: Limits) -> Result<Judgement, BadHistory> {
    let (keys, threads) = threads(model, history)?;
    let search = Search { model, threads: &threads, steps: 0, known: BTreeMap::new(), bytes: 0, limits };
    Ok(search.run(keys))
}

/// How many keys there are, and the threads.
type Threads<'a, O> = (usize, Vec<Thread<'a, O>>);

fn threads<'a, M: Model>(model: &M, history: &'a History) -> Result<Threads<'a, M::Op>, BadHistory> {
    let parts = parts(model, history)?;
    let keys = parts.len();
    let mut all: Vec<(u32, usize, Call<M::Op>)> = Vec::new();
    for (key, part) in parts.into_iter().enumerate() {
        let process = |source: u32| history.operations[source as usize].process;
        all.extend(part.sources.into_iter().zip(part.calls).map(|(source, call)| (process(source), key, call)));
    }
    all.sort_by_key(|(_, _, call)| call.begin);
    let new = |after, optional| Thread { calls: Vec::new(), after, optional };
    let mut threads: Vec<_> = history.processes.iter().map(|_| new(None, false)).collect();
    for (process, key, call) in all {
        if call.end == NEVER {
            let before = threads[process as usize].calls.len();
            let mut thread = new(Some((process as usize, before)), true);
            thread.calls.push((key, call));
            threads.push(thread);
        } else {
            threads[process as usize].calls.push((key, call));
        }
    }
    threads.retain(|thread| !thread.calls.is_empty() || !thread.optional);
    Ok((keys, threads))
}

struct Search<'a, 'b, M: Model> {
    model: &'a M,
    threads: &'a [Thread<'b, M::Op>],
    steps: u64,
    /// The positions that were met, by their fingerprints of 128 bits.
    known: BTreeMap<u128, ()>,
    bytes: usize,
    limits: Limits,
}

/// How far each thread has come, and what each key holds.
struct Position<S> {
    done: Vec<u32>,
    states: Vec<S>,
    /// The next thread to try.
    next: usize,
}

impl<M: Model> Search<'_, '_, M> {
    fn run(mut self, keys: usize) -> Judgement {
        let start = Position { done: vec![0; self.threads.len()], states: vec![self.model.initial(); keys], next: 0 };
        let mut way = vec![self.settled(start)];
        let (mut best, mut left_over) = (0, String::new());
        while let Some(position) = way.last_mut() {
            if self.is_complete(position) {
                return Judgement::pass("sequentially consistent");
            }
            let placed = position.done.iter().sum::<u32>();
            if placed > best || left_over.is_empty() {
                best = placed;
                left_over = format!("the longest order that explains the answers has {placed} operations");
            }
            if position.next == self.threads.len() {
                way.pop();
                continue;
            }
            let thread = position.next;
            position.next += 1;
            self.steps += 1;
            // One that nobody saw the end of may as well not happen if it changes nothing.
            let helps =
                |(key, state): &(usize, M::State)| !self.threads[thread].optional || *state != position.states[*key];
            let Some((key, state)) = self.step(position, thread).filter(helps) else { continue };
            let (mut done, mut states) = (position.done.clone(), position.states.clone());
            (done[thread], states[key]) = (done[thread] + 1, state);
            let next = self.settled(Position { done, states, next: 0 });
            let weight: usize = next.states.iter().map(|state| self.model.weight(state) + size_of::<M::State>()).sum();
            let bytes = self.bytes + way.len() * (weight + next.done.len() * 4);
            if self.steps >= self.limits.steps || bytes > self.limits.bytes {
                return Judgement::unknown(format!("the search reached its limits after {} steps", self.steps));
            }
            if self.known.insert(Digest::of(&(&next.done, &next.states)), ()).is_none() {
                self.bytes += 48;
                way.push(next);
            }
        }
        let total: usize = self.threads.iter().filter(|thread| !thread.optional).map(|thread| thread.calls.len()).sum();
        let headline = format!("not sequentially consistent: {left_over} of {total}");
        Judgement { verdict: super::Verdict::Fail, ..Judgement::pass(headline) }
    }

    fn is_complete(&self, position: &Position<M::State>) -> bool {
        let all = |(thread, done): (&Thread<M::Op>, &u32)| thread.optional || *done as usize == thread.calls.len();
        self.threads.iter().zip(&position.done).all(all)
    }

    /// The key and its state after the next call of a thread, if it may come now and fits.
    fn step(&self, position: &Position<M::State>, thread: usize) -> Option<(usize, M::State)> {
        let done = position.done[thread] as usize;
        let (key, call) = self.threads[thread].calls.get(done)?;
        let waits = self.threads[thread].after.is_some_and(|(other, count)| (position.done[other] as usize) < count);
        if waits {
            return None;
        }
        Some((*key, self.model.step(&position.states[*key], &call.op, call.seen)?))
    }

    /// Places everything that fits and only looks.
    fn settled(&mut self, mut position: Position<M::State>) -> Position<M::State> {
        let mut thread = 0;
        while thread < self.threads.len() {
            self.steps += 1;
            let Thread { calls, optional, .. } = &self.threads[thread];
            let next = calls.get(position.done[thread] as usize).filter(|_| !optional);
            let fits = next.is_some_and(|(_, call)| self.model.only_looks(&call.op, call.seen))
                && self.step(&position, thread).is_some();
            if fits {
                position.done[thread] += 1;
            } else {
                thread += 1;
            }
        }
        position
    }
}
