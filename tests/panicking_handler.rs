//! A handler that panics: the run ends with a verdict that names the node and what it said.

use faultlab::check::{Monitor, Standing, Verdict};
use faultlab::engine::random::Stream;
use faultlab::engine::trace::{Outcome, What};
use faultlab::prelude::*;
use faultlab::scenario::{AnyPattern, Pattern, RunOptions, RunReport, SettingProblem, Status};
use faultlab::sim::{Cluster, End, workload};

/// The one message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Poke;

protocol!(Poke {});

/// Panics at the fourth poke.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Sleeper {
    pokes: u32,
}

impl Actor<Poke> for Sleeper {
    fn on_message(&mut self, _: NodeId, _: Poke, _: &mut Context<Poke>) {
        self.pokes += 1;
        assert!(self.pokes < 4, "poked {} times", self.pokes);
    }
}

/// Pokes the sleeper whenever it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Poker;

impl Actor<Poke> for Poker {
    fn on_message(&mut self, _: NodeId, _: Poke, _: &mut Context<Poke>) {}

    fn on_op(&mut self, id: OpId, (): (), ctx: &mut Context<Poke>) {
        ctx.send(NodeId(0), Poke);
        ctx.reply(id, ());
    }
}

struct Pokes;

impl workload::Workload<Poke> for Pokes {
    fn next(&mut self, _: usize, _: u64, _: &mut Stream) -> Option<()> {
        Some(())
    }

    fn outcome(&self, (): &()) -> Outcome {
        Outcome::Ok
    }
}

/// The settings of a pattern that has none.
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct None {}

struct Fragile;

impl Pattern for Fragile {
    type Protocol = Poke;
    type Config = None;
    type Load = None;

    const NAME: &'static str = "fragile";
    const SUMMARY: &'static str = "panics";
    const ESSAY: &'static str = "";
    const ROLES: &'static [&'static str] = &["node"];

    fn problems(_: &None, _: &None) -> Vec<SettingProblem> {
        Vec::new()
    }

    fn cluster(_: &None, _: &None) -> Cluster<Poke> {
        let mut cluster = Cluster::new();
        cluster.server("sleeper", Sleeper::default());
        cluster.client("poker", Poker);
        cluster
    }

    fn load(_: &None, _: &None) -> (Box<dyn workload::Workload<Poke>>, workload::Pace) {
        (Box::new(Pokes), workload::Pace::Closed { think: Span::from_millis(10).into() })
    }

    fn read_op(text: &str) -> Result<(), String> {
        Err(text.into())
    }

    fn monitors(_: &None, _: &None) -> Vec<Box<dyn Monitor<Poke>>> {
        Vec::new()
    }
}

fn run(expect: &str) -> RunReport {
    let text = format!("title = \"A panic\"\npattern = \"fragile\"\nduration = \"5s\"\n{expect}");
    let scenario = AnyPattern::load(&Fragile, "fragile.toml", &text).unwrap();
    scenario.run(&RunOptions { seed: Option::None, trace: true })
}

#[test]
fn a_panicking_handler_fails_the_run_and_is_named() {
    let report = run("");
    assert_eq!((report.verdict, report.end), (Verdict::Fail, End::Panicked));
    let property = report.properties.iter().find(|property| property.judged.claim.name == "no-panic").unwrap();
    assert_eq!(property.status, Status::Unmet);
    let Standing::Broken(violation) = &property.judged.standing else { panic!("{:?}", property.judged.standing) };
    assert_eq!(violation.text, "sleeper panicked: poked 4 times");
    assert!(violation.time < Time::ZERO + Span::from_secs(1), "it is noticed at once, not at the end");
}

#[test]
fn a_panic_is_in_the_trace() {
    let trace = run("").trace.unwrap();
    let panics =
        trace.records.iter().filter(|record| matches!(&record.what, What::Panic { text } if text == "poked 4 times"));
    assert_eq!(panics.count(), 1);
}

#[test]
fn a_panic_can_be_what_a_scenario_demonstrates() {
    assert_eq!(run("[expect]\nviolates = [\"no-panic\"]\n").verdict, Verdict::Pass);
}
