//! Who has looked the payee up.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use contracts::{AccessQuery, AccessRecord, AccessResult, ActingPerson, ActsBy, ProblemCode};
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
    let page = gather(&site, &payee).await?;
    Ok(payee.visit.page(&site, &page))
}

/// What all houses have written down, the newest first. One that cannot answer is said to be missing: the others are not held back for it.
async fn gather(site: &Site, payee: &PayeeVisit) -> Result<LookupsPage, Failure> {
    let context = payee.context();
    let query = || AccessQuery { identifier: payee.identifier.clone(), limit: LATEST };
    let told = match site.register.accesses(&context, query()).await {
        // A number the register does not know has not been looked up there.
        Err(problem) if problem.code == ProblemCode::Forbidden || problem.code == ProblemCode::NotFound => Ok(Vec::new()),
        answer => answer,
    };
    let told = [
        told,
        site.mediation.accesses(&context, query()).await,
        site.holding.accesses(&context, query()).await,
        site.setoff.accesses(&context, query()).await,
    ];
    let is_whole = told.iter().all(Result::is_ok);
    let mut accesses: Vec<AccessRecord> = told.into_iter().flatten().flatten().collect();
    accesses.sort_by_key(|access| std::cmp::Reverse(access.at));
    accesses.truncate(usize::try_from(LATEST).unwrap_or(usize::MAX));
    let names = Names::load(site, &payee.visit).await;
    Ok(LookupsPage { accesses, is_whole, names })
}

pub(crate) struct LookupsPage {
    pub(crate) accesses: Vec<AccessRecord>,
    /// Whether every house has told.
    pub(crate) is_whole: bool,
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
                    html! {
                        (self.names.actor(view, &access.actor, access.on_behalf_of.as_ref()))
                        @if let Some(person) = access.acting.as_ref().and_then(|person| acting(view, person)) {
                            br; span.small-note { (person) }
                        }
                    },
                    html! {
                        (operation(view, &access.operation))
                        @if let Some(result) = access.result.and_then(|result| result_in_words(view, result)) {
                            br; span.small-note { (result) }
                        }
                    },
                    html! { (purpose(view, &access.purpose)) },
                    html! { (access.legal_basis) },
                ]
            })
            .collect();
        html! {
            h1 { (view.say("Hvem har slået mig op?", "Who looked me up?")) }
            p.font-lead {
                (view.say(
                    "Hvert opslag skrives ned, før der svares, og hvert forsøg. Her er de seneste, også dine egne.",
                    "Every lookup is written down before it is answered, and every attempt. Here are the latest, your own included.",
                ))
            }
            @if !self.is_whole {
                p.small-note { (view.say(
                    "En del af systemet kan ikke svare lige nu, så listen er ikke hel.",
                    "A part of the system cannot answer right now, so the list is not whole.",
                )) }
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
            Self { accesses: vec![], is_whole: false, names: Names::default() },
            Self { accesses: crate::samples::accesses(), is_whole: true, names: crate::samples::names() },
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

/// Who acted for the person or the company; nothing where everybody acts for themselves. A name that is not known is said to be somebody.
fn acting(view: View<'_>, person: &ActingPerson) -> Option<String> {
    let by = match person.by {
        ActsBy::InPerson => return None,
        ActsBy::PowerOfAttorney => view.say("ved fuldmagt", "by power of attorney"),
        ActsBy::Guardianship => view.say("som værge", "as guardian"),
        ActsBy::Employee => view.say("som medarbejder", "as an employee"),
    };
    let who = person.name.as_deref().or(person.user.as_deref()).unwrap_or_else(|| view.say("En anden person", "Another person"));
    Some(format!("{who}, {by}"))
}

/// What came of an access, where that is not that somebody was found.
fn result_in_words(view: View<'_>, result: AccessResult) -> Option<&'static str> {
    match result {
        AccessResult::Found => None,
        AccessResult::NotFound => Some(view.tongue.say("Fandt intet", "Found nothing")),
        AccessResult::Refused => Some(view.tongue.say("Forsøg, der blev afvist", "An attempt that was refused")),
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
        "promote" => view.tongue.say("Gjorde en konto til NemKonto", "Made an account the NemKonto"),
        "report-accounts" => view.tongue.say("Oplyste en konto", "Reported an account"),
        "holds" => view.tongue.say("Så ændringer, der venter", "Saw changes that wait"),
        "release-holds" => view.tongue.say("Frigav en ændring, der ventede", "Released a change that waited"),
        "search" => view.tongue.say("Søgte betalinger", "Searched payments"),
        "story" => view.tongue.say("Så en betaling", "Saw a payment"),
        "stop" => view.tongue.say("Bad om at stoppe en betaling", "Asked to stop a payment"),
        "deposits" => view.tongue.say("Så penge på ventekontoen", "Saw money in the holding account"),
        "reserve" => view.tongue.say("Fik at vide, at en udbetaling modregnes", "Was told that a payout is set off"),
        "advices" => view.tongue.say("Fik besked om en modregning", "Was advised of a set-off"),
        other => other,
    }
}
