//! What is read, and what is refused.

use super::*;

fn read(text: &str) -> Result<History, BadHistory> {
    History::read(text, None)
}

const HEAD: &str = "{\"format\":\"faultlab-history\",\"format_version\":1,\"model\":\"register\",\"events\":2}\n";

/// Everything that can be wrong with a file, by name.
fn bad() -> Vec<(&'static str, String)> {
    let jepsen = |lines: &[&str]| lines.iter().map(|line| format!("INFO  jepsen.util - {line}\n")).collect::<String>();
    let jsonl = |lines: &str| format!("{}{lines}", HEAD.replace(",\"events\":2", ""));
    vec![
        ("an empty file", "\n\n".into()),
        ("a head and no operations", jsonl("")),
        ("only a nemesis", jepsen(&[":nemesis :info :start nil"])),
        ("no format", "once upon a time\n".into()),
        (
            "jsonl: a file that was cut at a line's end",
            format!("{HEAD}{}", r#"{"type":"invoke","process":0,"f":"read"}"#),
        ),
        ("jsonl: a file that was cut inside a line", jsonl(r#"{"type":"invoke","process":0,"f":"re"#)),
        ("jsonl: a newer version", HEAD.replace("version\":1", "version\":9")),
        ("jsonl: a misspelt field", jsonl(r#"{"type":"invoke","process":0,"f":"read","valeu":3}"#)),
        ("jsonl: an unknown type", jsonl(r#"{"type":"begin","process":0,"f":"read"}"#)),
        ("jsonl: a fraction", jsonl(r#"{"type":"invoke","process":0,"f":"write","value":1.5}"#)),
        ("jsonl: no function", jsonl(r#"{"type":"invoke","process":0}"#)),
        ("jsonl: a negative time", jsonl(r#"{"type":"invoke","process":0,"f":"read","t":-5}"#)),
        (
            "jsonl: time that runs backwards",
            jsonl(
                "{\"type\":\"invoke\",\"process\":0,\"f\":\"read\",\"t\":5}\n{\"type\":\"ok\",\"process\":0,\"t\":4}",
            ),
        ),
        (
            "jsonl: time on some lines only",
            jsonl("{\"type\":\"invoke\",\"process\":0,\"f\":\"read\",\"t\":5}\n{\"type\":\"ok\",\"process\":0}"),
        ),
        ("an end without a beginning", jepsen(&["4 :ok :read nil"])),
        ("two operations at once", jepsen(&["4 :invoke :read nil", "4 :invoke :write 1"])),
        ("an end of something else", jepsen(&["4 :invoke :read nil", "4 :ok :write 1"])),
        ("jepsen: an unknown type", jepsen(&["4 :begin :read nil"])),
        ("jepsen: a line that was cut", jepsen(&["4 :invoke :read nil", "4 :ok :read"])),
        ("jepsen: a value that was cut", jepsen(&["4 :invoke :cas [1 2"])),
        ("jepsen: no process", jepsen(&["four :invoke :read nil"])),
        ("jepsen: a line from elsewhere", format!("{}hello\n", jepsen(&["4 :invoke :read nil"]))),
        ("mixed formats", format!("{}{{:process 4, :type :ok, :f :read}}\n", jepsen(&["4 :invoke :read nil"]))),
        ("edn: a map that was cut", "{:process 0, :type :invoke, :f :get, :key \"7".into()),
        ("edn: no type", "{:process 0, :f :get}".into()),
        ("edn: another key", "{:process 0 :type :invoke :f :get :key 1}\n{:process 0 :type :ok :f :get :key 2}".into()),
        ("edn: a negative time", "{:process 0, :type :invoke, :f :get, :time -1}".into()),
        ("edn: too deep", format!("{{:process 0 :type :invoke :f :get :value {}", "[".repeat(1000))),
    ]
}

#[test]
fn bad_input_is_named_with_its_line() {
    let report = bad().into_iter().map(|(name, text)| match read(&text) {
        Ok(history) => panic!("{name} was read: {history:?}"),
        Err(error) => format!("{name}\n  {error}\n  help: {}\n", error.help),
    });
    insta::assert_snapshot!(report.collect::<String>());
}

#[test]
fn what_a_model_does_not_know_is_named_with_its_line() {
    use crate::check::judgement::{Options, TABLE};
    let lines = [
        ("register", "0 :invoke :pop nil"),
        ("register", "0 :invoke :write nil"),
        ("cas-register", "0 :invoke :cas 5"),
        ("counter", "0 :invoke :add [1]"),
        ("key-value", "0 :invoke :append 5"),
    ];
    let report = lines.map(|(model, line)| {
        let history = read(&format!("INFO  jepsen.util - 1 :invoke :read nil\nINFO  jepsen.util - {line}\n"));
        let history = history.expect("a sound history");
        let history = History { operations: history.operations[1..].to_vec(), ..history };
        let entry = TABLE.iter().find(|entry| entry.name == model).expect("a known model");
        (entry.judge)(&history, &Options::default()).expect_err("what the model does not know").to_string()
    });
    insta::assert_snapshot!(report.join("\n"));
}

#[test]
fn our_format_reads_back_as_it_was_written() {
    let text = "{:process 0, :type :invoke, :f :put, :key \"a b\", :value [1 nil true], :time 5}
        {:process 1, :type :invoke, :f :get, :key 7, :time 5}
        {:process 0, :type :ok, :f :put, :key \"a b\", :value [1 nil true], :time 9}
        {:process 1, :type :info, :f :get, :key 7, :time 12}";
    let mut history = read(text).expect("four events");
    history.model = Some("key-value".into());
    let mut bytes = Vec::new();
    jsonl::write(&history, &mut bytes).expect("memory takes everything");
    let mut again = read(std::str::from_utf8(&bytes).expect("JSON is text")).expect("what was just written");
    // The lines are those of another file.
    for operation in &mut again.operations {
        operation.invoked.line -= 1;
        if let Some(end) = &mut operation.completion {
            end.at.line -= 1;
        }
    }
    assert_eq!(again, history);
}

#[test]
fn an_unknown_outcome_leaves_the_operation_open_and_the_process_free() {
    let lines = ["1 :invoke :write 5", "1 :info :write :timed-out", "1 :invoke :read nil", "1 :ok :read 5"];
    let text: String = lines.iter().map(|line| format!("INFO  jepsen.util - {line}\n")).collect();
    let history = read(&text).expect("four events");
    assert_eq!(history.operations[0].ended(), None);
    assert_eq!(history.tell(&history.operations[0]), "process 1: write 5 → unknown (line 1 given up at line 2)");
    assert_eq!(history.tell(&history.operations[1]), "process 1: read → 5 (line 3 to line 4)");
}

#[test]
fn transactions_are_read_as_lists_of_lists() {
    let text =
        "#jepsen.history.Op{:index 0, :time 1, :type :invoke, :process 3, :f :txn, :value [[:append 5 1] [:r 5 nil]]}
        {:index 1, :time 2, :type :ok, :process 3, :f :txn, :value [[:append 5 1] [:r 5 [1]]]} ; done";
    let history = read(text).expect("a transaction");
    let answer = &history.operations[0].completion.as_ref().expect("it ended").value;
    assert_eq!(answer.to_string(), "[[:append 5 1] [:r 5 [1]]]");
}
