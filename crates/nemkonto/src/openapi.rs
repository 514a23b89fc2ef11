//! The open interfaces of the houses as OpenAPI 3.1, one document per house.

use contracts::{holding, mediation, parties, register, setoff};
use platform::openapi::{OperationDoc, openapi};

/// The version of the interfaces. A breaking change of a contract is a new one.
pub const VERSION: &str = "1";

/// The documents by house, as text.
#[must_use]
pub fn documents() -> Vec<(&'static str, String)> {
    let houses: [(&str, &str, Vec<OperationDoc>); 5] = [
        ("register", "NemKonto: register (NKR)", register_operations()),
        ("parties", "NemKonto: parties", parties_operations()),
        ("holding", "NemKonto: holding account (ventekonto)", holding_operations()),
        ("setoff", "NemKonto: set-off (gældsmodregning)", setoff_operations()),
        ("mediation", "NemKonto: payment mediation (betalingsformidling)", mediation_operations()),
    ];
    houses.map(|(house, title, operations)| (house, format!("{:#}\n", openapi(title, VERSION, &operations)))).into()
}

fn register_operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<register::Resolve>(),
        OperationDoc::of::<register::RecordHolders>(),
        OperationDoc::of::<register::Holders>(),
        OperationDoc::of::<register::Designate>(),
        OperationDoc::of::<register::Activate>(),
        OperationDoc::of::<register::End>(),
        OperationDoc::of::<register::History>(),
        OperationDoc::of::<register::Accesses>(),
        OperationDoc::of::<register::Feed>(),
    ]
}

fn parties_operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<parties::Record>(),
        OperationDoc::of::<parties::Payers>(),
        OperationDoc::of::<parties::Banks>(),
        OperationDoc::of::<parties::Users>(),
        OperationDoc::of::<parties::Directory>(),
    ]
}

fn holding_operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<holding::Reserve>(),
        OperationDoc::of::<holding::Post>(),
        OperationDoc::of::<holding::Void>(),
        OperationDoc::of::<holding::Deposits>(),
        OperationDoc::of::<holding::TrialBalance>(),
    ]
}

fn setoff_operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<setoff::PutMarkers>(),
        OperationDoc::of::<setoff::PutBenefitRules>(),
        OperationDoc::of::<setoff::Reserve>(),
        OperationDoc::of::<setoff::Post>(),
        OperationDoc::of::<setoff::Void>(),
        OperationDoc::of::<setoff::Advices>(),
    ]
}

fn mediation_operations() -> Vec<OperationDoc> {
    vec![
        OperationDoc::of::<mediation::Submit>(),
        OperationDoc::of::<mediation::Search>(),
        OperationDoc::of::<mediation::Stop>(),
        OperationDoc::of::<mediation::Story>(),
        OperationDoc::of::<mediation::Deliveries>(),
    ]
}
