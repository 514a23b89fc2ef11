//! The register's services: which verb answers which call.

use async_trait::async_trait;
use contracts::register::{
    AccountPresence, AwaitedQuery, BankReceipt, BankReport, BranchMove, DesignationReceipt, EventOutcome, HeldPage, HeldQuery,
    Hold, HoldRefusal, HoldRelease, HoldReleased, HolderLink, HolderMerge, HolderSplit, LastPayout, LevyQuery, LevyStatement,
    MessageText, NewWebhook, PrivateAnswer, PrivateBundle, PrivateChoice, Promotion, RegisterServices, SourceEvent,
    SourceProgress, SourceRegister, SpecificRule, Subscription, Verification, Webhook, WebhookRef, WebhookSecret,
};
use contracts::register::{LetterRef, OutgoingLetter, OutgoingNotice};
use contracts::{Context, IdempotencyKey, ItemResult, Problem};
use jiff::civil::Date;
use primitives::{Account, AgreementNumber, EntryRef, HolderRef, Identifier};

use crate::House;

#[async_trait]
impl RegisterServices for House {
    async fn take_events(
        &self, context: &Context, key: &IdempotencyKey, events: Vec<SourceEvent>,
    ) -> Result<Vec<ItemResult<EventOutcome>>, Problem> {
        self.take_all_events(context, key, events).await
    }

    async fn source_progress(&self, context: &Context, source: SourceRegister) -> Result<SourceProgress, Problem> {
        self.progress_of(context, source).await
    }

    async fn note_payouts(
        &self, context: &Context, key: &IdempotencyKey, payouts: Vec<LastPayout>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.note_all_payouts(context, key, payouts).await
    }

    async fn merge_holders(
        &self, context: &Context, key: &IdempotencyKey, merges: Vec<HolderMerge>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.merge_all(context, key, merges).await
    }

    async fn split_holders(
        &self, context: &Context, key: &IdempotencyKey, splits: Vec<HolderSplit>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.split_all(context, key, splits).await
    }

    async fn report_accounts(
        &self, context: &Context, key: &IdempotencyKey, reports: Vec<BankReport>,
    ) -> Result<Vec<ItemResult<BankReceipt>>, Problem> {
        let numbers: Vec<Identifier> = reports.iter().map(|item| item.identifier.clone()).collect();
        let outcome = self.report_all_accounts(context, key, reports).await;
        self.told_each(context, "report-accounts", &numbers, outcome).await
    }

    async fn holder_links(&self, context: &Context, identifier: Identifier) -> Result<Vec<HolderLink>, Problem> {
        self.links_of(context, identifier).await
    }

    async fn move_branches(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<BranchMove>,
    ) -> Result<Vec<ItemResult<Date>>, Problem> {
        self.take_branch_moves(context, key, items).await
    }

    async fn set_specific_rules(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<SpecificRule>,
    ) -> Result<Vec<ItemResult<Date>>, Problem> {
        self.set_rules(context, key, items).await
    }

    async fn promote(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Promotion>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        let numbers: Vec<Identifier> = items.iter().map(|item| item.identifier.clone()).collect();
        let outcome = self.promote_all(context, key, items).await;
        self.told_each(context, "promote", &numbers, outcome).await
    }

    async fn release_holds(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<HoldRelease>,
    ) -> Result<Vec<ItemResult<HoldReleased>>, Problem> {
        let numbers: Vec<Identifier> = items.iter().map(|item| item.identifier.clone()).collect();
        let outcome = self.release_all(context, key, items).await;
        self.told_each(context, "release-holds", &numbers, outcome).await
    }

    async fn refuse_holds(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<HoldRefusal>,
    ) -> Result<Vec<ItemResult<EntryRef>>, Problem> {
        let numbers: Vec<Identifier> = items.iter().map(|item| item.identifier.clone()).collect();
        let outcome = self.refuse_all(context, key, items).await;
        self.told_each(context, "refuse-holds", &numbers, outcome).await
    }

    async fn held_changes(&self, context: &Context, query: HeldQuery) -> Result<HeldPage, Problem> {
        self.held_page(context, query).await
    }

    async fn holds(&self, context: &Context, identifier: Identifier) -> Result<Vec<Hold>, Problem> {
        self.holds_of(context, identifier).await
    }

    async fn outgoing_letters(&self, context: &Context, limit: u32) -> Result<Vec<OutgoingLetter>, Problem> {
        self.letters_out(context, limit).await
    }

    async fn note_letters_printed(
        &self, context: &Context, key: &IdempotencyKey, letters: Vec<LetterRef>,
    ) -> Result<u64, Problem> {
        self.letters_are_printed(context, key, letters).await
    }

    async fn outgoing_notices(&self, context: &Context, limit: u32) -> Result<Vec<OutgoingNotice>, Problem> {
        self.notices_out(context, limit).await
    }

    async fn note_notices_sent(&self, context: &Context, key: &IdempotencyKey, notices: Vec<i64>) -> Result<u64, Problem> {
        self.notices_are_sent(context, key, notices).await
    }

    async fn have_accounts(&self, context: &Context, identifiers: Vec<Identifier>) -> Result<Vec<AccountPresence>, Problem> {
        self.presence_of(context, identifiers).await
    }

    async fn verify(&self, context: &Context, items: Vec<Verification>) -> Result<Vec<bool>, Problem> {
        self.verify_all(context, items).await
    }

    async fn verify_message(&self, context: &Context, request: MessageText) -> Result<MessageText, Problem> {
        self.answer_verification(context, request).await
    }

    async fn payees_of_account(&self, context: &Context, account: Account) -> Result<Vec<Identifier>, Problem> {
        self.payees_of_account(context, account).await
    }

    async fn subscribe(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Subscription>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.subscribe_all(context, key, items).await
    }

    async fn awaited(&self, context: &Context, query: AwaitedQuery) -> Result<Vec<Identifier>, Problem> {
        self.awaited_with_account(context, query).await
    }

    async fn unsubscribe(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Subscription>,
    ) -> Result<Vec<ItemResult<bool>>, Problem> {
        let numbers: Vec<Identifier> = items.iter().map(|item| item.identifier.clone()).collect();
        let outcome = self.unsubscribe_all(context, key, items).await;
        self.told_each(context, "unsubscribe", &numbers, outcome).await
    }

    async fn add_webhook(&self, context: &Context, key: &IdempotencyKey, webhook: NewWebhook) -> Result<WebhookSecret, Problem> {
        self.add_one_webhook(context, key, webhook).await
    }

    async fn rotate_webhook_secret(
        &self, context: &Context, key: &IdempotencyKey, webhook: WebhookRef,
    ) -> Result<WebhookSecret, Problem> {
        self.rotate_secret(context, key, webhook).await
    }

    async fn remove_webhook(&self, context: &Context, key: &IdempotencyKey, webhook: WebhookRef) -> Result<bool, Problem> {
        self.remove_one_webhook(context, key, webhook).await
    }

    async fn enable_webhook(&self, context: &Context, key: &IdempotencyKey, webhook: WebhookRef) -> Result<bool, Problem> {
        self.enable_one_webhook(context, key, webhook).await
    }

    async fn webhooks(&self, context: &Context, payer: AgreementNumber) -> Result<Vec<Webhook>, Problem> {
        self.webhooks_of(context, payer).await
    }

    async fn complete_bundle(
        &self, context: &Context, key: &IdempotencyKey, bundle: PrivateBundle,
    ) -> Result<Vec<ItemResult<PrivateAnswer>>, Problem> {
        self.complete_bundle(context, key, bundle).await
    }

    async fn choose_private(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<PrivateChoice>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        let numbers: Vec<Identifier> = items.iter().map(|item| item.identifier.clone()).collect();
        let outcome = self.choose_all(context, key, items).await;
        self.told_each(context, "choose-private", &numbers, outcome).await
    }

    async fn levy(&self, context: &Context, query: LevyQuery) -> Result<LevyStatement, Problem> {
        self.levy_of(context, query).await
    }
}
