//! The JSON Schema of scenario files, made from the types that read them, and tables of settings for people.

use super::file::Scenario;
use super::measure::MEASURES;
use super::pattern::{Catalogue, Pattern, Settings};
use schemars::generate::SchemaSettings;
use schemars::{Schema, json_schema};
use serde_json::{Map, Value};

/// A setting as a table shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingInfo {
    /// Its name.
    pub name: String,
    /// Its default as written in a file; empty if there is none.
    pub default: String,
    /// What it does.
    pub about: String,
}

/// The settings of a type, with their defaults, in the order of the struct.
pub fn settings_of<S: Settings>() -> Vec<SettingInfo> {
    let schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<S>();
    let defaults = serde_json::to_value(S::default()).unwrap_or_default();
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let info = |(name, property): (&String, &Value)| SettingInfo {
        name: name.clone(),
        default: defaults.get(name).map(as_toml).unwrap_or_default(),
        about: property.get("description").and_then(Value::as_str).unwrap_or("").replace('\n', " "),
    };
    properties.iter().map(info).collect()
}

/// A value as TOML writes it within a line; nothing for a value that is left out.
fn as_toml(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Object(table) => {
            let fields: Vec<String> =
                table.iter().map(|(name, value)| format!("{name} = {}", as_toml(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(as_toml).collect::<Vec<_>>().join(", ")),
        plain => plain.to_string(),
    }
}

/// The schema of the scenario files of one pattern.
pub(super) fn of_pattern<P: Pattern>() -> Schema {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<Scenario<P::Config, P::Load>>();
    schema.insert("title".into(), format!("A scenario of {}", P::NAME).into());
    if let Some(pattern) = schema.pointer_mut("/properties/pattern").and_then(Value::as_object_mut) {
        pattern.insert("const".into(), P::NAME.into());
    }
    let bound =
        |about: &str| json_schema!({ "description": about, "allOf": [{ "$ref": "#/definitions/Bound" }] }).to_value();
    let measures = MEASURES.iter().map(|measure| (measure.name.to_string(), bound(measure.about)));
    let counters = P::counters().iter().map(|counter| (counter.name.to_string(), bound(counter.about)));
    let names: Vec<_> = measures.chain(counters).collect();
    if let Some(bounds) = schema.pointer_mut("/definitions/Expect").and_then(Value::as_object_mut) {
        let bound = bounds.get("additionalProperties").cloned().unwrap_or_default();
        if let Some(properties) = bounds.get_mut("properties").and_then(Value::as_object_mut) {
            properties.extend(names);
        }
        if let Some(definitions) = schema.pointer_mut("/definitions").and_then(Value::as_object_mut) {
            definitions.insert("Bound".into(), bound);
        }
    }
    schema
}

/// One schema for the files of all patterns: which one applies is decided by `pattern = ".."`.
pub fn catalogue_schema(catalogue: &Catalogue) -> Value {
    let branch = |name: &'static str, schema: Schema| {
        serde_json::json!({
            "if": { "properties": { "pattern": { "const": name } }, "required": ["pattern"] },
            "then": { "$ref": format!("#/definitions/{name}") },
            "definition": schema.to_value(),
        })
    };
    let mut definitions = Map::new();
    let mut branches = Vec::new();
    for pattern in catalogue {
        let mut branch = branch(pattern.name(), pattern.schema());
        let mut schema = branch["definition"].take();
        if let Some(branch) = branch.as_object_mut() {
            branch.remove("definition");
        }
        branches.push(branch);
        lift_definitions(pattern.name(), &mut schema, &mut definitions);
        definitions.insert(pattern.name().into(), schema);
    }
    let names: Vec<&str> = catalogue.iter().map(|pattern| pattern.name()).collect();
    serde_json::json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A Faultlab scenario",
        "type": "object",
        "required": ["title", "pattern", "duration"],
        "properties": { "pattern": { "description": "The pattern that runs", "enum": names } },
        "allOf": branches,
        "definitions": definitions,
    })
}

/// Moves a pattern's own definitions to the top under a name with the pattern's in front, and renames references to them.
fn lift_definitions(pattern: &str, schema: &mut Value, all: &mut Map<String, Value>) {
    let Some(table) = schema.as_object_mut() else { return };
    table.remove("$schema");
    let Some(Value::Object(own)) = table.remove("definitions") else { return };
    rename_references(pattern, schema);
    for (name, mut definition) in own {
        rename_references(pattern, &mut definition);
        all.insert(format!("{pattern}.{name}"), definition);
    }
}

fn rename_references(pattern: &str, value: &mut Value) {
    match value {
        Value::Object(table) => {
            for (key, value) in table {
                match value {
                    Value::String(target) if key == "$ref" => {
                        *target = target.replace("#/definitions/", &format!("#/definitions/{pattern}."));
                    }
                    value => rename_references(pattern, value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| rename_references(pattern, value)),
        _ => {}
    }
}
