//! `faultlab schema`: the JSON Schema of scenario files.

use super::{Exit, output};
use crate::patterns;
use crate::scenario;

/// Print the JSON Schema of scenario files, for editors
///
/// Save it and point to it from a scenario's first line, as the scenarios of Faultlab do:
/// `#:schema ../scenario.schema.json`
#[derive(clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments) -> super::Result {
    let schema = scenario::catalogue_schema(patterns::ALL);
    let text = serde_json::to_string_pretty(&schema).expect("a schema is plain data");
    output::result(&(text + "\n"))?;
    Ok(Exit::Passed)
}
