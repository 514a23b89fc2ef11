//! One request: in which language, and in which session.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{header, request::Parts},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use uuid::Uuid;

use crate::{
    cookies::Cookie,
    language,
    layout::{Page, View, render},
    portal::Site,
    session::{OpenSession, Token},
    tongue::Tongue,
};

/// What is known of a request before it is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) tongue: Tongue,
    /// The path with its query, for the language switch.
    pub(crate) path: String,
    pub(crate) session: Option<OpenSession>,
    /// Joins log lines and access records of the request.
    pub(crate) trace: Uuid,
}

impl Visit {
    /// The page in this visit's language, with the session's header and message.
    pub(crate) fn page(&self, site: &Site, page: &impl Page) -> Response {
        let flash = self.session.as_ref().and_then(|session| site.sessions.take_flash(&session.token));
        let markup = render(self, flash.as_ref(), page);
        ([(header::CONTENT_LANGUAGE, self.tongue.0.as_str())], Html(markup.into_string())).into_response()
    }

    /// What a page's body is written with.
    pub(crate) fn view(&self) -> View<'_> {
        let csrf = self.session.as_ref().map_or("", |session| session.csrf.as_str());
        View { tongue: self.tongue, csrf }
    }
}

/// Looks the session up and lets the visit travel with the request.
pub(crate) async fn attend(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let token = Cookie::Session.sent(site.transport, request.headers());
    let session = token.and_then(|token| site.sessions.open(&Token::sent(token)));
    let visit = Visit {
        tongue: language::of(site.transport, request.headers()),
        path: request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        session,
        trace: site.ids.uuid_v4(),
    };
    request.extensions_mut().insert(visit);
    next.run(request).await
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().expect("every page stands behind `attend`"))
    }
}
