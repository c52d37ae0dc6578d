//! What there is to say about every fault, from the types that read it.

use super::file::FaultTable;
use super::nemesis::{Kind, NemesisTable};
use super::select::Selector;
use super::{network_faults, node_faults};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A fault as `faultlab explain` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultInfo {
    /// Its key in a `[[fault]]`.
    pub name: String,
    /// What it does.
    pub about: String,
    /// What is written there, if it is no table of settings.
    pub written: String,
    /// What its table may hold; empty if it is no table.
    pub settings: Vec<FaultSetting>,
    /// What may stand beside it, for this fault only.
    pub beside: Vec<FaultSetting>,
}

/// A setting of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultSetting {
    /// Its name.
    pub name: String,
    /// What is written there, with its unit and its range.
    pub written: String,
    /// Whether it may not be left out.
    pub required: bool,
    /// What it does, and what holds if it is left out.
    pub about: String,
}

/// Every fault that a scenario can have, by name.
pub fn faults() -> Vec<FaultInfo> {
    let schema = Root::new();
    let fault = |(name, property): (&String, &Value)| {
        let table = schema.target(property).filter(|target| target.get("properties").is_some());
        FaultInfo {
            name: name.clone(),
            about: about(property),
            written: if table.is_some() { String::new() } else { schema.written(property) },
            settings: table.map(|table| schema.settings(table)).unwrap_or_default(),
            beside: schema.settings_where(|_, property| owner(property).as_ref() == Some(name)),
        }
    };
    let is_fault = |name: &str, property: &Value| !TIMETABLE.contains(&name) && owner(property).is_none();
    let all = pairs(&schema.0).into_iter();
    all.filter(|(name, property)| is_fault(name, property)).map(fault).collect()
}

/// When a fault begins, ends and begins again: what every `[[fault]]` may say.
pub fn timetable() -> Vec<FaultSetting> {
    Root::new().settings_where(|name, _| TIMETABLE.contains(&name))
}

/// What `[nemesis]` may say, and its kinds with what each does.
pub fn nemesis() -> (Vec<FaultSetting>, Vec<(String, String)>) {
    let schema = Root::of::<NemesisTable>();
    let kinds = Root::of::<Kind>().0;
    let choices = kinds.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let kind = |choice: &Value| {
        let name = choice.get("const").or_else(|| choice.get("enum")?.get(0))?.as_str()?;
        Some((name.to_owned(), about(choice)))
    };
    (schema.settings(&schema.0), choices.filter_map(kind).collect())
}

const TIMETABLE: [&str; 4] = ["at", "for", "every", "until"];

/// How a file says whom a fault strikes: what [`FaultSetting::written`] calls `whom`.
pub fn whom() -> String {
    let schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Selector>();
    about(&schema.to_value())
}

/// The faults that a `[[fault]]` names: one, if it is right.
pub(super) fn named(fault: &FaultTable) -> Vec<&'static str> {
    let own =
        [("partition", fault.partition.is_some()), ("crash", fault.crash.is_some()), ("pause", fault.pause.is_some())];
    let own = own.into_iter().filter(|(_, given)| *given).map(|(name, _)| name);
    let machines = node_faults::actions(fault).into_iter().map(|(name, ..)| name);
    let links = network_faults::actions(fault).into_iter().map(|(name, ..)| name);
    let mut named: Vec<&str> = own.chain(machines).chain(links).collect();
    named.dedup();
    named
}

/// The fault that a setting belongs to, if it says so: "With `crash`: ...".
fn owner(property: &Value) -> Option<String> {
    let about = about(property);
    about.strip_prefix("With `")?.split_once('`').map(|(owner, _)| owner.to_string())
}

fn about(value: &Value) -> String {
    value.get("description").and_then(Value::as_str).unwrap_or("").replace('\n', " ")
}

fn pairs(table: &Value) -> Vec<(&String, &Value)> {
    table.get("properties").and_then(Value::as_object).into_iter().flatten().collect()
}

/// The schema of a table.
struct Root(Value);

impl Root {
    fn new() -> Self {
        Self::of::<FaultTable>()
    }

    fn of<T: JsonSchema>() -> Self {
        Self(SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value())
    }

    /// The name of the type that a property refers to.
    fn reference(property: &Value) -> Option<&str> {
        let choices = ["anyOf", "allOf"].iter().filter_map(|key| property.get(key)?.as_array()).flatten();
        let mut references = std::iter::once(property).chain(choices).filter_map(|value| value.get("$ref")?.as_str());
        references.next()?.strip_prefix("#/definitions/")
    }

    /// The type that a property refers to.
    fn target(&self, property: &Value) -> Option<&Value> {
        self.0.get("definitions")?.get(Self::reference(property)?)
    }

    fn settings(&self, table: &Value) -> Vec<FaultSetting> {
        let required = table.get("required").and_then(Value::as_array);
        let setting = |(name, property): (&String, &Value)| FaultSetting {
            name: name.clone(),
            written: self.written(property),
            required: required.is_some_and(|names| names.iter().any(|required| required == name)),
            about: about(property),
        };
        pairs(table).into_iter().map(setting).collect()
    }

    fn settings_where(&self, wanted: impl Fn(&str, &Value) -> bool) -> Vec<FaultSetting> {
        let mut settings = self.settings(&self.0);
        let properties: BTreeMap<_, _> = pairs(&self.0).into_iter().collect();
        settings.retain(|setting| wanted(&setting.name, properties[&setting.name]));
        settings
    }

    /// What is written in a property's place.
    fn written(&self, property: &Value) -> String {
        let kind = property.get("type").map(|kind| kind.to_string()).unwrap_or_default();
        let bound = |key| property.get(key).and_then(Value::as_u64);
        match self.target(property) {
            Some(_) if Self::reference(property) == Some(&Selector::schema_name()) => "whom".into(),
            Some(target) => values(target).unwrap_or_else(|| about(target)),
            None if kind.contains("boolean") => "true or false".into(),
            None if kind.contains("integer") => match (bound("minimum"), bound("maximum")) {
                (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
                (Some(least), None) => format!("a whole number, at least {least}"),
                _ => "a whole number".into(),
            },
            None if kind.contains("array") => "a list of groups, each as nodes are named elsewhere".into(),
            None => "a text".into(),
        }
    }
}

/// The values of a setting that has only a few.
fn values(target: &Value) -> Option<String> {
    let one = |choice: &Value| choice.get("const").or_else(|| choice.get("enum")?.get(0)).map(Value::to_string);
    let values: Option<Vec<String>> = target.get("oneOf")?.as_array()?.iter().map(one).collect();
    values.map(|values| values.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_a_nemesis_is_described() {
        let (settings, kinds) = nemesis();
        assert!(settings.iter().any(|setting| setting.name == "keep_majority" && !setting.about.is_empty()));
        assert_eq!(kinds.len(), 17);
        assert!(kinds.iter().all(|(_, about)| !about.is_empty()), "{kinds:?}");
    }

    #[test]
    fn every_fault_and_every_setting_is_described() {
        let faults = faults();
        let names: Vec<&str> = faults.iter().map(|fault| fault.name.as_str()).collect();
        for name in ["crash", "slow", "one_way", "corrupt_silently"] {
            assert!(names.contains(&name), "{names:?}");
        }
        for fault in &faults {
            assert!(!fault.about.is_empty(), "{}", fault.name);
            assert!(fault.settings.is_empty() != fault.written.is_empty(), "{}", fault.name);
            for setting in fault.settings.iter().chain(&fault.beside) {
                assert!(!setting.about.is_empty() && !setting.written.is_empty(), "{} {}", fault.name, setting.name);
            }
        }
        let beside: Vec<_> = faults.iter().filter(|fault| !fault.beside.is_empty()).map(|fault| &fault.name).collect();
        assert_eq!(beside, ["crash"]);
        assert_eq!(timetable().len(), TIMETABLE.len());
    }
}
