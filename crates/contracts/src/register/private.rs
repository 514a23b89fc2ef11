//! Private payers (lov 696/2025): completion of bundles, opt-out and consent of payees, and the levy.

use jiff::civil::Date;
use primitives::{Account, AgreementNumber, Identifier, Money};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most messages one bundle may have.
pub const MAX_BUNDLE: usize = 10_000;

/// A bundle of messages to complete: the private payer pays through its own bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrivateBundle {
    /// The private payer.
    pub payer: AgreementNumber,
    /// The day the money is to be at disposal.
    pub on: Date,
    /// The messages, at most [`MAX_BUNDLE`].
    pub messages: Vec<PrivateMessage>,
}

/// One expected payout to complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrivateMessage {
    /// The payer's own id of the payout, 1 to 35 characters: an account is asked for once for each expected payout.
    pub payout: String,
    /// The payee.
    pub identifier: Identifier,
    /// What allows the payer to use the payee's number.
    pub basis: PrivateBasis,
}

/// What allows a private payer to use a payee's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrivateBasis {
    /// A statute.
    Statute,
    /// The payee's consent, which must have been recorded.
    Consent,
}

/// The account of an expected payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrivateAnswer {
    /// The payer's own id of the payout.
    pub payout: String,
    /// The payee's NemKonto.
    pub account: Account,
    /// Whether the number has been replaced by a new one, which is not told.
    pub is_replaced: bool,
}

/// A payee's choice about one private payer, or its consent as the payer has recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrivateChoice {
    /// The private payer.
    pub payer: AgreementNumber,
    /// The payee.
    pub identifier: Identifier,
    /// What was chosen.
    pub choice: PayeeChoice,
}

/// What a payee may choose about a private payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayeeChoice {
    /// The payer gets no account of the payee. The payee's own choice.
    OptOut,
    /// The payee no longer opts out. The payee's own choice.
    OptIn,
    /// The payee consents to the payer's use of its number. Recorded by the payer, or by the payee.
    Consent,
    /// The payee has taken its consent back.
    WithdrawConsent,
}

/// Asks for a private payer's levy of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LevyQuery {
    /// The private payer.
    pub payer: AgreementNumber,
    /// Any day of the month.
    pub month: Date,
}

/// A private payer's levy of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LevyStatement {
    /// The private payer.
    pub payer: AgreementNumber,
    /// First day of the month.
    pub first: Date,
    /// Last day of the month.
    pub last: Date,
    /// Lookups that were answered, with an account or with none.
    pub lookups: u64,
    /// The levy of one lookup.
    pub rate: Money,
    /// The levy of all.
    pub amount: Money,
}
