//! Stopping a payment that has not left for the bank.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use contracts::{
    Problem,
    mediation::{StopRequest, StopTarget},
    parties::Function,
};
use maud::{Markup, html};
use primitives::{PaymentRef, Text};

use super::{CaseworkerVisit, story};
use crate::{
    calls,
    failure::Failure,
    form::{Entered, FieldError, Fields, KEY_FIELD, Refused, Submitted},
    layout::View,
    parts::{FieldKind, TextField, Width, error_summary, text_field},
    portal::Site,
    session::Flash,
};

const REASON: &str = "reason";
/// The longest reason.
const MAX_REASON: usize = 200;

/// The form under the story.
pub(super) fn form(view: View<'_>, payment: PaymentRef, key: &str, entered: &Entered) -> Markup {
    html! {
        section.card.stop-card aria-labelledby="stop" {
            div.card-content {
                h2.card-heading #stop { (view.say("Stop betalingen", "Stop the payment")) }
                p {
                    (view.say(
                        "Betalingen kan stoppes, indtil den sendes til banken. Begrundelsen skrives ned sammen med dit navn.",
                        "The payment can be stopped until it is sent to the bank. The reason is written down with your name.",
                    ))
                }
                (error_summary(view, &entered.errors))
                form action={ "/caseworker/payments/" (payment) "/stop" } method="post" novalidate {
                    (view.own_once(key))
                    (text_field(view, entered, &TextField {
                        name: REASON,
                        label: view.say("Begrundelse", "Reason"),
                        hint: Some(view.say("Højst 200 tegn, uden personnumre", "At most 200 characters, without personal numbers")),
                        width: Width::TwentySeven,
                        kind: FieldKind::Text,
                    }))
                    button.button.button-warning type="submit" { (view.say("Stop betalingen", "Stop the payment")) }
                }
            }
        }
    }
}

/// The address of the form as a page: the story it stands under.
pub(super) async fn back(Path(payment): Path<String>) -> Result<Redirect, Failure> {
    let payment: PaymentRef = payment.parse().map_err(|_| Failure::NoSuchPage)?;
    Ok(Redirect::to(&format!("/caseworker/payments/{payment}")))
}

pub(super) async fn submit(
    State(site): State<Arc<Site>>, caseworker: CaseworkerVisit, Path(payment): Path<String>, Submitted(fields): Submitted,
) -> Result<Response, Failure> {
    caseworker.require(Function::StopPayments)?;
    // The story is seen through the role profile's scope: what may not be seen is not stopped either.
    story::gather(&site, &caseworker, &payment, Entered::default()).await?;
    let reference: PaymentRef = payment.parse().map_err(|_| Failure::NoSuchPage)?;
    match stop(&site, &caseworker, reference, &fields).await? {
        Ok(()) => {
            site.sessions.set_flash(&caseworker.session.token, stopped());
            Ok(Redirect::to(&format!("/caseworker/payments/{reference}")).into_response())
        }
        Err(refused) => {
            let entered = Entered { fields, errors: refused.errors };
            let page = story::gather(&site, &caseworker, &payment, entered).await?;
            Ok((refused.status, caseworker.visit.page(&site, &page)).into_response())
        }
    }
}

/// The outer error is the house's, the inner one the form's.
async fn stop(
    site: &Site, caseworker: &CaseworkerVisit, payment: PaymentRef, fields: &Fields,
) -> Result<Result<(), Refused>, Failure> {
    let reason = fields.one(REASON);
    if reason.is_empty() || reason.chars().count() > MAX_REASON {
        return Ok(Err(Refused::fields(vec![reason_missing()])));
    }
    let request =
        StopRequest { target: StopTarget::Payment { payment }, payer: caseworker.profile.authority, reason: reason.to_owned() };
    let context = caseworker.context(calls::purpose("sagsbehandling: stop af betaling"));
    let mut results = site.mediation.stop(&context, &calls::key(fields.one(KEY_FIELD))?, vec![request]).await?;
    match results.pop().ok_or_else(Problem::unavailable)? {
        Ok(done) if done.stopped > 0 => Ok(Ok(())),
        Ok(_) => Ok(Err(Refused::changed(too_late()))),
        Err(problem) => Ok(Err(Refused::by(problem, "")?)),
    }
}

/// Said when the reason is missing or too long.
pub(super) fn reason_missing() -> FieldError {
    FieldError::new(REASON, "Skriv en begrundelse på højst 200 tegn.", "Enter a reason of at most 200 characters.")
}

fn too_late() -> Text {
    Text::new(
        "Betalingen er allerede sendt til banken og kan ikke stoppes her.",
        "The payment has already been sent to the bank and cannot be stopped here.",
    )
}

fn stopped() -> Flash {
    Flash {
        heading: Text::new("Betalingen er stoppet", "The payment is stopped"),
        text: Text::new(
            "Den sendes ikke til banken. Myndigheden får besked.",
            "It is not sent to the bank. The authority is told.",
        ),
    }
}
