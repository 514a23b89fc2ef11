//! The open interfaces of the houses as OpenAPI 3.1, one document per house.

use platform::openapi::{OperationDoc, openapi};

/// The version of the interfaces. A breaking change of a contract is a new one.
pub const VERSION: &str = "1";

/// The documents by house, as text.
#[must_use]
pub fn documents() -> Vec<(&'static str, String)> {
    let houses: [(&str, &str, Vec<OperationDoc>); 5] = [
        ("register", "NemKonto: register (NKR)", register::operations()),
        ("parties", "NemKonto: parties", parties::operations()),
        ("holding", "NemKonto: holding account (ventekonto)", holding::operations()),
        ("setoff", "NemKonto: set-off (gældsmodregning)", setoff::operations()),
        ("mediation", "NemKonto: payment mediation (betalingsformidling)", mediation::operations()),
    ];
    houses.map(|(house, title, operations)| (house, format!("{:#}\n", openapi(title, VERSION, &operations)))).into()
}
