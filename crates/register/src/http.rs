//! The open interface: each operation of the contract under `/v1/register/`.

use std::sync::Arc;

use axum::Router;
use contracts::register::{
    Accesses, Activate, AddWebhook, Awaited, ChoosePrivate, CompleteBundle, Designate, EnableWebhook, End, Feed, HaveAccounts,
    HeldChanges, History, HolderLinks, Holders, Holds, Levy, MergeHolders, MoveBranches, NotePayouts, PayeesOfAccount, Promote,
    ProtectedNames, RecordHolders, RefuseHolds, RegisterServices, ReleaseHolds, RemoveWebhook, ReportAccounts, Resolve,
    RotateWebhookSecret, SetSpecificRules, SourceProgressOf, SplitHolders, Subscribe, TakeEvents, Unsubscribe, Verify,
    VerifyMessage, Webhooks,
};
use contracts::register::{LettersToPrint, NoteLettersPrinted, NoteNoticesSent, NoticesToSend};
use platform::openapi::OperationDoc;
use platform::rpc::Routes;

/// The routes of a register.
pub fn routes(house: Arc<dyn RegisterServices>) -> Router {
    webhooks(accounts(population(paying(Routes::new(house))))).into_router()
}

type Served = Routes<dyn RegisterServices>;

/// What the houses of the street call.
fn paying(routes: Served) -> Served {
    routes
        .query::<Resolve, _, _>(|house, context, input| async move { house.resolve(&context, input).await })
        .command::<RecordHolders, _, _>(
            |house, context, key, input| async move { house.record_holders(&context, &key, input).await },
        )
        .query::<Holders, _, _>(|house, context, input| async move { house.holders(&context, input).await })
        .query::<ProtectedNames, _, _>(|house, context, input| async move { house.protected_names(&context, input).await })
        .command::<Designate, _, _>(|house, context, key, input| async move { house.designate(&context, &key, input).await })
        .command::<Activate, _, _>(|house, context, key, input| async move { house.activate(&context, &key, input).await })
        .command::<End, _, _>(|house, context, key, input| async move { house.end(&context, &key, input).await })
        .query::<History, _, _>(|house, context, input| async move { house.history(&context, input).await })
        .query::<Accesses, _, _>(|house, context, input| async move { house.accesses(&context, input).await })
        .query::<Feed, _, _>(|house, context, input| async move { house.feed(&context, input).await })
}

/// Who is in the register.
fn population(routes: Served) -> Served {
    routes
        .command::<TakeEvents, _, _>(|house, context, key, input| async move { house.take_events(&context, &key, input).await })
        .query::<SourceProgressOf, _, _>(|house, context, input| async move { house.source_progress(&context, input).await })
        .command::<NotePayouts, _, _>(|house, context, key, input| async move { house.note_payouts(&context, &key, input).await })
        .command::<MergeHolders, _, _>(
            |house, context, key, input| async move { house.merge_holders(&context, &key, input).await },
        )
        .command::<SplitHolders, _, _>(
            |house, context, key, input| async move { house.split_holders(&context, &key, input).await },
        )
        .command::<ReportAccounts, _, _>(|house, context, key, input| async move {
            house.report_accounts(&context, &key, input).await
        })
        .query::<HolderLinks, _, _>(|house, context, input| async move { house.holder_links(&context, input).await })
}

/// Accounts beside designation, and what payers may ask.
fn accounts(routes: Served) -> Served {
    routes
        .command::<MoveBranches, _, _>(
            |house, context, key, input| async move { house.move_branches(&context, &key, input).await },
        )
        .command::<SetSpecificRules, _, _>(|house, context, key, input| async move {
            house.set_specific_rules(&context, &key, input).await
        })
        .command::<Promote, _, _>(|house, context, key, input| async move { house.promote(&context, &key, input).await })
        .command::<ReleaseHolds, _, _>(
            |house, context, key, input| async move { house.release_holds(&context, &key, input).await },
        )
        .command::<RefuseHolds, _, _>(|house, context, key, input| async move { house.refuse_holds(&context, &key, input).await })
        .query::<HeldChanges, _, _>(|house, context, input| async move { house.held_changes(&context, input).await })
        .query::<Holds, _, _>(|house, context, input| async move { house.holds(&context, input).await })
        .query::<LettersToPrint, _, _>(|house, context, input| async move { house.outgoing_letters(&context, input).await })
        .command::<NoteLettersPrinted, _, _>(|house, context, key, input| async move {
            house.note_letters_printed(&context, &key, input).await
        })
        .query::<NoticesToSend, _, _>(|house, context, input| async move { house.outgoing_notices(&context, input).await })
        .command::<NoteNoticesSent, _, _>(|house, context, key, input| async move {
            house.note_notices_sent(&context, &key, input).await
        })
        .query::<HaveAccounts, _, _>(|house, context, input| async move { house.have_accounts(&context, input).await })
        .query::<Verify, _, _>(|house, context, input| async move { house.verify(&context, input).await })
        .query::<VerifyMessage, _, _>(|house, context, input| async move { house.verify_message(&context, input).await })
        .query::<PayeesOfAccount, _, _>(|house, context, input| async move { house.payees_of_account(&context, input).await })
        .command::<Subscribe, _, _>(|house, context, key, input| async move { house.subscribe(&context, &key, input).await })
        .query::<Awaited, _, _>(|house, context, input| async move { house.awaited(&context, input).await })
        .command::<Unsubscribe, _, _>(|house, context, key, input| async move { house.unsubscribe(&context, &key, input).await })
        .command::<CompleteBundle, _, _>(|house, context, key, input| async move {
            house.complete_bundle(&context, &key, input).await
        })
        .command::<ChoosePrivate, _, _>(
            |house, context, key, input| async move { house.choose_private(&context, &key, input).await },
        )
        .query::<Levy, _, _>(|house, context, input| async move { house.levy(&context, input).await })
}

/// Payers' own addresses.
fn webhooks(routes: Served) -> Served {
    routes
        .command::<AddWebhook, _, _>(|house, context, key, input| async move { house.add_webhook(&context, &key, input).await })
        .command::<RotateWebhookSecret, _, _>(|house, context, key, input| async move {
            house.rotate_webhook_secret(&context, &key, input).await
        })
        .command::<RemoveWebhook, _, _>(
            |house, context, key, input| async move { house.remove_webhook(&context, &key, input).await },
        )
        .command::<EnableWebhook, _, _>(
            |house, context, key, input| async move { house.enable_webhook(&context, &key, input).await },
        )
        .query::<Webhooks, _, _>(|house, context, input| async move { house.webhooks(&context, input).await })
}

/// The operations, for the interface document.
pub fn operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<Resolve>(),
        OperationDoc::of::<RecordHolders>(),
        OperationDoc::of::<Holders>(),
        OperationDoc::of::<ProtectedNames>(),
        OperationDoc::of::<Designate>(),
        OperationDoc::of::<Activate>(),
        OperationDoc::of::<End>(),
        OperationDoc::of::<History>(),
        OperationDoc::of::<Accesses>(),
        OperationDoc::of::<Feed>(),
        OperationDoc::of::<TakeEvents>(),
        OperationDoc::of::<SourceProgressOf>(),
        OperationDoc::of::<NotePayouts>(),
        OperationDoc::of::<MergeHolders>(),
        OperationDoc::of::<SplitHolders>(),
        OperationDoc::of::<ReportAccounts>(),
        OperationDoc::of::<HolderLinks>(),
        OperationDoc::of::<MoveBranches>(),
        OperationDoc::of::<SetSpecificRules>(),
        OperationDoc::of::<Promote>(),
        OperationDoc::of::<ReleaseHolds>(),
        OperationDoc::of::<RefuseHolds>(),
        OperationDoc::of::<HeldChanges>(),
        OperationDoc::of::<Holds>(),
        OperationDoc::of::<LettersToPrint>(),
        OperationDoc::of::<NoteLettersPrinted>(),
        OperationDoc::of::<NoticesToSend>(),
        OperationDoc::of::<NoteNoticesSent>(),
        OperationDoc::of::<HaveAccounts>(),
        OperationDoc::of::<Verify>(),
        OperationDoc::of::<VerifyMessage>(),
        OperationDoc::of::<PayeesOfAccount>(),
        OperationDoc::of::<Subscribe>(),
        OperationDoc::of::<Awaited>(),
        OperationDoc::of::<Unsubscribe>(),
        OperationDoc::of::<AddWebhook>(),
        OperationDoc::of::<RotateWebhookSecret>(),
        OperationDoc::of::<RemoveWebhook>(),
        OperationDoc::of::<EnableWebhook>(),
        OperationDoc::of::<Webhooks>(),
        OperationDoc::of::<CompleteBundle>(),
        OperationDoc::of::<ChoosePrivate>(),
        OperationDoc::of::<Levy>(),
    ]
    .into_iter()
    .chain(crate::step::operations())
    .collect()
}
