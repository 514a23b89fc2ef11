//! What the register offers beside paying: to source registers, banks, caseworkers and payers.

use async_trait::async_trait;
use jiff::civil::Date;
use primitives::{Account, AgreementNumber, EntryRef, HolderRef, Identifier};

use super::{
    AccountPresence, AwaitedQuery, BankReceipt, BankReport, BranchMove, DesignationReceipt, EventOutcome, HeldPage, HeldQuery,
    Hold, HoldRefusal, HoldRelease, HoldReleased, HolderLink, HolderMerge, HolderSplit, LastPayout, LevyQuery, LevyStatement,
    MessageText, NewWebhook, PrivateAnswer, PrivateBundle, PrivateChoice, Promotion, Register, SourceEvent, SourceProgress,
    SourceRegister, SpecificRule, Subscription, Verification, Webhook, WebhookRef, WebhookSecret,
};
use super::{LetterRef, OutgoingLetter, OutgoingNotice};
use crate::{Context, IdempotencyKey, ItemResult, Problem, operation::operations};

/// A whole register: [`Register`], and the services that paying does not need. A trait of its own, so that who only pays depends on no more.
#[async_trait]
pub trait RegisterServices: Register {
    /// Takes events of the civil and the business register: once each, in any order.
    async fn take_events(
        &self, context: &Context, key: &IdempotencyKey, events: Vec<SourceEvent>,
    ) -> Result<Vec<ItemResult<EventOutcome>>, Problem>;

    /// How far a source register's feed has come, and what is missing.
    async fn source_progress(&self, context: &Context, source: SourceRegister) -> Result<SourceProgress, Problem>;

    /// Takes the days of the latest payouts; an earlier day than the one known changes nothing.
    async fn note_payouts(
        &self, context: &Context, key: &IdempotencyKey, payouts: Vec<LastPayout>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem>;

    /// Makes two holders one; answers the reference that stands for both.
    async fn merge_holders(
        &self, context: &Context, key: &IdempotencyKey, merges: Vec<HolderMerge>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem>;

    /// Makes one holder two; answers the new reference.
    async fn split_holders(
        &self, context: &Context, key: &IdempotencyKey, splits: Vec<HolderSplit>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem>;

    /// Takes accounts reported by banks, one by one or a day's file at once. The designation signed last wins; each report gets its receipt.
    async fn report_accounts(
        &self, context: &Context, key: &IdempotencyKey, reports: Vec<BankReport>,
    ) -> Result<Vec<ItemResult<BankReceipt>>, Problem>;

    /// The merges and splits a holder has been part of, oldest first. Not for self-service.
    async fn holder_links(&self, context: &Context, identifier: Identifier) -> Result<Vec<HolderLink>, Problem>;

    /// Takes registration numbers that become others. A number moves once; what moved there can move on.
    async fn move_branches(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<BranchMove>,
    ) -> Result<Vec<ItemResult<Date>>, Problem>;

    /// Takes from which day the specific accounts of a payer and benefit are locked.
    async fn set_specific_rules(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<SpecificRule>,
    ) -> Result<Vec<ItemResult<Date>>, Problem>;

    /// Makes unlocked specific accounts the NemKonto of holders that have none.
    async fn promote(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Promotion>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem>;

    /// Releases changes that wait because they looked wrong. It takes two people, neither of whom has made the change.
    async fn release_holds(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<HoldRelease>,
    ) -> Result<Vec<ItemResult<HoldReleased>>, Problem>;

    /// Refuses changes that wait: they never come into force, and what they would have replaced stays. At most
    /// [`MAX_REFUSALS`](super::MAX_REFUSALS). Answers the entries.
    async fn refuse_holds(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<HoldRefusal>,
    ) -> Result<Vec<ItemResult<EntryRef>>, Problem>;

    /// A page of the changes that wait, of all holders. Logged as a lookup of each.
    async fn held_changes(&self, context: &Context, query: HeldQuery) -> Result<HeldPage, Problem>;

    /// The changes of a holder that looked wrong, by entry.
    async fn holds(&self, context: &Context, identifier: Identifier) -> Result<Vec<Hold>, Problem>;

    /// The oldest letters that are not printed yet, at most `limit` (to [`MAX_LETTERS`](super::MAX_LETTERS)). The same letters until they are noted
    /// as printed. For operations.
    async fn outgoing_letters(&self, context: &Context, limit: u32) -> Result<Vec<OutgoingLetter>, Problem>;

    /// Takes letters out of the tray once they are printed, and lets go of their codes; answers how many. For operations.
    async fn note_letters_printed(
        &self, context: &Context, key: &IdempotencyKey, letters: Vec<LetterRef>,
    ) -> Result<u64, Problem>;

    /// The oldest notices that are not sent yet, at most `limit` (to [`MAX_NOTICES`](super::MAX_NOTICES)). For operations.
    async fn outgoing_notices(&self, context: &Context, limit: u32) -> Result<Vec<OutgoingNotice>, Problem>;

    /// Takes notices out of the outbox once they are sent; answers how many. For operations.
    async fn note_notices_sent(&self, context: &Context, key: &IdempotencyKey, notices: Vec<i64>) -> Result<u64, Problem>;

    /// Whether numbers have a NemKonto today; tells no account.
    async fn have_accounts(&self, context: &Context, identifiers: Vec<Identifier>) -> Result<Vec<AccountPresence>, Problem>;

    /// Whether accounts are the NemKonto of payees today: yes or no. Who asks for too many that are not is refused for the day.
    async fn verify(&self, context: &Context, items: Vec<Verification>) -> Result<Vec<bool>, Problem>;

    /// Answers an identification verification request (`acmt.023.001.03`) by its report (`acmt.024.001.03`): each question as in
    /// [`verify`](Self::verify), and under the same limit. A question whose number or account is not valid is answered no, with the reason.
    async fn verify_message(&self, context: &Context, request: MessageText) -> Result<MessageText, Problem>;

    /// The payees of an account: for the few with that right.
    async fn payees_of_account(&self, context: &Context, account: Account) -> Result<Vec<Identifier>, Problem>;

    /// Notes that a payer waits for payees to have an account.
    async fn subscribe(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Subscription>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem>;

    /// The awaited payees of a payer that have an account now, until the payer no longer waits for them.
    async fn awaited(&self, context: &Context, query: AwaitedQuery) -> Result<Vec<Identifier>, Problem>;

    /// Notes that a payer no longer waits; answers whether it did.
    async fn unsubscribe(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Subscription>,
    ) -> Result<Vec<ItemResult<bool>>, Problem>;

    /// Adds an address at which a payer is told, signed, of the payees it waits for; answers the secret, once.
    async fn add_webhook(&self, context: &Context, key: &IdempotencyKey, webhook: NewWebhook) -> Result<WebhookSecret, Problem>;

    /// Gives a webhook another secret; for a while its messages are signed with the one of before too.
    async fn rotate_webhook_secret(
        &self, context: &Context, key: &IdempotencyKey, webhook: WebhookRef,
    ) -> Result<WebhookSecret, Problem>;

    /// Removes a webhook and what waits for it; answers whether there was one.
    async fn remove_webhook(&self, context: &Context, key: &IdempotencyKey, webhook: WebhookRef) -> Result<bool, Problem>;

    /// Sends to a webhook again that was disabled or fails, at once; answers whether there is one.
    async fn enable_webhook(&self, context: &Context, key: &IdempotencyKey, webhook: WebhookRef) -> Result<bool, Problem>;

    /// The webhooks of a payer, and how they fare.
    async fn webhooks(&self, context: &Context, payer: AgreementNumber) -> Result<Vec<Webhook>, Problem>;

    /// Completes a bundle of a private payer: the account of each expected payout, or why there is none.
    async fn complete_bundle(
        &self, context: &Context, key: &IdempotencyKey, bundle: PrivateBundle,
    ) -> Result<Vec<ItemResult<PrivateAnswer>>, Problem>;

    /// Takes what payees choose about private payers: opt-out and consent.
    async fn choose_private(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<PrivateChoice>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem>;

    /// The levy of a private payer for a month.
    async fn levy(&self, context: &Context, query: LevyQuery) -> Result<LevyStatement, Problem>;
}

operations! { "register";
    TakeEvents = "take-events" (true) "Take events of the civil and the business register" : Vec<SourceEvent> => Vec<ItemResult<EventOutcome>>;
    SourceProgressOf = "source-progress" (false) "How far a source register's feed has come" : SourceRegister => SourceProgress;
    NotePayouts = "note-payouts" (true) "Take the days of the latest payouts" : Vec<LastPayout> => Vec<ItemResult<HolderRef>>;
    MergeHolders = "merge-holders" (true) "Make two holders one" : Vec<HolderMerge> => Vec<ItemResult<HolderRef>>;
    SplitHolders = "split-holders" (true) "Make one holder two" : Vec<HolderSplit> => Vec<ItemResult<HolderRef>>;
    ReportAccounts = "report-accounts" (true) "Take accounts reported by banks" : Vec<BankReport> => Vec<ItemResult<BankReceipt>>;
    HolderLinks = "holder-links" (false) "The merges and splits of a holder" : Identifier => Vec<HolderLink>;
    MoveBranches = "move-branches" (true) "Take registration numbers that become others" : Vec<BranchMove> => Vec<ItemResult<Date>>;
    SetSpecificRules = "set-specific-rules" (true) "Lock and unlock specific accounts" : Vec<SpecificRule> => Vec<ItemResult<Date>>;
    Promote = "promote" (true) "Make specific accounts the NemKonto" : Vec<Promotion> => Vec<ItemResult<DesignationReceipt>>;
    ReleaseHolds = "release-holds" (true) "Release changes that wait" : Vec<HoldRelease> => Vec<ItemResult<HoldReleased>>;
    RefuseHolds = "refuse-holds" (true) "Refuse changes that wait" : Vec<HoldRefusal> => Vec<ItemResult<EntryRef>>;
    HeldChanges = "held-changes" (false) "The changes that wait, page by page" : HeldQuery => HeldPage;
    Holds = "holds" (false) "The changes of a holder that looked wrong" : Identifier => Vec<Hold>;
    LettersToPrint = "letters-to-print" (false) "The letters that wait to be printed" : u32 => Vec<OutgoingLetter>;
    NoteLettersPrinted = "note-letters-printed" (true) "Note that letters are printed" : Vec<LetterRef> => u64;
    NoticesToSend = "notices-to-send" (false) "The notices that wait to be sent" : u32 => Vec<OutgoingNotice>;
    NoteNoticesSent = "note-notices-sent" (true) "Note that notices are sent" : Vec<i64> => u64;
    HaveAccounts = "have-accounts" (false) "Whether numbers have a NemKonto" : Vec<Identifier> => Vec<AccountPresence>;
    Verify = "verify" (false) "Whether accounts are the NemKonto of payees" : Vec<Verification> => Vec<bool>;
    VerifyMessage = "verify-message" (false) "Answer an acmt.023.001.03 by an acmt.024.001.03" : MessageText => MessageText;
    PayeesOfAccount = "payees-of-account" (false) "The payees of an account" : Account => Vec<Identifier>;
    Subscribe = "subscribe" (true) "Wait for payees to have an account" : Vec<Subscription> => Vec<ItemResult<HolderRef>>;
    Awaited = "awaited" (false) "The awaited payees that have an account now" : AwaitedQuery => Vec<Identifier>;
    Unsubscribe = "unsubscribe" (true) "Wait no longer" : Vec<Subscription> => Vec<ItemResult<bool>>;
    AddWebhook = "add-webhook" (true) "Be told at an address of one's own" : NewWebhook => WebhookSecret;
    RotateWebhookSecret = "rotate-webhook-secret" (true) "Give a webhook another secret" : WebhookRef => WebhookSecret;
    RemoveWebhook = "remove-webhook" (true) "Be told no longer" : WebhookRef => bool;
    EnableWebhook = "enable-webhook" (true) "Be told again" : WebhookRef => bool;
    Webhooks = "webhooks" (false) "The webhooks of a payer" : AgreementNumber => Vec<Webhook>;
    CompleteBundle = "complete-bundle" (true) "Complete a bundle of a private payer" : PrivateBundle => Vec<ItemResult<PrivateAnswer>>;
    ChoosePrivate = "choose-private" (true) "Opt out with a private payer, or consent" : Vec<PrivateChoice> => Vec<ItemResult<HolderRef>>;
    Levy = "levy" (false) "The levy of a private payer for a month" : LevyQuery => LevyStatement;
}
