//! The open interface: the contract over HTTP.

use std::sync::Arc;

use axum::Router;
use contracts::parties::{
    Banks, CertificateHolder, CertificatesNamed, ChargeLookups, ControlListOf, Decide, Directory, EndGrants, GrantRights, Grants,
    May, NoteCertificates, NotePaymentsSent, PartiesHouse, Payers, PayersKnown, Proposals, Propose, Record, RecordConflicts,
    RecordMandates, RoutingOf, SetLookupLimits, Terms, Users,
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
        .query::<RoutingOf, _, _>(|parties, context, query| async move { parties.routing(&context, query).await })
        .command::<Propose, _, _>(|parties, context, key, new| async move { parties.propose(&context, &key, new).await })
        .command::<Decide, _, _>(|parties, context, key, decision| async move { parties.decide(&context, &key, decision).await })
        .query::<Proposals, _, _>(|parties, context, query| async move { parties.proposals(&context, query).await })
        .query::<PayersKnown, _, _>(|parties, context, query| async move { parties.payers_as_known(&context, query).await })
        .query::<Terms, _, _>(|parties, context, query| async move { parties.terms(&context, query).await })
        .query::<CertificateHolder, _, _>(
            |parties, context, query| async move { parties.certificate_holder(&context, query).await },
        )
        .query::<CertificatesNamed, _, _>(
            |parties, context, query| async move { parties.certificates_named(&context, query).await },
        )
        .query::<May, _, _>(|parties, context, questions| async move { parties.may(&context, questions).await })
        .command::<GrantRights, _, _>(|parties, context, key, grants| async move { parties.grant(&context, &key, grants).await })
        .command::<RecordMandates, _, _>(|parties, context, key, new| async move { parties.mandate(&context, &key, new).await })
        .command::<EndGrants, _, _>(|parties, context, key, ends| async move { parties.end_grants(&context, &key, ends).await })
        .query::<Grants, _, _>(|parties, context, query| async move { parties.grants(&context, query).await })
        .command::<RecordConflicts, _, _>(|parties, context, key, new| async move {
            parties.record_conflicts(&context, &key, new).await
        })
        .query::<ChargeLookups, _, _>(|parties, context, charge| async move { parties.charge_lookups(&context, charge).await })
        .command::<NotePaymentsSent, _, _>(|parties, context, key, sent| async move {
            parties.payments_sent(&context, &key, sent).await
        })
        .command::<SetLookupLimits, _, _>(|parties, context, key, limits| async move {
            parties.set_lookup_limits(&context, &key, limits).await
        })
        .command::<NoteCertificates, _, _>(|parties, context, key, seen| async move {
            parties.note_certificates(&context, &key, seen).await
        })
        .query::<ControlListOf, _, _>(|parties, context, query| async move { parties.control_list(&context, query).await })
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
        OperationDoc::of::<RoutingOf>(),
        OperationDoc::of::<Propose>(),
        OperationDoc::of::<Decide>(),
        OperationDoc::of::<Proposals>(),
        OperationDoc::of::<PayersKnown>(),
        OperationDoc::of::<Terms>(),
        OperationDoc::of::<CertificateHolder>(),
        OperationDoc::of::<CertificatesNamed>(),
        OperationDoc::of::<May>(),
        OperationDoc::of::<GrantRights>(),
        OperationDoc::of::<RecordMandates>(),
        OperationDoc::of::<EndGrants>(),
        OperationDoc::of::<Grants>(),
        OperationDoc::of::<RecordConflicts>(),
        OperationDoc::of::<ChargeLookups>(),
        OperationDoc::of::<NotePaymentsSent>(),
        OperationDoc::of::<SetLookupLimits>(),
        OperationDoc::of::<NoteCertificates>(),
        OperationDoc::of::<ControlListOf>(),
    ]
}
