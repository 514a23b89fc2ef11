//! The house: what it works with, and the contract it answers.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use contracts::{
    Context, IdempotencyKey, ItemResult, Problem,
    parties::{BankProfile, DirectoryEntry, Parties, PartyChange, PayerProfile, PayerQuery, UserProfile, UserQuery},
};
use jiff::civil::Date;
use platform::{
    database::{Database, HouseSchema},
    driver::Room,
    forget_answers::ForgetAnswers,
    once::Answers,
    seal::KeyRing,
    vault::Vault,
};
use primitives::Clock;

use crate::{banks::banks, directory::directory, payers::payers, record::record, users::users};

/// The house's tables, in their versions.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The house's schema, for provisioning.
pub const SCHEMA: HouseSchema = HouseSchema { name: "parties", migrator: &MIGRATIONS };

const ANSWERS_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Parties. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct House {
    pub(crate) database: Database,
    pub(crate) vault: Vault,
    pub(crate) answers: Answers,
    pub(crate) clock: Arc<dyn Clock>,
}

impl fmt::Debug for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("House").field("database", &self.database).finish_non_exhaustive()
    }
}

impl House {
    /// Opens the house on a database connection of its runtime role. The clock dates what is recorded.
    pub fn new(database: Database, keys: &KeyRing, clock: Arc<dyn Clock>) -> Self {
        let vault = Vault::new(keys, "parties");
        let answers = Answers::new("parties", vault.sealer().clone(), ANSWERS_KEPT);
        Self { database, vault, answers, clock }
    }

    /// The same house, which keeps the answers of its calls this long for a repetition of them. Default 90 days: no public source, chosen by
    /// us.
    #[must_use]
    pub fn keeping_answers(mut self, keep: Duration) -> Self {
        self.answers = Answers::new("parties", self.vault.sealer().clone(), keep);
        self
    }

    /// The rooms with work that is due now and then: kept answers are forgotten.
    #[must_use]
    pub fn chores(&self) -> Vec<Arc<dyn Room>> {
        vec![Arc::new(ForgetAnswers::new("parties.forget_answers", "parties", self.database.clone()))]
    }
}

#[async_trait]
impl Parties for House {
    async fn record(
        &self, context: &Context, key: &IdempotencyKey, changes: Vec<PartyChange>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        record(self, context, key, &changes).await.map_err(|fault| fault.into_problem("parties", "record"))
    }

    async fn payers(&self, context: &Context, query: PayerQuery) -> Result<Vec<Option<PayerProfile>>, Problem> {
        payers(self, context, &query).await.map_err(|fault| fault.into_problem("parties", "payers"))
    }

    async fn banks(&self, context: &Context, on: Date) -> Result<Vec<BankProfile>, Problem> {
        banks(self, context, on).await.map_err(|fault| fault.into_problem("parties", "banks"))
    }

    async fn users(&self, context: &Context, query: UserQuery) -> Result<Vec<Option<UserProfile>>, Problem> {
        users(self, context, &query).await.map_err(|fault| fault.into_problem("parties", "users"))
    }

    async fn directory(&self, _context: &Context, on: Date) -> Result<Vec<DirectoryEntry>, Problem> {
        directory(self, on).await.map_err(|fault| fault.into_problem("parties", "directory"))
    }
}
