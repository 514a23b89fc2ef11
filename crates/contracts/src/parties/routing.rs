//! Which system pays a payer, while this one and the one it replaces run beside each other.

use jiff::{Timestamp, civil::Date};
use primitives::AgreementNumber;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of two systems that run beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayingSystem {
    /// This one. It pays everybody of whom nothing else has been agreed.
    #[default]
    New,
    /// The one it runs in parallel with.
    Old,
}

/// A payer is paid by a system from a day on: a term of its agreement, which two persons agree on.
///
/// As with agreements, a version replaces from its first day on everything that was recorded about the payer's routing before it; a later version of
/// the agreement itself does not touch it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayerRouting {
    /// The payer.
    pub payer: AgreementNumber,
    /// Who pays it.
    pub system: PayingSystem,
    /// From this day on, Danish time.
    pub valid_from: Date,
}

/// Asks who pays payers as of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoutingQuery {
    /// As of this day.
    pub on: Date,
    /// As it was known then; now where it is left out. The answer about a time never changes afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_at: Option<Timestamp>,
    /// The payers, at most 10,000.
    pub payers: Vec<AgreementNumber>,
}

/// Who pays a payer on a day, and how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Routing {
    /// The system that pays it on the day.
    pub system: PayingSystem,
    /// The first day on which the other system pays it, where that has been agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}
