//! A register elsewhere, to keep in step with.

use async_trait::async_trait;
use contracts::register::{
    Extract, ExtractHolder, ExtractInput, ExtractOutcome, ExtractPage, ExtractQuery, HoldersQuery, NodesQuery, PutExtract,
    RegisterStep, StepDigests, StepHolders, StepNodes, StepState, StepStateOf,
};
use contracts::{Context, IdempotencyKey, ItemResult, Problem};

use crate::Remote;

#[async_trait]
impl RegisterStep for Remote {
    async fn step_state(&self, context: &Context) -> Result<StepState, Problem> {
        self.0.call::<StepStateOf>(context, None, ()).await
    }

    async fn step_nodes(&self, context: &Context, query: NodesQuery) -> Result<Vec<String>, Problem> {
        self.0.call::<StepNodes>(context, None, query).await
    }

    async fn step_digests(&self, context: &Context, query: NodesQuery) -> Result<Vec<Option<String>>, Problem> {
        self.0.call::<StepDigests>(context, None, query).await
    }

    async fn step_holders(&self, context: &Context, query: HoldersQuery) -> Result<Vec<ExtractHolder>, Problem> {
        self.0.call::<StepHolders>(context, None, query).await
    }

    async fn extract(&self, context: &Context, query: ExtractQuery) -> Result<ExtractPage, Problem> {
        self.0.call::<Extract>(context, None, query).await
    }

    async fn put_extract(
        &self, context: &Context, key: &IdempotencyKey, input: ExtractInput,
    ) -> Result<Vec<ItemResult<ExtractOutcome>>, Problem> {
        self.0.call::<PutExtract>(context, Some(key), input).await
    }
}
