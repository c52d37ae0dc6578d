//! How fast histories of transactions are judged.
//!
//! `cargo bench --bench transactions`. An element is a transaction: 100,000 of four operations, 20 clients, 12 keys at a
//! time, 64 appends to a key; serializable (the whole history is the proof) and under snapshot isolation (with its write
//! skews to be found). Process and real-time orders count. `text` reads the same history from Jepsen's notation first.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use faultlab::check::Verdict;
use faultlab::check::transactions::generate::{self, Engine, Settings};
use faultlab::check::transactions::{Level, Options, Workload, check, edn, judge};
use std::hint::black_box;

const TRANSACTIONS: u32 = 100_000;

fn settings(engine: Engine, workload: Workload) -> Settings {
    Settings {
        engine,
        workload,
        transactions: TRANSACTIONS,
        clients: 20,
        shortest: 4,
        longest: 4,
        keys: 12,
        ..Settings::default()
    }
}

fn transactions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("transactions");
    group.throughput(Throughput::Elements(u64::from(TRANSACTIONS)));
    group.sample_size(10);
    let options = Options::default();
    let cases = [
        ("serializable lists", Engine::Serializable, Workload::ListAppend, Verdict::Pass),
        ("serializable registers", Engine::Serializable, Workload::Register, Verdict::Pass),
        ("snapshot isolation lists", Engine::SnapshotIsolation, Workload::ListAppend, Verdict::Fail),
    ];
    for (name, engine, workload, verdict) in cases {
        let history = generate::history(&settings(engine, workload));
        assert_eq!(check(&history, &options).verdict, verdict, "{name}");
        group.bench_function(name, |bencher| bencher.iter(|| black_box(check(&history, &options))));
    }
    let text = edn::write(&generate::history(&settings(Engine::Serializable, Workload::ListAppend)));
    let options = Options { level: Level::StrictSerializable, ..options };
    group.bench_function("serializable lists from text", |bencher| {
        bencher.iter(|| black_box(judge(&text, &options).expect("the text is in order")));
    });
    group.finish();
}

criterion_group!(benches, transactions);
criterion_main!(benches);
