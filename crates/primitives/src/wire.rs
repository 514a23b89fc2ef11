//! The types as JSON in the open interfaces (feature `wire`), each with its JSON Schema: the one place of this crate that knows serde.
//!
//! Whatever has one text travels as that text; money, identifiers, accounts and texts travel as objects. An unknown field in one
//! of these is refused: an account with a part we do not understand is another account.
//! Reading goes through the same `parse` as everywhere. serde's own errors quote what they found (`invalid type: integer
//! 707614285`), and what they found may be a CPR number in the wrong place: [`read_quietly`] replaces them by a fixed sentence.

mod account;
mod id;
mod identifier;
mod money;
mod string;
mod text;

use serde::de::{Deserialize, Deserializer, Error};

/// Reads the plain form `T`, or fails with `expected` alone.
fn read_quietly<'de, T, D>(deserializer: D, expected: &'static str) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map_err(|_| D::Error::custom(expected))
}

/// Lets a type travel as a plain object with the same content.
macro_rules! travels_as {
    ($type:ident, $plain:ty, $expected:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$plain>::from(self).serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let plain: $plain = crate::wire::read_quietly(deserializer, $expected)?;
                Self::try_from(plain).map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                <$plain>::json_schema(generator)
            }
        }
    };
}
use travels_as;
