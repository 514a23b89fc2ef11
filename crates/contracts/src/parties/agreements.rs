//! How agreements and terms change: one person proposes, another approves.

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CertificateQuery, PartyTerms, PayerKey, PayerProfile, PayerRouting, TermsQuery};
use crate::{Context, IdempotencyKey, Problem, operation::operations};

/// What parties promises about changes of agreements and about what applied when.
#[async_trait]
pub trait Agreements: Send + Sync {
    /// Proposes changes, which apply together once another person has approved them. Only persons propose.
    async fn propose(&self, context: &Context, key: &IdempotencyKey, proposal: NewProposal) -> Result<Uuid, Problem>;

    /// Decides a proposal: approves or rejects another's, or withdraws the own. Approved changes apply from the days they say. Refused with
    /// `CONFLICT` when the proposal is decided or expired, or what it changes has been changed since it was made.
    async fn decide(&self, context: &Context, key: &IdempotencyKey, decision: Decision) -> Result<ProposalState, Problem>;

    /// Proposals the actor may see, oldest first, at most 1,000.
    async fn proposals(&self, context: &Context, query: ProposalQuery) -> Result<Vec<Proposal>, Problem>;

    /// The payers' profiles as of a day as they were known at a time, in order: the answer never changes afterwards.
    async fn payers_as_known(&self, context: &Context, query: PayersAsKnown) -> Result<Vec<Option<PayerProfile>>, Problem>;

    /// The terms of parties, in order; `None` where none apply, or the actor may not see them.
    async fn terms(&self, context: &Context, query: TermsQuery) -> Result<Vec<Option<PartyTerms>>, Problem>;

    /// The party whose system calls with a certificate from an address; `None` when no terms in force allow both, or those of several do.
    async fn certificate_holder(&self, context: &Context, query: CertificateQuery) -> Result<Option<PartyTerms>, Problem>;

    /// Whether any version of a party's terms that has begun by the day has named a certificate, in order: also one that applies no more. From then
    /// on two persons decide which systems call for the party.
    async fn certificates_named(&self, context: &Context, query: TermsQuery) -> Result<Vec<bool>, Problem>;
}

operations! { "parties";
    Propose = "propose" (true) "Propose changes of agreements" : NewProposal => Uuid;
    Decide = "decide" (true) "Approve, reject or withdraw a proposal" : Decision => ProposalState;
    Proposals = "proposals" (false) "Proposals by state" : ProposalQuery => Vec<Proposal>;
    PayersKnown = "payers-as-known" (false) "Profiles of payers on a day, as known at a time" : PayersAsKnown => Vec<Option<PayerProfile>>;
    Terms = "terms" (false) "Terms of parties of every kind" : TermsQuery => Vec<Option<PartyTerms>>;
    CertificateHolder = "certificate-holder" (false) "The party whose system calls" : CertificateQuery => Option<PartyTerms>;
    CertificatesNamed = "certificates-named" (false) "Whether terms of parties have ever named certificates" : TermsQuery => Vec<bool>;
}

/// A change of what a party takes part on. Its first day stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AgreementChange {
    /// A payer's profile: units, accounts, benefits, choices.
    Payer(PayerProfile),
    /// A party's terms: set-off, contact, certificates, networks, limits.
    Terms(PartyTerms),
    /// Which system pays a payer, while two run beside each other.
    Routing(PayerRouting),
}

/// Changes to propose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewProposal {
    /// The changes, 1 to 100; they apply together or not at all.
    pub changes: Vec<AgreementChange>,
    /// Why, 1 to 500 characters.
    pub why: String,
}

/// What is done about a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Another person approves: the changes are recorded.
    Approve,
    /// Another person rejects.
    Reject,
    /// Who proposed withdraws.
    Withdraw,
}

/// A verdict on a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The proposal.
    pub proposal: Uuid,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, 1 to 500 characters.
    pub why: String,
}

/// How far a proposal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// It waits for another person.
    Open,
    /// Approved; its changes are recorded.
    Approved,
    /// Rejected.
    Rejected,
    /// Withdrawn by who proposed it.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
}

/// A proposal and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// Its id.
    pub proposal: Uuid,
    /// What is proposed, and why.
    #[serde(flatten)]
    pub content: NewProposal,
    /// Who proposed.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Until when it can be decided.
    pub expires_at: Timestamp,
    /// How far it has come.
    pub state: ProposalState,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// When it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
}

/// Asks for proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalQuery {
    /// In this state.
    pub state: ProposalState,
}

/// Asks for payers as of a day, as known at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayersAsKnown {
    /// As of this day.
    pub on: Date,
    /// As it was known then.
    pub known_at: Timestamp,
    /// The payers.
    pub payers: Vec<PayerKey>,
}
