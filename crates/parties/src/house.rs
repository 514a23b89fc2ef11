//! The house: what it works with, and the contract it answers.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use contracts::{
    Context, IdempotencyKey, ItemResult, Problem,
    parties::{BankProfile, DirectoryEntry, Parties, PartyChange, PayerProfile, PayerQuery, UserProfile, UserQuery},
};
use jiff::civil::Date;
use platform::{
    database::{Database, HouseSchema},
    seal::KeyRing,
};
use primitives::Clock;

use crate::{banks::banks, directory::directory, payers::payers, record::record, users::users, vault::Vault};

/// The house's tables, in their versions.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The house's schema, for provisioning.
pub const SCHEMA: HouseSchema = HouseSchema { name: "parties", migrator: &MIGRATIONS };

/// Parties. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct House {
    pub(crate) database: Database,
    pub(crate) vault: Vault,
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
        Self { database, vault: Vault::new(keys), clock }
    }
}

#[async_trait]
impl Parties for House {
    async fn record(
        &self, context: &Context, key: &IdempotencyKey, changes: Vec<PartyChange>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        record(self, context, key, &changes).await.map_err(|fault| fault.into_problem("record"))
    }

    async fn payers(&self, context: &Context, query: PayerQuery) -> Result<Vec<Option<PayerProfile>>, Problem> {
        payers(self, context, &query).await.map_err(|fault| fault.into_problem("payers"))
    }

    async fn banks(&self, context: &Context, on: Date) -> Result<Vec<BankProfile>, Problem> {
        banks(self, context, on).await.map_err(|fault| fault.into_problem("banks"))
    }

    async fn users(&self, context: &Context, query: UserQuery) -> Result<Vec<Option<UserProfile>>, Problem> {
        users(self, context, &query).await.map_err(|fault| fault.into_problem("users"))
    }

    async fn directory(&self, _context: &Context, on: Date) -> Result<Vec<DirectoryEntry>, Problem> {
        directory(self, on).await.map_err(|fault| fault.into_problem("directory"))
    }
}
