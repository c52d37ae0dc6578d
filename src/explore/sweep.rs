//! Running many seeds on many threads, and hearing of them in order.
//!
//! Each run is single-threaded, and a thread that is free takes the next seed. Outcomes are handed over in the order of
//! their seeds, through a buffer of fixed size, so that whoever hears of them hears the same whatever the number of
//! threads: sums, first failures and files are equal to the byte.

use super::mix::Mix;
use super::outcome::Outcome;
use crate::scenario::{AnyScenario, Class};
use std::any::Any;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How many seeds for each thread may be done before the oldest that is not.
const AHEAD: u64 = 64;

/// How often a wish to stop is looked for while no run ends.
const GLANCE: Duration = Duration::from_millis(50);

/// A seed whose run broke Faultlab itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("faultlab broke under seed {seed} of class `{class}`: {text}")]
pub struct OurFault {
    /// The seed.
    pub seed: u64,
    /// The class of its plan.
    pub class: Class,
    /// What the panic said.
    pub text: String,
}

/// What is swept.
#[derive(Clone, Copy)]
pub struct Sweep<'a> {
    /// The scenario whose plans are drawn.
    pub scenario: &'a dyn AnyScenario,
    /// Of which class each seed is.
    pub mix: Mix,
    /// How many threads work.
    pub jobs: usize,
}

impl Sweep<'_> {
    /// Runs these seeds. `hear` is told of each outcome in the order of the seeds and says whether to go on; `stop` is asked now and
    /// then whether somebody wants to stop. Whether all seeds were run.
    ///
    /// # Errors
    /// The first seed whose run panicked outside of the handlers of nodes; outcomes before it were heard.
    pub fn run(
        &self,
        seeds: Range<u64>,
        stop: &dyn Fn() -> bool,
        hear: &mut dyn FnMut(Outcome) -> ControlFlow<()>,
    ) -> Result<bool, OurFault> {
        let jobs = self.jobs.max(1);
        let desk = Desk::new(seeds, AHEAD * jobs as u64);
        thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| self.work(&desk));
            }
            let result = collect(&desk, stop, hear);
            desk.close();
            result
        })
    }

    fn work(&self, desk: &Desk) {
        while let Some(seed) = desk.take() {
            let class = self.mix.class(seed);
            let outcome = panic::catch_unwind(AssertUnwindSafe(|| Outcome::of(self.scenario, class, seed)));
            desk.put(seed, outcome.map_err(|panic| OurFault { seed, class, text: text(&*panic) }));
        }
    }
}

fn collect(
    desk: &Desk,
    stop: &dyn Fn() -> bool,
    hear: &mut dyn FnMut(Outcome) -> ControlFlow<()>,
) -> Result<bool, OurFault> {
    while let Some(outcome) = desk.next(stop) {
        if hear(outcome?).is_break() {
            return Ok(false);
        }
    }
    Ok(desk.lock().all_handed_over())
}

/// What a panic said.
fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

type Done = Result<Outcome, OurFault>;

/// Where seeds are given out and outcomes are laid down.
struct Desk {
    state: Mutex<State>,
    /// Something was laid down or taken away.
    moved: Condvar,
    ahead: u64,
}

struct State {
    /// Seeds that nobody has taken.
    free: Range<u64>,
    /// The seed whose outcome is handed over next.
    next: u64,
    done: BTreeMap<u64, Done>,
    closed: bool,
}

impl State {
    fn all_handed_over(&self) -> bool {
        self.next >= self.free.end
    }
}

impl Desk {
    fn new(seeds: Range<u64>, ahead: u64) -> Self {
        let state = State { next: seeds.start, free: seeds, done: BTreeMap::new(), closed: false };
        Self { state: Mutex::new(state), moved: Condvar::new(), ahead }
    }

    /// Nobody panics while holding the lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seed to run, as soon as there is room for its outcome; none if there is nothing left to do.
    fn take(&self) -> Option<u64> {
        let full =
            |state: &mut State| !state.closed && !state.free.is_empty() && state.free.start - state.next >= self.ahead;
        let mut state = self.moved.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
        if state.closed { None } else { state.free.next() }
    }

    fn put(&self, seed: u64, done: Done) {
        let mut state = self.lock();
        state.done.insert(seed, done);
        if state.next == seed {
            self.moved.notify_all();
        }
    }

    /// The next outcome in order; none after the last, or if somebody wants to stop.
    fn next(&self, stop: &dyn Fn() -> bool) -> Option<Done> {
        let mut state = self.lock();
        loop {
            if state.all_handed_over() || stop() {
                return None;
            }
            let next = state.next;
            if let Some(done) = state.done.remove(&next) {
                state.next += 1;
                // Waking those who wait for room is worth it only once there is some.
                if state.next.is_multiple_of(self.ahead / 4) {
                    self.moved.notify_all();
                }
                return Some(done);
            }
            state = self.moved.wait_timeout(state, GLANCE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn close(&self) {
        self.lock().closed = true;
        self.moved.notify_all();
    }
}
