//! Signing in: the ways there are, and the session that begins.

mod arrival;
mod page;

use std::{net::SocketAddr, sync::Arc};

use access::{Answer, Asked, Identity, IdentityProvider, Refusal, Subject};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use contracts::{ActingPerson, ActsBy};

use crate::{
    cookies::Cookie,
    failure::Failure,
    form::Submitted,
    portal::Site,
    session::{Key, Role, SignedIn},
    visit::Visit,
};

pub(crate) use arrival::{arrive, depart};
#[cfg(test)]
pub(crate) use {arrival::ArrivalPage, page::SignInPage};

use page::Ways;

const PERSONA_FIELD: &str = "persona";

/// What the providers may want to know of a request.
pub(crate) struct AskedHere {
    peer: Option<SocketAddr>,
    headers: HeaderMap,
}

impl<S: Sync> FromRequestParts<S> for AskedHere {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        Ok(Self { peer, headers: parts.headers.clone() })
    }
}

impl AskedHere {
    /// The providers that take sign-ins of this request; the first one's reason, where none does.
    fn admitted<'s>(&self, site: &'s Site) -> Result<Vec<&'s Arc<dyn IdentityProvider>>, Failure> {
        let asked = Asked { peer: self.peer, headers: &self.headers };
        let mut refused = Refusal::NotOffered;
        let admitted: Vec<_> =
            site.sign_in.iter().filter(|provider| provider.admits(&asked).map_err(|refusal| refused = refusal).is_ok()).collect();
        if admitted.is_empty() { Err(refused.into()) } else { Ok(admitted) }
    }
}

/// The page with the ways to sign in.
pub(crate) async fn show(State(site): State<Arc<Site>>, asked: AskedHere, mut visit: Visit) -> Result<Response, Failure> {
    let ways = Ways::of(asked.admitted(&site)?);
    let cookie = visit.session.is_none().then(|| {
        // The form's own token needs a session, also before anybody is signed in.
        let session = visit.session.insert(site.sessions.begin(None));
        Cookie::Session.set(site.transport, session.token.as_str(), None)
    });
    let page = visit.page(&site, &page::SignInPage { ways });
    Ok(match cookie {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], page).into_response(),
        None => page,
    })
}

/// Signs in as the persona that was chosen on our own page.
pub(crate) async fn enter(
    State(site): State<Arc<Site>>, asked: AskedHere, visit: Visit, Submitted(fields): Submitted,
) -> Result<Response, Failure> {
    let admitted = asked.admitted(&site)?;
    let provider = admitted.iter().find(|provider| !provider.personas().is_empty()).ok_or(Refusal::NotOffered)?;
    let answer = Answer::new(vec![(PERSONA_FIELD.to_owned(), fields.one(PERSONA_FIELD).to_owned())]);
    let identity = provider.arrive(None, &answer).await.map_err(|_| Failure::Unreadable)?;
    let (cookie, home) = begin(&site, &visit, None, identity);
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(home)).into_response())
}

/// The session so far ends and another begins, so that a token known before sign-in is worth nothing after it: the visit's own, and the one from
/// which the browser went elsewhere. Answers the cookie of the new one, and where its pages begin.
fn begin(site: &Site, visit: &Visit, departed_from: Option<Key>, identity: Identity) -> (String, &'static str) {
    let own = visit.session.as_ref().map(|session| session.token.key());
    for before in own.into_iter().chain(departed_from) {
        site.sessions.end_of(&before);
    }
    let acting = acting(&identity);
    let (role, home) = match identity.subject {
        Subject::Citizen { identifier, mandate: None } => (Role::Citizen(identifier), "/account"),
        Subject::Citizen { mandate: Some(mandate), .. } => (Role::Grantor(mandate.grantor), "/account"),
        Subject::Company { identifier, .. } => (Role::Company(identifier), "/account"),
        Subject::Caseworker { user, cvr } => (Role::Caseworker(user, cvr), "/caseworker/payments"),
    };
    tracing::info!(%visit.trace, home, "someone was signed in");
    let session = site.sessions.begin(Some(SignedIn { name: identity.name, role, acting }));
    (Cookie::Session.set(site.transport, session.token.as_str(), None), home)
}

/// The person who acts for another: the logs name it, and the one it acts for is shown it.
fn acting(identity: &Identity) -> Option<ActingPerson> {
    let name = Some(identity.name.da.clone());
    match &identity.subject {
        Subject::Citizen { identifier, mandate: Some(_) } => {
            Some(ActingPerson { by: ActsBy::PowerOfAttorney, name, person: Some(identifier.clone()), user: None })
        }
        Subject::Company { employee, .. } => {
            Some(ActingPerson { by: ActsBy::Employee, name, person: employee.person.clone(), user: employee.user.clone() })
        }
        Subject::Citizen { mandate: None, .. } | Subject::Caseworker { .. } => None,
    }
}

/// Signs out.
pub(crate) async fn leave(State(site): State<Arc<Site>>, visit: Visit, _: Submitted) -> Response {
    if let Some(session) = &visit.session {
        site.sessions.end(&session.token);
    }
    // Browsers throw away what they may have kept of the pages, too.
    let clear = (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));
    ([(header::SET_COOKIE, Cookie::Session.end(site.transport))], AppendHeaders([clear]), Redirect::to("/")).into_response()
}

/// The provider of this name, if it takes sign-ins of this request.
fn provider<'s>(site: &'s Site, asked: &AskedHere, Path(id): &Path<String>) -> Result<&'s Arc<dyn IdentityProvider>, Failure> {
    let admitted = asked.admitted(site)?;
    admitted.into_iter().find(|provider| provider.id() == id).ok_or_else(|| Refusal::NotOffered.into())
}
