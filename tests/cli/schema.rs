//! `faultlab schema`: what editors check scenario files with.

use crate::support::{Place, code};
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};

fn schema() -> Value {
    serde_json::from_str(&Place::new().run(&["schema"]).exits(code::PASSED).out).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn scenarios(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => scenarios(&path, found),
            false if path.extension().is_some_and(|extension| extension == "toml") => found.push(path),
            false => {}
        }
    }
}

#[test]
fn the_schema_beside_the_scenarios_is_up_to_date() {
    let kept: Value =
        serde_json::from_str(&fs::read_to_string(folder().join("scenario.schema.json")).unwrap()).unwrap();
    assert!(kept == schema(), "regenerate it: cargo run -- schema > scenarios/scenario.schema.json");
}

#[test]
fn every_scenario_fits_the_schema_and_points_to_it() {
    let (schema, mut files) = (schema(), Vec::new());
    scenarios(&folder(), &mut files);
    assert!(files.len() > 3);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let pointer = text.lines().next().and_then(|line| line.strip_prefix("#:schema ")).expect("a #:schema line");
        assert!(file.parent().unwrap().join(pointer).is_file(), "{}: {pointer} does not exist", file.display());
        let value = serde_json::to_value(toml::from_str::<toml::Table>(&text).unwrap()).unwrap();
        assert_eq!(check(&schema, &schema, &value, ""), Vec::<String>::new(), "{}", file.display());
    }
}

/// The schema is of use only if it refuses something.
#[test]
fn the_schema_refuses_what_the_command_refuses() {
    let schema = schema();
    let head = "title = \"x\"\npattern = \"echo\"\nduration = \"1s\"\n";
    let check = |text: &str| {
        let value = serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
        check(&schema, &schema, &value, "")
    };
    assert!(check(head).is_empty());
    let wrong = [
        "pattern = \"echo\"\n".to_string(),
        head.replace("echo", "ecco"),
        head.replace("\"1s\"", "1"),
        format!("{head}[config]\ntimout = \"5ms\"\n"),
        format!("{head}[config]\ndelivery = \"twice\"\n"),
        format!("{head}[network]\nloss = 1.5\n"),
        format!("{head}[[fault]]\ncrash = \"server\"\n"),
        format!("{head}[expect]\nretries = true\n"),
    ];
    for text in wrong {
        assert!(!check(&text).is_empty(), "accepted:\n{text}");
    }
}

/// As much of JSON Schema as the schema uses, except the patterns of texts; returns what does not fit.
fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let Some(schema) = schema.as_object() else {
        return if schema == &Value::Bool(false) { vec![format!("{at}: nothing fits")] } else { Vec::new() };
    };
    let fits = |schema: &Value| check(root, schema, value, at).is_empty();
    let mut wrong = Vec::new();
    for (keyword, argument) in schema {
        match keyword.as_str() {
            "$ref" => {
                let target = root.pointer(argument.as_str().unwrap().trim_start_matches('#')).expect("a target");
                wrong.extend(check(root, target, value, at));
            }
            "type" if !types(argument).any(|name| is_of_type(value, name)) => {
                wrong.push(format!("{at}: not {argument}"))
            }
            "const" if argument != value => wrong.push(format!("{at}: not {argument}")),
            "enum" if !argument.as_array().unwrap().contains(value) => wrong.push(format!("{at}: none of {argument}")),
            "minimum" if value.as_f64().is_some_and(|n| n < argument.as_f64().unwrap()) => {
                wrong.push(format!("{at}: below {argument}"));
            }
            "maximum" if value.as_f64().is_some_and(|n| n > argument.as_f64().unwrap()) => {
                wrong.push(format!("{at}: above {argument}"));
            }
            "allOf" => argument.as_array().unwrap().iter().for_each(|all| wrong.extend(check(root, all, value, at))),
            "anyOf" | "oneOf" if !argument.as_array().unwrap().iter().any(fits) => {
                wrong.push(format!("{at}: fits no alternative"));
            }
            "if" if fits(argument) => wrong.extend(check(root, &schema["then"], value, at)),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    wrong.extend(check(root, argument, item, &format!("{at}/{index}")));
                }
            }
            "required" => {
                let has =
                    |name: &Value| value.as_object().is_none_or(|table| table.contains_key(name.as_str().unwrap()));
                let missing = argument.as_array().unwrap().iter().filter(|name| !has(name));
                wrong.extend(missing.map(|name| format!("{at}: lacks {name}")));
            }
            "properties" | "additionalProperties" => wrong.extend(fields(root, schema, keyword, value, at)),
            _ => {}
        }
    }
    wrong
}

fn fields(root: &Value, schema: &Map<String, Value>, keyword: &str, value: &Value, at: &str) -> Vec<String> {
    let empty = Map::new();
    let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let fields = value.as_object().unwrap_or(&empty).iter();
    let checked = fields.filter_map(|(name, value)| match (known.get(name), keyword) {
        (Some(own), "properties") => Some((name, own, value)),
        (None, "additionalProperties") => Some((name, &schema[keyword], value)),
        _ => None,
    });
    checked.flat_map(|(name, schema, value)| check(root, schema, value, &format!("{at}/{name}"))).collect()
}

fn types(argument: &Value) -> impl Iterator<Item = &str> {
    argument.as_str().into_iter().chain(argument.as_array().into_iter().flatten().filter_map(Value::as_str))
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the schema uses the type {other}, which this test does not know"),
    }
}
