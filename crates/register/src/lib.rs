#![doc = include_str!("../README.md")]

mod access;
mod activate;
mod batch;
mod branch;
mod changes;
mod circumstance;
mod day;
mod designate;
mod dossier;
mod end;
mod end_rules;
mod entry;
mod estate;
mod fact;
mod fault;
mod feed;
mod fold;
mod form;
mod fraud;
mod gathering;
mod hold;
mod hold_list;
mod hold_refusal;
mod http;
mod keyed;
mod letter;
mod letter_code;
mod letter_font;
mod letter_pdf;
mod links;
mod lookup;
mod merge;
mod notice;
mod outgoing;
mod payouts;
mod private;
mod record_holders;
mod remote;
mod report_accounts;
mod resolve;
mod rights;
mod rooms;
mod services;
mod settings;
mod span;
mod specific;
mod split;
mod step;
mod store;
mod subscribe;
mod take_events;
mod vault;
mod verify;
mod verify_message;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use contracts::register::{
    AccessQuery, AccessRecord, Activation, Designation, DesignationReceipt, DesignationRoute, EndDesignation, FeedAfter,
    HistoryEntry, HistoryQuery, Holder, HolderRecord, Register, RegisterFeedItem, ResolveAnswer, ResolveRequest,
};
use contracts::{Context, IdempotencyKey, ItemResult, Problem};
use platform::change_log::ChangeLog;
use platform::database::{Database, HouseSchema};
use platform::once::Answers;
use platform::seal::{KeyRing, Sealer};
use platform::tls::Trust;
use primitives::{Clock, EntryRef, HolderRef, IdSource, Identifier};

pub use end_rules::{EndRule, EndRules};
pub use fraud::{FraudRule, FraudRules};
pub use http::{operations, routes};
pub use letter::LetterToPrint;
pub use notice::Notice;
pub use remote::Remote;
pub use settings::{LATEST_BANK_ACTIVATION, LATEST_PAYMENT_EFFECT, Settings, SettingsError};
pub use step::{
    AnswerKind, Difference, Exported, FileFault, ImportReport, Master, MasterRule, Masters, Part, Questions, ReconcileError,
    Reconciled, Sample, Shadow, ShadowError, ShadowReport, StepKey, What, export, import, reconcile, routes as step_routes,
};

use gathering::Gathering;
use resolve::Lookups;
use vault::Vault;

/// The house's migrations.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The house's schema, for provisioning.
pub const SCHEMA: HouseSchema = HouseSchema { name: "register", migrator: &MIGRATIONS };

const SECONDS_A_DAY: u64 = 86_400;

/// The register.
#[derive(Debug)]
pub struct House {
    database: Database,
    vault: Vault,
    answers: Answers,
    change_log: ChangeLog,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    settings: Settings,
    lookups: Lookups,
    gathering: Gathering,
    webhooks: Option<webhook::Sender>,
    step: step::Step,
}

impl House {
    /// Opens the register in a provisioned database, under its runtime role. The house derives its own keys from the ring.
    ///
    /// # Errors
    /// When a setting breaks the law's bounds.
    pub fn new(
        database: Database, keys: &KeyRing, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, settings: Settings,
    ) -> Result<Self, SettingsError> {
        settings.check()?;
        let keep = Duration::from_secs(u64::from(settings.answer_days) * SECONDS_A_DAY);
        let sealer = Sealer::new(keys, SCHEMA.name);
        let answers = Answers::new("register", sealer.clone(), keep);
        let change_log = ChangeLog::new(SCHEMA.name, keys);
        let step = step::Step::new(StepKey::own(&sealer));
        let vault = Vault::new(sealer);
        let lookups = Lookups { database: database.clone(), vault: vault.clone() };
        let gathering = Gathering::new(lookups.clone());
        Ok(Self { database, vault, answers, change_log, clock, ids, settings, lookups, gathering, webhooks: None, step })
    }

    /// Sends webhooks, to servers that one of these authorities vouches for. Without this no webhook is added or sent.
    #[must_use]
    pub fn sending_webhooks(mut self, trust: &Trust) -> Self {
        self.webhooks = Some(webhook::Sender::new(trust, self.settings.webhook_private_networks));
        self
    }
}

#[async_trait]
impl Register for House {
    async fn resolve(&self, context: &Context, request: ResolveRequest) -> Result<ResolveAnswer, Problem> {
        self.resolve_all(context, request).await
    }

    async fn record_holders(
        &self, context: &Context, key: &IdempotencyKey, holders: Vec<HolderRecord>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.record_all_holders(context, key, holders).await
    }

    async fn holders(&self, context: &Context, identifiers: Vec<Identifier>) -> Result<Vec<Option<Holder>>, Problem> {
        self.find_holders(context, identifiers).await
    }

    async fn protected_names(&self, context: &Context, identifiers: Vec<Identifier>) -> Result<Vec<Option<String>>, Problem> {
        self.find_names(context, identifiers).await
    }

    async fn designate(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Designation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        let numbers: Vec<Identifier> = items.iter().map(|item| item.identifier.clone()).collect();
        let is_guardian = !items.is_empty() && items.iter().all(|item| item.route == DesignationRoute::Guardian);
        let guardian = is_guardian.then(|| access::as_guardian(context));
        let context = guardian.as_ref().unwrap_or(context);
        let outcome = self.designate_all(context, key, items).await;
        self.told_each(context, "designate", &numbers, outcome).await
    }

    async fn activate(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Activation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        let numbers: Vec<Identifier> = items.iter().map(|item| item.identifier.clone()).collect();
        let outcome = self.activate_all(context, key, items).await;
        self.told_each(context, "activate", &numbers, outcome).await
    }

    async fn end(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<EndDesignation>,
    ) -> Result<Vec<ItemResult<EntryRef>>, Problem> {
        let numbers: Vec<Identifier> = items.iter().map(|item| item.identifier.clone()).collect();
        let outcome = self.end_all(context, key, items).await;
        self.told_each(context, "end", &numbers, outcome).await
    }

    async fn history(&self, context: &Context, query: HistoryQuery) -> Result<Vec<HistoryEntry>, Problem> {
        self.history_of(context, query).await
    }

    async fn accesses(&self, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        self.accesses_to(context, query).await
    }

    async fn feed(&self, context: &Context, after: FeedAfter) -> Result<Vec<RegisterFeedItem>, Problem> {
        self.feed_after(context, after).await
    }
}
