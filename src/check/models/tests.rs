//! Each model by a few words, and the weaker promises.

use crate::check::Verdict;
use crate::check::history::History;
use crate::check::judgement::{Consistency, Judgement, Options, TABLE};

/// Judges lines such as `1 invoke write 5`, apart by semicolons.
fn judge(model: &str, consistency: Consistency, script: &str) -> Judgement {
    let lines = script.split(';').map(|line| {
        let mut words = line.split_whitespace();
        let mut next = || words.next().expect("process, type, function, value");
        let (process, kind, function) = (next(), next(), next());
        let value: Vec<&str> = words.collect();
        format!("{{:process {process} :type :{kind} :f :{function} :value {}}}\n", value.join(" "))
    });
    let history = History::read(&lines.collect::<String>(), None).expect("a sound script");
    let entry = TABLE.iter().find(|entry| entry.name == model).expect("a known model");
    (entry.judge)(&history, &Options { consistency, ..Options::default() }).expect("a script of this model")
}

/// Operations one after the other: `write 1; read 1`, each by a process of its own if it says so.
fn sequence(operations: &str) -> String {
    let each = operations.split(';').map(|operation| {
        let mut words = operation.split_whitespace();
        let process = words.next().expect("a process");
        let function = words.next().expect("a function");
        let rest: Vec<&str> = words.collect();
        let (input, answer) = rest.join(" ").split_once("->").map_or_else(
            || (rest.join(" "), "nil".to_owned()),
            |(input, answer)| (input.trim().to_owned(), answer.trim().to_owned()),
        );
        let input = if input.is_empty() { "nil".to_owned() } else { input };
        format!("{process} invoke {function} {input}; {process} ok {function} {answer}")
    });
    each.collect::<Vec<_>>().join(";")
}

fn verdict(model: &str, operations: &str) -> Verdict {
    judge(model, Consistency::Linearizable, &sequence(operations)).verdict
}

#[test]
fn every_model_does_what_it_says() {
    let legal = [
        ("register", "0 read -> nil; 0 write 1; 1 read -> 1"),
        ("key-value", "0 get -> nil; 0 append \"a\"; 0 append \"b\"; 1 get -> \"ab\"; 0 delete; 1 get -> \"\""),
        ("counter", "0 add 2; 1 add -3; 0 read -> -1"),
        ("set", "0 add 1; 0 add 2; 1 read -> [2 1]; 0 remove 1; 1 contains 1 -> false"),
        ("queue", "0 enqueue 1; 1 enqueue 2; 0 dequeue -> 1; 0 dequeue -> 2; 0 dequeue -> nil"),
        (
            "lock",
            "0 acquire -> 3; 1 acquire -> nil; 0 release 3 -> true; 1 acquire -> 4; 1 use 4 -> true; 0 use 3 -> false",
        ),
        ("list", "0 append 1; 1 append 2; 0 read -> [1 2]"),
    ];
    for (model, operations) in legal {
        assert_eq!(verdict(model, operations), Verdict::Pass, "{model}: {operations}");
    }
    let illegal = [
        ("register", "0 write 1; 0 write 2; 1 read -> 1"),
        ("key-value", "0 put 1; 0 delete; 1 get -> 1"),
        ("counter", "0 add 2; 0 read -> 3"),
        ("set", "0 add 1; 1 read -> []"),
        ("queue", "0 enqueue 1; 1 enqueue 2; 0 dequeue -> 2"),
        ("lock", "0 acquire -> 3; 0 release 3 -> true; 1 acquire -> 3"),
        ("lock", "0 acquire -> 3; 1 acquire -> 4"),
        ("lock", "0 acquire -> 3; 0 release 3 -> true; 1 acquire -> 4; 1 use 4 -> true; 0 use 3 -> true"),
        ("list", "0 append 1; 1 append 2; 0 read -> [2 1]"),
    ];
    for (model, operations) in illegal {
        assert_eq!(verdict(model, operations), Verdict::Fail, "{model}: {operations}");
    }
}

#[test]
fn a_stale_read_is_explained_in_words() {
    let script = sequence("0 write 3; 0 write 5; 1 read -> 3");
    let judgement = judge("register", Consistency::Linearizable, &script);
    insta::assert_snapshot!(judgement.text);
}

#[test]
fn a_stale_read_is_sequentially_consistent_and_two_orders_are_not() {
    let stale = sequence("0 write 1; 0 write 2; 1 read -> 1");
    assert_eq!(judge("register", Consistency::Linearizable, &stale).verdict, Verdict::Fail);
    assert_eq!(judge("register", Consistency::Sequential, &stale).verdict, Verdict::Pass);
    let disagree = sequence("0 write 1; 1 write 2; 2 read -> 1; 2 read -> 2; 3 read -> 2; 3 read -> 1");
    assert_eq!(judge("register", Consistency::Sequential, &disagree).verdict, Verdict::Fail);
}

#[test]
fn an_unknown_write_may_be_read_late_but_not_before_its_time() {
    let late = "0 invoke write 1; 0 info write nil; 1 invoke read nil; 1 ok read nil; 1 invoke read nil; 1 ok read 1";
    for consistency in [Consistency::Linearizable, Consistency::Sequential] {
        assert_eq!(judge("register", consistency, late).verdict, Verdict::Pass);
        let vanished = format!("{late}; 1 invoke read nil; 1 ok read nil");
        assert_eq!(judge("register", consistency, &vanished).verdict, Verdict::Fail);
    }
}

#[test]
fn broken_session_guarantees_are_found() {
    let cases = [
        ("read your writes", "0 write 1; 0 read -> nil"),
        ("monotonic reads", "0 write 1; 1 write 2; 2 read -> 1; 2 read -> 2; 3 read -> 2; 3 read -> 1"),
        ("writes follow reads", "0 read -> 2; 0 write 1; 1 read -> 1; 1 write 2"),
        ("together", "0 write 1; 0 write 2; 1 read -> 2; 1 read -> 1"),
    ];
    for (name, operations) in cases {
        let judgement = judge("register", Consistency::Session, &sequence(operations));
        assert_eq!(judgement.verdict, Verdict::Fail, "{name}");
        assert!(judgement.headline.contains(name), "{name}: {}", judgement.headline);
    }
    let fine = "0 write 1; 0 write 2; 1 read -> nil; 1 read -> 2; 2 read -> 1";
    assert_eq!(judge("register", Consistency::Session, &sequence(fine)).verdict, Verdict::Pass);
}

#[test]
fn convergence_looks_only_at_what_is_read_after_the_last_write() {
    let head = "0 write 1; 1 read -> nil; 0 write 2; ";
    let end = |reads: &str| judge("register", Consistency::Convergence, &sequence(&format!("{head}{reads}"))).verdict;
    assert_eq!(end("1 read -> 1; 1 read -> 2; 0 read -> 2"), Verdict::Pass);
    assert_eq!(end("1 read -> 1; 0 read -> 2"), Verdict::Fail);
    assert_eq!(end("1 read -> 7; 0 read -> 7"), Verdict::Fail);
    assert_eq!(end("1 read -> 2"), Verdict::Unknown);
}
