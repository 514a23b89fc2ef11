//! A register that runs elsewhere: the same contract over HTTP.

use async_trait::async_trait;
use contracts::register::{
    AccessQuery, AccessRecord, Accesses, AccountPresence, Activate, Activation, AddWebhook, Awaited, AwaitedQuery, BankReceipt,
    BankReport, BranchMove, ChoosePrivate, CompleteBundle, Designate, Designation, DesignationReceipt, EnableWebhook, End,
    EndDesignation, EventOutcome, Feed, FeedAfter, HaveAccounts, HeldChanges, HeldPage, HeldQuery, History, HistoryEntry,
    HistoryQuery, Hold, HoldRefusal, HoldRelease, HoldReleased, Holder, HolderLink, HolderLinks, HolderMerge, HolderRecord,
    HolderSplit, Holders, Holds, LastPayout, LetterRef, LettersToPrint, Levy, LevyQuery, LevyStatement, MergeHolders,
    MessageText, MoveBranches, NewWebhook, NoteLettersPrinted, NoteNoticesSent, NotePayouts, NoticesToSend, OutgoingLetter,
    OutgoingNotice, PayeesOfAccount, PrivateAnswer, PrivateBundle, PrivateChoice, Promote, Promotion, ProtectedNames,
    RecordHolders, RefuseHolds, Register, RegisterFeedItem, RegisterServices, ReleaseHolds, RemoveWebhook, ReportAccounts,
    Resolve, ResolveAnswer, ResolveRequest, RotateWebhookSecret, SetSpecificRules, SourceEvent, SourceProgress, SourceProgressOf,
    SourceRegister, SpecificRule, SplitHolders, Subscribe, Subscription, TakeEvents, Unsubscribe, Verification, Verify,
    VerifyMessage, Webhook, WebhookRef, WebhookSecret, Webhooks,
};
use contracts::{Context, IdempotencyKey, ItemResult, Problem};
use jiff::civil::Date;
use platform::rpc::RpcClient;
use primitives::{Account, AgreementNumber, EntryRef, HolderRef, Identifier};

/// A register behind the open interface.
#[derive(Clone, Debug)]
pub struct Remote(pub(crate) RpcClient);

impl Remote {
    /// The register the client speaks to.
    pub fn new(client: RpcClient) -> Self {
        Self(client)
    }
}

#[async_trait]
impl Register for Remote {
    async fn resolve(&self, context: &Context, request: ResolveRequest) -> Result<ResolveAnswer, Problem> {
        self.0.call::<Resolve>(context, None, request).await
    }

    async fn record_holders(
        &self, context: &Context, key: &IdempotencyKey, holders: Vec<HolderRecord>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.0.call::<RecordHolders>(context, Some(key), holders).await
    }

    async fn holders(&self, context: &Context, identifiers: Vec<Identifier>) -> Result<Vec<Option<Holder>>, Problem> {
        self.0.call::<Holders>(context, None, identifiers).await
    }

    async fn protected_names(&self, context: &Context, identifiers: Vec<Identifier>) -> Result<Vec<Option<String>>, Problem> {
        self.0.call::<ProtectedNames>(context, None, identifiers).await
    }

    async fn designate(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Designation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        self.0.call::<Designate>(context, Some(key), items).await
    }

    async fn activate(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Activation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        self.0.call::<Activate>(context, Some(key), items).await
    }

    async fn end(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<EndDesignation>,
    ) -> Result<Vec<ItemResult<EntryRef>>, Problem> {
        self.0.call::<End>(context, Some(key), items).await
    }

    async fn history(&self, context: &Context, query: HistoryQuery) -> Result<Vec<HistoryEntry>, Problem> {
        self.0.call::<History>(context, None, query).await
    }

    async fn accesses(&self, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        self.0.call::<Accesses>(context, None, query).await
    }

    async fn feed(&self, context: &Context, after: FeedAfter) -> Result<Vec<RegisterFeedItem>, Problem> {
        self.0.call::<Feed>(context, None, after).await
    }
}

#[async_trait]
impl RegisterServices for Remote {
    async fn take_events(
        &self, context: &Context, key: &IdempotencyKey, events: Vec<SourceEvent>,
    ) -> Result<Vec<ItemResult<EventOutcome>>, Problem> {
        self.0.call::<TakeEvents>(context, Some(key), events).await
    }

    async fn source_progress(&self, context: &Context, source: SourceRegister) -> Result<SourceProgress, Problem> {
        self.0.call::<SourceProgressOf>(context, None, source).await
    }

    async fn note_payouts(
        &self, context: &Context, key: &IdempotencyKey, payouts: Vec<LastPayout>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.0.call::<NotePayouts>(context, Some(key), payouts).await
    }

    async fn merge_holders(
        &self, context: &Context, key: &IdempotencyKey, merges: Vec<HolderMerge>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.0.call::<MergeHolders>(context, Some(key), merges).await
    }

    async fn split_holders(
        &self, context: &Context, key: &IdempotencyKey, splits: Vec<HolderSplit>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.0.call::<SplitHolders>(context, Some(key), splits).await
    }

    async fn report_accounts(
        &self, context: &Context, key: &IdempotencyKey, reports: Vec<BankReport>,
    ) -> Result<Vec<ItemResult<BankReceipt>>, Problem> {
        self.0.call::<ReportAccounts>(context, Some(key), reports).await
    }

    async fn holder_links(&self, context: &Context, identifier: Identifier) -> Result<Vec<HolderLink>, Problem> {
        self.0.call::<HolderLinks>(context, None, identifier).await
    }

    async fn move_branches(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<BranchMove>,
    ) -> Result<Vec<ItemResult<Date>>, Problem> {
        self.0.call::<MoveBranches>(context, Some(key), items).await
    }

    async fn set_specific_rules(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<SpecificRule>,
    ) -> Result<Vec<ItemResult<Date>>, Problem> {
        self.0.call::<SetSpecificRules>(context, Some(key), items).await
    }

    async fn promote(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Promotion>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        self.0.call::<Promote>(context, Some(key), items).await
    }

    async fn release_holds(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<HoldRelease>,
    ) -> Result<Vec<ItemResult<HoldReleased>>, Problem> {
        self.0.call::<ReleaseHolds>(context, Some(key), items).await
    }

    async fn refuse_holds(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<HoldRefusal>,
    ) -> Result<Vec<ItemResult<EntryRef>>, Problem> {
        self.0.call::<RefuseHolds>(context, Some(key), items).await
    }

    async fn held_changes(&self, context: &Context, query: HeldQuery) -> Result<HeldPage, Problem> {
        self.0.call::<HeldChanges>(context, None, query).await
    }

    async fn holds(&self, context: &Context, identifier: Identifier) -> Result<Vec<Hold>, Problem> {
        self.0.call::<Holds>(context, None, identifier).await
    }

    async fn outgoing_letters(&self, context: &Context, limit: u32) -> Result<Vec<OutgoingLetter>, Problem> {
        self.0.call::<LettersToPrint>(context, None, limit).await
    }

    async fn note_letters_printed(
        &self, context: &Context, key: &IdempotencyKey, letters: Vec<LetterRef>,
    ) -> Result<u64, Problem> {
        self.0.call::<NoteLettersPrinted>(context, Some(key), letters).await
    }

    async fn outgoing_notices(&self, context: &Context, limit: u32) -> Result<Vec<OutgoingNotice>, Problem> {
        self.0.call::<NoticesToSend>(context, None, limit).await
    }

    async fn note_notices_sent(&self, context: &Context, key: &IdempotencyKey, notices: Vec<i64>) -> Result<u64, Problem> {
        self.0.call::<NoteNoticesSent>(context, Some(key), notices).await
    }

    async fn have_accounts(&self, context: &Context, identifiers: Vec<Identifier>) -> Result<Vec<AccountPresence>, Problem> {
        self.0.call::<HaveAccounts>(context, None, identifiers).await
    }

    async fn verify(&self, context: &Context, items: Vec<Verification>) -> Result<Vec<bool>, Problem> {
        self.0.call::<Verify>(context, None, items).await
    }

    async fn verify_message(&self, context: &Context, request: MessageText) -> Result<MessageText, Problem> {
        self.0.call::<VerifyMessage>(context, None, request).await
    }

    async fn payees_of_account(&self, context: &Context, account: Account) -> Result<Vec<Identifier>, Problem> {
        self.0.call::<PayeesOfAccount>(context, None, account).await
    }

    async fn subscribe(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Subscription>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.0.call::<Subscribe>(context, Some(key), items).await
    }

    async fn awaited(&self, context: &Context, query: AwaitedQuery) -> Result<Vec<Identifier>, Problem> {
        self.0.call::<Awaited>(context, None, query).await
    }

    async fn unsubscribe(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Subscription>,
    ) -> Result<Vec<ItemResult<bool>>, Problem> {
        self.0.call::<Unsubscribe>(context, Some(key), items).await
    }

    async fn add_webhook(&self, context: &Context, key: &IdempotencyKey, webhook: NewWebhook) -> Result<WebhookSecret, Problem> {
        self.0.call::<AddWebhook>(context, Some(key), webhook).await
    }

    async fn rotate_webhook_secret(
        &self, context: &Context, key: &IdempotencyKey, webhook: WebhookRef,
    ) -> Result<WebhookSecret, Problem> {
        self.0.call::<RotateWebhookSecret>(context, Some(key), webhook).await
    }

    async fn remove_webhook(&self, context: &Context, key: &IdempotencyKey, webhook: WebhookRef) -> Result<bool, Problem> {
        self.0.call::<RemoveWebhook>(context, Some(key), webhook).await
    }

    async fn enable_webhook(&self, context: &Context, key: &IdempotencyKey, webhook: WebhookRef) -> Result<bool, Problem> {
        self.0.call::<EnableWebhook>(context, Some(key), webhook).await
    }

    async fn webhooks(&self, context: &Context, payer: AgreementNumber) -> Result<Vec<Webhook>, Problem> {
        self.0.call::<Webhooks>(context, None, payer).await
    }

    async fn complete_bundle(
        &self, context: &Context, key: &IdempotencyKey, bundle: PrivateBundle,
    ) -> Result<Vec<ItemResult<PrivateAnswer>>, Problem> {
        self.0.call::<CompleteBundle>(context, Some(key), bundle).await
    }

    async fn choose_private(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<PrivateChoice>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.0.call::<ChoosePrivate>(context, Some(key), items).await
    }

    async fn levy(&self, context: &Context, query: LevyQuery) -> Result<LevyStatement, Problem> {
        self.0.call::<Levy>(context, None, query).await
    }
}
