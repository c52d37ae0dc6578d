//! How quantities are read from a file: with units, or with an error that shows how to write them.

use crate::engine::units::UnitError;
use crate::engine::{ByteRate, Bytes, Drift, Rate, Share, SignedSpan, Span, SpanRange};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// A quantity that is written as a text with a unit.
trait Quantity: FromStr<Err = UnitError> + fmt::Display {
    const NAME: &'static str;
    const EXPECTED: &'static str;
    const PATTERN: &'static str;
    const EXAMPLE: &'static str;
    /// Whether a bare number is a quantity too.
    const BARE: bool = false;
}

impl Quantity for Span {
    const NAME: &'static str = "Duration";
    const EXPECTED: &'static str = "a length of time such as \"150ms\"";
    const PATTERN: &'static str = r"^[0-9][0-9_.]*\s*(ns|us|µs|ms|s|m|min|h)$";
    const EXAMPLE: &'static str = "150ms";
}

impl Quantity for SpanRange {
    const NAME: &'static str = "DurationRange";
    const EXPECTED: &'static str = "a length of time or a range such as \"150ms..300ms\"";
    const PATTERN: &'static str =
        r"^[0-9][0-9_.]*?\s*(ns|us|µs|ms|s|m|min|h)(\s*\.\.=?\s*[0-9][0-9_.]*\s*(ns|us|µs|ms|s|m|min|h))?$";
    const EXAMPLE: &'static str = "150ms..300ms";
}

impl Quantity for Share {
    const NAME: &'static str = "Share";
    const EXPECTED: &'static str = "a share between 0 and 1 such as 0.002, or a text such as \"0.2%\"";
    const PATTERN: &'static str = r"^[0-9][0-9_.]*\s*(%|ppm)?$";
    const EXAMPLE: &'static str = "0.2%";
    const BARE: bool = true;
}

impl Quantity for Rate {
    const NAME: &'static str = "Rate";
    const EXPECTED: &'static str = "a rate such as \"200/s\"";
    const PATTERN: &'static str = r"^[0-9][0-9_.]*\s*/(ms|s|m|min|h)$";
    const EXAMPLE: &'static str = "200/s";
}

impl Quantity for SignedSpan {
    const NAME: &'static str = "SignedDuration";
    const EXPECTED: &'static str = "a length of time forwards or backwards such as \"50ms\" or \"-2s\"";
    const PATTERN: &'static str = r"^[+-]?\s*[0-9][0-9_.]*\s*(ns|us|µs|ms|s|m|min|h)$";
    const EXAMPLE: &'static str = "-2s";
}

impl Quantity for Drift {
    const NAME: &'static str = "Drift";
    const EXPECTED: &'static str = "a drift such as \"200ppm\" or \"-10%\"";
    const PATTERN: &'static str = r"^[+-]?\s*[0-9][0-9_.]*\s*(%|ppm)$";
    const EXAMPLE: &'static str = "-200ppm";
}

impl Quantity for Bytes {
    const NAME: &'static str = "Size";
    const EXPECTED: &'static str = "a size such as \"64KB\"";
    const PATTERN: &'static str = r"^[0-9][0-9_.]*\s*([kKMG]?B|[KMG]iB|TB)$";
    const EXAMPLE: &'static str = "64KB";
}

impl Quantity for ByteRate {
    const NAME: &'static str = "Bandwidth";
    const EXPECTED: &'static str = "a bandwidth such as \"1MB/s\"";
    const PATTERN: &'static str = r"^[0-9][0-9_.]*\s*([kKMG]?B|[KMG]iB|TB)/s$";
    const EXAMPLE: &'static str = "1MB/s";
}

struct QuantityVisitor<Q>(PhantomData<Q>);

impl<Q: Quantity> Visitor<'_> for QuantityVisitor<Q> {
    type Value = Q;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Q::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Q, E> {
        text.parse().map_err(E::custom)
    }

    // A bare number goes through the same parser, which either takes it or says which unit is missing.
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Q, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Q, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Q, E> {
        self.visit_str(&number.to_string())
    }
}

fn schema_of<Q: Quantity>() -> Schema {
    let text = json_schema!({ "type": "string", "pattern": Q::PATTERN, "examples": [Q::EXAMPLE] });
    match Q::BARE {
        false => {
            json_schema!({ "description": Q::EXPECTED, "type": "string", "pattern": Q::PATTERN, "examples": [Q::EXAMPLE] })
        }
        true => json_schema!({
            "description": Q::EXPECTED,
            "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, text],
        }),
    }
}

macro_rules! quantities {
    ($($quantity:ty),*) => {$(
        impl<'de> Deserialize<'de> for $quantity {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(QuantityVisitor(PhantomData))
            }
        }

        impl Serialize for $quantity {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl JsonSchema for $quantity {
            fn schema_name() -> Cow<'static, str> {
                <Self as Quantity>::NAME.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schema_of::<Self>()
            }
        }
    )*};
}

quantities!(Span, SpanRange, Share, Rate, SignedSpan, Drift, Bytes, ByteRate);
