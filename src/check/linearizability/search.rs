//! The search for a legal order: Wing and Gong's, with Lowe's memory.
//!
//! A history is linearizable if its operations can be put into one order such that each takes effect between its
//! beginning and its end, and the sequential object would answer all of them as they were answered. The search builds the
//! order from the front. Whatever began before the first end that is still to come may be next; if the object answers it
//! as recorded, it is placed and the search goes on from there; if nothing fits, the last placement is undone. What has
//! been placed, together with the state, decides everything that follows, so a position that was met before need not be
//! searched again.
//!
//! An operation that fits and can change nothing, such as a read, is placed at once and for good: whatever legal order there
//! is, it stays legal when this operation is moved to its front. So reads never make the search branch.
//!
//! Operations of unknown outcome get three courtesies. They need not be placed. They are tried last, because most of them
//! matter to nobody. And one that would not change the state is not tried at all: nobody saw its answer.
//!
//! The worst case is exponential in how many operations overlap, and the problem is NP-complete (Gibbons and Korach,
//! "Testing shared memories", 1997). So the search has limits, and says so when it reaches them.

use super::bits::{Bits, Undo, mix};
use super::line::Line;
use super::memo::Memo;
use crate::check::history::Datum;
use crate::check::models::Model;
use crate::engine::digest::Digest;
use std::hash::{Hash, Hasher};

/// An operation that is to be placed.
#[derive(Clone, Debug)]
pub struct Call<'a, O> {
    /// What was asked.
    pub op: O,
    /// What was answered; `None` if nobody knows whether it took effect.
    pub seen: Option<&'a Datum>,
    /// The place of its beginning among all events.
    pub begin: u32,
    /// The place of its end; [`NEVER`] if it may still take effect.
    pub end: u32,
}

/// The end of an operation that stays open.
pub const NEVER: u32 = u32::MAX;

/// How far a search may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How often it may try to place an operation.
    pub steps: u64,
    /// How many bytes its memory of positions may take.
    pub bytes: usize,
}

impl Default for Limits {
    /// A few seconds, and a quarter of a gigabyte.
    fn default() -> Self {
        Self { steps: 20_000_000, bytes: 256 << 20 }
    }
}

/// What a search found. Operations are named by their place among the calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A legal order.
    Order(Vec<u32>),
    /// There is none.
    Stuck {
        /// A longest legal order of what had to be placed before the operation that fits nowhere.
        order: Vec<u32>,
        /// The first operation, by its end, that cannot be placed before it ends.
        culprit: u32,
    },
    /// A limit was reached first.
    Exhausted,
}

const SALT: u64 = 1 << 40;
const OPEN_SALT: u64 = 1 << 41;

/// Searches for a legal order of `calls`, which must be sorted by their beginnings, and takes the steps from `limits`.
pub fn search<M: Model>(model: &M, calls: &[Call<'_, M::Op>], limits: &mut Limits) -> Found {
    Search::new(model, calls).run(limits)
}

struct Search<'a, M: Model> {
    model: &'a M,
    calls: &'a [Call<'a, M::Op>],
    /// The calls that ended and those that did not, by their places.
    ended: Vec<u32>,
    open: Vec<u32>,
    /// For each open one, the one before it that asks the same.
    twins: Vec<Option<u32>>,
    line: Line,
    open_line: Line,
    placed: Bits,
    open_placed: Bits,
    memo: Memo<M::State>,
    /// The positions on the way to this one.
    way: Vec<Placement>,
    left: usize,
    best: Best,
    scratch: Vec<u64>,
    steps: u64,
}

/// One placement on the way: what it placed, and how it is undone.
struct Placement {
    choice: Choice,
    /// The position before it.
    before: u32,
    undo: Undo,
    /// Whether it was no choice, because it only looks.
    forced: bool,
}

/// What may be tried: entries of the line, then open operations.
#[derive(Clone, Copy)]
enum Choice {
    Ended(u32),
    Open(u32),
}

/// The way that led farthest so far.
#[derive(Default)]
struct Best {
    /// The end at which it was stuck, and the operation whose end that is.
    stuck: Option<(u32, u32)>,
    order: Vec<u32>,
    /// How many that ended it left over. Open ones do not count: placing many of them is no merit.
    left: usize,
    /// For how many placements it agrees with the present way.
    common: usize,
}

impl<'a, M: Model> Search<'a, M> {
    fn new(model: &'a M, calls: &'a [Call<'a, M::Op>]) -> Self {
        let places = 0..calls.len() as u32;
        let (ended, open): (Vec<u32>, Vec<u32>) = places.partition(|place| calls[*place as usize].end != NEVER);
        let call = |place: &u32| &calls[*place as usize];
        let mut entries: Vec<(u32, u32)> = (ended.iter().zip(0..))
            .flat_map(|(place, i)| [(call(place).begin, 2 * i), (call(place).end, 2 * i + 1)])
            .collect();
        entries.sort_unstable();
        let entries: Vec<u32> = entries.into_iter().map(|(_, entry)| entry).collect();
        let opens: Vec<u32> = (0..open.len() as u32).collect();
        let twin = |i: u32| (0..i).rev().take(256).find(|j| call(&open[*j as usize]).op == call(&open[i as usize]).op);
        Self {
            model,
            calls,
            twins: opens.iter().map(|i| twin(*i)).collect(),
            line: Line::new(&entries, entries.len() as u32),
            open_line: Line::new(&opens, opens.len() as u32),
            placed: Bits::new(ended.len(), SALT),
            open_placed: Bits::new(open.len(), OPEN_SALT),
            memo: Memo::new(),
            way: Vec::new(),
            left: ended.len(),
            best: Best::default(),
            scratch: Vec::new(),
            steps: 0,
            ended,
            open,
        }
    }

    fn run(mut self, limits: &mut Limits) -> Found {
        let allowed = limits.steps;
        let found = self.explore(*limits);
        limits.steps = allowed.saturating_sub(self.steps);
        found
    }

    fn explore(&mut self, limits: Limits) -> Found {
        let initial = self.model.initial();
        self.settle(&initial, 0);
        let mut position = self.remember(initial).expect("nothing is known yet");
        let mut choice = Choice::Ended(self.line.first());
        while self.left > 0 {
            let next = match choice {
                // An end: everything that may be next has been tried, but for the open ones.
                Choice::Ended(entry) if entry % 2 == 1 => {
                    choice = Choice::Open(self.open_line.first());
                    continue;
                }
                Choice::Ended(entry) => self.after_placing(self.memo.state(position), entry),
                // Nothing fits here: go back.
                Choice::Open(entry) if !self.may_begin(entry) => {
                    self.note_stuck();
                    match self.take_back() {
                        None => return self.stuck(),
                        Some(last) => (position, choice) = (last.before, self.following(last.choice)),
                    }
                    continue;
                }
                Choice::Open(entry) => self.after_placing_open(self.memo.state(position), entry),
            };
            self.steps += 1;
            if self.steps >= limits.steps || self.memo.bytes() > limits.bytes || self.memo.is_full() {
                return Found::Exhausted;
            }
            match next.and_then(|state| self.place(choice, state, position)) {
                Some(new) => {
                    position = new;
                    choice = Choice::Ended(self.line.first());
                }
                None => choice = self.following(choice),
            }
        }
        Found::Order(self.way.iter().map(|placement| self.call_of(placement.choice)).collect())
    }

    fn after_placing(&self, state: &M::State, entry: u32) -> Option<M::State> {
        let call = &self.calls[self.ended[entry as usize / 2] as usize];
        self.model.step(state, &call.op, call.seen)
    }

    fn only_looks(&self, entry: u32) -> bool {
        let call = &self.calls[self.ended[entry as usize / 2] as usize];
        self.model.only_looks(&call.op, call.seen)
    }

    fn after_placing_open(&self, state: &M::State, entry: u32) -> Option<M::State> {
        // Of two that ask the same the earlier one will do.
        if self.twins[entry as usize].is_some_and(|twin| !self.open_placed.contains(twin as usize)) {
            return None;
        }
        let call = &self.calls[self.open[entry as usize] as usize];
        self.model.step(state, &call.op, call.seen).filter(|next| next != state)
    }

    /// Whether an open operation began before the first end that is to come.
    fn may_begin(&self, entry: u32) -> bool {
        if entry == self.open_line.head() {
            return false;
        }
        self.calls[self.open[entry as usize] as usize].begin < self.first_end().0
    }

    /// The first end that is to come, and the operation whose end it is.
    fn first_end(&self) -> (u32, u32) {
        let mut entry = self.line.first();
        while entry.is_multiple_of(2) {
            entry = self.line.after(entry);
        }
        let place = self.ended[entry as usize / 2];
        (self.calls[place as usize].end, place)
    }

    /// Places an operation, and whatever follows from that, unless it leads to a known position.
    fn place(&mut self, choice: Choice, state: M::State, before: u32) -> Option<u32> {
        let height = self.way.len();
        self.put(choice, before, false);
        self.settle(&state, before);
        let position = self.remember(state);
        if position.is_none() {
            while self.way.len() > height {
                self.unput();
            }
        }
        position
    }

    /// Places everything that fits and only looks.
    fn settle(&mut self, state: &M::State, before: u32) {
        let mut entry = self.line.first();
        let mut again = false;
        while self.left > 0 {
            if entry % 2 == 1 {
                // The first end that is to come. If it is another than before, more may be next.
                if !again {
                    return;
                }
                (entry, again) = (self.line.first(), false);
                continue;
            }
            self.steps += 1;
            let fits = self.only_looks(entry) && self.after_placing(state, entry).is_some();
            if fits {
                self.put(Choice::Ended(entry), before, true);
                again = true;
            }
            // An entry that was taken out still knows what came after it, unless that is its own end.
            let after = self.line.after(entry);
            entry = if fits && after == entry + 1 { self.line.after(after) } else { after };
            if entry == self.line.head() {
                return;
            }
        }
    }

    /// Remembers the present position with its state, unless it is known.
    fn remember(&mut self, state: M::State) -> Option<u32> {
        self.scratch.clear();
        self.placed.window(&mut self.scratch);
        if !self.open.is_empty() {
            self.open_placed.window(&mut self.scratch);
        }
        let mut digest = Digest::default();
        state.hash(&mut digest);
        let hash = mix(self.placed.hash() ^ self.open_placed.hash() ^ digest.finish());
        let weight = self.model.weight(&state);
        self.memo.insert(hash, &self.scratch, state, weight)
    }

    fn put(&mut self, choice: Choice, before: u32, forced: bool) {
        let undo = match choice {
            Choice::Ended(entry) => {
                self.line.take_out(entry);
                self.line.take_out(entry + 1);
                self.left -= 1;
                self.placed.insert(entry as usize / 2, SALT)
            }
            Choice::Open(entry) => {
                self.open_line.take_out(entry);
                self.open_placed.insert(entry as usize, OPEN_SALT)
            }
        };
        self.way.push(Placement { choice, before, undo, forced });
    }

    fn unput(&mut self) -> Option<Placement> {
        let last = self.way.pop()?;
        self.best.common = self.best.common.min(self.way.len());
        match last.choice {
            Choice::Ended(entry) => {
                self.line.put_back(entry + 1);
                self.line.put_back(entry);
                self.placed.remove(entry as usize / 2, SALT, last.undo);
                self.left += 1;
            }
            Choice::Open(entry) => {
                self.open_line.put_back(entry);
                self.open_placed.remove(entry as usize, OPEN_SALT, last.undo);
            }
        }
        Some(last)
    }

    /// Undoes the last placement that was a choice, and all that followed from it.
    fn take_back(&mut self) -> Option<Placement> {
        loop {
            let last = self.unput()?;
            if !last.forced {
                return Some(last);
            }
        }
    }

    fn following(&self, choice: Choice) -> Choice {
        match choice {
            Choice::Ended(entry) => Choice::Ended(self.line.after(entry)),
            Choice::Open(entry) => Choice::Open(self.open_line.after(entry)),
        }
    }

    /// Nothing fits here. Remembers the way if none got farther: to a later end or, of equals, with more placed.
    fn note_stuck(&mut self) {
        let (end, culprit) = self.first_end();
        let farther = match self.best.stuck {
            None => true,
            Some((best, _)) => end > best || end == best && self.left < self.best.left,
        };
        if farther {
            // Only what differs is copied, or long histories would be copied again and again.
            self.best.order.truncate(self.best.common);
            let kept = self.best.order.len();
            let fresh: Vec<u32> = self.way[kept..].iter().map(|placement| self.call_of(placement.choice)).collect();
            self.best.order.extend(fresh);
            self.best.common = self.way.len();
            self.best.stuck = Some((end, culprit));
            self.best.left = self.left;
        }
    }

    fn call_of(&self, choice: Choice) -> u32 {
        match choice {
            Choice::Ended(entry) => self.ended[entry as usize / 2],
            Choice::Open(entry) => self.open[entry as usize],
        }
    }

    fn stuck(&mut self) -> Found {
        let (_, culprit) = self.best.stuck.expect("a search that failed was stuck somewhere");
        Found::Stuck { order: std::mem::take(&mut self.best.order), culprit }
    }
}
