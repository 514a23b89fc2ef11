//! Who may do what: role profiles on two levels, and mandates to act for another person.

use async_trait::async_trait;
use jiff::civil::Date;
use primitives::{AgreementNumber, BenefitCode, Identifier, UnitCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{BenefitScope, Function};
use crate::{Actor, Context, IdempotencyKey, ItemResult, Problem, operation::operations};

/// What parties promises about rights.
#[async_trait]
pub trait Rights: Send + Sync {
    /// Answers in order whether an actor may use a function on a benefit's data of a unit on a day. What no grant says is denied.
    async fn may(&self, context: &Context, questions: Vec<RightQuestion>) -> Result<Vec<RightAnswer>, Problem>;

    /// Grants rights to users. A local administrator grants within the own authority, never to itself; functions in conflict cannot be held
    /// together.
    async fn grant(
        &self, context: &Context, key: &IdempotencyKey, grants: Vec<NewGrant>,
    ) -> Result<Vec<ItemResult<Uuid>>, Problem>;

    /// Records mandates: powers of attorney and guardianships.
    async fn mandate(
        &self, context: &Context, key: &IdempotencyKey, mandates: Vec<NewMandate>,
    ) -> Result<Vec<ItemResult<Uuid>>, Problem>;

    /// Ends grants or mandates before their time.
    async fn end_grants(
        &self, context: &Context, key: &IdempotencyKey, ends: Vec<GrantEnd>,
    ) -> Result<Vec<ItemResult<()>>, Problem>;

    /// The grants of an authority's users that are in force on a day, by user.
    async fn grants(&self, context: &Context, query: GrantQuery) -> Result<Vec<Grant>, Problem>;

    /// Records which functions cannot be held together. Only operators do.
    async fn record_conflicts(
        &self, context: &Context, key: &IdempotencyKey, conflicts: Vec<FunctionConflict>,
    ) -> Result<Vec<ItemResult<()>>, Problem>;
}

operations! { "parties";
    May = "may" (false) "Whether actors may use functions" : Vec<RightQuestion> => Vec<RightAnswer>;
    GrantRights = "grant" (true) "Grant rights to users" : Vec<NewGrant> => Vec<ItemResult<Uuid>>;
    RecordMandates = "mandate" (true) "Record powers of attorney and guardianships" : Vec<NewMandate> => Vec<ItemResult<Uuid>>;
    EndGrants = "end-grants" (true) "End grants or mandates before their time" : Vec<GrantEnd> => Vec<ItemResult<()>>;
    Grants = "grants" (false) "Grants of an authority's users on a day" : GrantQuery => Vec<Grant>;
    RecordConflicts = "record-conflicts" (true) "Record which functions cannot be held together" : Vec<FunctionConflict> => Vec<ItemResult<()>>;
}

/// Whose data is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "whose", rename_all = "snake_case")]
pub enum Whose {
    /// An authority's or another payer's.
    Payer {
        /// Its agreement number.
        agreement: AgreementNumber,
    },
    /// A person's or a legal unit's.
    Payee {
        /// Its number.
        identifier: Identifier,
    },
}

/// A question about a right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RightQuestion {
    /// Who wants to act.
    pub actor: Actor,
    /// What the actor wants to do.
    pub function: Function,
    /// On whose data.
    pub of: Whose,
    /// On data of this benefit; absent: on data without benefit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<BenefitCode>,
    /// On data of this unit; absent: on data of no one unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitCode>,
    /// The day.
    pub at: Date,
}

/// Why a right is there, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RightReason {
    /// Both levels are granted.
    Granted,
    /// The data is the actor's own.
    Own,
    /// A power of attorney or a guardianship covers it.
    Mandated,
    /// The function is the operators' own.
    Operation,
    /// Denied: the function is not granted (authority level).
    NoFunction,
    /// Denied: the benefit or the unit is not granted (unit level).
    NoScope,
    /// Denied: the data is another authority's.
    OtherAuthority,
    /// Denied: no mandate covers it.
    NoMandate,
    /// Denied: not a function of such actors.
    NotForActor,
}

impl RightReason {
    /// Whether it is a yes.
    #[must_use]
    pub fn allows(self) -> bool {
        matches!(self, Self::Granted | Self::Own | Self::Mandated | Self::Operation)
    }
}

/// The answer to a question about a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RightAnswer {
    /// Whether the actor may.
    pub allowed: bool,
    /// Why, or why not.
    pub reason: RightReason,
}

impl From<RightReason> for RightAnswer {
    fn from(reason: RightReason) -> Self {
        Self { allowed: reason.allows(), reason }
    }
}

/// What is granted, on one of the two levels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "level", rename_all = "snake_case")]
pub enum GrantedRight {
    /// Authority level: functions.
    Functions {
        /// The functions, at least one.
        functions: Vec<Function>,
    },
    /// Unit level: which benefits' data.
    Scope {
        /// At this unit; absent: at every unit of the authority.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<UnitCode>,
        /// The benefits.
        benefits: BenefitScope,
    },
}

/// A right to grant to a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewGrant {
    /// The user's id at the authority, 1 to 64 characters.
    pub user: String,
    /// The authority.
    pub authority: AgreementNumber,
    /// The right.
    pub right: GrantedRight,
    /// First day.
    pub valid_from: Date,
    /// First day it no longer applies: grants expire.
    pub valid_until: Date,
    /// Why, 1 to 500 characters.
    pub why: String,
}

/// A right that was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// Its id.
    pub grant: Uuid,
    /// The user.
    pub user: String,
    /// The right.
    pub right: GrantedRight,
    /// First day.
    pub valid_from: Date,
    /// First day it no longer applies, also when it was ended before its time.
    pub valid_until: Date,
    /// Who granted it.
    pub granted_by: String,
}

/// Asks for the grants of an authority's users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GrantQuery {
    /// The authority.
    pub authority: AgreementNumber,
    /// The day.
    pub on: Date,
}

/// Ends a grant or a mandate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GrantEnd {
    /// The grant or mandate.
    pub grant: Uuid,
    /// First day it no longer applies, not before today.
    pub ends_on: Date,
    /// Why, 1 to 500 characters.
    pub why: String,
}

/// The kind of a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MandateKind {
    /// A power of attorney (fuldmagt).
    PowerOfAttorney,
    /// A guardianship (værgemål, forældremyndighed).
    Guardianship,
}

/// What proves a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// A digital power of attorney (digital fuldmagt).
    DigitalPowerOfAttorney,
    /// A signed document.
    SignedDocument,
    /// A decision of a court or an authority.
    Decision,
    /// A public register, such as CPR.
    Register,
}

/// The proof of a mandate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// Its kind.
    pub kind: ProofKind,
    /// Where it is found, 1 to 140 characters.
    pub reference: String,
}

/// A mandate to act for another: what it covers, when, and what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewMandate {
    /// Its kind.
    pub kind: MandateKind,
    /// Who acts.
    pub holder: Identifier,
    /// For whom.
    pub subject: Identifier,
    /// What the holder may do: search payments, designate accounts. At least one.
    pub functions: Vec<Function>,
    /// On which benefits' data.
    pub benefits: BenefitScope,
    /// First day.
    pub valid_from: Date,
    /// First day it no longer applies: mandates expire.
    pub valid_until: Date,
    /// The proof.
    pub proof: Proof,
    /// Why it is recorded, 1 to 500 characters.
    pub why: String,
}

/// Two functions that one user cannot hold together at an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionConflict {
    /// The one.
    pub one: Function,
    /// The other.
    pub other: Function,
    /// First day of the rule.
    pub valid_from: Date,
    /// First day it no longer applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// Why, 1 to 500 characters.
    pub why: String,
}
