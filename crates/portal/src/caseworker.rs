//! The pages of caseworkers. Two levels of rights are required for everything: the function, and the benefits whose data may be seen.

mod account;
mod deliveries;
mod found;
mod search;
mod stop;
mod story;
mod subject;

#[cfg(test)]
pub(crate) use {
    account::CaseAccountPage, deliveries::DeliveriesPage, found::FoundPage, search::SearchPage, story::CaseStoryPage,
    subject::SubjectPage,
};

use std::sync::Arc;

use axum::{
    Router,
    extract::FromRequestParts,
    http::request::Parts,
    response::Redirect,
    routing::{get, post},
};
use contracts::{
    Context, Problem, Purpose,
    parties::{Function, UserProfile, UserQuery},
};

use crate::{
    calls,
    failure::Failure,
    portal::Site,
    session::{OpenSession, Role},
    visit::Visit,
};

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/caseworker", get(async || Redirect::to("/caseworker/payments")))
        .route("/caseworker/payments", get(search::show).post(search::submit))
        .route("/caseworker/payments/found/{search}", get(found::found))
        .route("/caseworker/payments/{payment}", get(story::show))
        .route("/caseworker/payments/{payment}/stop", post(stop::submit).get(stop::back))
        .route("/caseworker/accounts", get(subject::show).post(subject::submit))
        .route("/caseworker/accounts/{subject}", get(account::show).post(account::submit))
        .route("/caseworker/deliveries", get(deliveries::deliveries))
}

/// A visit of a caseworker, with the role profile as it applies today: a grant that is taken away works from the next request on.
pub(crate) struct CaseworkerVisit {
    visit: Visit,
    session: OpenSession,
    profile: UserProfile,
}

impl FromRequestParts<Arc<Site>> for CaseworkerVisit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Failure> {
        let Ok(visit) = Visit::from_request_parts(parts, site).await;
        let session = visit.session.clone().ok_or(Failure::SignIn)?;
        match session.who.as_ref().map(|who| who.role.clone()) {
            Some(Role::Caseworker(user)) => {
                let profile = profile(site, &visit, user).await?.ok_or(Failure::NoRoleProfile)?;
                Ok(Self { visit, session, profile })
            }
            Some(Role::Citizen(_) | Role::Company(_)) => Err(Failure::NotYours),
            None => Err(Failure::SignIn),
        }
    }
}

async fn profile(site: &Site, visit: &Visit, user: String) -> Result<Option<UserProfile>, Problem> {
    let query = UserQuery { on: site.clock.today(), users: vec![user] };
    let found = site.parties.users(&calls::as_portal(visit), query).await?;
    Ok(found.into_iter().next().flatten())
}

impl CaseworkerVisit {
    fn has(&self, function: Function) -> bool {
        self.profile.functions.contains(&function)
    }

    fn require(&self, function: Function) -> Result<(), Failure> {
        if self.has(function) { Ok(()) } else { Err(Failure::MissingFunction(function)) }
    }

    fn context(&self, purpose: Purpose) -> Context {
        calls::as_caseworker(&self.visit, &self.profile.user, self.profile.authority, purpose)
    }
}
