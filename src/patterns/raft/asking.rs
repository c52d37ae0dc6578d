//! Operations as a person writes them, in scenario files and conversations: `get k1`, `put k1=7`.

use super::admin::Wish;
use super::server::Op;
use super::store::{Command, Key, Value};
use crate::engine::NodeId;
use std::str::FromStr;

fn key(word: &str) -> Result<Key, String> {
    let number = word.strip_prefix('k').and_then(|number| number.parse().ok());
    number.map(Key).ok_or(format!("`{word}` is no key; keys are written k1"))
}

fn value(word: &str) -> Result<Value, String> {
    word.parse().map(Value).map_err(|_| format!("`{word}` is no value; values are numbers"))
}

fn server(word: &str) -> Result<NodeId, String> {
    let number = word.strip_prefix('n').and_then(|number| number.parse::<u32>().ok());
    let id = number.and_then(|number| number.checked_sub(1)).filter(|id| *id < 128);
    id.map(NodeId).ok_or(format!("`{word}` is no server; servers are written n1"))
}

/// Reads what `Debug` shows; the signs between key and values may be spaces.
impl FromStr for Op {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.replace("->", " ").replace('=', " ");
        let words: Vec<&str> = text.split_whitespace().collect();
        Ok(match words[..] {
            ["get", k] => Self::Get { key: key(k)? },
            ["put", k, v] => Self::Change(Command::Put { key: key(k)?, value: value(v)? }),
            ["delete", k] => Self::Change(Command::Delete { key: key(k)? }),
            ["cas", k, expected, v] => {
                let expected = if expected == "none" { None } else { Some(value(expected)?) };
                Self::Change(Command::CompareAndSet { key: key(k)?, expected, value: value(v)? })
            }
            ["add", n] => Self::Admin(Wish::Add(server(n)?)),
            ["add-learner", n] => Self::Admin(Wish::AddLearner(server(n)?)),
            ["remove", n] => Self::Admin(Wish::Remove(server(n)?)),
            ["become", ..] => {
                Self::Admin(Wish::Become(words[1..].iter().map(|word| server(word)).collect::<Result<_, _>>()?))
            }
            ["lead", n] => Self::Admin(Wish::Lead(server(n)?)),
            _ => {
                let clients = "`get k1`, `put k1=7`, `delete k1`, `cas k1=none->7`";
                let operators = "`add n4`, `add-learner n4`, `remove n1`, `become n2 n3` or `lead n2`";
                return Err(format!("write {clients}, {operators}"));
            }
        })
    }
}
