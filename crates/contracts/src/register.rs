//! The register (NKR): who has which account, since when, on whose word, and who asked.

mod accounts;
mod holds;
mod messages;
mod outgoing;
mod population;
mod private;
mod routes;
mod services;
mod step;
mod webhooks;

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use primitives::{Account, AgreementNumber, BankCode, BenefitCode, EntryRef, FeedPosition, HolderRef, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::access::{AccessQuery, AccessRecord};
pub use accounts::{AccountPresence, AwaitedQuery, BranchMove, Promotion, SpecificRule, Subscription, Verification};
pub use holds::{
    HeldChange, HeldPage, HeldPosition, HeldQuery, Hold, HoldRefusal, HoldRelease, HoldReleased, HoldSignal, MAX_HELD,
    MAX_REFUSALS,
};
pub use messages::MessageText;
pub use outgoing::{LetterRef, MAX_LETTERS, MAX_NOTICES, NoticeText, OutgoingLetter, OutgoingNotice};
pub use population::{
    EventOutcome, HolderLink, HolderMerge, HolderSplit, LastPayout, LinkKind, PostalAddress, SourceEvent, SourceFact,
    SourceProgress, SourceRegister,
};
pub use private::{
    LevyQuery, LevyStatement, MAX_BUNDLE, PayeeChoice, PrivateAnswer, PrivateBasis, PrivateBundle, PrivateChoice, PrivateMessage,
};
pub use routes::{Attestor, BankOutcome, BankReceipt, BankReport, EstateDocument, FormSignatures};
pub use services::{
    AddWebhook, Awaited, ChoosePrivate, CompleteBundle, EnableWebhook, HaveAccounts, HeldChanges, HolderLinks, Holds,
    LettersToPrint, Levy, MergeHolders, MoveBranches, NoteLettersPrinted, NoteNoticesSent, NotePayouts, NoticesToSend,
    PayeesOfAccount, Promote, RefuseHolds, RegisterServices, ReleaseHolds, RemoveWebhook, ReportAccounts, RotateWebhookSecret,
    SetSpecificRules, SourceProgressOf, SplitHolders, Subscribe, TakeEvents, Unsubscribe, Verify, VerifyMessage, Webhooks,
};
pub use step::{
    CHILD_BYTES, Extract, ExtractAccount, ExtractHolder, ExtractInput, ExtractOutcome, ExtractPage, ExtractQuery, ExtractRecord,
    ExtractStatus, HOLDER_BYTES, HoldersQuery, MAX_DEPTH, MAX_NODES, MAX_RECORDS, MOST_LISTED, NodesQuery, PutExtract,
    RegisterStep, StepDigests, StepHolders, StepNodes, StepState, StepStateOf,
};
pub use webhooks::{MAX_WEBHOOKS, NewWebhook, Webhook, WebhookData, WebhookKind, WebhookMessage, WebhookRef, WebhookSecret};

use crate::{Context, IdempotencyKey, ItemResult, Problem, operation::operations};

/// The most items one call may carry.
pub const MAX_ITEMS: usize = 50_000;
/// The most codes one call may try.
pub const MAX_ACTIVATIONS: usize = 100;

/// What the register promises.
#[async_trait]
pub trait Register: Send + Sync {
    /// Finds the account each payee is to be paid on, on the given day, as known now. Logged before it is answered; answers in the
    /// order of the payees.
    async fn resolve(&self, context: &Context, request: ResolveRequest) -> Result<ResolveAnswer, Problem>;

    /// Records holders (persons and units) with their numbers and facts. A known holder's facts are updated.
    async fn record_holders(
        &self, context: &Context, key: &IdempotencyKey, holders: Vec<HolderRecord>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem>;

    /// Facts of holders by number; `None` where the number is unknown. A protected name is told to its holder alone.
    async fn holders(&self, context: &Context, identifiers: Vec<Identifier>) -> Result<Vec<Option<Holder>>, Problem>;

    /// Names of holders by number, also protected ones; `None` where the number is unknown. For those with that right: a caseworker needs the
    /// function [`SeeProtected`](crate::parties::Function::SeeProtected). A register that tells no protected names knows none here.
    async fn protected_names(&self, _context: &Context, identifiers: Vec<Identifier>) -> Result<Vec<Option<String>>, Problem> {
        Ok(vec![None; identifiers.len()])
    }

    /// Designates accounts (anvisning). A new designation ends the one before it for the same purpose.
    async fn designate(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Designation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem>;

    /// Activates pending designations with the code from the physical letter (BEK 788/2025 § 10): at most [`MAX_ACTIVATIONS`], since
    /// checking a code is slow on purpose.
    async fn activate(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Activation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem>;

    /// Ends designations.
    async fn end(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<EndDesignation>,
    ) -> Result<Vec<ItemResult<EntryRef>>, Problem>;

    /// All entries of one holder, optionally as they were known at an earlier time; newest first.
    async fn history(&self, context: &Context, query: HistoryQuery) -> Result<Vec<HistoryEntry>, Problem>;

    /// Who has looked the holder up; newest first, at most `limit`.
    async fn accesses(&self, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem>;

    /// The register's facts for others, after a position, in order, gapless. A position beyond the last is refused with `CONFLICT`: the
    /// register was restored from a backup since it was read.
    async fn feed(&self, context: &Context, after: FeedAfter) -> Result<Vec<RegisterFeedItem>, Problem>;
}

operations! { "register";
    Resolve = "resolve" (false) "Find the accounts of payees on a day" : ResolveRequest => ResolveAnswer;
    RecordHolders = "record-holders" (true) "Record holders with numbers and facts" : Vec<HolderRecord> => Vec<ItemResult<HolderRef>>;
    Holders = "holders" (false) "Facts of holders by number" : Vec<Identifier> => Vec<Option<Holder>>;
    ProtectedNames = "protected-names" (false) "Names of holders, also protected ones" : Vec<Identifier> => Vec<Option<String>>;
    Designate = "designate" (true) "Designate accounts" : Vec<Designation> => Vec<ItemResult<DesignationReceipt>>;
    Activate = "activate" (true) "Activate pending designations by letter code" : Vec<Activation> => Vec<ItemResult<DesignationReceipt>>;
    End = "end" (true) "End designations" : Vec<EndDesignation> => Vec<ItemResult<EntryRef>>;
    History = "history" (false) "All entries of one holder, also as known at an earlier time" : HistoryQuery => Vec<HistoryEntry>;
    Accesses = "accesses" (false) "Who has looked a holder up" : AccessQuery => Vec<AccessRecord>;
    Feed = "feed" (false) "Facts for others, in order" : FeedAfter => Vec<RegisterFeedItem>;
}

/// A bulk lookup for one payer and one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResolveRequest {
    /// The payer who is going to pay; decides which specific accounts apply.
    pub payer: AgreementNumber,
    /// The day the money is to be at disposal.
    pub on: Date,
    /// The payees, at most [`MAX_ITEMS`].
    pub payees: Vec<PayeeQuery>,
}

/// One payee of a lookup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayeeQuery {
    /// The number the payer gave.
    pub identifier: Identifier,
    /// A number to fall back to when the first has no account (SE or P number to CVR), only where the payer's agreement allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Identifier>,
    /// The benefit (ydelsesart) of the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<BenefitCode>,
}

/// The answer of a lookup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResolveAnswer {
    /// The state of the register the answer was given from; kept as evidence with each payment.
    pub as_known: Timestamp,
    /// One resolution per payee, in order.
    pub resolutions: Vec<Resolution>,
    /// Places, from 0, of payees that were found by a number that has been replaced by a new one. The payer is told that, never the new number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<u32>,
}

/// What the register knows of one payee on the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Resolution {
    /// There is an active account.
    Found(ResolvedAccount),
    /// The holder is known and has no active account on the day.
    NoAccount {
        /// The holder.
        holder: HolderRef,
    },
    /// The holder is end-marked (slutmarkeret) or deleted.
    Closed {
        /// The holder.
        holder: HolderRef,
    },
    /// The number is not in the register.
    Unknown,
}

/// An account the register has found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResolvedAccount {
    /// The holder the account was found by.
    pub holder: HolderRef,
    /// The entry it stands in: the evidence.
    pub entry: EntryRef,
    /// The account.
    pub account: Account,
    /// Whether it is the payer's specific account (ydelsesspecifik konto) and not the NemKonto.
    pub specific: bool,
    /// Whether it was found by the fallback number.
    pub by_fallback: bool,
}

/// A person or a legal unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HolderKind {
    /// A natural person.
    Person,
    /// A company, association or other legal unit.
    Unit,
}

/// Whether a holder can be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HolderStatus {
    /// Can be paid.
    Active,
    /// End-marked (slutmarkeret): still listed, a payment fails.
    Closed,
    /// Deleted (slettet): a payment fails.
    Deleted,
}

/// A holder to record: facts from the CPR register, the CVR register or a foreign identity document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HolderRecord {
    /// The holder's numbers; the first is the current one. At least one, at most 20.
    pub identifiers: Vec<Identifier>,
    /// Person or unit.
    pub kind: HolderKind,
    /// Full name, 1 to 140 characters.
    pub name: String,
    /// Date of birth as a fact of the source register, never derived from the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// Whether the holder can be paid.
    pub status: HolderStatus,
    /// The day from which the status holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_from: Option<Date>,
}

/// A holder as the register knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Holder {
    /// The stable reference.
    pub holder: HolderRef,
    /// Person or unit.
    pub kind: HolderKind,
    /// Full name. Absent where it is protected: the holder alone is told it here, and others by
    /// [`protected_names`](Register::protected_names).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether name and address are protected (navne- og adressebeskyttelse).
    #[serde(default)]
    pub is_protected: bool,
    /// Date of birth, if recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// Whether the holder can be paid.
    pub status: HolderStatus,
    /// The day from which the status holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_from: Option<Date>,
    /// The current designations: NemKonto and specific accounts, pending ones included.
    pub current: Vec<HistoryEntry>,
}

/// What an account is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum AccountPurpose {
    /// The NemKonto, for all public payouts.
    NemKonto,
    /// A specific account (ydelsesspecifik konto): one payer, one benefit.
    Specific {
        /// The payer.
        payer: AgreementNumber,
        /// The benefit.
        benefit: BenefitCode,
    },
}

/// By which route a designation came; decides how it is activated (BEK 788/2025 § 10).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "route", rename_all = "snake_case")]
pub enum DesignationRoute {
    /// Reported by a bank: active at latest 2 bank days after the report.
    Bank {
        /// The reporting bank.
        bank: BankCode,
    },
    /// The payee's own self-service: pending until the letter code is entered.
    SelfService,
    /// A guardian, or who has custody of a child, for the holder: pending until the letter code is entered.
    Guardian,
    /// A caseworker: pending until the letter code is entered.
    Caseworker,
    /// A signed form: pending until the letter code is entered.
    Form,
    /// The form for an account abroad, signed before a notary, a lawyer or two witnesses: pending until the letter code is entered.
    ForeignForm {
        /// Who signed when. All days must be the same.
        signatures: FormSignatures,
    },
    /// The account of an estate, on the word of the probate court, by a caseworker: without a letter, which would go to the dead. Payments follow it
    /// when its cooling-off is over or two people have released it.
    Estate {
        /// The court's document.
        document: EstateDocument,
    },
    /// Taken over from the old system with its state: active at once.
    Migration,
}

/// A wish to designate an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Designation {
    /// The holder, by any of its numbers.
    pub identifier: Identifier,
    /// What the account is for.
    pub purpose: AccountPurpose,
    /// The account.
    pub account: Account,
    /// First day it applies.
    pub valid_from: Date,
    /// By which route it came.
    pub route: DesignationRoute,
    /// The entry the caller saw as current for this purpose. When given and no longer current, the item is refused with `CONFLICT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<EntryRef>,
    /// Why, 1 to 200 characters: documented with every change.
    pub reason: String,
}

/// What became of a designation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DesignationReceipt {
    /// The new entry.
    pub entry: EntryRef,
    /// The holder.
    pub holder: HolderRef,
    /// Its state.
    pub state: EntryState,
    /// First day payments use it, when active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
}

/// The state of an entry: pending → active → ended → deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Waits for the code from the letter.
    Pending,
    /// In force (from its first day).
    Active,
    /// No longer in force.
    Ended,
}

/// A code entered for a pending designation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Activation {
    /// The holder's number.
    pub identifier: Identifier,
    /// The 8-digit code from the letter.
    pub code: String,
}

/// A wish to end a designation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndDesignation {
    /// The holder, by any of its numbers.
    pub identifier: Identifier,
    /// What the account was for.
    pub purpose: AccountPurpose,
    /// First day it no longer applies.
    pub from: Date,
    /// The entry the caller saw as current; a mismatch is refused with `CONFLICT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<EntryRef>,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// Asks for the history of one holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryQuery {
    /// The holder, by any of its numbers.
    pub identifier: Identifier,
    /// As known at this time; now when absent. Not in the future: what is known then is not known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_known: Option<Timestamp>,
}

/// One entry of a holder's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryEntry {
    /// The entry.
    pub entry: EntryRef,
    /// What the account is for.
    pub purpose: AccountPurpose,
    /// The account.
    pub account: Account,
    /// Pending, active or ended.
    pub state: EntryState,
    /// First day it applies.
    pub valid_from: Date,
    /// First day it no longer applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// When the register learned it.
    pub recorded_from: Timestamp,
    /// When the register stopped believing it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_until: Option<Timestamp>,
    /// By which route it came.
    pub route: DesignationRoute,
    /// Who recorded it: a label, never a personal number.
    pub recorded_by: String,
    /// Why.
    pub reason: String,
}

/// Asks for the next facts of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedAfter {
    /// The last position already seen; 0 from the beginning.
    pub after: FeedPosition,
    /// At most this many, 1 to 10,000.
    pub limit: u32,
}

/// One fact of the register's feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegisterFeedItem {
    /// Its position: gapless, and in an epoch never reused.
    pub position: FeedPosition,
    /// The life of the register's database that gave the position: one more with each restore from a backup. A reader whose last fact is of
    /// another epoch now has read what was lost, and begins anew.
    #[serde(default = "first_epoch")]
    pub epoch: i32,
    /// When it was recorded.
    pub at: Timestamp,
    /// The fact.
    pub event: RegisterEvent,
}

fn first_epoch() -> i32 {
    1
}

/// A fact of the register that other houses act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RegisterEvent {
    /// An account is in force for a holder from a day.
    AccountDesignated {
        /// The holder.
        holder: HolderRef,
        /// One of the holder's numbers.
        identifier: Identifier,
        /// What the account is for.
        purpose: AccountPurpose,
        /// The entry.
        entry: EntryRef,
        /// First day payments use it.
        effective_from: Date,
    },
    /// A designation was ended.
    AccountEnded {
        /// The holder.
        holder: HolderRef,
        /// What the account was for.
        purpose: AccountPurpose,
        /// The entry.
        entry: EntryRef,
        /// First day it no longer applies.
        from: Date,
    },
    /// Two holders turned out to be one (a new CPR number).
    HolderMerged {
        /// The reference that is no longer used.
        from: HolderRef,
        /// The reference that stands for both.
        into: HolderRef,
    },
    /// One holder turned out to be two.
    HolderSplit {
        /// The holder that some numbers have left.
        from: HolderRef,
        /// The new holder.
        into: HolderRef,
        /// The new holder's current number.
        identifier: Identifier,
    },
}
