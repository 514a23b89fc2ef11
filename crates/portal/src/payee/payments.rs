//! All payments to the payee.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use contracts::mediation::{PaymentPage, PaymentSearch};
use maud::{Markup, html};

use super::PayeeVisit;
use crate::{
    failure::Failure,
    layout::{Page, View},
    names::Names,
    paging::{After, next_link},
    parts::nothing,
    payment_list::payment_table,
    portal::Site,
    tongue::Tongue,
};

/// How many payments a page shows.
const PER_PAGE: u32 = 50;

pub(super) async fn payments(
    State(site): State<Arc<Site>>, payee: PayeeVisit, Query(after): Query<After>,
) -> Result<Response, Failure> {
    let search = PaymentSearch {
        payee: Some(payee.identifier.clone()),
        after: after.payment()?,
        limit: PER_PAGE,
        ..PaymentSearch::default()
    };
    let found = site.mediation.search(&payee.context(), search).await?;
    let names = Names::load(&site, &payee.visit).await;
    Ok(payee.visit.page(&site, &PaymentsPage { found, names }))
}

pub(crate) struct PaymentsPage {
    pub(crate) found: PaymentPage,
    pub(crate) names: Names,
}

impl Page for PaymentsPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Betalinger", "Payments").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            h1 { (view.say("Betalinger til dig", "Payments to you")) }
            @if self.found.payments.is_empty() {
                (nothing(view.say("Der er ingen betalinger.", "There are no payments.")))
            } @else {
                (payment_table(view, &self.found.payments, &self.names, "/payments"))
                (next_link(view, "/payments", &self.found))
            }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![
            Self { found: PaymentPage { payments: vec![], more: false }, names: Names::default() },
            Self { found: PaymentPage { payments: crate::samples::payments(), more: true }, names: crate::samples::names() },
        ]
    }
}
