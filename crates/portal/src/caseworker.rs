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

use axum::{extract::FromRequestParts, http::request::Parts, response::Redirect};
use contracts::{
    Context, Problem, Purpose,
    parties::{Function, LookupAsker, LookupCharge, PartyKey, PartyKind, PayerKey, PayerQuery, UserProfile, UserQuery},
};
use primitives::Cvr;

use crate::{
    calls,
    failure::Failure,
    pages::Pages,
    portal::Site,
    session::{OpenSession, Role},
    visit::Visit,
};

pub(crate) fn pages(pages: Pages) -> Pages {
    pages
        .get("/caseworker", async || Redirect::to("/caseworker/payments"))
        .get("/caseworker/payments", search::show)
        .post("/caseworker/payments", search::submit)
        .get("/caseworker/payments/found/{search}", found::found)
        .get("/caseworker/payments/{payment}", story::show)
        .get("/caseworker/payments/{payment}/stop", stop::back)
        .post("/caseworker/payments/{payment}/stop", stop::submit)
        .get("/caseworker/accounts", subject::show)
        .post("/caseworker/accounts", subject::submit)
        .get("/caseworker/accounts/{subject}", account::show)
        .post("/caseworker/accounts/{subject}", account::submit)
        .get("/caseworker/deliveries", deliveries::deliveries)
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
            Some(Role::Caseworker(user, cvr)) => {
                let profile = profile(site, &visit, user, cvr).await?.ok_or(Failure::NoRoleProfile)?;
                if let Some(cvr) = cvr {
                    require_authority(site, &visit, &profile, &cvr).await?;
                }
                Ok(Self { visit, session, profile })
            }
            Some(Role::Citizen(_) | Role::Grantor(_) | Role::Company(_)) => Err(Failure::NotYours),
            None => Err(Failure::SignIn),
        }
    }
}

/// What the user holds today, at the authority the sign-in was proven for, where one was.
async fn profile(site: &Site, visit: &Visit, user: String, cvr: Option<Cvr>) -> Result<Option<UserProfile>, Problem> {
    let at = cvr.map(|number| PayerKey::Cvr { number });
    let query = UserQuery { on: site.clock.today(), users: vec![user], at };
    let found = site.parties.users(&calls::as_portal(visit), query).await?;
    Ok(found.into_iter().next().flatten())
}

/// The role profile must be of the authority the sign-in was proven for: user ids alone are unique only within it.
async fn require_authority(site: &Site, visit: &Visit, profile: &UserProfile, cvr: &Cvr) -> Result<(), Failure> {
    let query = PayerQuery { on: site.clock.today(), payers: vec![PayerKey::Agreement { number: profile.authority }] };
    let found = site.parties.payers(&calls::as_portal(visit), query).await?.into_iter().next().flatten();
    if found.is_some_and(|authority| authority.cvr == *cvr) { Ok(()) } else { Err(Failure::NoRoleProfile) }
}

impl CaseworkerVisit {
    fn has(&self, function: Function) -> bool {
        self.profile.functions.contains(&function)
    }

    fn require(&self, function: Function) -> Result<(), Failure> {
        if self.has(function) { Ok(()) } else { Err(Failure::MissingFunction(function)) }
    }

    /// Whether the caseworker may look somebody up now: who has looked up too much waits. Asked before anything is looked up.
    async fn may_look_up(&self, site: &Site) -> Result<(), Failure> {
        self.charge_lookup(site, 0, 0).await
    }

    /// Counts a lookup, before its answer is shown.
    async fn has_looked_up(&self, site: &Site, has_found: bool) -> Result<(), Failure> {
        self.charge_lookup(site, u32::from(has_found), u32::from(!has_found)).await
    }

    async fn charge_lookup(&self, site: &Site, hits: u32, misses: u32) -> Result<(), Failure> {
        let party = PartyKey { kind: PartyKind::Authority, id: self.profile.authority.digits().to_owned() };
        let asker = LookupAsker { user: Some(self.profile.user.clone()), party };
        Ok(site.oversight.charge_lookups(&calls::as_portal(&self.visit), LookupCharge { asker, hits, misses }).await?)
    }

    fn context(&self, purpose: Purpose) -> Context {
        calls::as_caseworker(&self.visit, &self.profile.user, self.profile.authority, purpose)
    }
}
