//! How fast histories are judged, and in how much memory: the figures of the README, one process for each.
//!
//! `cargo run --release --example judging` prints all of them. Each is measured in a process of its own, because memory is
//! the peak of a process; made-up histories and the texts of recorded ones are there before the clock starts.

#![allow(clippy::disallowed_types, reason = "an example that measures looks at the clock on the wall")]

use faultlab::check::Verdict;
use faultlab::check::history::{Datum, Event, EventKind, History, Recorder};
use faultlab::check::judgement::{Options, TABLE};
use faultlab::check::linearizability::{Limits, Linearizability, check};
use faultlab::check::models::sample::Sample;
use faultlab::check::models::{
    Model, cas_register::CasRegister, counter::Counter, key_value::KeyValue, list::List, lock::Lock, queue::Queue,
    register::Register, set::Set,
};
use faultlab::check::transactions::generate::{self, Engine, Settings};
use faultlab::check::transactions::{self, Workload};
use faultlab::engine::trace::Outcome;
use std::path::Path;
use std::time::Instant;

/// A figure: what is measured, and how; the answer is how it went.
type Figure = (String, Box<dyn Fn() -> Measured>);

struct Measured {
    seconds: f64,
    went: String,
}

fn timed<T>(work: impl FnOnce() -> T, went: impl FnOnce(T) -> String) -> Measured {
    let begin = Instant::now();
    let done = work();
    Measured { seconds: begin.elapsed().as_secs_f64(), went: went(done) }
}

fn object<M: Model + Clone + 'static>(figures: &mut Vec<Figure>, model: M, operations: u32, clients: u32) {
    for distinct in [true, false] {
        let values = if distinct { "distinct writes" } else { "few values" };
        let model = model.clone();
        let measure = move || {
            let history = Sample { clients, operations, unknown: 0, keys: 0, distinct }.legal(&model, 7);
            timed(|| check(&model, &history, Limits::default()).expect("a history of the model"), outcome)
        };
        figures.push((format!("{} {operations} operations, {clients} clients, {values}", M::NAME), Box::new(measure)));
    }
}

fn outcome(found: Linearizability) -> String {
    match found {
        Linearizability::Holds { .. } => "pass".into(),
        Linearizability::Broken(_) => "fail".into(),
        Linearizability::Unknown { steps, .. } => format!("unknown after {steps} steps"),
    }
}

/// Reads and judges the recorded histories beside this repository, if they are there.
fn recorded() -> Measured {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/histories");
    let verdicts = std::fs::read_to_string(folder.join("verdicts.tsv")).unwrap_or_default();
    let files = verdicts.lines().skip(1).filter_map(|line| line.split_once('\t'));
    let text = |(file, expected): (&str, &str)| {
        let model = if file.starts_with("etcd") { "cas-register" } else { "key-value" };
        let text = std::fs::read_to_string(folder.join(file)).expect("a recorded history");
        (text, model, if expected == "linearizable" { Verdict::Pass } else { Verdict::Fail })
    };
    let texts: Vec<_> = files.map(text).collect();
    let judge = |(text, model, expected): &(String, &str, Verdict)| {
        let history = History::read(text, None).expect("a sound history");
        let entry = TABLE.iter().find(|entry| entry.name == *model).expect("a known model");
        (entry.judge)(&history, &Options::default()).expect("a history of this model").verdict == *expected
    };
    timed(
        || texts.iter().filter(|text| judge(text)).count(),
        |right| format!("{right} of {} verdicts right", texts.len()),
    )
}

/// `count` writes that overlap and of which nobody knows anything, and reads that nothing explains.
fn exploding(count: i64) -> History {
    let mut recorder = Recorder::default();
    let mut take = |kind, process: i64, value| {
        let (process, function) = (process.to_string(), if process < 0 { "read" } else { "write" });
        let (function, line) = (Some(function), 0);
        let event = Event { kind, process: &process, function, key: None, value, time: None, line };
        recorder.take(event).expect("events in order");
    };
    for process in 0..count {
        take(EventKind::Invoke, process, Datum::Int(process));
    }
    for value in [0, 3, 5, 7, count] {
        take(EventKind::Invoke, -1, Datum::Nil);
        take(EventKind::Complete(Outcome::Ok), -1, Datum::Int(value));
    }
    recorder.finish(None)
}

fn figures() -> Vec<Figure> {
    let mut figures: Vec<Figure> = vec![
        ("recorded histories".into(), Box::new(recorded)),
        (
            "50 concurrent writes, all unknown".into(),
            Box::new(|| {
                let history = exploding(50);
                timed(|| check(&Register, &history, Limits::default()).expect("a register's history"), outcome)
            }),
        ),
        (
            "100000 list-append transactions of 4, 20 clients".into(),
            Box::new(|| {
                let history = generate::history(&Settings {
                    engine: Engine::Serializable,
                    workload: Workload::ListAppend,
                    transactions: 100_000,
                    clients: 20,
                    shortest: 4,
                    longest: 4,
                    keys: 12,
                    ..Settings::default()
                });
                let options = transactions::Options::default();
                timed(|| transactions::check(&history, &options).verdict, |verdict| verdict.word().into())
            }),
        ),
    ];
    object(&mut figures, Register, 100_000, 5);
    for clients in [10, 20] {
        object(&mut figures, Register, 10_000, clients);
        object(&mut figures, CasRegister, 10_000, clients);
        object(&mut figures, KeyValue, 10_000, clients);
        object(&mut figures, Counter, 10_000, clients);
        object(&mut figures, Set, 10_000, clients);
        object(&mut figures, Queue, 10_000, clients);
        object(&mut figures, Lock, 10_000, clients);
        object(&mut figures, List, 10_000, clients);
    }
    figures
}

/// The most memory that this process has had, in MB; none where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? >> 10)
}

fn main() {
    let figures = figures();
    if let Some(place) = std::env::args().nth(1).and_then(|place| place.parse::<usize>().ok()) {
        let (name, measure) = &figures[place];
        let Measured { seconds, went } = measure();
        let memory = peak().map_or(String::new(), |megabytes| format!("  {megabytes:5} MB"));
        println!("{name:64} {:9.1} ms{memory}  {went}", seconds * 1e3);
        return;
    }
    for place in 0..figures.len() {
        let program = std::env::current_exe().expect("this program has a path");
        let ran = std::process::Command::new(program).arg(place.to_string()).status();
        assert!(ran.is_ok_and(|status| status.success()), "figure {place} could not be measured");
    }
}
