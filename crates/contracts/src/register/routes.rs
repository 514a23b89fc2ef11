//! How accounts are designated by banks and by forms.

use jiff::{Timestamp, civil::Date};
use primitives::{Account, BankCode, EntryRef, HolderRef, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who confirms the signature on a form for an account abroad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attestor {
    /// A notary.
    Notary,
    /// A lawyer.
    Lawyer,
    /// Two witnesses.
    TwoWitnesses,
}

/// The signatures of a form for an account abroad.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct FormSignatures {
    /// The day the payee signed.
    pub signed_on: Date,
    /// Who confirmed it.
    pub attestor: Attestor,
    /// The days they signed: one day, or two where there are two witnesses. All must be the payee's day.
    pub attested_on: Vec<Date>,
}

/// The probate court's document on an estate (skifteretsattest).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct EstateDocument {
    /// The court, 1 to 100 characters.
    pub court: String,
    /// The day it was issued: on or after the day of death.
    pub issued_on: Date,
}

/// An account reported by a bank, on its customer's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BankReport {
    /// The reporting bank.
    pub bank: BankCode,
    /// The bank's own number of the report, 1 to 35 characters. The same report again gets the same receipt.
    pub report: String,
    /// The holder, by any of its numbers.
    pub identifier: Identifier,
    /// The account.
    pub account: Account,
    /// When the holder made the designation at the bank. Of several reports, the one signed last is in force, in whatever order they come.
    pub signed_at: Timestamp,
}

/// The receipt of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BankReceipt {
    /// The bank's number of the report.
    pub report: String,
    /// The holder.
    pub holder: HolderRef,
    /// What became of it.
    pub outcome: BankOutcome,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum BankOutcome {
    /// The account is the holder's NemKonto.
    InForce {
        /// The new entry.
        entry: EntryRef,
        /// First day payments use it.
        effective_from: Date,
    },
    /// The holder has signed another designation later; the report is kept and changes nothing.
    Overtaken,
}
