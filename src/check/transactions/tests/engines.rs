//! Databases that are broken in a known way are convicted of exactly that.

use crate::check::transactions::generate::{self, Engine, Settings};
use crate::check::transactions::{Level, Options, Workload, check};
use std::collections::BTreeSet;

/// The anomalies of many histories of an engine, and whether every one passes as `level`.
fn anomalies(engine: Engine, workload: Workload, level: Level) -> (BTreeSet<&'static str>, bool) {
    let (mut names, mut passes) = (BTreeSet::new(), true);
    for seed in 0..60 {
        let settings =
            Settings { seed, engine, workload, transactions: 120, aborts: 5, unknowns: 5, ..Settings::default() };
        let report = check(&generate::history(&settings), &Options { level, ..Options::default() });
        passes &= report.verdict.word() == "pass";
        names.extend(report.names());
    }
    (names, passes)
}

#[test]
fn an_honest_database_is_innocent() {
    for workload in [Workload::ListAppend, Workload::Register] {
        let (names, passes) = anomalies(Engine::Serializable, workload, Level::StrictSerializable);
        assert!(names.is_empty() && passes, "{names:?}");
    }
}

#[test]
fn snapshot_isolation_has_write_skew_and_nothing_worse() {
    let (names, passes) = anomalies(Engine::SnapshotIsolation, Workload::ListAppend, Level::StrongSnapshotIsolation);
    assert!(passes, "{names:?}");
    assert!(names.contains("G2-item") && names.iter().all(|name| name.starts_with("G2-item")), "{names:?}");
    let (names, passes) = anomalies(Engine::SnapshotIsolation, Workload::Register, Level::StrongSnapshotIsolation);
    assert!(passes && names.contains("G2-item"), "{names:?}");
}

#[test]
fn snapshots_without_conflicts_lose_updates() {
    for workload in [Workload::ListAppend, Workload::Register] {
        let (names, passes) = anomalies(Engine::BlindSnapshots, workload, Level::StrongReadCommitted);
        assert!(names.contains("lost update"), "{names:?}");
        assert!(passes || workload == Workload::ListAppend, "{names:?}");
    }
}

#[test]
fn read_committed_is_no_more_than_that() {
    for workload in [Workload::ListAppend, Workload::Register] {
        let (names, passes) = anomalies(Engine::ReadCommitted, workload, Level::StrongReadCommitted);
        assert!(names.contains("G-single") && names.contains("lost update"), "{names:?}");
        assert!(passes, "{names:?}");
    }
}

#[test]
fn read_uncommitted_shows_everything() {
    let (names, _) = anomalies(Engine::ReadUncommitted, Workload::ListAppend, Level::ReadUncommitted);
    for name in ["G0", "G1a", "G1b", "G1c", "dirty update", "internal"] {
        assert!(names.contains(name), "{name} not in {names:?}");
    }
}

#[test]
fn stale_reads_are_serializable_but_late() {
    let (names, passes) = anomalies(Engine::StaleReads, Workload::ListAppend, Level::Serializable);
    assert!(passes, "{names:?}");
    assert!(names.contains("G-single-process"), "{names:?}");
    assert!(names.iter().all(|name| name.ends_with("-realtime") || name.ends_with("-process")), "{names:?}");
}
