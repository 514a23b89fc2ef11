//! The story of one of the own payments, a redirect to the recovery authority included.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use contracts::mediation::{Destination, PaymentStory, StoryQuery, Viewer};
use maud::{Markup, html};
use primitives::PaymentRef;

use super::PayeeVisit;
use crate::{
    failure::Failure,
    layout::{Page, View},
    names::Names,
    parts::{Tone, alert, back_link},
    portal::Site,
    story::{Reader, story as story_parts},
    tongue::Tongue,
};

pub(super) async fn story(
    State(site): State<Arc<Site>>, payee: PayeeVisit, Path(payment): Path<String>,
) -> Result<Response, Failure> {
    let payment: PaymentRef = payment.parse().map_err(|_| Failure::NoSuchPage)?;
    let viewer = Viewer::Payee { identifier: payee.identifier.clone() };
    let story = site.mediation.story(&payee.context(), StoryQuery { payment, viewer }).await?;
    let names = Names::load(&site, &payee.visit).await;
    Ok(payee.visit.page(&site, &StoryPage { story, names }))
}

pub(crate) struct StoryPage {
    pub(crate) story: PaymentStory,
    pub(crate) names: Names,
}

impl Page for StoryPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("En betaling til dig", "A payment to you").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        let redirected = self.story.legs.iter().any(|leg| leg.destination == Destination::Recovery);
        html! {
            (back_link("/payments", view.say("Betalinger", "Payments")))
            h1 { (view.say("En betaling til dig", "A payment to you")) }
            @if redirected {
                (alert(Tone::Info, view.say("Sendt til Gældsstyrelsen", "Sent to Gældsstyrelsen"), &html! {
                    (view.say(
                        "Gældsstyrelsen afgør, hvad pengene dækker, og giver dig begrundelsen. Spørgsmål og klager rettes til Gældsstyrelsen.",
                        "Gældsstyrelsen decides what the money covers and gives you the grounds. Questions and complaints go to Gældsstyrelsen.",
                    ))
                }))
            }
            (story_parts(view, &self.story, &self.names, Reader::Payee))
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        crate::samples::stories().into_iter().map(|story| Self { story, names: crate::samples::names() }).collect()
    }
}
