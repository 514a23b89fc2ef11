//! The own authority's deliveries, with what was wrong with them.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use contracts::{
    mediation::{DeliveryFinding, DeliveryQuery, DeliveryState, DeliverySummary},
    parties::{BenefitScope, Function},
};
use maud::{Markup, html};

use super::CaseworkerVisit;
use crate::{
    calls,
    failure::Failure,
    layout::{Page, View},
    parts::{Tone, badge, nothing, table},
    portal::Site,
    show,
    tongue::Tongue,
};

/// How many deliveries are shown.
const LATEST: u32 = 50;

pub(super) async fn deliveries(State(site): State<Arc<Site>>, caseworker: CaseworkerVisit) -> Result<Response, Failure> {
    caseworker.require(Function::SearchPayments)?;
    let query = DeliveryQuery { payer: caseworker.profile.authority, limit: LATEST };
    let context = caseworker.context(calls::purpose("sagsbehandling: leverancer"));
    let deliveries = site.mediation.deliveries(&context, query).await?;
    // A finding may be of any benefit, so it is shown to those alone who may see them all.
    let with_findings = caseworker.profile.scope == BenefitScope::All;
    Ok(caseworker.visit.page(&site, &DeliveriesPage { deliveries, with_findings }))
}

pub(crate) struct DeliveriesPage {
    pub(crate) deliveries: Vec<DeliverySummary>,
    pub(crate) with_findings: bool,
}

impl Page for DeliveriesPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Leverancer", "Deliveries").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            h1 { (view.say("Leverancer", "Deliveries")) }
            p.font-lead { (view.say("Filer med betalinger fra din myndighed, nyeste først.", "Files with payments from your authority, newest first.")) }
            @if !self.with_findings {
                p.small-note { (view.say(
                    "Fejl i leverancer vises for dem, hvis rolleprofil omfatter alle ydelser.",
                    "Faults in deliveries are shown to those whose role profile covers all benefits.",
                )) }
            }
            @if self.deliveries.is_empty() {
                (nothing(view.say("Der er ingen leverancer.", "There are no deliveries.")))
            }
            ul.deliveries.nobullet-list { @for delivery in &self.deliveries { li.card { (self.delivery(view, delivery)) } } }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![
            Self { deliveries: vec![], with_findings: true },
            Self { deliveries: crate::samples::deliveries(), with_findings: true },
            Self { deliveries: crate::samples::deliveries(), with_findings: false },
        ]
    }
}

impl DeliveriesPage {
    fn delivery(&self, view: View<'_>, delivery: &DeliverySummary) -> Markup {
        html! {
            div.card-content {
                h2.card-heading { (show::instant(view.tongue, delivery.received_at)) (state(view, delivery.state)) }
                p {
                    (view.say("Betalinger taget ind: ", "Payments taken in: ")) strong { (delivery.payments) }
                    " · " (view.say("afviste rækker: ", "rejected rows: ")) strong { (delivery.rejected) }
                    " · " (view.say("leverance nr. ", "delivery no. ")) (delivery.delivery)
                }
                @if self.with_findings && !delivery.findings.is_empty() {
                    details.details {
                        summary.details-summary { (view.say("Fejl", "Faults")) " (" (delivery.findings.len()) ")" }
                        div.details-text { (findings(view, delivery)) }
                    }
                }
            }
        }
    }
}

fn findings(view: View<'_>, delivery: &DeliverySummary) -> Markup {
    let heads = [view.say("Linje", "Line"), view.say("Felt", "Field"), view.say("Kode", "Code"), view.say("Fejl", "Fault")];
    let row = |finding: &DeliveryFinding| {
        vec![
            html! { (finding.line) },
            html! { span.code { (finding.path) } },
            html! { span.code { (finding.code) } },
            html! { (view.text(&finding.text)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = delivery.findings.iter().map(row).collect();
    let label = format!("{} {}", view.say("Fejl i leverance nr.", "Faults in delivery no."), delivery.delivery);
    table(&label, &heads, &rows)
}

fn state(view: View<'_>, state: DeliveryState) -> Markup {
    let (tone, da, en) = match state {
        DeliveryState::Kept => (Tone::Info, "Modtaget, ikke læst endnu", "Kept, not read yet"),
        DeliveryState::Received => (Tone::Success, "Læst", "Read"),
        DeliveryState::Refused => (Tone::Error, "Afvist", "Refused"),
        DeliveryState::Repeated => (Tone::Warning, "Gentagelse", "Repetition"),
    };
    badge(tone, view.say(da, en))
}
