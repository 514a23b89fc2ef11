//! An identifier travels as `{"kind": "CPR", "number": "…"}`, with its canonical text as the number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::travels_as;
use crate::{Identifier, IdentifierError, IdentifierKind};

/// The number of a person or a unit.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PlainIdentifier {
    /// Which kind of number.
    kind: IdentifierKind,
    /// The digits; for FOREIGN `country|scheme|value`.
    number: String,
}

impl From<&Identifier> for PlainIdentifier {
    fn from(identifier: &Identifier) -> Self {
        Self { kind: identifier.kind(), number: identifier.canonical().into_owned() }
    }
}

impl TryFrom<PlainIdentifier> for Identifier {
    type Error = IdentifierError;

    fn try_from(plain: PlainIdentifier) -> Result<Self, Self::Error> {
        Self::from_canonical(plain.kind, &plain.number)
    }
}

travels_as!(Identifier, PlainIdentifier, "expected an object with kind (CPR, CVR, SE, P or FOREIGN) and number");
