//! The gate before every page: what the table of rights does not allow a role is refused, whatever the page itself would have done. A page that
//! stands in no row is nobody's.

use access::authorization::{Authorization, Right};
use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{failure::Failure, session::Role, visit::Visit};

/// Lets the request on to its page, or says who may not be there.
pub(crate) async fn keep(path: MatchedPath, visit: Visit, request: Request, next: Next) -> Response {
    let role = visit.session.as_ref().and_then(|session| session.who.as_ref()).map(|who| &who.role);
    // A head is a look without the page.
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let endpoint = format!("{method} {}", path.as_str());
    match (Authorization::declared().right(&endpoint, column(role)), role) {
        (Right::None, None) => Failure::SignIn.into_response(),
        (Right::None, Some(_)) => {
            tracing::warn!(%visit.trace, endpoint, role = column(role), "a page was refused");
            Failure::NotYours.into_response()
        }
        (Right::Own | Right::All | Right::Function(_) | Right::Either(..), _) => next.run(request).await,
    }
}

/// The table's name of the role.
fn column(role: Option<&Role>) -> &'static str {
    match role {
        None => "visitor",
        Some(Role::Citizen(_) | Role::Grantor(_)) => "citizen",
        Some(Role::Company(_)) => "company",
        Some(Role::Caseworker(..)) => "caseworker",
    }
}
