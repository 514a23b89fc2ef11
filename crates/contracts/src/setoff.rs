//! Set-off (gældsmodregning): which payout is redirected to the recovery authority, and why. The authority decides; we match.

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use primitives::{Account, AgreementNumber, BenefitCode, FeedPosition, Identifier, LegRef, Money, ReservationRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AccessQuery, AccessRecord, Context, IdempotencyKey, ItemResult, Problem, operation::operations, register::FeedAfter,
};

/// The most items one call may carry.
pub const MAX_ITEMS: usize = 50_000;

/// What set-off promises.
#[async_trait]
pub trait Setoff: Send + Sync {
    /// Takes the recovery authority's marker changes (KundeListe) and answers per customer (KundeListeSvar).
    async fn put_markers(
        &self, context: &Context, key: &IdempotencyKey, changes: Vec<MarkerChange>,
    ) -> Result<Vec<ItemResult<()>>, Problem>;

    /// Takes dated rules on which benefits take part.
    async fn put_benefit_rules(
        &self, context: &Context, key: &IdempotencyKey, rules: Vec<BenefitRule>,
    ) -> Result<Vec<ItemResult<()>>, Problem>;

    /// Matches payouts against the markers in force on the day and reserves the redirects. The answer lists only the payouts that are
    /// redirected; the others are paid. One reservation per leg.
    async fn reserve(&self, context: &Context, key: &IdempotencyKey, request: SetoffRequest) -> Result<SetoffAnswer, Problem>;

    /// Posts reservations: the bank has executed the redirect; the advice (Advis) is written.
    async fn post(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<ReservationRef>>, Problem>;

    /// Voids reservations: the payment was stopped or rejected. A leg without a reservation is `NOT_FOUND`, and never gets one.
    async fn void(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<ReservationRef>>, Problem>;

    /// Reverses reservations: the money has left the recovery authority's account again, by the bank's return or a recall. A reserved one is
    /// voided; for a posted one a contra-advice is written.
    async fn reverse(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<ReservationRef>>, Problem>;

    /// Who has looked a payee up here; newest first, at most `limit`. For the payee itself and auditors. A house that keeps no log of its own tells
    /// none.
    async fn accesses(&self, _context: &Context, _query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        Ok(Vec::new())
    }

    /// The advices to the recovery authority, after a position. A position beyond the last is refused with `CONFLICT`: set-off was restored
    /// from a backup since it was read.
    async fn advices(&self, context: &Context, after: FeedAfter) -> Result<Vec<Advice>, Problem>;
}

operations! { "setoff";
    PutMarkers = "put-markers" (true) "Change the recovery authority's markers" : Vec<MarkerChange> => Vec<ItemResult<()>>;
    PutBenefitRules = "put-benefit-rules" (true) "Set which benefits take part, by date" : Vec<BenefitRule> => Vec<ItemResult<()>>;
    Reserve = "reserve" (true) "Match payouts against markers and reserve redirects" : SetoffRequest => SetoffAnswer;
    Post = "post" (true) "Post reserved redirects" : Vec<LegRef> => Vec<ItemResult<ReservationRef>>;
    Void = "void" (true) "Void reserved redirects" : Vec<LegRef> => Vec<ItemResult<ReservationRef>>;
    Reverse = "reverse" (true) "Reverse redirects whose money has gone back" : Vec<LegRef> => Vec<ItemResult<ReservationRef>>;
    Accesses = "accesses" (false) "Who has looked a payee up here" : AccessQuery => Vec<AccessRecord>;
    Advices = "advices" (false) "Advices to the recovery authority, in order" : FeedAfter => Vec<Advice>;
}

/// What a marker covers, as the old interface names it (domain: KundeListe).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum MarkerScope {
    /// *Almindelig*: all payouts, optionally of one agreement.
    General {
        /// Only this payer's payouts, when given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payer: Option<AgreementNumber>,
    },
    /// *Fælles*: common.
    Common,
    /// *Intern*: one agreement and one benefit.
    Internal {
        /// The payer.
        payer: AgreementNumber,
        /// The benefit.
        benefit: BenefitCode,
    },
    /// *TransportUdlæg*: an assignment or levy.
    AssignmentOrLevy,
}

/// A change of one customer's marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MarkerChange {
    /// The customer's number.
    pub identifier: Identifier,
    /// What it covers.
    pub scope: MarkerScope,
    /// The recovery authority's priority code; the lowest wins. We never derive it.
    pub priority: i32,
    /// Sets or removes the marker.
    pub action: MarkerAction,
    /// The day from which the change applies.
    pub from: Date,
}

/// Sets or removes a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkerAction {
    /// The marker applies from the day.
    Set,
    /// The marker no longer applies from the day.
    Remove,
}

/// Whether a benefit takes part in set-off, by date. The published list changes quarterly: it is data, not code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BenefitRule {
    /// The benefit.
    pub benefit: BenefitCode,
    /// Whether payouts of it may be redirected by general and common markers.
    pub takes_part: bool,
    /// First day the rule applies.
    pub from: Date,
    /// Where the rule is published.
    pub source: String,
}

/// Payouts of one payer on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetoffRequest {
    /// The payer.
    pub payer: AgreementNumber,
    /// The day the money is to be at disposal.
    pub on: Date,
    /// The payouts, at most [`MAX_ITEMS`].
    pub payouts: Vec<Payout>,
}

/// One payout to match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payout {
    /// The leg that would be redirected.
    pub leg: LegRef,
    /// The payee.
    pub payee: Identifier,
    /// The benefit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<BenefitCode>,
    /// How much: positive.
    pub amount: Money,
    /// A payout the recovery authority itself makes is never caught by its own marker.
    #[serde(default)]
    pub exempt: bool,
}

/// The answer of a match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetoffAnswer {
    /// The recovery authority's account.
    pub recovery_account: Account,
    /// The redirected payouts, by their place in the request, ascending.
    pub redirects: Vec<Redirect>,
}

/// A payout that is redirected, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Redirect {
    /// Its place in the request.
    pub index: u32,
    /// The reservation.
    pub reservation: ReservationRef,
    /// The version of the rules that decided; kept as evidence.
    pub rule_version: i32,
}

fn first_epoch() -> i32 {
    1
}

/// The advice (Advis) on one redirected payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advice {
    /// Its position in the feed: gapless, and in an epoch never reused.
    pub position: FeedPosition,
    /// The life of set-off's database that gave the position: one more with each restore from a backup.
    #[serde(default = "first_epoch")]
    pub epoch: i32,
    /// The reservation it posts.
    pub reservation: ReservationRef,
    /// The leg that was redirected: also the reference on the payment the recovery authority receives.
    pub leg: LegRef,
    /// The customer.
    pub payee: Identifier,
    /// The payer.
    pub payer: AgreementNumber,
    /// The benefit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<BenefitCode>,
    /// How much.
    pub amount: Money,
    /// The day the money was to be at disposal.
    pub on: Date,
    /// When the redirect was executed, or reversed.
    pub at: Timestamp,
    /// Whether this takes an earlier advice back: the money has left the recovery authority's account again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reversal: bool,
}
