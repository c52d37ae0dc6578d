//! Operations as a person writes them, in scenario files and conversations: `get k1`, `put k1=7`.

use super::server::Op;
use super::store::{Command, Key, Value};
use std::str::FromStr;

fn key(word: &str) -> Result<Key, String> {
    let number = word.strip_prefix('k').and_then(|number| number.parse().ok());
    number.map(Key).ok_or(format!("`{word}` is no key; keys are written k1"))
}

fn value(word: &str) -> Result<Value, String> {
    word.parse().map(Value).map_err(|_| format!("`{word}` is no value; values are numbers"))
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
            _ => return Err("write `get k1`, `put k1=7`, `delete k1` or `cas k1=none->7`".into()),
        })
    }
}
