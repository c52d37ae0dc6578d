//! How fast histories are judged.
//!
//! `cargo bench --bench judge`. The recorded histories are read and judged, 55 of them, if they are there; the made-up
//! ones are legal histories of one register, judged only.

use criterion::{Criterion, criterion_group, criterion_main};
use faultlab::check::Verdict;
use faultlab::check::history::History;
use faultlab::check::judgement::{Options, TABLE};
use faultlab::check::linearizability::{Limits, Linearizability, check};
use faultlab::check::models::register::Register;
use faultlab::check::models::sample::Sample;
use std::hint::black_box;
use std::path::Path;

/// The texts of the recorded histories, and by which model each is judged.
fn recorded() -> Vec<(String, &'static str)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/histories");
    let verdicts = std::fs::read_to_string(folder.join("verdicts.tsv")).unwrap_or_default();
    let files = verdicts.lines().skip(1).filter_map(|line| line.split_once('\t'));
    let read = |(file, _): (&str, &str)| {
        let model = if file.starts_with("etcd") { "cas-register" } else { "key-value" };
        (std::fs::read_to_string(folder.join(file)).expect("a recorded history"), model)
    };
    files.map(read).collect()
}

fn judge(text: &str, model: &str) -> Verdict {
    let history = History::read(text, None).expect("a sound history");
    let entry = TABLE.iter().find(|entry| entry.name == model).expect("a known model");
    (entry.judge)(&history, &Options::default()).expect("a history of this model").verdict
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("judge");
    group.sample_size(10);
    let recorded = recorded();
    if !recorded.is_empty() {
        group.bench_function(format!("all {} recorded histories", recorded.len()), |bencher| {
            bencher.iter(|| recorded.iter().filter(|(text, model)| judge(text, model) == Verdict::Pass).count());
        });
    }
    for (operations, clients) in [(100_000, 5), (10_000, 10), (10_000, 20)] {
        for distinct in [true, false] {
            let history = Sample { clients, operations, unknown: 0, keys: 0, distinct }.legal(&Register, 7);
            let values = if distinct { "distinct" } else { "few" };
            group.bench_function(format!("{operations} operations, {clients} clients, {values} values"), |bencher| {
                bencher.iter(|| {
                    let found = check(&Register, black_box(&history), Limits::default()).expect("a register's history");
                    assert_eq!(found, Linearizability::Holds { keys: 1 });
                });
            });
        }
    }
    group.finish();
}

criterion_group!(judging, benches);
criterion_main!(judging);
