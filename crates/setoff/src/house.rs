//! The house: what it works with, and the contract it answers.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::{
    AccessQuery, AccessRecord, Context, IdempotencyKey, ItemResult, Problem,
    register::FeedAfter,
    setoff::{Advice, BenefitRule, MarkerChange, Setoff, SetoffAnswer, SetoffRequest},
};
use platform::{
    access_log::AccessLog,
    change_log::{Chaining, ChangeLog},
    database::{Database, HouseSchema},
    driver::Room,
    once::Answers,
    seal::KeyRing,
    vault::Vault,
};
use primitives::{Clock, LegRef, ReservationRef};

use crate::{
    accesses::accesses, advices::advices, overdue::Overdue, put_benefit_rules::put_benefit_rules, put_markers::put_markers,
    reserve::reserve, reverse::reverse, settings::Settings, settle, store::reservation::Outcome,
};

/// The house's tables, in their versions.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The house's schema, for provisioning.
pub const SCHEMA: HouseSchema = HouseSchema { name: "setoff", migrator: &MIGRATIONS };

/// Set-off. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct House {
    pub(crate) database: Database,
    pub(crate) vault: Vault,
    pub(crate) answers: Answers,
    pub(crate) log: ChangeLog,
    pub(crate) access: AccessLog,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Arc<Settings>,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl House {
    /// Opens the house on a database connection of its runtime role.
    pub fn new(database: Database, keys: &KeyRing, clock: Arc<dyn Clock>, settings: Settings) -> Self {
        let vault = Vault::new(keys, "setoff");
        let answers = Answers::new("setoff", vault.sealer().clone(), settings.answers_kept);
        let log = ChangeLog::new(SCHEMA.name, keys);
        let access = AccessLog::new(SCHEMA.name, vault.sealer().clone());
        Self { database, vault, answers, log, access, clock, settings: Arc::new(settings) }
    }

    /// The room that gives the changes their place in the change log, and signs.
    #[must_use]
    pub fn rooms(&self) -> Vec<Arc<dyn Room>> {
        let chaining = Chaining::new("setoff.chain", self.log.clone(), self.database.clone(), Arc::clone(&self.clock));
        vec![Arc::new(chaining)]
    }

    /// Reservations whose bank answer is overdue, the longest overdue first, at most `limit`: for the operator to look into. An executed
    /// redirect can still be posted.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database cannot answer.
    pub async fn overdue(&self, limit: u32) -> Result<Vec<Overdue>, Problem> {
        crate::overdue::overdue(self, limit).await.map_err(|fault| fault.into_problem("setoff", "overdue"))
    }
}

#[async_trait]
impl Setoff for House {
    async fn put_markers(
        &self, context: &Context, key: &IdempotencyKey, changes: Vec<MarkerChange>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        put_markers(self, context, key, changes).await.map_err(|fault| fault.into_problem("setoff", "put-markers"))
    }

    async fn put_benefit_rules(
        &self, context: &Context, key: &IdempotencyKey, rules: Vec<BenefitRule>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        put_benefit_rules(self, context, key, rules).await.map_err(|fault| fault.into_problem("setoff", "put-benefit-rules"))
    }

    async fn reserve(&self, context: &Context, key: &IdempotencyKey, request: SetoffRequest) -> Result<SetoffAnswer, Problem> {
        reserve(self, context, key, request).await.map_err(|fault| fault.into_problem("setoff", "reserve"))
    }

    async fn post(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<ReservationRef>>, Problem> {
        settle::settle(self, context, key, legs, Outcome::Posted).await.map_err(|fault| fault.into_problem("setoff", "post"))
    }

    async fn void(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<ReservationRef>>, Problem> {
        settle::settle(self, context, key, legs, Outcome::Voided).await.map_err(|fault| fault.into_problem("setoff", "void"))
    }

    async fn reverse(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<ReservationRef>>, Problem> {
        reverse(self, context, key, legs).await.map_err(|fault| fault.into_problem("setoff", "reverse"))
    }

    async fn accesses(&self, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        accesses(self, context, query).await.map_err(|fault| fault.into_problem("setoff", "accesses"))
    }

    async fn advices(&self, context: &Context, after: FeedAfter) -> Result<Vec<Advice>, Problem> {
        advices(self, context, after).await.map_err(|fault| fault.into_problem("setoff", "advices"))
    }
}
