//! The open interface: each operation of the contract under `/v1/mediation/`. Files (deliveries and bank answers) are streamed.

use std::sync::Arc;

use axum::Router;
use contracts::mediation::{
    Accesses, BankAnswer, Deliver, Deliveries, Mediation, NoteTaken, Search, States, Stop, Story, Submit, TakenHere,
};
use platform::{openapi::OperationDoc, rpc::Routes};

/// The routes of a mediation.
pub fn routes(house: Arc<dyn Mediation>) -> Router {
    Routes::new(house)
        .stream::<Deliver, _, _>(
            |house, context, supplier, content| async move { house.deliver(&context, supplier, content).await },
        )
        .stream::<BankAnswer, _, _>(
            |house, context, bank, content| async move { house.bank_answer(&context, bank, content).await },
        )
        .command::<Submit, _, _>(|house, context, key, input| async move { house.submit(&context, &key, input).await })
        .query::<Search, _, _>(|house, context, input| async move { house.search(&context, input).await })
        .query::<States, _, _>(|house, context, input| async move { house.states(&context, input).await })
        .command::<Stop, _, _>(|house, context, key, input| async move { house.stop(&context, &key, input).await })
        .query::<Story, _, _>(|house, context, input| async move { house.story(&context, input).await })
        .query::<Deliveries, _, _>(|house, context, input| async move { house.deliveries(&context, input).await })
        .command::<NoteTaken, _, _>(|house, context, key, input| async move { house.note_taken(&context, &key, input).await })
        .query::<TakenHere, _, _>(|house, context, input| async move { house.taken(&context, input).await })
        .query::<Accesses, _, _>(|house, context, input| async move { house.accesses(&context, input).await })
        .into_router()
}

/// The operations, for the interface document.
pub fn operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<Accesses>(),
        OperationDoc::of_stream::<Deliver>("application/xml"),
        OperationDoc::of_stream::<BankAnswer>("application/xml"),
        OperationDoc::of::<Submit>(),
        OperationDoc::of::<Search>(),
        OperationDoc::of::<States>(),
        OperationDoc::of::<Stop>(),
        OperationDoc::of::<Story>(),
        OperationDoc::of::<Deliveries>(),
        OperationDoc::of::<NoteTaken>(),
        OperationDoc::of::<TakenHere>(),
    ]
}
