//! The open interface: each operation of the contract under `/v1/holding/`.

use std::sync::Arc;

use axum::Router;
use contracts::holding::{Accesses, Deposits, Holding, Post, Reserve, Reverse, TrialBalance, Void};
use platform::{openapi::OperationDoc, rpc::Routes};

/// The routes of a holding account.
pub fn routes(house: Arc<dyn Holding>) -> Router {
    Routes::new(house)
        .command::<Reserve, _, _>(|house, context, key, input| async move { house.reserve(&context, &key, input).await })
        .command::<Post, _, _>(|house, context, key, input| async move { house.post(&context, &key, input).await })
        .command::<Void, _, _>(|house, context, key, input| async move { house.void(&context, &key, input).await })
        .command::<Reverse, _, _>(|house, context, key, input| async move { house.reverse(&context, &key, input).await })
        .query::<Deposits, _, _>(|house, context, input| async move { house.deposits(&context, input).await })
        .query::<TrialBalance, _, _>(|house, context, ()| async move { house.trial_balance(&context).await })
        .query::<Accesses, _, _>(|house, context, input| async move { house.accesses(&context, input).await })
        .into_router()
}

/// The operations, for the interface document.
pub fn operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<Accesses>(),
        OperationDoc::of::<Reserve>(),
        OperationDoc::of::<Post>(),
        OperationDoc::of::<Void>(),
        OperationDoc::of::<Reverse>(),
        OperationDoc::of::<Deposits>(),
        OperationDoc::of::<TrialBalance>(),
    ]
}
