//! Golden conversations: every doubt that a lost message can leave, and what each promise makes of it.

use super::message::{Alarm, Echo, Msg, Write};
use super::server::Server;
use super::{Client, Config, Delivery};
use crate::actor::{Actor, Node, State};
use crate::engine::NodeId;
use crate::sim::script::{Script, Stage};

struct EchoStage;

impl Stage<Msg> for EchoStage {
    fn op(&self, text: &str) -> Result<Echo, String> {
        format!("echo {text}").parse()
    }

    fn message(&self, message: &Msg) -> String {
        match message {
            Msg::Request { id, text } => format!("request {}: {text}", id.0),
            Msg::Reply { id, text } => format!("reply {}: {text}", id.0),
        }
    }

    fn write(&self, write: &Write) -> String {
        match write {
            Write::Executed { id, text, .. } => format!("executed request {}: {text}", id.0),
            Write::Boot => "boot".into(),
        }
    }

    fn state(&self, node: &Node<Msg>) -> String {
        match node.actor_as::<Server>() {
            Some(server) => format!("requests carried out since the start: {}", server.executions()),
            None => format!("{:?}", node.actor()),
        }
    }
}

fn play(delivery: Delivery, script: &str) -> String {
    let config = Config { delivery, ..Config::default() };
    let nodes: [(String, Box<dyn Actor<Msg>>); 2] = [
        ("server".into(), Server::new(delivery).boxed()),
        ("c1".into(), State::<Msg>::boxed(&Client::new(NodeId(0), &config))),
    ];
    Script::new(EchoStage, nodes).play(script).unwrap()
}

/// The script's file begins with the promise it is about: `# delivery: exactly-once`.
#[test]
fn conversations() {
    insta::glob!("scripts/*.txt", |path| {
        let script = std::fs::read_to_string(path).unwrap();
        let delivery = match script.lines().next() {
            Some("# delivery: at-most-once") => Delivery::AtMostOnce,
            Some("# delivery: at-least-once") => Delivery::AtLeastOnce,
            Some("# delivery: exactly-once") => Delivery::ExactlyOnce,
            other => panic!("{}: the first line must name the delivery, not {other:?}", path.display()),
        };
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(play(delivery, &script));
        });
    });
}

#[test]
fn a_client_that_never_retries_arms_no_retry() {
    let said = play(Delivery::AtMostOnce, "start\nop c1 7\ndrop\n");
    assert!(!said.contains(&format!("{:?}", Alarm::Retry)));
}
