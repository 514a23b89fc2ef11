//! The open interface: each operation of the contract under `/v1/register/`.

use std::sync::Arc;

use axum::Router;
use contracts::register::{Accesses, Activate, Designate, End, Feed, History, Holders, RecordHolders, Register, Resolve};
use platform::openapi::OperationDoc;
use platform::rpc::Routes;

/// The routes of a register.
pub fn routes(house: Arc<dyn Register>) -> Router {
    Routes::new(house)
        .query::<Resolve, _, _>(|house, context, input| async move { house.resolve(&context, input).await })
        .command::<RecordHolders, _, _>(
            |house, context, key, input| async move { house.record_holders(&context, &key, input).await },
        )
        .query::<Holders, _, _>(|house, context, input| async move { house.holders(&context, input).await })
        .command::<Designate, _, _>(|house, context, key, input| async move { house.designate(&context, &key, input).await })
        .command::<Activate, _, _>(|house, context, key, input| async move { house.activate(&context, &key, input).await })
        .command::<End, _, _>(|house, context, key, input| async move { house.end(&context, &key, input).await })
        .query::<History, _, _>(|house, context, input| async move { house.history(&context, input).await })
        .query::<Accesses, _, _>(|house, context, input| async move { house.accesses(&context, input).await })
        .query::<Feed, _, _>(|house, context, input| async move { house.feed(&context, input).await })
        .into_router()
}

/// The operations, for the interface document.
pub fn operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<Resolve>(),
        OperationDoc::of::<RecordHolders>(),
        OperationDoc::of::<Holders>(),
        OperationDoc::of::<Designate>(),
        OperationDoc::of::<Activate>(),
        OperationDoc::of::<End>(),
        OperationDoc::of::<History>(),
        OperationDoc::of::<Accesses>(),
        OperationDoc::of::<Feed>(),
    ]
}
