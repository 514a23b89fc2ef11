//! The story of a payment of the own authority. A redirect to the recovery authority is never shown here.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use contracts::{
    mediation::{PaymentState, PaymentStory, StoryQuery, Viewer},
    parties::{Function, UserProfile},
};
use maud::{Markup, html};
use primitives::PaymentRef;

use super::{CaseworkerVisit, stop};
use crate::{
    calls,
    failure::Failure,
    form::Entered,
    layout::{Page, View},
    names::Names,
    parts::back_link,
    portal::Site,
    story::{Reader, story as story_parts},
    tongue::Tongue,
};

pub(super) async fn show(
    State(site): State<Arc<Site>>, caseworker: CaseworkerVisit, Path(payment): Path<String>,
) -> Result<Response, Failure> {
    let page = gather(&site, &caseworker, &payment, Entered::default()).await?;
    Ok(caseworker.visit.page(&site, &page))
}

/// The story with the form to stop; `entered` is what was entered in it, with what was wrong.
pub(super) async fn gather(
    site: &Site, caseworker: &CaseworkerVisit, payment: &str, entered: Entered,
) -> Result<CaseStoryPage, Failure> {
    caseworker.require(Function::SearchPayments)?;
    let payment: PaymentRef = payment.parse().map_err(|_| Failure::NoSuchPage)?;
    let UserProfile { authority, scope, units, .. } = caseworker.profile.clone();
    let viewer = Viewer::Payer { agreement: authority, scope, units };
    let context = caseworker.context(calls::purpose("sagsbehandling: en betalings forløb"));
    let story = site.mediation.story(&context, StoryQuery { payment, viewer }).await?;
    Ok(CaseStoryPage {
        may_stop: caseworker.has(Function::StopPayments) && may_be_stopped(story.summary.state),
        story,
        names: Names::load(site, &caseworker.visit).await,
        key: site.ids.uuid_v4().to_string(),
        entered,
    })
}

/// A payment that has left cannot be stopped.
fn may_be_stopped(state: PaymentState) -> bool {
    matches!(state, PaymentState::Waiting | PaymentState::Allocated)
}

pub(crate) struct CaseStoryPage {
    story: PaymentStory,
    names: Names,
    may_stop: bool,
    key: String,
    entered: Entered,
}

impl Page for CaseStoryPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("En betaling", "A payment").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            (back_link("/caseworker/payments", view.say("Søg betalinger", "Search payments")))
            h1 { (view.say("En betaling", "A payment")) }
            (story_parts(view, &self.story, &self.names, Reader::Payer))
            @if self.may_stop || !self.entered.errors.is_empty() {
                (stop::form(view, self.story.summary.payment, &self.key, &self.entered))
            }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let page = |story, may_stop, entered| Self {
            story,
            names: crate::samples::names(),
            may_stop,
            key: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff".into(),
            entered,
        };
        let plain = crate::samples::stories().into_iter().map(|story| page(story, false, Entered::default()));
        let refused = Entered { errors: vec![stop::reason_missing()], ..Entered::default() };
        let stoppable = crate::samples::stories().into_iter().map(|story| page(story, true, refused.clone()));
        plain.chain(stoppable).collect()
    }
}
