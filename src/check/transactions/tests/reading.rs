//! What the notation allows, and what is said about what it does not.

use super::textbook::concurrent;
use crate::check::transactions::history::{Action, Status};
use crate::check::transactions::{Options, edn, generate, judge};

const ASK: &str = "{:type :invoke, :f :txn, :process 0, :value [[:append x 1]]}\n";

#[test]
fn maps_may_stand_in_any_form() {
    let plain = concurrent(&["[:append x 1]", "[:r x [1]]"]);
    let expected = edn::read(&plain, None).expect("plain");
    let vector = format!("[\n{plain}]");
    let tagged = plain.replace("{:type", "#jepsen.history.Op{:error [:a \\b 1.5 #{2}] #_ignored :type");
    let pretty = plain.replace(", ", "\n ; a comment\n ");
    for text in [&vector, &tagged, &pretty] {
        let history = edn::read(text, None).expect("allowed");
        let ops = |history: &crate::check::transactions::History| {
            history.transactions.iter().map(|one| one.ops.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ops(&history), ops(&expected), "{text}");
    }
    let turned = "{:value [[:r :k nil]] :process 1 :f :txn :type :invoke}{:process :nemesis :type :info :f :cut}";
    let history = edn::read(turned, None).expect("allowed");
    assert_eq!(history.keys, [":k"]);
    assert_eq!(history.transactions[0].status, Status::Unknown);
    assert_eq!(history.transactions[0].ops[0].action, Action::Unread);
}

#[test]
fn what_is_written_is_read_again() {
    let settings = generate::Settings { aborts: 10, unknowns: 10, ..generate::Settings::default() };
    let history = generate::history(&settings);
    let text = edn::write(&history);
    let again = edn::read(&text, None).expect("written by us");
    assert_eq!(edn::write(&again), text);
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let cases = [
        "",
        "; only a comment\n",
        "{:process :nemesis, :type :info, :f :start}",
        "{:type :ok, :f :txn, :process 0, :value [[:r x nil]]}",
        "ASK ASK",
        "ASK {:type :ok, :f :txn, :process 0, :value [[:append x 2]]}",
        "ASK {:type :ok, :f :txn, :process 0, :value [[:append x 1] [:r x nil]]}",
        "ASK {:type :ok, :f :txn, :process 0}",
        "ASK {:type :ok, :f :txn, :process 0, :value [[:append x 1]",
        "ASK {:type :done, :f :txn, :process 0, :value []}",
        "ASK {:type :ok, :f :read, :process 0, :value []}",
        "ASK {:type :ok, :f :txn, :process zero, :value []}",
        "ASK {:f :txn, :process 0, :value []}",
        "ASK {:type :ok, :type :fail, :f :txn, :process 0, :value []}",
        "ASK {:type :invoke, :f :txn, :process 1, :value [[:append x 1]]}",
        "ASK {:type :invoke, :f :txn, :process 1, :value [[:w x 1]]}",
        "ASK {:type :invoke, :f :txn, :process 1, :value [[:cas x 1]]}",
        "ASK {:type :invoke, :f :txn, :process 1, :value [[:append x]]}",
        "ASK {:type :invoke, :f :txn, :process 1, :value [[:append x 1.5]]}",
        "ASK {:type :invoke, :f :txn, :process 1, :value [[:r x [1]]]}",
        "ASK {:type :invoke, :f :txn, :process 1, :value [[:r x (1 :two)]]}",
        "{:type :invoke, :f :txn, :process 0, :time -5, :value []}",
        "{:type :invoke, :f :txn, :process 0, :time 5, :value []}\n{:type :ok, :f :txn, :process 0, :time 4, :value []}",
        "{:type :invoke, :f :txn, :process 0, :index 5, :value []}\n{:type :ok, :f :txn, :process 0, :index 5, :value []}",
        "ASK 7",
        "ASK }",
        "ASK {:type}",
        "ASK {:type \"ok",
        "[ASK",
        "[ASK] 5",
    ];
    let mut answers = String::new();
    for case in cases {
        let text = case.replace("ASK ", ASK).replace("ASK", ASK.trim_end());
        let error = judge(&text, &Options::default()).expect_err(case);
        answers.push_str(&format!("{case}\n  -> {error}\n"));
    }
    let deep = "[".repeat(100_000);
    answers.push_str(&format!("{}...\n  -> {}\n", &deep[..5], judge(&deep, &Options::default()).expect_err("deep")));
    insta::assert_snapshot!(answers);
}
