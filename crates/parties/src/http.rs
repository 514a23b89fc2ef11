//! The open interface: the contract over HTTP.

use std::sync::Arc;

use axum::Router;
use contracts::parties::{Banks, Directory, Parties, Payers, Record, Users};
use platform::{openapi::OperationDoc, rpc::Routes};

/// The routes `/v1/parties/…` of an implementation.
pub fn routes(parties: Arc<dyn Parties>) -> Router {
    Routes::new(parties)
        .command::<Record, _, _>(|parties, context, key, changes| async move { parties.record(&context, &key, changes).await })
        .query::<Payers, _, _>(|parties, context, query| async move { parties.payers(&context, query).await })
        .query::<Banks, _, _>(|parties, context, on| async move { parties.banks(&context, on).await })
        .query::<Users, _, _>(|parties, context, query| async move { parties.users(&context, query).await })
        .query::<Directory, _, _>(|parties, context, on| async move { parties.directory(&context, on).await })
        .into_router()
}

/// The operations, for the interface document.
pub fn operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<Record>(),
        OperationDoc::of::<Payers>(),
        OperationDoc::of::<Banks>(),
        OperationDoc::of::<Users>(),
        OperationDoc::of::<Directory>(),
    ]
}
