//! Naming the payee whose account a caseworker works on, and the case that is the reason.

use std::sync::Arc;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use contracts::parties::Function;
use maud::{Markup, html};

use super::CaseworkerVisit;
use crate::{
    failure::Failure,
    form::{Entered, FieldError, Fields, Submitted},
    layout::{Page, View},
    number,
    parts::{FieldKind, TextField, Width, error_summary, text_field},
    portal::Site,
    session::Kept,
    tongue::Tongue,
};

const CASE: &str = "case";
/// The longest case reference: it stands in the purpose of the lookup, which has 200 characters.
const MAX_CASE: usize = 100;

pub(super) async fn show(State(site): State<Arc<Site>>, caseworker: CaseworkerVisit) -> Result<Response, Failure> {
    caseworker.require(Function::DesignateAccounts)?;
    Ok(caseworker.visit.page(&site, &SubjectPage { entered: Entered::default() }))
}

pub(super) async fn submit(
    State(site): State<Arc<Site>>, caseworker: CaseworkerVisit, Submitted(fields): Submitted,
) -> Result<Response, Failure> {
    caseworker.require(Function::DesignateAccounts)?;
    match parse(&fields) {
        Ok(subject) => {
            let id = site.sessions.keep(&caseworker.session.token, subject);
            Ok(Redirect::to(&format!("/caseworker/accounts/{id}")).into_response())
        }
        Err(errors) => {
            let page = SubjectPage { entered: Entered { fields, errors } };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, caseworker.visit.page(&site, &page)).into_response())
        }
    }
}

fn parse(fields: &Fields) -> Result<Kept, Vec<FieldError>> {
    let case = fields.one(CASE);
    let identifier = number::parse(fields).unwrap_or_else(|| Err(number::missing()));
    let case_error = (case.is_empty() || case.chars().count() > MAX_CASE).then(|| {
        FieldError::new(CASE, "Skriv sagens nummer (højst 100 tegn).", "Enter the case's number (at most 100 characters).")
    });
    match (identifier, case_error) {
        (Ok(identifier), None) => Ok(Kept::Subject { identifier, case: case.to_owned() }),
        (identifier, case_error) => Err(identifier.err().into_iter().chain(case_error).collect()),
    }
}

pub(crate) struct SubjectPage {
    entered: Entered,
}

impl Page for SubjectPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Find en konto", "Find an account").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            h1 { (view.say("Find en konto", "Find an account")) }
            p.font-lead {
                (view.say(
                    "Slå kun op, når en sag kræver det. Modtageren kan se, hvilken myndighed der har slået op, og hvorfor.",
                    "Look up only when a case requires it. The payee can see which authority has looked, and why.",
                ))
            }
            (error_summary(view, &self.entered.errors))
            form.narrow-form action="/caseworker/accounts" method="post" novalidate {
                (view.own())
                (number::fields(view, &self.entered))
                (text_field(view, &self.entered, &TextField {
                    name: CASE,
                    label: view.say("Sagsnummer", "Case number"),
                    hint: Some(view.say("Står i loggen som formål", "Stands in the log as the purpose")),
                    width: Width::TwentySeven,
                    kind: FieldKind::Text,
                }))
                button.button.button-primary type="submit" { (view.say("Slå op", "Look up")) }
            }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let errors = parse(&Fields::default()).err().unwrap();
        vec![Self { entered: Entered::default() }, Self { entered: Entered { errors, ..Entered::default() } }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_and_case_are_both_required() {
        let refused = |fields: &[(&str, &str)]| -> Vec<&str> {
            parse(&Fields::new(fields)).unwrap_err().iter().map(|error| error.field).collect()
        };
        assert_eq!(refused(&[]), [number::NUMBER, CASE]);
        assert_eq!(refused(&[(number::NUMBER, "0101585005")]), [CASE]);
        assert_eq!(refused(&[(CASE, "2026-17")]), [number::NUMBER]);
        assert!(parse(&Fields::new(&[(number::NUMBER, "0101585005"), (CASE, "2026-17")])).is_ok());
    }
}
