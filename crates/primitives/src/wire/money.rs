//! Money travels as `{"minor": 123450, "currency": "DKK"}`: an integer, as inside, so that nobody rounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::travels_as;
use crate::{Currency, Money};

/// An amount of money with its currency.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PlainMoney {
    /// The amount in the currency's minor unit (øre for DKK). Negative only where it is a difference or a posting.
    minor: i64,
    /// The currency, whose decimals by ISO 4217 say what the minor unit is.
    currency: Currency,
}

impl From<&Money> for PlainMoney {
    fn from(money: &Money) -> Self {
        Self { minor: money.minor(), currency: money.currency() }
    }
}

impl From<PlainMoney> for Money {
    fn from(plain: PlainMoney) -> Self {
        Self::new(plain.minor, plain.currency)
    }
}

travels_as!(Money, PlainMoney, "expected an object with minor (an integer) and currency (ISO 4217)");
