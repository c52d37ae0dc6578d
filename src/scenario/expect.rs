//! What a scenario expects, as written in `[expect]`.

use super::select::Selector;
use crate::engine::{Share, Span, Time};
use crate::sim::Settle;
use crate::sim::fault::Who;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A second phase at the end of the run: a core of servers is healed, everything else stays as it is, and the core must come
/// to rest.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleTable {
    /// How long the core has, counted back from the run's end. Clients are asked nothing new in it.
    pub within: Span,
    /// The servers that are healed: names, "majority", "all", ...; default "majority".
    #[serde(default = "majority")]
    pub core: Selector,
}

fn majority() -> Selector {
    Selector(Who::Majority)
}

impl SettleTable {
    /// When the phase begins in a run of this length.
    pub(super) fn at(&self, duration: Span) -> Span {
        Span::from_nanos(duration.as_nanos().saturating_sub(self.within.as_nanos()))
    }

    /// The phase as the simulator takes it.
    pub(super) fn begin(&self, duration: Span) -> Settle {
        Settle { at: Time::ZERO + self.at(duration), core: self.core.0.clone() }
    }
}

/// The expectations of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expect {
    /// Whether and how a core must come to rest at the end of the run.
    pub settle: Option<SettleTable>,
    /// How long after the last fault an operation must have completed.
    pub settles_within: Option<Span>,
    /// Properties that must break, all of them and no others: this scenario demonstrates how.
    pub violates: Vec<String>,
    /// Properties that are not judged.
    pub ignores: Vec<String>,
    /// Bounds on counters, quantiles and shares, in the order of the file.
    pub bounds: Vec<(String, Bound)>,
}

/// A bound on a number: `"<= 4"`, `"0"`, `"> 90%"`, `"< 40ms"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    relation: Relation,
    /// What is bounded, in its own unit.
    pub limit: Limit,
}

/// The number of a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A count.
    Count(u64),
    /// A length of time.
    Time(Span),
    /// A share.
    Share(Share),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Bound {
    /// Whether a number keeps this bound; the number is in the unit of [`Limit`]: a count, nanoseconds, or parts per million.
    pub fn allows(&self, number: u64) -> bool {
        let limit = match self.limit {
            Limit::Count(count) => count,
            Limit::Time(span) => span.as_nanos(),
            Limit::Share(share) => u64::from(share.as_ppm()),
        };
        match self.relation {
            Relation::Less => number < limit,
            Relation::AtMost => number <= limit,
            Relation::Equal => number == limit,
            Relation::AtLeast => number >= limit,
            Relation::More => number > limit,
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let relations = [
            ("<=", Relation::AtMost),
            (">=", Relation::AtLeast),
            ("==", Relation::Equal),
            ("<", Relation::Less),
            (">", Relation::More),
            ("=", Relation::Equal),
        ];
        let found = relations.iter().find_map(|(sign, relation)| Some((*relation, text.strip_prefix(sign)?)));
        let (relation, number) = found.unwrap_or((Relation::Equal, text));
        let number = number.trim();
        let limit = if let Ok(count) = number.parse() {
            Limit::Count(count)
        } else if number.ends_with('%') {
            Limit::Share(number.parse().map_err(|error: crate::engine::units::UnitError| error.to_string())?)
        } else if let Ok(span) = number.parse() {
            Limit::Time(span)
        } else {
            return Err(format!("`{text}` is no bound: expected such as \"<= 4\", \"< 40ms\", \">= 90%\" or a number"));
        };
        Ok(Self { relation, limit })
    }
}

/// As it is written: `<= 4`.
impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.relation {
            Relation::Less => "<",
            Relation::AtMost => "<=",
            Relation::Equal => "=",
            Relation::AtLeast => ">=",
            Relation::More => ">",
        };
        match self.limit {
            Limit::Count(count) => write!(f, "{sign} {count}"),
            Limit::Time(span) => write!(f, "{sign} {span}"),
            Limit::Share(share) => write!(f, "{sign} {share}"),
        }
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BoundVisitor;

        impl Visitor<'_> for BoundVisitor {
            type Value = Bound;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a bound such as \"<= 4\", \"< 40ms\", \">= 90%\" or a number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bound, E> {
                Bound::parse(text).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Bound, E> {
                Bound::parse(&number.to_string()).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(BoundVisitor)
    }
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Expect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(span) = &self.settles_within {
            map.serialize_entry("settles_within", span)?;
        }
        if let Some(settle) = &self.settle {
            map.serialize_entry("settle", settle)?;
        }
        for (name, list) in [("violates", &self.violates), ("ignores", &self.ignores)] {
            if !list.is_empty() {
                map.serialize_entry(name, list)?;
            }
        }
        for (name, bound) in &self.bounds {
            map.serialize_entry(name, bound)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Expect {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExpectVisitor;

        impl<'de> Visitor<'de> for ExpectVisitor {
            type Value = Expect;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of expectations")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Expect, A::Error> {
                let mut expect = Expect::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "settles_within" => expect.settles_within = Some(map.next_value()?),
                        "settle" => expect.settle = Some(map.next_value()?),
                        "violates" => expect.violates = map.next_value()?,
                        "ignores" => expect.ignores = map.next_value()?,
                        _ => expect.bounds.push((key, map.next_value()?)),
                    }
                }
                Ok(expect)
            }
        }

        deserializer.deserialize_map(ExpectVisitor)
    }
}

impl JsonSchema for Expect {
    fn schema_name() -> Cow<'static, str> {
        "Expect".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let span = generator.subschema_for::<Span>();
        let settle = generator.subschema_for::<SettleTable>();
        json_schema!({
            "description": "What must hold. A pattern's own properties always must, unless `violates` or `ignores` names them.",
            "type": "object",
            "properties": {
                "settles_within": span,
                "settle": settle,
                "violates": {
                    "description": "Properties that must break, all of them and no others: this scenario demonstrates how",
                    "type": "array", "items": { "type": "string" },
                },
                "ignores": { "description": "Properties that are not judged", "type": "array", "items": { "type": "string" } },
            },
            "additionalProperties": {
                "description": "A bound on a counter, a latency quantile, or the availability",
                "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "examples": ["<= 4", "< 40ms", ">= 90%"] }],
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_mean_what_they_say() {
        let allows = |text, number| Bound::parse(text).unwrap().allows(number);
        assert!(allows("<= 4", 4) && !allows("< 4", 4) && allows("4", 4) && !allows("> 4", 4) && allows(">=4", 5));
        assert!(allows("< 40ms", 39_999_999) && !allows("< 40ms", 40_000_000));
        assert!(allows(">= 90%", 900_000));
        assert!(Bound::parse("about 4").is_err());
    }
}
