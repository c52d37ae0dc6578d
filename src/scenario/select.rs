//! Whom faults strike and which links are meant, as written in a file.

use crate::engine::trace::NodeInfo;
use crate::sim::fault::Who;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A [`Who`] as written: a name or glob, a list of them, a word (`"random"`, `"minority"`, `"majority"`, `"all"`,
/// `"rest"`), or one of `{ role = ".." }` (all servers in it), `{ one = ".." }` (one of them), `{ region = ".." }`, `{ random = 2 }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(pub Who);

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Table {
    Role(String),
    One(String),
    Region(String),
    Random(u32),
}

struct SelectorVisitor;

impl<'de> Visitor<'de> for SelectorVisitor {
    type Value = Selector;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node's name or glob, a list of them, \"random\", \"minority\", \"majority\", \"all\", or a table such as { role = \"leader\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Selector, E> {
        Ok(Selector(match text {
            "random" => Who::Random(1),
            "minority" => Who::Minority,
            "majority" => Who::Majority,
            "all" => Who::All,
            "rest" => Who::Rest,
            "" => return Err(E::custom("an empty name names nobody")),
            name => Who::Named(vec![name.to_string()]),
        }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Selector, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = seq.next_element::<String>()? {
            names.push(name);
        }
        match names.is_empty() {
            true => Err(de::Error::custom("an empty list names nobody")),
            false => Ok(Selector(Who::Named(names))),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Selector, A::Error> {
        Ok(Selector(match Table::deserialize(MapAccessDeserializer::new(map))? {
            Table::Role(role) => Who::Role(role),
            Table::One(role) => Who::One(role),
            Table::Region(region) => Who::Region(region),
            Table::Random(count) => Who::Random(count),
        }))
    }
}

/// As it is read: one name is a text, a role a table.
impl Serialize for Selector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Who::Named(names) => match &names[..] {
                [name] => serializer.serialize_str(name),
                names => names.serialize(serializer),
            },
            Who::Role(role) => Table::Role(role.clone()).serialize(serializer),
            Who::One(role) => Table::One(role.clone()).serialize(serializer),
            Who::Region(region) => Table::Region(region.clone()).serialize(serializer),
            Who::Random(1) => serializer.serialize_str("random"),
            Who::Random(count) => Table::Random(*count).serialize(serializer),
            Who::Minority => serializer.serialize_str("minority"),
            Who::Majority => serializer.serialize_str("majority"),
            Who::All => serializer.serialize_str("all"),
            Who::Rest => serializer.serialize_str("rest"),
        }
    }
}

impl<'de> Deserialize<'de> for Selector {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SelectorVisitor)
    }
}

impl JsonSchema for Selector {
    fn schema_name() -> Cow<'static, str> {
        "Selector".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A node's name or glob such as \"n?\", a list of them, \"random\", \"minority\", \"majority\", \"all\", \"rest\", { role = \"leader\" }, { region = \"eu\" } or { random = 2 }",
            "anyOf": [
                { "type": "string", "examples": ["n1", "n*", "random", "minority", "majority", "all", "rest"] },
                { "type": "array", "items": { "type": "string" }, "minItems": 1 },
                { "type": "object", "required": ["role"], "properties": { "role": { "type": "string" } }, "additionalProperties": false },
                { "type": "object", "required": ["one"], "properties": { "one": { "type": "string" } }, "additionalProperties": false },
                { "type": "object", "required": ["region"], "properties": { "region": { "type": "string" } }, "additionalProperties": false },
                { "type": "object", "required": ["random"], "properties": { "random": { "type": "integer", "minimum": 1 } }, "additionalProperties": false },
            ],
        })
    }
}

impl Selector {
    /// The nodes at the end of a link. Only names and regions are known before a run begins.
    pub(super) fn fixed_nodes(&self, infos: &[NodeInfo]) -> Option<Vec<usize>> {
        let matches = |info: &NodeInfo| self.0.can_match(std::iter::once(info));
        let all = || infos.iter().enumerate();
        match self.0 {
            Who::Named(_) | Who::Region(_) => Some(all().filter(|(_, info)| matches(info)).map(|(at, _)| at).collect()),
            Who::All => Some(all().filter(|(_, info)| !info.client).map(|(at, _)| at).collect()),
            _ => None,
        }
    }
}
