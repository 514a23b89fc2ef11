//! A holding account that runs in another process: the same contract over HTTP.

use async_trait::async_trait;
use contracts::{
    AccessQuery, AccessRecord, Context, IdempotencyKey, ItemResult, Problem,
    holding::{
        Accesses, Deposit, DepositAnswer, DepositRequest, Deposits, Holding, LedgerBalance, Post, Reserve, Reverse, TrialBalance,
        Void,
    },
};
use platform::rpc::RpcClient;
use primitives::{DepositRef, Identifier, LegRef};

/// The client of a remote holding account.
#[derive(Clone, Debug)]
pub struct Remote(RpcClient);

impl Remote {
    /// The holding account this client reaches.
    pub fn new(client: RpcClient) -> Self {
        Self(client)
    }
}

#[async_trait]
impl Holding for Remote {
    async fn reserve(
        &self, context: &Context, key: &IdempotencyKey, deposits: Vec<DepositRequest>,
    ) -> Result<DepositAnswer, Problem> {
        self.0.call::<Reserve>(context, Some(key), deposits).await
    }

    async fn post(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<DepositRef>>, Problem> {
        self.0.call::<Post>(context, Some(key), legs).await
    }

    async fn void(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<DepositRef>>, Problem> {
        self.0.call::<Void>(context, Some(key), legs).await
    }

    async fn reverse(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<DepositRef>>, Problem> {
        self.0.call::<Reverse>(context, Some(key), legs).await
    }

    async fn deposits(&self, context: &Context, payee: Identifier) -> Result<Vec<Deposit>, Problem> {
        self.0.call::<Deposits>(context, None, payee).await
    }

    async fn accesses(&self, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        self.0.call::<Accesses>(context, None, query).await
    }

    async fn trial_balance(&self, context: &Context) -> Result<Vec<LedgerBalance>, Problem> {
        self.0.call::<TrialBalance>(context, None, ()).await
    }
}
