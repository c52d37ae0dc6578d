//! Sweeps as a library: the order in which outcomes are heard, and what happens when Faultlab itself breaks.

use faultlab::engine::Span;
use faultlab::explore::mix::Mix;
use faultlab::explore::outcome::Outcome;
use faultlab::explore::sweep::Sweep;
use faultlab::explore::tally::Tally;
use faultlab::patterns;
use faultlab::scenario::{self, AnyScenario, Class, Document, RunOptions, RunReport};
use std::ops::ControlFlow;

/// A scenario that breaks Faultlab when a plan is drawn from one seed.
struct Cursed {
    inner: Box<dyn AnyScenario>,
    seed: u64,
}

impl AnyScenario for Cursed {
    fn title(&self) -> &str {
        self.inner.title()
    }

    fn about(&self) -> &str {
        self.inner.about()
    }

    fn pattern(&self) -> &'static str {
        self.inner.pattern()
    }

    fn seed(&self) -> u64 {
        self.inner.seed()
    }

    fn duration(&self) -> Span {
        self.inner.duration()
    }

    fn violates(&self) -> &[String] {
        self.inner.violates()
    }

    fn nodes(&self) -> Vec<(String, bool)> {
        self.inner.nodes()
    }

    fn run(&self, options: &RunOptions) -> RunReport {
        self.inner.run(options)
    }

    fn explicit(&self, struck: &[Vec<Vec<String>>]) -> Document {
        self.inner.explicit(struck)
    }

    fn faults(&self) -> Vec<&'static str> {
        self.inner.faults()
    }

    fn document(&self) -> Document {
        self.inner.document()
    }

    fn draw(&self, class: Class, seed: u64) -> Box<dyn AnyScenario> {
        assert!(seed != self.seed, "seed {seed} is cursed");
        self.inner.draw(class, seed)
    }
}

fn plain(text: &str) -> Box<dyn AnyScenario> {
    scenario::load(patterns::ALL, "plain", &format!("title = \"Plain\"\n{text}")).unwrap()
}

const ECHO: &str = "pattern = \"echo\"\nduration = \"1s\"";

#[test]
fn outcomes_are_heard_in_order_whatever_the_number_of_threads() {
    let scenario = plain(ECHO);
    let heard = |jobs: usize| {
        let sweep = Sweep { scenario: &*scenario, mix: Mix::default(), jobs };
        let mut outcomes: Vec<Outcome> = Vec::new();
        let all = sweep.run(7..307, &|| false, &mut |outcome| {
            outcomes.push(outcome);
            ControlFlow::Continue(())
        });
        assert_eq!(all, Ok(true));
        outcomes
    };
    let alone = heard(1);
    assert!(alone.iter().map(|outcome| outcome.seed).eq(7..307));
    assert!(alone == heard(2) && alone == heard(5));
}

#[test]
fn whoever_listens_can_stop_it() {
    let scenario = plain(ECHO);
    let sweep = Sweep { scenario: &*scenario, mix: Mix::default(), jobs: 2 };
    let mut heard = 0;
    let all = sweep.run(0..u64::MAX, &|| false, &mut |_| {
        heard += 1;
        if heard < 150 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert_eq!((all, heard), (Ok(false), 150));
    let all = sweep.run(0..u64::MAX, &|| true, &mut |_| panic!("nobody wants to hear"));
    assert_eq!(all, Ok(false));
}

#[test]
fn a_fault_of_ours_is_told_with_its_seed() {
    let cursed = Cursed { inner: plain(ECHO), seed: 70 };
    let sweep = Sweep { scenario: &cursed, mix: Mix::only(Class::Calm), jobs: 3 };
    let mut heard = Vec::new();
    let fault = sweep.run(0..500, &|| false, &mut |outcome| {
        heard.push(outcome.seed);
        ControlFlow::Continue(())
    });
    let said = fault.unwrap_err().to_string();
    assert_eq!(said, "faultlab broke under seed 70 of class `calm`: seed 70 is cursed");
    assert!(heard.into_iter().eq(0..70));
}

/// What the file ignores is not counted, bounds are not, and what it demonstrates is.
#[test]
fn only_properties_that_are_not_ignored_count() {
    let failed = |expect: &str| {
        let scenario = plain(&format!(
            "pattern = \"echo\"\nduration = \"3s\"\n[config]\ndelivery = \"at-least-once\"\n[network]\nloss = \"20%\"\n[expect]\n{expect}"
        ));
        let mut tally = Tally::default();
        for seed in 0..5 {
            tally.add(&Outcome::of(&*scenario, Class::Written, seed));
        }
        tally.verdicts().failed
    };
    let twice = "[\"no-request-is-executed-twice\"]";
    assert_eq!(failed(""), 5);
    assert_eq!(failed(&format!("violates = {twice}")), 5);
    assert_eq!(failed(&format!("ignores = {twice}\noperations_ok = \"<= 1\"")), 0);
}
