//! The open interface: each operation of the contract under `/v1/setoff/`.

use std::sync::Arc;

use axum::Router;
use contracts::setoff::{Accesses, Advices, Post, PutBenefitRules, PutMarkers, Reserve, Reverse, Setoff, Void};
use platform::{openapi::OperationDoc, rpc::Routes};

/// The routes of a set-off.
pub fn routes(house: Arc<dyn Setoff>) -> Router {
    Routes::new(house)
        .command::<PutMarkers, _, _>(|house, context, key, input| async move { house.put_markers(&context, &key, input).await })
        .command::<PutBenefitRules, _, _>(|house, context, key, input| async move {
            house.put_benefit_rules(&context, &key, input).await
        })
        .command::<Reserve, _, _>(|house, context, key, input| async move { house.reserve(&context, &key, input).await })
        .command::<Post, _, _>(|house, context, key, input| async move { house.post(&context, &key, input).await })
        .command::<Void, _, _>(|house, context, key, input| async move { house.void(&context, &key, input).await })
        .command::<Reverse, _, _>(|house, context, key, input| async move { house.reverse(&context, &key, input).await })
        .query::<Advices, _, _>(|house, context, input| async move { house.advices(&context, input).await })
        .query::<Accesses, _, _>(|house, context, input| async move { house.accesses(&context, input).await })
        .into_router()
}

/// The operations, for the interface document.
pub fn operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<Accesses>(),
        OperationDoc::of::<PutMarkers>(),
        OperationDoc::of::<PutBenefitRules>(),
        OperationDoc::of::<Reserve>(),
        OperationDoc::of::<Post>(),
        OperationDoc::of::<Void>(),
        OperationDoc::of::<Reverse>(),
        OperationDoc::of::<Advices>(),
    ]
}
