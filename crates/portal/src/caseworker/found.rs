//! What a search found.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use contracts::{
    mediation::{PaymentPage, PaymentSearch},
    parties::Function,
};
use maud::{Markup, html};
use uuid::Uuid;

use super::CaseworkerVisit;
use crate::{
    calls,
    failure::Failure,
    layout::{Page, View},
    paging::{After, next_link},
    parts::{back_link, nothing},
    payment_list::case_table,
    portal::Site,
    session::Kept,
    tongue::Tongue,
};

/// How many payments a page shows.
const PER_PAGE: u32 = 50;

pub(super) async fn found(
    State(site): State<Arc<Site>>, caseworker: CaseworkerVisit, Path(id): Path<Uuid>, Query(after): Query<After>,
) -> Result<Response, Failure> {
    caseworker.require(Function::SearchPayments)?;
    let Some(Kept::Search(search)) = site.sessions.kept(&caseworker.session.token, id) else {
        return Err(Failure::NoSuchPage);
    };
    let search = PaymentSearch {
        payer: Some(caseworker.profile.authority),
        scope: Some(caseworker.profile.scope.clone()),
        units: caseworker.profile.units.clone(),
        after: after.payment()?,
        limit: PER_PAGE,
        ..search
    };
    let context = caseworker.context(calls::purpose("sagsbehandling: søgning af betalinger"));
    let is_lookup = search.payee.is_some();
    if is_lookup {
        caseworker.may_look_up(&site).await?;
    }
    let found = site.mediation.search(&context, search).await?;
    if is_lookup {
        caseworker.has_looked_up(&site, !found.payments.is_empty()).await?;
    }
    Ok(caseworker.visit.page(&site, &FoundPage { id, found }))
}

pub(crate) struct FoundPage {
    id: Uuid,
    found: PaymentPage,
}

impl Page for FoundPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Fundne betalinger", "Payments found").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            (back_link("/caseworker/payments", view.say("Ny søgning", "New search")))
            h1 { (view.say("Fundne betalinger", "Payments found")) }
            @if self.found.payments.is_empty() {
                (nothing(view.say(
                    "Ingen betaling passer. Betalinger af ydelser uden for din rolleprofil findes ikke frem.",
                    "No payment matches. Payments of benefits outside your role profile are not found.",
                )))
            } @else {
                (case_table(view, &self.found.payments))
                (next_link(view, &format!("/caseworker/payments/found/{}", self.id), &self.found))
            }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![
            Self { id: Uuid::nil(), found: PaymentPage { payments: vec![], more: false } },
            Self { id: Uuid::nil(), found: PaymentPage { payments: crate::samples::payments(), more: true } },
        ]
    }
}
