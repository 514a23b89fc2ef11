//! The same house, running elsewhere.

use async_trait::async_trait;
use contracts::{
    Context, IdempotencyKey, ItemResult, Problem,
    parties::{
        BankProfile, Banks, Directory, DirectoryEntry, Parties, PartyChange, PayerProfile, PayerQuery, Payers, Record,
        UserProfile, UserQuery, Users,
    },
};
use jiff::civil::Date;
use platform::rpc::RpcClient;

/// Parties behind the open interface of another process.
#[derive(Clone, Debug)]
pub struct Remote(RpcClient);

impl Remote {
    /// Speaks to the implementation this client reaches.
    pub fn new(client: RpcClient) -> Self {
        Self(client)
    }
}

#[async_trait]
impl Parties for Remote {
    async fn record(
        &self, context: &Context, key: &IdempotencyKey, changes: Vec<PartyChange>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        self.0.call::<Record>(context, Some(key), changes).await
    }

    async fn payers(&self, context: &Context, query: PayerQuery) -> Result<Vec<Option<PayerProfile>>, Problem> {
        self.0.call::<Payers>(context, None, query).await
    }

    async fn banks(&self, context: &Context, on: Date) -> Result<Vec<BankProfile>, Problem> {
        self.0.call::<Banks>(context, None, on).await
    }

    async fn users(&self, context: &Context, query: UserQuery) -> Result<Vec<Option<UserProfile>>, Problem> {
        self.0.call::<Users>(context, None, query).await
    }

    async fn directory(&self, context: &Context, on: Date) -> Result<Vec<DirectoryEntry>, Problem> {
        self.0.call::<Directory>(context, None, on).await
    }
}
