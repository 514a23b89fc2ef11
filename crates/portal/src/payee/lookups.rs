//! Who has looked the payee up.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use contracts::{
    ProblemCode,
    register::{AccessQuery, AccessRecord},
};
use maud::{Markup, html};

use super::PayeeVisit;
use crate::{
    failure::Failure,
    layout::{Page, View},
    names::Names,
    parts::{nothing, table},
    portal::Site,
    show,
    tongue::Tongue,
};

/// How many lookups are shown.
const LATEST: u32 = 100;

pub(super) async fn lookups(State(site): State<Arc<Site>>, payee: PayeeVisit) -> Result<Response, Failure> {
    let query = AccessQuery { identifier: payee.identifier.clone(), limit: LATEST };
    let accesses = match site.register.accesses(&payee.context(), query).await {
        // A number the register does not know has not been looked up there.
        Err(problem) if problem.code == ProblemCode::Forbidden || problem.code == ProblemCode::NotFound => Vec::new(),
        answer => answer?,
    };
    let names = Names::load(&site, &payee.visit).await;
    Ok(payee.visit.page(&site, &LookupsPage { accesses, names }))
}

pub(crate) struct LookupsPage {
    pub(crate) accesses: Vec<AccessRecord>,
    pub(crate) names: Names,
}

impl Page for LookupsPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Hvem har slået mig op?", "Who looked me up?").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        let heads = [
            view.say("Hvornår", "When"),
            view.say("Hvem", "Who"),
            view.say("Hvad", "What"),
            view.say("Formål", "Purpose"),
            view.say("Hjemmel", "Legal basis"),
        ];
        let rows: Vec<Vec<Markup>> = self
            .accesses
            .iter()
            .map(|access| {
                vec![
                    html! { (show::instant(view.tongue, access.at)) },
                    html! { (self.names.actor(view, &access.actor, access.on_behalf_of.as_ref())) },
                    html! { (operation(view, &access.operation)) },
                    html! { (purpose(view, &access.purpose)) },
                    html! { (access.legal_basis) },
                ]
            })
            .collect();
        html! {
            h1 { (view.say("Hvem har slået mig op?", "Who looked me up?")) }
            p.font-lead {
                (view.say(
                    "Hvert opslag i registret skrives ned, før der svares. Her er de seneste, også dine egne.",
                    "Every lookup in the register is written down before it is answered. Here are the latest, your own included.",
                ))
            }
            @if rows.is_empty() {
                (nothing(view.say("Ingen har slået dig op.", "Nobody has looked you up.")))
            } @else {
                (table(view.say("Opslag", "Lookups"), &heads, &rows))
            }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![
            Self { accesses: vec![], names: Names::default() },
            Self { accesses: crate::samples::accesses(), names: crate::samples::names() },
        ]
    }
}

/// The purposes that houses state of themselves, in the reader's language; anybody else's stand as they were stated.
fn purpose<'a>(view: View<'_>, stated: &'a str) -> &'a str {
    match stated {
        "payment mediation" => view.tongue.say("betalingsformidling", "payment mediation"),
        "selvbetjening" => view.tongue.say("selvbetjening", "self-service"),
        other => other,
    }
}

fn operation<'a>(view: View<'_>, name: &'a str) -> &'a str {
    match name {
        "resolve" => view.tongue.say("Fandt kontoen til en betaling", "Found the account for a payment"),
        "holders" => view.tongue.say("Så oplysninger og konti", "Saw data and accounts"),
        "protected-names" => view.tongue.say("Så dit beskyttede navn", "Saw your protected name"),
        "history" => view.tongue.say("Så kontohistorikken", "Saw the account history"),
        "accesses" => view.tongue.say("Så denne liste", "Saw this list"),
        "designate" => view.tongue.say("Registrerede en konto", "Registered an account"),
        "activate" => view.tongue.say("Aktiverede en konto", "Activated an account"),
        "end" => view.tongue.say("Ophævede en konto", "Ended an account"),
        other => other,
    }
}
