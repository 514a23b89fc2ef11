//! Payment mediation (betalingsformidling): from the payer's file to the bank's file and back.

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use primitives::{
    Account, AgreementNumber, BankCode, BenefitCode, DataSupplierId, DeliveryId, EntryRef, Identifier, Money, PaymentRef, Text,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod parallel;

pub use crate::operation::Content;
use crate::parties::{BenefitScope, UnitScope};
use crate::{
    AccessQuery, AccessRecord, Context, IdempotencyKey, ItemResult, Problem, operation::operations, register::FeedAfter,
};
pub use parallel::*;

/// The most items one call may carry.
pub const MAX_ITEMS: usize = 50_000;

/// What mediation promises.
#[async_trait]
pub trait Mediation: Send + Sync {
    /// Takes a payer's order (pain.001) or recall (camt.055) and keeps it, durably, before it answers. What is wrong with it is in the report
    /// (pain.002, camt.029, admi.002), not here.
    async fn deliver(&self, context: &Context, supplier: DataSupplierId, content: Content) -> Result<Deposited, Problem>;

    /// Takes payment orders from another house, as an ordinary delivery of its agreement.
    async fn submit(
        &self, context: &Context, key: &IdempotencyKey, batch: OrderBatch,
    ) -> Result<Vec<ItemResult<PaymentRef>>, Problem>;

    /// Takes a bank's answer (pain.002), its answer to a recall (camt.029) or what it has booked (camt.054), durably.
    async fn bank_answer(&self, context: &Context, bank: BankCode, content: Content) -> Result<BankAnswerReceipt, Problem>;

    /// Finds payments.
    async fn search(&self, context: &Context, search: PaymentSearch) -> Result<PaymentPage, Problem>;

    /// How far payments have come, by their references, in order: what another house asks about those it submitted. `None` for a reference of
    /// no payment.
    async fn states(&self, context: &Context, payments: Vec<PaymentRef>) -> Result<Vec<Option<PaymentState>>, Problem>;

    /// Stops payments that have not left for the bank.
    async fn stop(
        &self, context: &Context, key: &IdempotencyKey, stops: Vec<StopRequest>,
    ) -> Result<Vec<ItemResult<Stopped>>, Problem>;

    /// Why a payment went where it did.
    async fn story(&self, context: &Context, query: StoryQuery) -> Result<PaymentStory, Problem>;

    /// Who has looked a payee up here; newest first, at most `limit`. For the payee itself and auditors. A house that keeps no log of its own tells
    /// none.
    async fn accesses(&self, _context: &Context, _query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        Ok(Vec::new())
    }

    /// Deliveries of a payer, newest first.
    async fn deliveries(&self, context: &Context, query: DeliveryQuery) -> Result<Vec<DeliverySummary>, Problem>;

    /// Notes deliveries of a payer that a system run beside this one has taken, and answers for each, in order, which of the two pays it. One that was
    /// taken here before stays here; one that was not is refused when it is delivered here. Exactly one of them pays, also when both take it at once.
    async fn note_taken(
        &self, context: &Context, key: &IdempotencyKey, note: TakenElsewhere,
    ) -> Result<Vec<ItemResult<TakenBy>>, Problem>;

    /// The deliveries this system has taken, of all payers, after a position, in order, gapless: so that a system beside it can refuse them. A position
    /// beyond the last is refused with `CONFLICT`: the database was restored from a backup since it was read.
    async fn taken(&self, context: &Context, after: FeedAfter) -> Result<Vec<TakenDelivery>, Problem>;
}

operations! { "mediation";
    Deliver = "deliver" (false) "Hand in a payer's file (pain.001, camt.055)" : DataSupplierId => Deposited;
    BankAnswer = "bank-answer" (false) "Hand in a bank's answer (pain.002, camt.029, camt.054)" : BankCode => BankAnswerReceipt;
    Submit = "submit" (true) "Submit payment orders" : OrderBatch => Vec<ItemResult<PaymentRef>>;
    Search = "search" (false) "Find payments" : PaymentSearch => PaymentPage;
    States = "states" (false) "How far payments have come" : Vec<PaymentRef> => Vec<Option<PaymentState>>;
    Stop = "stop" (true) "Stop payments before they leave" : Vec<StopRequest> => Vec<ItemResult<Stopped>>;
    Story = "story" (false) "Why a payment went where it did" : StoryQuery => PaymentStory;
    Accesses = "accesses" (false) "Who has looked a payee up here" : AccessQuery => Vec<AccessRecord>;
    Deliveries = "deliveries" (false) "Deliveries of a payer" : DeliveryQuery => Vec<DeliverySummary>;
    NoteTaken = "note-taken" (true) "Note deliveries the system beside this one has taken" : TakenElsewhere => Vec<ItemResult<TakenBy>>;
    TakenHere = "taken" (false) "Deliveries this system has taken, in order" : FeedAfter => Vec<TakenDelivery>;
}

/// The receipt of a delivery: it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deposited {
    /// The delivery.
    pub delivery: DeliveryId,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
}

/// The receipt of a bank's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BankAnswerReceipt {
    /// How many statuses were applied.
    pub applied: u64,
    /// How many were known before.
    pub repeated: u64,
    /// What could not be matched, in words; each is kept for a person to look at.
    pub unmatched: Vec<Text>,
}

/// Orders of one payer from another house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderBatch {
    /// The payer's agreement.
    pub payer: AgreementNumber,
    /// The payer's account to pay from.
    pub debtor_account: Account,
    /// The day the money is to be at disposal.
    pub on: Date,
    /// The orders.
    pub orders: Vec<PaymentOrder>,
}

/// A payment order (betalingsordre).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentOrder {
    /// The payer's reference, unique per payer, at most 27 characters.
    pub end_to_end_id: String,
    /// The payee.
    pub payee: Identifier,
    /// How much: positive.
    pub amount: Money,
    /// The benefit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<BenefitCode>,
    /// Present on a complete order (komplet betalingsordre).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// A payout the recovery authority's markers do not catch.
    #[serde(default)]
    pub exempt_from_setoff: bool,
    /// Text to the payee, at most 140 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// The state of a payment as those with a right to know see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Received; waits for its day.
    Waiting,
    /// Completed with an account; waits to be sent.
    Allocated,
    /// Sent to the payer's bank.
    Sent,
    /// The bank has received it (return answer 8).
    Accepted,
    /// The bank has rejected it (return answer 9).
    Rejected,
    /// Could not be completed and went back to the payer (return answer 7).
    Returned,
    /// Stopped before it left (return answer 5).
    Stopped,
}

/// Where a leg of a payment went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// The payee's account: NemKonto, specific account, or the account of a complete order.
    Payee,
    /// The recovery authority. Shown as `Payee` to those without their own legal basis.
    Recovery,
    /// The holding account.
    Holding,
    /// The authority's error account.
    ErrorAccount,
    /// Back to the payer: no money moved.
    Payer,
}

/// What to search for. All given conditions must hold; at least `payer` or `payee` must be given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentSearch {
    /// The paying authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<AgreementNumber>,
    /// The payee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Identifier>,
    /// The payer's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_to_end_id: Option<String>,
    /// One delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
    /// Only these states; all when empty.
    #[serde(default)]
    pub states: Vec<PaymentState>,
    /// Disposal date from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Disposal date until and including.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Which benefits the caller may see; payments outside it are not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<BenefitScope>,
    /// What the caller may see of single units beside `scope`; a payment's unit is that of the account it is paid from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<UnitScope>,
    /// Continue after this payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<PaymentRef>,
    /// At most this many, 1 to 500.
    pub limit: u32,
}

/// A page of payments, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentPage {
    /// The payments.
    pub payments: Vec<PaymentSummary>,
    /// Whether there are more after the last.
    pub more: bool,
}

/// One payment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentSummary {
    /// Its reference.
    pub payment: PaymentRef,
    /// Its delivery.
    pub delivery: DeliveryId,
    /// The payer.
    pub payer: AgreementNumber,
    /// The payee's number, as the payer gave it; a complete order may name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Identifier>,
    /// The payer's reference.
    pub end_to_end_id: String,
    /// The benefit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<BenefitCode>,
    /// How much.
    pub amount: Money,
    /// Disposal date.
    pub on: Date,
    /// Its state.
    pub state: PaymentState,
}

/// A wish to stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StopRequest {
    /// What to stop.
    pub target: StopTarget,
    /// Only payments of this payer; another's are `NOT_FOUND`.
    pub payer: AgreementNumber,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// What to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "target", rename_all = "snake_case")]
pub enum StopTarget {
    /// One payment.
    Payment {
        /// The payment.
        payment: PaymentRef,
    },
    /// All payments of a delivery that have not left.
    Delivery {
        /// The delivery.
        delivery: DeliveryId,
    },
}

/// What a stop did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stopped {
    /// How many payments were stopped (now or by an earlier stop).
    pub stopped: u64,
    /// How many had left already.
    pub too_late: u64,
}

/// Asks for the story of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoryQuery {
    /// The payment.
    pub payment: PaymentRef,
    /// Who looks; decides what may be shown.
    pub viewer: Viewer,
}

/// Who looks at a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "viewer", rename_all = "snake_case")]
pub enum Viewer {
    /// The payee: sees everything about the own payment, also a redirect to the recovery authority.
    Payee {
        /// The signed-in number; another's payment is `NOT_FOUND`.
        identifier: Identifier,
    },
    /// The paying authority: sees that it was paid through NemKonto, never a redirect, and so no account either: an account shown for some
    /// payments would give the redirected ones away. Another's payment is `NOT_FOUND`.
    Payer {
        /// The agreement.
        agreement: AgreementNumber,
        /// The benefits that may be seen.
        scope: BenefitScope,
        /// What may be seen of single units beside.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        units: Vec<UnitScope>,
    },
}

/// A payment and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentStory {
    /// The payment.
    pub summary: PaymentSummary,
    /// Where the money went, leg by leg, as the viewer may see it.
    pub legs: Vec<LegStory>,
    /// What happened, oldest first.
    pub steps: Vec<StoryStep>,
}

/// One leg as the viewer may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegStory {
    /// Where it went.
    pub destination: Destination,
    /// How much.
    pub amount: Money,
    /// The account, where the viewer may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The register's entry the account came from: the evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryRef>,
    /// Why it went there, in words.
    pub why: Text,
}

/// One thing that happened to a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoryStep {
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: Text,
    /// The ISO 20022 reason code, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Asks for deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryQuery {
    /// The payer.
    pub payer: AgreementNumber,
    /// At most this many, 1 to 500.
    pub limit: u32,
}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Kept; not read yet.
    Kept,
    /// Read; its good payments are on their way.
    Received,
    /// Refused whole.
    Refused,
    /// The same content as an earlier delivery, which is the one that counts.
    Repeated,
}

/// One delivery in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliverySummary {
    /// The delivery.
    pub delivery: DeliveryId,
    /// When it came.
    pub received_at: Timestamp,
    /// Its state.
    pub state: DeliveryState,
    /// How many payments were taken in.
    pub payments: u64,
    /// How many rows were rejected.
    pub rejected: u64,
    /// What was wrong with the delivery or its rows, the first 100.
    pub findings: Vec<DeliveryFinding>,
}

/// A fault in a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryFinding {
    /// The line in the file.
    pub line: u64,
    /// The path of the element.
    pub path: String,
    /// The ISO 20022 reason code.
    pub code: String,
    /// What was expected and found.
    pub text: Text,
}
