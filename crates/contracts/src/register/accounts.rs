//! Changes of accounts beside designation: branches that move, specific accounts, changes that are held; and what payers may ask.

use jiff::civil::Date;
use primitives::{Account, AgreementNumber, BenefitCode, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A registration number that becomes another: bank merger or branch switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BranchMove {
    /// The registration number of before: 4 digits.
    pub from: String,
    /// The registration number from that day on: 4 digits.
    pub into: String,
    /// First day of the new number.
    pub on: Date,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// From which day the specific accounts of a payer and benefit are locked, or no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpecificRule {
    /// The payer.
    pub payer: AgreementNumber,
    /// The benefit.
    pub benefit: BenefitCode,
    /// First day of the rule.
    pub valid_from: Date,
    /// Whether only the authority may change the accounts.
    pub is_locked: bool,
}

/// A wish to make a specific account the NemKonto of a holder that has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Promotion {
    /// The holder, by any of its numbers.
    pub identifier: Identifier,
    /// The payer of the specific account.
    pub payer: AgreementNumber,
    /// Its benefit.
    pub benefit: BenefitCode,
    /// First day it applies as NemKonto.
    pub valid_from: Date,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// Whether a number has a NemKonto today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountPresence {
    /// There is one in force.
    HasNemKonto,
    /// The number is known and has none, or is end-marked.
    NoNemKonto,
    /// The number is not known.
    Unknown,
}

/// Asks whether an account is a payee's NemKonto today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// The payee.
    pub identifier: Identifier,
    /// The account.
    pub account: Account,
}

/// A payee without account that a payer waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subscription {
    /// The payer.
    pub payer: AgreementNumber,
    /// The payee, by the number the payer knows.
    pub identifier: Identifier,
}

/// Asks which awaited payees have an account now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AwaitedQuery {
    /// The payer.
    pub payer: AgreementNumber,
    /// At most this many, 1 to 10,000.
    pub limit: u32,
}
