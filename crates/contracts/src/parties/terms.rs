//! Parties of every kind, and the terms they take part on.

use std::net::IpAddr;

use jiff::{Timestamp, civil::Date};
use primitives::Cvr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Network;

/// What kind of party takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// A public authority (myndighed).
    Authority,
    /// A private payer (privat udbetaler) with legal basis.
    PrivatePayer,
    /// A private intermediary that asks for accounts on behalf of private payers (privat kontoformidler).
    PrivateAccountIntermediary,
    /// An operator of financial infrastructure.
    InfrastructureOperator,
    /// A bank (pengeinstitut).
    Bank,
    /// A bank data centre (bankdatacentral).
    BankDataCentre,
    /// A data supplier (dataleverandør).
    DataSupplier,
    /// The recovery authority (RIM, Gældsstyrelsen).
    RecoveryAuthority,
    /// The system owner.
    SystemOwner,
}

impl PartyKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Authority,
        Self::PrivatePayer,
        Self::PrivateAccountIntermediary,
        Self::InfrastructureOperator,
        Self::Bank,
        Self::BankDataCentre,
        Self::DataSupplier,
        Self::RecoveryAuthority,
        Self::SystemOwner,
    ];

    /// Whether parties of this kind pay under an agreement: then their id is its number.
    #[must_use]
    pub fn pays(self) -> bool {
        matches!(self, Self::Authority | Self::PrivatePayer | Self::RecoveryAuthority | Self::SystemOwner)
    }
}

/// Which party.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct PartyKey {
    /// Its kind.
    pub kind: PartyKind,
    /// Its id among parties of the kind, 1 to 35 characters: a payer's agreement number, a bank's code, a data supplier's id.
    pub id: String,
}

/// A party and the terms it takes part on, as they apply on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartyTerms {
    /// Which party.
    pub party: PartyKey,
    /// Its name, 1 to 140 characters.
    pub name: String,
    /// Its CVR number, when it is a Danish unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvr: Option<Cvr>,
    /// First day of this version of the terms.
    pub valid_from: Date,
    /// First day it no longer applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// Whether and how its payouts take part in set-off. Of payers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_off: Option<SetoffAgreement>,
    /// Who is asked in matters of the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The certificates its systems call with. None: its systems may not call.
    #[serde(default)]
    pub certificates: Vec<AllowedCertificate>,
    /// The networks its systems call from. None: from everywhere.
    #[serde(default)]
    pub networks: Vec<Network>,
    /// What it may do at most; one limit of a kind.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// How its systems fetch tokens (OAuth 2). None: they call with their certificates alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<SystemClient>,
}

/// How a party's systems fetch tokens: client credentials with a signed assertion (RFC 7523).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SystemClient {
    /// Its client id, 1 to 64 characters.
    pub client_id: String,
    /// The public key (PEM) that verifies its assertions, at most 2,000 characters.
    pub public_key: String,
    /// Its client id at the identity broker, where citizens sign in to its service: whose ID tokens it may exchange. 1 to 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broker_client_id: Option<String>,
}

/// The agreement on set-off (modregning).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetoffAgreement {
    /// Whether the party's payouts may be redirected to public debt.
    pub takes_part: bool,
    /// Whether its own claims under collection are registered, which come first (gældsinddrivelsesloven § 7, stk. 1, nr. 1).
    pub own_claims: bool,
    /// The reference of the agreement, 1 to 35 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Who is asked, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contact {
    /// Name or role, 1 to 140 characters.
    pub name: String,
    /// Mail address, 3 to 254 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// Telephone number, 1 to 30 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
}

/// A certificate a party's system calls with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct AllowedCertificate {
    /// The organisation identifier in its subject (ETSI EN 319 412-1), such as `NTRDK-10103940`: 1 to 64 characters.
    pub organisation: String,
    /// Its own serial number: 1 to 64 lower-case hexadecimal digits, without leading zeros.
    pub serial: String,
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Payments in one delivery.
    PaymentsPerDelivery,
    /// Øre in one payment.
    AmountPerPayment,
    /// Øre ordered in one civil day.
    AmountPerDay,
    /// Lookups of accounts in one hour.
    LookupsPerHour,
}

/// A limit of a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limit {
    /// What is limited.
    pub kind: LimitKind,
    /// The most that is allowed, not negative.
    pub most: i64,
}

/// Asks for terms of parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TermsQuery {
    /// As of this day.
    pub on: Date,
    /// As it was known then; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_at: Option<Timestamp>,
    /// The parties.
    pub parties: Vec<PartyKey>,
}

/// Asks whose system calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateQuery {
    /// On which day.
    pub on: Date,
    /// The certificate it called with.
    pub certificate: AllowedCertificate,
    /// The address it called from.
    pub address: IpAddr,
}
