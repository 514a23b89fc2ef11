//! To a provider elsewhere, and back.

use std::sync::Arc;

use access::{Answer, Pending};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderName, HeaderValue, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use maud::{Markup, html};

use super::{AskedHere, begin, provider};
use crate::{
    cookies::Cookie,
    failure::Failure,
    layout::{Page, View},
    portal::Site,
    session::Token,
    tongue::Tongue,
    visit::Visit,
};

/// Sends the browser to the provider. It is a link and no form, as our pages' forms go nowhere else (`form-action`).
/// The session's cookie does not come back with it (`SameSite=Strict`): so the session it is begun from is remembered here.
pub(crate) async fn depart(
    State(site): State<Arc<Site>>, asked: AskedHere, id: Path<String>, visit: Visit,
) -> Result<Response, Failure> {
    let provider = provider(&site, &asked, &id)?;
    let departure = provider.depart().await?;
    let token = site.pending.keep(provider.id(), departure.pending, visit.session.as_ref().map(|session| &session.token));
    let cookie = Cookie::SigningIn.set(site.transport, token.as_str(), Some(Pending::LIFETIME.as_secs()));
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(&departure.address)).into_response())
}

/// Signs in by the answer the browser has brought. What was pending is used up by it, whatever comes of it.
pub(crate) async fn arrive(
    State(site): State<Arc<Site>>, asked: AskedHere, id: Path<String>, visit: Visit, Query(fields): Query<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let provider = provider(&site, &asked, &id)?;
    let token = Cookie::SigningIn.sent(site.transport, &asked.headers).map(Token::sent);
    let (pending, before) = token.and_then(|token| site.pending.take(provider.id(), &token)).unzip();
    let identity = provider.arrive(pending.as_ref(), &Answer::new(fields)).await.inspect_err(|refusal| {
        tracing::warn!(provider = provider.id(), %refusal, "nobody was signed in");
    })?;
    let (cookie, home) = begin(&site, &visit, before.flatten(), identity);
    let cookies = AppendHeaders([(header::SET_COOKIE, cookie), (header::SET_COOKIE, Cookie::SigningIn.end(site.transport))]);
    // The session's cookie comes with requests of our own pages alone, and this one was begun by another site: so our own page goes on.
    let go_on = (HeaderName::from_static("refresh"), HeaderValue::from_str(&format!("0; url={home}")).expect("a path of ours"));
    Ok((cookies, AppendHeaders([go_on]), visit.page(&site, &ArrivalPage { home })).into_response())
}

/// Shown for a moment after sign-in elsewhere.
pub(crate) struct ArrivalPage {
    home: &'static str,
}

impl Page for ArrivalPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Du er logget på", "You are signed in").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            h1 { (view.say("Du er logget på", "You are signed in")) }
            p { a href=(self.home) { (view.say("Fortsæt", "Go on")) } }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![Self { home: "/account" }]
    }
}
