//! The holding account (ventekonto): money with nowhere to go yet, in a double-entry ledger.

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use primitives::{Account, AgreementNumber, BenefitCode, DepositRef, HolderRef, Identifier, LegRef, Money, PaymentRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AccessQuery, AccessRecord, Context, IdempotencyKey, ItemResult, Problem, operation::operations};

/// The most items one call may carry.
pub const MAX_ITEMS: usize = 50_000;

/// What the holding account promises.
#[async_trait]
pub trait Holding: Send + Sync {
    /// Reserves deposits: pending postings that become money in the account when the bank has executed the payment. One deposit per
    /// leg; a second reservation of a leg gives the first again.
    async fn reserve(
        &self, context: &Context, key: &IdempotencyKey, deposits: Vec<DepositRequest>,
    ) -> Result<DepositAnswer, Problem>;

    /// Posts reserved deposits: the bank has executed the payment; the payer is discharged (frigørende virkning).
    async fn post(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<DepositRef>>, Problem>;

    /// Voids reserved deposits: the payment was stopped or rejected. A leg without a deposit is `NOT_FOUND`, and never gets one.
    async fn void(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<DepositRef>>, Problem>;

    /// Reverses deposits: the money has left the account again, by the bank's return or a recall. A reserved one is voided, a posted one
    /// reversed; one that is released or on its way to its payee is refused with `CONFLICT`, and reversed should it come back.
    async fn reverse(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<DepositRef>>, Problem>;

    /// Deposits of one payee.
    async fn deposits(&self, context: &Context, payee: Identifier) -> Result<Vec<Deposit>, Problem>;

    /// Who has looked a payee up here; newest first, at most `limit`. For the payee itself and auditors. A house that keeps no log of its own tells
    /// none.
    async fn accesses(&self, _context: &Context, _query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        Ok(Vec::new())
    }

    /// The ledger's balances per account and currency: debits equal credits.
    async fn trial_balance(&self, context: &Context) -> Result<Vec<LedgerBalance>, Problem>;
}

operations! { "holding";
    Reserve = "reserve" (true) "Reserve deposits" : Vec<DepositRequest> => DepositAnswer;
    Post = "post" (true) "Post reserved deposits" : Vec<LegRef> => Vec<ItemResult<DepositRef>>;
    Void = "void" (true) "Void reserved deposits" : Vec<LegRef> => Vec<ItemResult<DepositRef>>;
    Reverse = "reverse" (true) "Reverse deposits whose money has gone back" : Vec<LegRef> => Vec<ItemResult<DepositRef>>;
    Deposits = "deposits" (false) "Deposits of one payee" : Identifier => Vec<Deposit>;
    Accesses = "accesses" (false) "Who has looked a payee up here" : AccessQuery => Vec<AccessRecord>;
    TrialBalance = "trial-balance" (false) "Balances per ledger account and currency" : () => Vec<LedgerBalance>;
}

/// A deposit to reserve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositRequest {
    /// The leg of the payment that is to be deposited.
    pub leg: LegRef,
    /// The payee, by the number the payer gave.
    pub payee: Identifier,
    /// The payee's stable reference.
    pub holder: HolderRef,
    /// The payer.
    pub payer: AgreementNumber,
    /// The benefit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<BenefitCode>,
    /// How much: positive.
    pub amount: Money,
    /// The day the money was to be at disposal.
    pub on: Date,
}

/// The answer of a reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositAnswer {
    /// The state-owned account the money is to be sent to.
    pub account: Account,
    /// One result per request, in order. Refused in wind-down mode, where no new deposits are taken.
    pub deposits: Vec<ItemResult<DepositRef>>,
}

/// The state of a deposit: reserved → posted → releasing → released, or reserved → voided, or posted → expired or reversed. A release that
/// fails, or that comes back from the payee's bank, goes back to posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepositState {
    /// The payment to the account is not executed yet.
    Reserved,
    /// The money is in the account.
    Posted,
    /// The payment to the payee was stopped or rejected before the account got it.
    Voided,
    /// A payment to the payee's new account is on its way.
    Releasing,
    /// The payee has the money.
    Released,
    /// The payee designated no account in time: the money went to the Treasury.
    Expired,
    /// The money left the account again, by the bank that had brought it.
    Reversed,
}

/// A deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deposit {
    /// Its reference.
    pub deposit: DepositRef,
    /// The leg that brought it.
    pub leg: LegRef,
    /// Who paid.
    pub payer: AgreementNumber,
    /// The benefit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<BenefitCode>,
    /// How much.
    pub amount: Money,
    /// Its state.
    pub state: DepositState,
    /// The day it was to be at disposal.
    pub on: Date,
    /// When it was reserved.
    pub reserved_at: Timestamp,
    /// The payment that released it, once ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_by: Option<PaymentRef>,
}

/// The balance of one ledger account in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerBalance {
    /// The ledger account's name.
    pub ledger_account: String,
    /// Posted debits.
    pub debits: Money,
    /// Posted credits.
    pub credits: Money,
    /// Pending (reserved) amount.
    pub pending: Money,
}
