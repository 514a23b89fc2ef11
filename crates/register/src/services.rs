//! The register's services: which verb answers which call.

use async_trait::async_trait;
use contracts::register::{
    AccountPresence, AwaitedQuery, BankReceipt, BankReport, BranchMove, DesignationReceipt, EventOutcome, Hold, HoldRelease,
    HoldReleased, HolderLink, HolderMerge, HolderSplit, LastPayout, LevyQuery, LevyStatement, PrivateAnswer, PrivateBundle,
    PrivateChoice, Promotion, RegisterServices, SourceEvent, SourceProgress, SourceRegister, SpecificRule, Subscription,
    Verification,
};
use contracts::{Context, IdempotencyKey, ItemResult, Problem};
use jiff::civil::Date;
use primitives::{Account, HolderRef, Identifier};

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
        self.report_all_accounts(context, key, reports).await
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
        self.promote_all(context, key, items).await
    }

    async fn release_holds(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<HoldRelease>,
    ) -> Result<Vec<ItemResult<HoldReleased>>, Problem> {
        self.release_all(context, key, items).await
    }

    async fn holds(&self, context: &Context, identifier: Identifier) -> Result<Vec<Hold>, Problem> {
        self.holds_of(context, identifier).await
    }

    async fn have_accounts(&self, context: &Context, identifiers: Vec<Identifier>) -> Result<Vec<AccountPresence>, Problem> {
        self.presence_of(context, identifiers).await
    }

    async fn verify(&self, context: &Context, items: Vec<Verification>) -> Result<Vec<bool>, Problem> {
        self.verify_all(context, items).await
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
        self.unsubscribe_all(context, key, items).await
    }

    async fn complete_bundle(
        &self, context: &Context, key: &IdempotencyKey, bundle: PrivateBundle,
    ) -> Result<Vec<ItemResult<PrivateAnswer>>, Problem> {
        self.complete_bundle(context, key, bundle).await
    }

    async fn choose_private(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<PrivateChoice>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.choose(context, key, items).await
    }

    async fn levy(&self, context: &Context, query: LevyQuery) -> Result<LevyStatement, Problem> {
        self.levy_of(context, query).await
    }
}
