//! `faultlab judge`: verdicts, exit codes, and what is said about files that are no history.

use super::support::{Place, Ran, code};

/// Two transactions that each read the key that the other appends to, before it does.
const WRITE_SKEW: &str = "\
{:type :invoke, :f :txn, :process 0, :value [[:r x nil] [:append y 1]]}
{:type :invoke, :f :txn, :process 1, :value [[:r y nil] [:append x 1]]}
{:type :ok, :f :txn, :process 0, :value [[:r x []] [:append y 1]]}
{:type :ok, :f :txn, :process 1, :value [[:r y []] [:append x 1]]}
{:type :invoke, :f :txn, :process 0, :value [[:r x nil] [:r y nil]]}
{:type :ok, :f :txn, :process 0, :value [[:r x [1]] [:r y [1]]]}
";

const STALE: &str = "\
{:process 0, :type :invoke, :f :write, :value 3, :time 1000000}
{:process 0, :type :ok, :f :write, :value 3, :time 2000000}
{:process 0, :type :invoke, :f :write, :value 5, :time 3000000}
{:process 0, :type :ok, :f :write, :value 5, :time 4000000}
{:process 1, :type :invoke, :f :read, :value nil, :time 5000000}
{:process 1, :type :ok, :f :read, :value 3, :time 6000000}
";

fn judge(text: &str, arguments: &[&str]) -> Ran {
    let place = Place::with(&[("h", text)]);
    place.run(&[&["judge", "h"], arguments].concat())
}

#[test]
fn the_exit_code_is_the_verdict() {
    let fresh = STALE.replace(":read, :value 3", ":read, :value 5");
    judge(&fresh, &["--model", "register"]).exits(code::PASSED);
    judge(STALE, &["--model", "register"]).exits(code::VIOLATED);
    judge(STALE, &["--model", "register", "--consistency", "sequential"]).exits(code::PASSED);
    judge(WRITE_SKEW, &["--model", "list-append"]).exits(code::VIOLATED);
    judge(WRITE_SKEW, &["--model", "list-append", "--isolation", "snapshot-isolation"]).exits(code::PASSED);
    // A budget of nothing finds nothing out. Values that are written twice leave no short cut.
    let busy: String =
        (0..8).map(|n| format!("{{:process {n}, :type :invoke, :f :write, :value {}}}\n", n % 2)).collect();
    let busy =
        format!("{busy}{{:process 9, :type :invoke, :f :read}}\n{{:process 9, :type :ok, :f :read, :value 1}}\n");
    judge(&busy, &["--model", "register", "--budget", "0"]).exits(code::UNKNOWN);
    judge(WRITE_SKEW, &["--model", "list-append", "--budget", "0"]).exits(code::UNKNOWN);
}

#[test]
fn a_violation_is_explained() {
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "snapshots" }, {
        insta::assert_snapshot!("judge_stale_read", judge(STALE, &["--model", "register"]).exits(code::VIOLATED).out);
        insta::assert_snapshot!(
            "judge_write_skew",
            judge(WRITE_SKEW, &["--model", "list-append"]).exits(code::VIOLATED).out
        );
    });
}

#[test]
fn a_violation_is_data_and_a_picture() {
    let place = Place::with(&[("h", WRITE_SKEW)]);
    let ran = place.run(&["judge", "h", "--model", "list-append", "--json", "--svg", "skew.svg"]).exits(code::VIOLATED);
    let value: serde_json::Value = serde_json::from_str(&ran.out).expect("one line of JSON");
    assert_eq!((&value["verdict"], &value["operations"]), (&"violation".into(), &3.into()));
    assert_eq!(value["detail"]["anomalies"][0]["anomaly"], "G2-item");
    assert_eq!(value["detail"]["ruled_out"][0], "repeatable-read");
    let svg = place.read("skew.svg");
    for text in ["G2-item: rules out repeatable-read", "T1", "T2", "rw"] {
        assert!(svg.contains(text), "{text} is not in the picture");
    }
}

#[test]
fn what_is_no_history_is_refused_with_its_line() {
    let cut = &WRITE_SKEW[..WRITE_SKEW.len() - 30];
    let line = |number: usize| WRITE_SKEW.lines().nth(number).expect("six lines");
    let backwards = STALE.replace("6000000", "4500000");
    let mixed = format!("{}\n{{\"type\":\"ok\",\"process\":0}}\n", STALE.lines().next().expect("a line"));
    let log = "INFO  jepsen.util - ";
    let cases: Vec<(&str, String, &[&str])> = vec![
        ("an empty file", String::new(), &["--model", "register"]),
        ("no operations", format!("{log}:nemesis :info :start nil\n"), &["--model", "register"]),
        ("no transactions", "; nothing happened\n".into(), &["--model", "list-append"]),
        ("no model", STALE.into(), &[]),
        ("truncated", cut.into(), &["--model", "list-append"]),
        ("truncated log", format!("{log}0 :invoke :read nil\n{log}0 :ok :re"), &["--model", "register"]),
        ("an end alone", line(2).into(), &["--model", "list-append"]),
        ("an end alone in a log", format!("{log}0 :ok :read nil\n"), &["--model", "register"]),
        ("two at once", format!("{}\n{}", line(0), line(0)), &["--model", "list-append"]),
        (
            "two at once in a log",
            format!("{log}0 :invoke :read nil\n{log}0 :invoke :read nil\n"),
            &["--model", "register"],
        ),
        ("an unknown operation", STALE.replace(":read", ":pop"), &["--model", "register"]),
        ("an unknown operation of transactions", WRITE_SKEW.replace(":append", ":push"), &["--model", "list-append"]),
        ("registers as lists", WRITE_SKEW.replace(":append", ":w"), &["--model", "list-append"]),
        ("objects as transactions", STALE.into(), &["--model", "rw-register"]),
        ("mixed formats", mixed.clone(), &["--model", "register"]),
        ("mixed formats of transactions", format!("{WRITE_SKEW}{{\"type\":\"ok\"}}\n"), &["--model", "list-append"]),
        ("time runs backwards", backwards, &["--model", "register"]),
        ("a negative time", STALE.replace(":time 1000000", ":time -7"), &["--model", "register"]),
        ("an isolation level of a register", STALE.into(), &["--model", "register", "--isolation", "serializable"]),
        (
            "a consistency of transactions",
            WRITE_SKEW.into(),
            &["--model", "list-append", "--consistency", "sequential"],
        ),
    ];
    let said = cases.into_iter().map(|(name, text, arguments)| {
        let ran = judge(&text, arguments).exits(code::BAD_INPUT);
        assert!(ran.out.is_empty(), "{name}: {}", ran.out);
        format!("== {name}\n{}\n", ran.err)
    });
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "snapshots" }, {
        insta::assert_snapshot!("judge_bad_input", said.collect::<String>());
    });
}
