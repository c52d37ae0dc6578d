//! A scenario as a file that a person can read.
//!
//! Only what differs from the defaults is written, with settings that hold several values in one line, so that a file made
//! here looks like one made by hand. Read again it gives an equal scenario, and therefore the same run.
//!
//! A [`Document`] is what stands in such a file, as a tree that can be cut and bent without knowing what it means; whether
//! something sensible is left is found out by reading it.

use super::file::Scenario;
use super::pattern::{Pattern, Settings};
use serde::Serialize;
use std::fmt::Write as _;
use toml::{Table, Value};

/// What stands in a scenario file.
#[derive(Clone, Debug, PartialEq)]
pub struct Document(pub Table);

impl Document {
    /// The file's text, under comments that say `remarks`.
    pub fn text(&self, remarks: &[String]) -> String {
        let mut out = String::new();
        for line in remarks.iter().flat_map(|remark| remark.lines()) {
            let _ = writeln!(out, "{}", format!("# {line}").trim_end());
        }
        emit(&mut out, "", &self.0);
        out
    }
}

/// The scenario as a document, without what goes without saying.
pub(super) fn document<P: Pattern>(file: &Scenario<P::Config, P::Load>) -> Document {
    let silent: Scenario<P::Config, P::Load> =
        toml::from_str("title = \"\"\npattern = \"\"\nduration = \"0s\"").expect("everything else has a default");
    let silent = as_table(&silent);
    let mut said = as_table(file);
    for (name, value) in &mut said {
        if let (Value::Table(table), Some(Value::Table(default))) = (value, silent.get(name)) {
            table.retain(|key, value| default.get(key) != Some(value));
        }
    }
    keep_whole_unless_understood(&mut said, "config", &file.config);
    keep_whole_unless_understood(&mut said, "workload", &file.workload);
    said.retain(|name, value| match value {
        Value::Table(table) => !table.is_empty(),
        Value::Array(array) => !array.is_empty(),
        // The seed is said even if it is the default: it is what a reader wants to change.
        _ => name == "seed" || silent.get(name) != Some(value),
    });
    Document(said)
}

/// Where one setting changes the defaults of others (a profile), leaving out what equals the usual default would say something
/// else: such settings are written in full.
fn keep_whole_unless_understood<S: Settings>(said: &mut Table, section: &str, settings: &S) {
    let Some(Value::Table(short)) = said.get(section) else { return };
    let whole = as_table(settings);
    let understood: Option<S> = short.clone().try_into().ok();
    if understood.is_none_or(|understood| as_table(&understood) != whole) {
        said.insert(section.to_owned(), Value::Table(whole));
    }
}

fn as_table(value: &impl Serialize) -> Table {
    Table::try_from(value).expect("a scenario is plain data")
}

/// Writes settings first and tables after them, as TOML demands, each list of tables as sections.
fn emit(out: &mut String, path: &str, table: &Table) {
    for (key, value) in table.iter().filter(|(_, value)| !is_section(path, value)) {
        let _ = writeln!(out, "{} = {value}", quoted(key));
    }
    for (key, value) in table.iter().filter(|(_, value)| is_section(path, value)) {
        let path = match path {
            "" => quoted(key),
            path => format!("{path}.{}", quoted(key)),
        };
        match value {
            Value::Table(table) => {
                if table.values().any(|value| !is_section(&path, value)) {
                    let _ = write!(out, "\n[{path}]\n");
                }
                emit(out, &path, table);
            }
            Value::Array(tables) => {
                for table in tables.iter().filter_map(Value::as_table) {
                    let _ = write!(out, "\n[[{path}]]\n");
                    for (key, value) in table {
                        let _ = writeln!(out, "{} = {value}", quoted(key));
                    }
                }
            }
            _ => unreachable!("only tables are sections"),
        }
    }
}

/// Tables at the top, and lists of tables anywhere, are sections of their own; what is deeper stands in one line.
fn is_section(path: &str, value: &Value) -> bool {
    match value {
        Value::Table(_) => path.is_empty(),
        Value::Array(array) => !array.is_empty() && array.iter().all(Value::is_table),
        _ => false,
    }
}

/// A key, in quotes if it needs them.
fn quoted(key: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    match !key.is_empty() && key.chars().all(bare) {
        true => key.to_owned(),
        false => Value::String(key.to_owned()).to_string(),
    }
}
