//! A register that runs elsewhere: the same contract over HTTP.

use async_trait::async_trait;
use contracts::register::{
    AccessQuery, AccessRecord, Accesses, Activate, Activation, Designate, Designation, DesignationReceipt, End, EndDesignation,
    Feed, FeedAfter, History, HistoryEntry, HistoryQuery, Holder, HolderRecord, Holders, RecordHolders, Register,
    RegisterFeedItem, Resolve, ResolveAnswer, ResolveRequest,
};
use contracts::{Context, IdempotencyKey, ItemResult, Problem};
use platform::rpc::RpcClient;
use primitives::{EntryRef, HolderRef, Identifier};

/// A register behind the open interface.
#[derive(Clone, Debug)]
pub struct Remote(RpcClient);

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
