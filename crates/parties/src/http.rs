//! The open interface: the contract over HTTP.

use std::sync::Arc;

use axum::Router;
use contracts::parties::{
    Banks, CertificateHolder, Decide, Directory, EndGrants, GrantRights, Grants, May, PartiesHouse, Payers, PayersKnown,
    Proposals, Propose, Record, RecordConflicts, RecordMandates, Terms, Users,
};
use platform::{openapi::OperationDoc, rpc::Routes};

/// The routes `/v1/parties/…` of an implementation.
pub fn routes(parties: Arc<dyn PartiesHouse>) -> Router {
    Routes::new(parties)
        .command::<Record, _, _>(|parties, context, key, changes| async move { parties.record(&context, &key, changes).await })
        .query::<Payers, _, _>(|parties, context, query| async move { parties.payers(&context, query).await })
        .query::<Banks, _, _>(|parties, context, on| async move { parties.banks(&context, on).await })
        .query::<Users, _, _>(|parties, context, query| async move { parties.users(&context, query).await })
        .query::<Directory, _, _>(|parties, context, on| async move { parties.directory(&context, on).await })
        .command::<Propose, _, _>(|parties, context, key, new| async move { parties.propose(&context, &key, new).await })
        .command::<Decide, _, _>(|parties, context, key, decision| async move { parties.decide(&context, &key, decision).await })
        .query::<Proposals, _, _>(|parties, context, query| async move { parties.proposals(&context, query).await })
        .query::<PayersKnown, _, _>(|parties, context, query| async move { parties.payers_as_known(&context, query).await })
        .query::<Terms, _, _>(|parties, context, query| async move { parties.terms(&context, query).await })
        .query::<CertificateHolder, _, _>(
            |parties, context, query| async move { parties.certificate_holder(&context, query).await },
        )
        .query::<May, _, _>(|parties, context, questions| async move { parties.may(&context, questions).await })
        .command::<GrantRights, _, _>(|parties, context, key, grants| async move { parties.grant(&context, &key, grants).await })
        .command::<RecordMandates, _, _>(|parties, context, key, new| async move { parties.mandate(&context, &key, new).await })
        .command::<EndGrants, _, _>(|parties, context, key, ends| async move { parties.end_grants(&context, &key, ends).await })
        .query::<Grants, _, _>(|parties, context, query| async move { parties.grants(&context, query).await })
        .command::<RecordConflicts, _, _>(|parties, context, key, new| async move {
            parties.record_conflicts(&context, &key, new).await
        })
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
        OperationDoc::of::<Propose>(),
        OperationDoc::of::<Decide>(),
        OperationDoc::of::<Proposals>(),
        OperationDoc::of::<PayersKnown>(),
        OperationDoc::of::<Terms>(),
        OperationDoc::of::<CertificateHolder>(),
        OperationDoc::of::<May>(),
        OperationDoc::of::<GrantRights>(),
        OperationDoc::of::<RecordMandates>(),
        OperationDoc::of::<EndGrants>(),
        OperationDoc::of::<Grants>(),
        OperationDoc::of::<RecordConflicts>(),
    ]
}
