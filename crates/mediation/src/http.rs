//! The open interface: each operation of the contract under `/v1/mediation/`. Files (deliveries and bank answers) do not travel as JSON and are
//! not part of it: they are handed to the contract as streams by whoever receives them.

use std::sync::Arc;

use axum::Router;
use contracts::mediation::{Deliveries, Mediation, Search, Stop, Story, Submit};
use platform::{openapi::OperationDoc, rpc::Routes};

/// The routes of a mediation.
pub fn routes(house: Arc<dyn Mediation>) -> Router {
    Routes::new(house)
        .command::<Submit, _, _>(|house, context, key, input| async move { house.submit(&context, &key, input).await })
        .query::<Search, _, _>(|house, context, input| async move { house.search(&context, input).await })
        .command::<Stop, _, _>(|house, context, key, input| async move { house.stop(&context, &key, input).await })
        .query::<Story, _, _>(|house, context, input| async move { house.story(&context, input).await })
        .query::<Deliveries, _, _>(|house, context, input| async move { house.deliveries(&context, input).await })
        .into_router()
}

/// The operations, for the interface document.
pub fn operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<Submit>(),
        OperationDoc::of::<Search>(),
        OperationDoc::of::<Stop>(),
        OperationDoc::of::<Story>(),
        OperationDoc::of::<Deliveries>(),
    ]
}
