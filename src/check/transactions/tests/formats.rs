//! The same transactions in other formats get the same report.

use crate::check::history::{Format, jsonl};
use crate::check::judgement::{self, NotJudged, Options};
use crate::check::transactions::generate::{self, Engine, Settings};
use crate::check::transactions::{Workload, edn};

fn judged(text: &str, format: Option<Format>, workload: Workload) -> judgement::Judgement {
    judgement::judge(text, format, Some(workload.word()), &Options::default()).expect("generated").judgement
}

#[test]
fn the_format_makes_no_difference() {
    for workload in [Workload::ListAppend, Workload::Register] {
        for engine in [Engine::Serializable, Engine::SnapshotIsolation, Engine::ReadUncommitted] {
            let settings = Settings { engine, workload, aborts: 5, unknowns: 5, ..Settings::default() };
            let text = edn::write(&generate::history(&settings));
            let direct = judged(&text, None, workload);
            let recorded = crate::check::history::History::read(&text, Some(Format::Edn)).expect("written by us");
            let mut bytes = Vec::new();
            jsonl::write(&recorded, &mut bytes).expect("memory takes everything");
            let ours = judged(std::str::from_utf8(&bytes).expect("JSON is text"), None, workload);
            assert_eq!((ours.verdict, &ours.headline), (direct.verdict, &direct.headline));
            assert_eq!(ours.detail["ruled_out"], direct.detail["ruled_out"]);
        }
    }
}

#[test]
fn mistakes_in_our_format_are_named_with_their_lines() {
    let head = "{\"format\":\"faultlab-history\",\"format_version\":1,\"model\":\"list-append\"}\n";
    let lines = [
        r#"{"type":"invoke","process":0,"f":"read"}"#,
        r#"{"type":"invoke","process":0,"f":"txn","value":7}"#,
        r#"{"type":"invoke","process":0,"f":"txn","value":[["append","x"]]}"#,
        r#"{"type":"invoke","process":0,"f":"txn","value":[["append","x","one"]]}"#,
        r#"{"type":"invoke","process":0,"f":"txn","value":[["cas","x",1]]}"#,
        r#"{"type":"invoke","process":0,"f":"txn","value":[["w","x",1]]}"#,
        r#"{"type":"invoke","process":0,"f":"txn","value":[["append",[1],1]]}"#,
        r#"{"type":"invoke","process":0,"f":"txn","value":[["r","x",["one"]]]}"#,
        r#"{"type":"invoke","process":0,"f":"txn","value":[["r","x",{}]]}"#,
    ];
    let report = lines.map(|line| {
        let error = judgement::judge(&format!("{head}{line}\n"), None, None, &Options::default());
        let Err(NotJudged::Bad(bad)) = error else { panic!("{line} was read") };
        assert!(!bad.help.is_empty());
        format!("{line}\n  -> {bad}")
    });
    insta::assert_snapshot!(report.join("\n"));
}
