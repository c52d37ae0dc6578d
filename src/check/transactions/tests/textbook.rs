//! One small history for each anomaly, as the literature draws it, and the report that a person gets.

use crate::check::transactions::{Anomaly, Level, Options, Report, isolation, judge};

/// Transactions `process: operations`, all concurrent with each other; `!` in front aborts, `?` leaves unknown.
pub(super) fn concurrent(transactions: &[&str]) -> String {
    let mut text = String::new();
    for (phase, process) in [("invoke", true), ("end", false)] {
        for (at, transaction) in transactions.iter().enumerate() {
            let (end, ops) = match transaction.split_at(1) {
                ("!", ops) => ("fail", ops),
                ("?", ops) => ("info", ops),
                _ => ("ok", *transaction),
            };
            let known = if process || end != "ok" { ops_without_results(ops) } else { ops.to_owned() };
            let phase = if process { phase } else { end };
            text.push_str(&format!("{{:type :{phase}, :f :txn, :process {at}, :value [{known}]}}\n"));
        }
    }
    text
}

/// Transactions `process operations`, one after the other.
fn one_by_one(transactions: &[(u32, &str)]) -> String {
    let mut text = String::new();
    for (process, ops) in transactions {
        let asked = ops_without_results(ops);
        text.push_str(&format!("{{:type :invoke, :f :txn, :process {process}, :value [{asked}]}}\n"));
        text.push_str(&format!("{{:type :ok, :f :txn, :process {process}, :value [{ops}]}}\n"));
    }
    text
}

/// Replaces what reads returned by `nil`. Operations are written `[:r k ...]`.
fn ops_without_results(ops: &str) -> String {
    let mut out = String::new();
    for op in ops.split_inclusive(":r ").enumerate() {
        let (at, part) = op;
        if at == 0 {
            out.push_str(part);
            continue;
        }
        let (key, rest) = part.split_once(' ').expect("a read has a key and a result");
        let list = rest.starts_with('[');
        let end = if list { rest.find(']').expect("a list ends") + 1 } else { rest.find(']').expect("a read ends") };
        out.push_str(&format!("{key} nil{}", &rest[end..]));
    }
    out
}

fn report(text: &str) -> Report {
    judge(text, &Options { level: Level::Serializable, ..Options::default() }).expect("the history is in order")
}

fn assert_found(text: &str, names: &[&str]) -> Report {
    let report = report(text);
    assert_eq!(report.names(), names, "{text}\n{report}");
    report
}

#[test]
fn an_innocent_history_has_nothing() {
    let report = assert_found(&concurrent(&["[:append x 1] [:r y [1]]", "[:append y 1] [:r x nil]"]), &[]);
    assert_eq!(report.possible, [Level::StrictSerializable]);
    insta::assert_snapshot!(report);
}

#[test]
fn g0_writes_interleave() {
    let text = concurrent(&["[:append x 1] [:append y 1]", "[:append x 2] [:append y 2]", "[:r x [1 2]] [:r y [2 1]]"]);
    insta::assert_snapshot!(report(&text));
    assert!(report(&text).names().contains(&"G0"));
}

#[test]
fn g1a_aborted_read() {
    insta::assert_snapshot!(assert_found(&concurrent(&["![:append x 1]", "[:r x [1]]"]), &["G1a"]));
    assert_found(&concurrent(&["![:w x 1]", "[:r x 1]"]), &["G1a"]);
}

#[test]
fn g1b_intermediate_read() {
    let text = concurrent(&["[:append x 1] [:append x 2]", "[:r x [1]]", "[:r x [1 2]]"]);
    insta::assert_snapshot!(assert_found(&text, &["G1b"]));
    assert_found(&concurrent(&["[:w x 1] [:w x 2]", "[:r x 1]"]), &["G1b"]);
}

#[test]
fn g1c_circular_information_flow() {
    let text = concurrent(&["[:append x 1] [:r y [1]]", "[:append y 1] [:r x [1]]"]);
    insta::assert_snapshot!(assert_found(&text, &["G1c"]));
    assert_found(&concurrent(&["[:w x 1] [:r y 1]", "[:w y 1] [:r x 1]"]), &["G1c"]);
}

#[test]
fn g_single_read_skew() {
    let text = concurrent(&["[:append x 1] [:append y 1]", "[:r x nil] [:r y [1]]", "[:r x [1]]"]);
    insta::assert_snapshot!(assert_found(&text, &["G-single"]));
    assert_found(&concurrent(&["[:w x 1] [:w y 1]", "[:r x nil] [:r y 1]"]), &["G-single"]);
}

#[test]
fn g_nonadjacent_long_fork() {
    let text = concurrent(&["[:append x 1]", "[:append y 1]", "[:r x [1]] [:r y nil]", "[:r x nil] [:r y [1]]"]);
    let report = assert_found(&text, &["G-nonadjacent"]);
    insta::assert_snapshot!(report);
    assert_eq!(
        isolation::weakest_ruled_out(&[report.anomalies[0].anomaly]),
        [Level::RepeatableRead, Level::SnapshotIsolation]
    );
    assert_found(
        &concurrent(&["[:w x 1]", "[:w y 1]", "[:r x 1] [:r y nil]", "[:r x nil] [:r y 1]"]),
        &["G-nonadjacent"],
    );
}

#[test]
fn g2_item_write_skew() {
    let text = concurrent(&["[:r x nil] [:append y 1]", "[:r y nil] [:append x 1]", "[:r x [1]] [:r y [1]]"]);
    let report = assert_found(&text, &["G2-item"]);
    assert!(report.possible.contains(&Level::StrongSnapshotIsolation), "{report}");
    insta::assert_snapshot!(report);
    assert_found(&concurrent(&["[:r x nil] [:w y 1]", "[:r y nil] [:w x 1]"]), &["G2-item"]);
}

#[test]
fn a_lost_update() {
    let text = concurrent(&["[:r x nil] [:append x 1]", "[:r x nil] [:append x 2]", "[:r x [1 2]]"]);
    insta::assert_snapshot!(assert_found(&text, &["lost update", "G-single"]));
    let report = report(&concurrent(&["[:r x nil] [:w x 1]", "[:r x nil] [:w x 2]"]));
    assert_eq!(report.names(), ["lost update", "G2-item"], "{report}");
}

#[test]
fn a_dirty_update() {
    let text = concurrent(&["![:append x 1]", "[:append x 2]", "[:r x [1 2]]"]);
    insta::assert_snapshot!(assert_found(&text, &["G1a", "dirty update"]));
}

#[test]
fn reads_that_cannot_be() {
    assert_found(&concurrent(&["[:append x 1]", "[:r x [1 7]]"]), &["garbage read"]);
    assert_found(&concurrent(&["[:w x 1]", "[:r x 7]"]), &["garbage read"]);
    assert_found(&concurrent(&["[:append x 1]", "[:r x [1 1]]"]), &["duplicate elements"]);
    let scrambled = concurrent(&["[:append x 1] [:append x 2]", "[:r x [2 1]]"]);
    insta::assert_snapshot!("scrambled_writes", assert_found(&scrambled, &["scrambled writes", "G1b"]));
    let text = concurrent(&["[:append x 1]", "[:append x 2]", "[:r x [1 2]]", "[:r x [2]]"]);
    insta::assert_snapshot!(assert_found(&text, &["incompatible order"]));
}

#[test]
fn transactions_that_contradict_themselves() {
    let text = concurrent(&["[:append x 1] [:r x nil]"]);
    insta::assert_snapshot!(assert_found(&text, &["internal"]));
    assert_found(&concurrent(&["[:w x 1] [:r x 2]", "[:w x 2]"]), &["internal"]);
    assert_found(&concurrent(&["[:r x [1]] [:append x 1]"]), &["future read"]);
    assert_found(&concurrent(&["[:r x 1] [:w x 1]"]), &["future read"]);
    // A fuzzy read is both: the transaction contradicts itself, and it missed what it then saw.
    assert_found(&concurrent(&["[:append x 1]", "[:r x nil] [:r x [1]]"]), &["internal", "G-single"]);
}

#[test]
fn an_unknown_write_that_was_seen_took_effect() {
    assert_found(&concurrent(&["?[:append x 1]", "[:r x [1]]"]), &[]);
    assert_found(&concurrent(&["?[:append x 1] [:append y 1]", "[:r x [1]] [:r y nil]", "[:r y [1]]"]), &["G-single"]);
}

#[test]
fn a_stale_read_contradicts_the_clock() {
    let text = one_by_one(&[(0, "[:append x 1]"), (1, "[:r x nil]"), (2, "[:r x [1]]")]);
    let report = assert_found(&text, &["G-single-realtime"]);
    assert_eq!(report.verdict.word(), "pass", "it is serializable");
    assert_eq!(report.possible, [Level::StrongSessionSerializable, Level::StrongReadCommitted]);
    insta::assert_snapshot!(report);
    let strict = judge(&text, &Options::default()).expect("in order");
    assert_eq!(strict.verdict.word(), "fail");
}

#[test]
fn a_client_that_misses_its_own_write_contradicts_its_session() {
    let text = one_by_one(&[(0, "[:append x 1]"), (0, "[:r x nil]"), (1, "[:r x [1]]")]);
    insta::assert_snapshot!(assert_found(&text, &["G-single-process"]));
}

#[test]
fn each_shape_has_its_variants() {
    let both = |first: u32, second: u32| {
        one_by_one(&[(first, "[:append x 2]"), (second, "[:append x 1]"), (9, "[:r x [1 2]]")])
    };
    assert_found(&both(0, 0), &["G0-process"]);
    assert_found(&both(0, 1), &["G0-realtime"]);
    let flow = one_by_one(&[(0, "[:r x [1]]"), (0, "[:append x 1]")]);
    assert_found(&flow, &["G1c-process"]);
    assert_found(&flow.replacen(":process 0, :value [[:append", ":process 1, :value [[:append", 2), &["G1c-realtime"]);
}

#[test]
fn a_budget_that_runs_out_gives_no_verdict() {
    let text = concurrent(&["[:r x nil] [:append y 1]", "[:r y nil] [:append x 1]"]);
    let options = Options { level: Level::Serializable, budget: 0, ..Options::default() };
    let report = judge(&text, &options).expect("in order");
    assert_eq!((report.verdict.word(), report.anomalies.len()), ("unknown", 0), "{report}");
    assert!(report.cut_short.contains(&Anomaly::Cycle(super::super::Clock::Data, super::super::Shape::G2Item)));
}

#[test]
fn a_report_is_data_too() {
    let text = concurrent(&["[:r x nil] [:append y 1]", "[:r y nil] [:append x 1]"]);
    let json = serde_json::to_string_pretty(&report(&text)).expect("a report is plain data");
    insta::assert_snapshot!(json);
}
