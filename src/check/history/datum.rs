//! A value in a history: what JSON and EDN have in common.

use crate::check::edn::{Form, Kind};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;
use std::sync::Arc;

/// A value: small numbers are held in place, everything larger is shared.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Datum {
    /// Nothing: `nil`, `null`.
    #[default]
    Nil,
    /// A truth value.
    Bool(bool),
    /// A whole number. There are no others: no model computes with fractions.
    Int(i64),
    /// A text.
    Text(Arc<str>),
    /// A keyword or symbol of EDN, without its colon. JSON has none.
    Word(Arc<str>),
    /// Several values in order. Sets of EDN are read as lists.
    List(Arc<[Datum]>),
    /// Values by name, in the order of the file.
    Map(Arc<[(Datum, Datum)]>),
}

impl Datum {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A list.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// The letters of a keyword, or of a text: what is a keyword in EDN is a text in JSON.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Word(text) | Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// The items, if it is a list.
    pub fn items(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// What stands beside the name, if it is a map that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        pairs.iter().find(|(key, _)| key.word() == Some(name)).map(|(_, value)| value)
    }
}

impl From<i64> for Datum {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Datum {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<&Form<'_>> for Datum {
    fn from(form: &Form<'_>) -> Self {
        match &form.kind {
            Kind::Nil => Self::Nil,
            Kind::Bool(truth) => Self::Bool(*truth),
            Kind::Int(number) => Self::Int(*number),
            Kind::Keyword(word) | Kind::Symbol(word) | Kind::Other(word) => Self::Word((*word).into()),
            Kind::Text(text) => Self::text(text),
            Kind::Sequence(items) | Kind::Set(items) => Self::list(items.iter().map(Self::from)),
            Kind::Map(pairs) => {
                Self::Map(pairs.iter().map(|(name, value)| (Self::from(name), Self::from(value))).collect())
            }
        }
    }
}

/// For people: `5`, `nil`, `"a b"`, `[1 2]`.
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("nil"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(number) => write!(f, "{number}"),
            // A text that is one plain word needs no quotes to be told apart.
            Self::Text(text) if is_plain(text) => f.write_str(text),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Word(word) => write!(f, ":{word}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (place, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if place == 0 { "" } else { " " })?;
                }
                f.write_str("]")
            }
            Self::Map(pairs) => {
                f.write_str("{")?;
                for (place, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}{key} {value}", if place == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

fn is_plain(text: &str) -> bool {
    let reserved = ["nil", "true", "false", "unknown", "failed"];
    text.starts_with(char::is_alphabetic) && text.chars().all(char::is_alphanumeric) && !reserved.contains(&text)
}

impl Serialize for Datum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nil => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Text(text) | Self::Word(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items.iter()),
            Self::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                for (key, value) in pairs.iter() {
                    map.serialize_entry(&key.word().map_or_else(|| key.to_string(), str::to_owned), value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Datum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DatumVisitor;

        impl<'de> Visitor<'de> for DatumVisitor {
            type Value = Datum;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, a text, a truth value, null, or a list or object of those")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Datum, E> {
                Ok(Datum::Nil)
            }

            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Datum, E> {
                Ok(Datum::Bool(truth))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Datum, E> {
                Ok(Datum::Int(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Datum, E> {
                let fits = i64::try_from(number).map(Datum::Int);
                fits.map_err(|_| E::custom(format!("{number} is larger than any number of a history")))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Datum, E> {
                Ok(Datum::Text(text.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Datum, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Datum::List(items.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Datum, A::Error> {
                let mut pairs = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Datum>()? {
                    pairs.push((Datum::Text(key.into()), value));
                }
                Ok(Datum::Map(pairs.into()))
            }
        }

        deserializer.deserialize_any(DatumVisitor)
    }
}
