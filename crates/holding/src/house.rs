//! The house: what it works with, and the contract it answers.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::{
    AccessQuery, AccessRecord, Context, IdempotencyKey, ItemResult, Problem,
    holding::{Deposit, DepositAnswer, DepositRequest, Holding, LedgerBalance},
};
use jiff::civil::Date;
use platform::{
    access_log::AccessLog,
    change_log::{Chaining, ChangeLog},
    database::{Database, HouseSchema},
    driver::Room,
    once::Answers,
    seal::KeyRing,
    vault::Vault,
};
use primitives::{Clock, DepositRef, Identifier, LegRef};

use crate::{
    deposit::Settlement,
    deposits::{accesses, deposits},
    expire::{Expired, expire},
    reserve::reserve,
    reverse::reverse,
    settings::Settings,
    settle::settle,
    trial_balance::trial_balance,
};

/// The house's tables, in their versions.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The house's schema, for provisioning.
pub const SCHEMA: HouseSchema = HouseSchema { name: "holding", migrator: &MIGRATIONS };

/// The holding account. Cheap to clone; clones share the connections.
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
        let vault = Vault::new(keys, "holding");
        let answers = Answers::new("holding", vault.sealer().clone(), settings.answers_kept);
        let log = ChangeLog::new(SCHEMA.name, keys);
        let access = AccessLog::new(SCHEMA.name, vault.sealer().clone());
        Self { database, vault, answers, log, access, clock, settings: Arc::new(settings) }
    }

    /// The room that gives the changes their place in the change log, and signs.
    #[must_use]
    pub fn rooms(&self) -> Vec<Arc<dyn Room>> {
        let chaining = Chaining::new("holding.chain", self.log.clone(), self.database.clone(), Arc::clone(&self.clock));
        vec![Arc::new(chaining)]
    }

    /// Moves to the Treasury's side of the ledger what has waited all its years on this day, at most `limit` deposits. To be called until it
    /// moves none.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database cannot answer.
    pub async fn expire(&self, on: Date, limit: u32) -> Result<Expired, Problem> {
        expire(self, on, limit).await.map_err(|fault| fault.into_problem("holding", "expire"))
    }
}

#[async_trait]
impl Holding for House {
    async fn reserve(
        &self, context: &Context, key: &IdempotencyKey, deposits: Vec<DepositRequest>,
    ) -> Result<DepositAnswer, Problem> {
        reserve(self, context, key, deposits).await.map_err(|fault| fault.into_problem("holding", "reserve"))
    }

    async fn post(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<DepositRef>>, Problem> {
        settle(self, context, key, legs, Settlement::Posted).await.map_err(|fault| fault.into_problem("holding", "post"))
    }

    async fn void(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<DepositRef>>, Problem> {
        settle(self, context, key, legs, Settlement::Voided).await.map_err(|fault| fault.into_problem("holding", "void"))
    }

    async fn reverse(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<DepositRef>>, Problem> {
        reverse(self, context, key, legs).await.map_err(|fault| fault.into_problem("holding", "reverse"))
    }

    async fn deposits(&self, context: &Context, payee: Identifier) -> Result<Vec<Deposit>, Problem> {
        deposits(self, context, payee).await.map_err(|fault| fault.into_problem("holding", "deposits"))
    }

    async fn accesses(&self, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        accesses(self, context, query).await.map_err(|fault| fault.into_problem("holding", "accesses"))
    }

    async fn trial_balance(&self, context: &Context) -> Result<Vec<LedgerBalance>, Problem> {
        trial_balance(self, context).await.map_err(|fault| fault.into_problem("holding", "trial-balance"))
    }
}
