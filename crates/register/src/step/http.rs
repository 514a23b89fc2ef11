//! What keeps registers in step, on the open interface under `/v1/register/`.

use std::sync::Arc;

use axum::Router;
use contracts::register::{Extract, PutExtract, RegisterStep, StepDigests, StepHolders, StepNodes, StepStateOf};
use platform::openapi::OperationDoc;
use platform::rpc::Routes;

/// The routes by which another register, or an operator, compares and exchanges.
pub fn routes(house: Arc<dyn RegisterStep>) -> Router {
    Routes::new(house)
        .query::<StepStateOf, _, _>(|house, context, ()| async move { house.step_state(&context).await })
        .query::<StepNodes, _, _>(|house, context, input| async move { house.step_nodes(&context, input).await })
        .query::<StepDigests, _, _>(|house, context, input| async move { house.step_digests(&context, input).await })
        .query::<StepHolders, _, _>(|house, context, input| async move { house.step_holders(&context, input).await })
        .query::<Extract, _, _>(|house, context, input| async move { house.extract(&context, input).await })
        .command::<PutExtract, _, _>(|house, context, key, input| async move { house.put_extract(&context, &key, input).await })
        .into_router()
}

/// The operations, for the interface document.
pub fn operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<StepStateOf>(),
        OperationDoc::of::<StepNodes>(),
        OperationDoc::of::<StepDigests>(),
        OperationDoc::of::<StepHolders>(),
        OperationDoc::of::<Extract>(),
        OperationDoc::of::<PutExtract>(),
    ]
}
