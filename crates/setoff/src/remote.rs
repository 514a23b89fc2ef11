//! A set-off that runs in another process: the same contract over HTTP.

use async_trait::async_trait;
use contracts::{
    AccessQuery, AccessRecord, Context, IdempotencyKey, ItemResult, Problem,
    register::FeedAfter,
    setoff::{
        Accesses, Advice, Advices, BenefitRule, MarkerChange, Post, PutBenefitRules, PutMarkers, Reserve, Reverse, Setoff,
        SetoffAnswer, SetoffRequest, Void,
    },
};
use platform::rpc::RpcClient;
use primitives::{LegRef, ReservationRef};

/// The client of a remote set-off.
#[derive(Clone, Debug)]
pub struct Remote(RpcClient);

impl Remote {
    /// The set-off this client reaches.
    pub fn new(client: RpcClient) -> Self {
        Self(client)
    }
}

#[async_trait]
impl Setoff for Remote {
    async fn put_markers(
        &self, context: &Context, key: &IdempotencyKey, changes: Vec<MarkerChange>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        self.0.call::<PutMarkers>(context, Some(key), changes).await
    }

    async fn put_benefit_rules(
        &self, context: &Context, key: &IdempotencyKey, rules: Vec<BenefitRule>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        self.0.call::<PutBenefitRules>(context, Some(key), rules).await
    }

    async fn reserve(&self, context: &Context, key: &IdempotencyKey, request: SetoffRequest) -> Result<SetoffAnswer, Problem> {
        self.0.call::<Reserve>(context, Some(key), request).await
    }

    async fn post(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<ReservationRef>>, Problem> {
        self.0.call::<Post>(context, Some(key), legs).await
    }

    async fn void(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<ReservationRef>>, Problem> {
        self.0.call::<Void>(context, Some(key), legs).await
    }

    async fn reverse(
        &self, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<ReservationRef>>, Problem> {
        self.0.call::<Reverse>(context, Some(key), legs).await
    }

    async fn accesses(&self, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        self.0.call::<Accesses>(context, None, query).await
    }

    async fn advices(&self, context: &Context, after: FeedAfter) -> Result<Vec<Advice>, Problem> {
        self.0.call::<Advices>(context, None, after).await
    }
}
