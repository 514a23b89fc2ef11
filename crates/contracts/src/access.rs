//! Who has looked at whose data: what each house writes down, and tells the person it concerns.

use jiff::Timestamp;
use primitives::{AgreementNumber, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::context::ActingPerson;

/// Asks who has looked a person or unit up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessQuery {
    /// By a number of the person or unit. The register knows all numbers of a holder, the other houses the one that is asked with.
    pub identifier: Identifier,
    /// At most this many, 1 to 1,000.
    pub limit: u32,
}

/// What came of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessResult {
    /// Somebody was found, and the answer was given.
    Found,
    /// Nobody, or nothing, was found.
    NotFound,
    /// It was refused: the caller had no right to it.
    Refused,
}

impl AccessResult {
    /// The word, as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
        }
    }

    /// The result of a stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Found, Self::NotFound, Self::Refused].into_iter().find(|result| result.as_str() == word)
    }
}

/// One access to a person's or unit's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessRecord {
    /// When.
    pub at: Timestamp,
    /// Who: a label.
    pub actor: String,
    /// The person who acted for the one the data is about: by power of attorney, as guardian, or as the company's employee. Never the number of
    /// another than who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<ActingPerson>,
    /// For which payer, by agreement number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<AgreementNumber>,
    /// On which legal basis.
    pub legal_basis: String,
    /// For which purpose.
    pub purpose: String,
    /// Which operation.
    pub operation: String,
    /// What came of it; absent where it was not written down yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<AccessResult>,
}
