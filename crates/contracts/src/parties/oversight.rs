//! What is watched over: how much is looked up, and which certificates end.

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use primitives::AgreementNumber;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PartyKey;
use crate::{Context, IdempotencyKey, ItemResult, Problem, operation::operations};

/// What parties promises to those who let people and systems in.
#[async_trait]
pub trait Oversight: Send + Sync {
    /// Charges lookups to who asked, before the answer is given: a hit 1 token, a miss 20. `TooMany` while there is not enough; the answer must
    /// then be withheld. Neither hits nor misses: asks whether the asker may begin. Each call counts, also a repeated one.
    async fn charge_lookups(&self, context: &Context, charge: LookupCharge) -> Result<(), Problem>;

    /// Records how many tokens users or parties have, from a day. Only operators do.
    async fn set_lookup_limits(
        &self, context: &Context, key: &IdempotencyKey, limits: Vec<LookupLimit>,
    ) -> Result<Vec<ItemResult<()>>, Problem>;

    /// Notes certificates that are in use, and when they end. One that was noted before changes nothing.
    async fn note_certificates(
        &self, context: &Context, key: &IdempotencyKey, seen: Vec<SeenCertificate>,
    ) -> Result<Vec<ItemResult<()>>, Problem>;

    /// What somebody has to look at, latest first: who looked up too much, and which certificates end within 60 days. A caseworker sees what
    /// concerns the own authority.
    async fn control_list(&self, context: &Context, query: ControlQuery) -> Result<Vec<ControlEntry>, Problem>;
}

operations! { "parties";
    ChargeLookups = "charge-lookups" (false) "Charge lookups to who asked" : LookupCharge => ();
    NotePaymentsSent = "payments-sent" (true) "Give tokens back for payments that were sent" : SentPayments => ();
    SetLookupLimits = "set-lookup-limits" (true) "Record how much may be looked up" : Vec<LookupLimit> => Vec<ItemResult<()>>;
    NoteCertificates = "note-certificates" (true) "Note when certificates end" : Vec<SeenCertificate> => Vec<ItemResult<()>>;
    ControlListOf = "control-list" (false) "Who looked up too much, and which certificates end" : ControlQuery => Vec<ControlEntry>;
}

/// Who looks up: a user for a party, or a party's system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LookupAsker {
    /// The caseworker's user id at the party; absent: the party's system asks for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The party.
    pub party: PartyKey,
}

/// Lookups to charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LookupCharge {
    /// To whom.
    pub asker: LookupAsker,
    /// Lookups that found somebody.
    pub hits: u32,
    /// Lookups that found nobody.
    pub misses: u32,
}

/// Payments of a payer that have been handed to a bank. Each gives one token back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentPayments {
    /// The payer.
    pub payer: AgreementNumber,
    /// How many.
    pub payments: u32,
}

/// Whose limit it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum LimitHolder {
    /// Every user without one of the own.
    Users,
    /// One user of an authority.
    User {
        /// The authority.
        authority: AgreementNumber,
        /// The user's id there, 1 to 64 characters.
        user: String,
    },
    /// Every party without one of the own.
    Parties,
    /// One party. The limit `lookups_per_hour` of its terms goes first.
    Party {
        /// Which.
        party: PartyKey,
    },
}

/// How much may be looked up, from a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LookupLimit {
    /// Whose limit.
    pub holder: LimitHolder,
    /// The most tokens that are there at a time, 1 to 1,000,000,000.
    pub size: u32,
    /// Tokens that come back in an hour, at most 1,000,000,000.
    pub per_hour: u32,
    /// From this day.
    pub valid_from: Date,
    /// Why, 1 to 500 characters.
    pub why: String,
}

/// A certificate that is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeenCertificate {
    /// Whose it is, where it is another party's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyKey>,
    /// What it is called, 1 to 200 characters: a renewed one has the same name.
    pub name: String,
    /// Its last moment.
    pub good_until: Timestamp,
}

/// Asks for what there is to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlQuery {
    /// What happened from this day on.
    pub since: Date,
    /// At most this many, 1 to 1,000.
    pub limit: u32,
}

/// Something somebody has to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlEntry {
    /// When it happened, or was first seen.
    pub at: Timestamp,
    /// What.
    pub matter: ControlMatter,
}

/// What there is to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "matter", rename_all = "snake_case")]
pub enum ControlMatter {
    /// A user or a party was blocked, since it looked up too much.
    LookupsBlocked {
        /// Who, as `caseworker:00000001:user` or `authority:00000001`.
        who: String,
        /// What the call that went too far cost.
        tokens: u64,
    },
    /// A certificate ends within 60 days, or has ended, and no later one of its name has been seen.
    CertificateEnds {
        /// Whose it is; absent: the system's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<PartyKey>,
        /// What it is called.
        name: String,
        /// Its last moment.
        good_until: Timestamp,
    },
}
