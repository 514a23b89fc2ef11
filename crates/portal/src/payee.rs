//! The pages of citizens and companies: the own account, its history, who looked, and the own payments.

mod activate;
mod change;
mod history;
mod lookups;
mod overview;
mod payments;
mod story;

pub(crate) use overview::state_badge;
#[cfg(test)]
pub(crate) use {
    change::ChangePage, history::HistoryPage, lookups::LookupsPage, overview::OverviewPage, payments::PaymentsPage,
    story::StoryPage,
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
    Context, Problem,
    register::{AccountPurpose, EntryState, HistoryEntry, Holder},
};
use jiff::{ToSpan, civil::Date};
use primitives::Identifier;

use crate::{
    calls,
    failure::Failure,
    portal::Site,
    session::{OpenSession, Role},
    visit::Visit,
};

/// From this age a person may self-serve (lov nr. 696 of 20/6/2025); below it a guardian designates.
const SELF_SERVICE_AGE: i16 = 15;

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/account", get(overview::overview))
        .route("/account/change", get(change::show).post(change::submit))
        // Who comes back to the address of a form that was sent, by the language switch or after a new sign-in, finds its page.
        .route("/account/activate", post(activate::submit).get(async || Redirect::to("/account")))
        .route("/account/history", get(history::history))
        .route("/account/lookups", get(lookups::lookups))
        .route("/payments", get(payments::payments))
        .route("/payments/{payment}", get(story::story))
}

/// A visit of someone who is signed in as a payee: sees the own data and no one else's, as every call names the signed-in number.
pub(crate) struct PayeeVisit {
    visit: Visit,
    session: OpenSession,
    identifier: Identifier,
    is_person: bool,
}

impl<S: Sync> FromRequestParts<S> for PayeeVisit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Ok(visit) = Visit::from_request_parts(parts, state).await;
        let session = visit.session.clone().ok_or(Failure::SignIn)?;
        match session.who.as_ref().map(|who| who.role.clone()) {
            Some(Role::Citizen(identifier)) => Ok(Self { visit, session, identifier, is_person: true }),
            Some(Role::Company(identifier)) => Ok(Self { visit, session, identifier, is_person: false }),
            Some(Role::Caseworker(_)) => Err(Failure::NotYours),
            None => Err(Failure::SignIn),
        }
    }
}

impl PayeeVisit {
    fn context(&self) -> Context {
        calls::as_payee(&self.visit, &self.identifier)
    }

    /// The payee as the register knows it; `None` when it does not.
    async fn holder(&self, site: &Site) -> Result<Option<Holder>, Problem> {
        let found = site.register.holders(&self.context(), vec![self.identifier.clone()]).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// Whether the payee may designate an account here.
    fn self_service(&self, holder: &Holder, today: Date) -> SelfService {
        match (self.is_person, holder.born) {
            (false, _) => SelfService::Company,
            (true, Some(born)) if !has_reached(SELF_SERVICE_AGE, born, today) => SelfService::TooYoung,
            // Without a recorded day of birth nobody is taken for a child: the number alone says nothing of age.
            (true, _) => SelfService::Open,
        }
    }

    /// As [`Self::self_service`], for handlers that change something.
    async fn require_self_service(&self, site: &Site) -> Result<Holder, Failure> {
        let holder = self.holder(site).await?.ok_or(Failure::NotYours)?;
        match self.self_service(&holder, site.clock.today()) {
            SelfService::Open => Ok(holder),
            SelfService::Company | SelfService::TooYoung => Err(Failure::NotYours),
        }
    }
}

/// Whether a payee may designate an account in self-service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SelfService {
    /// It may.
    Open,
    /// A company's self-service only shows.
    Company,
    /// A guardian designates.
    TooYoung,
}

fn has_reached(age: i16, born: Date, today: Date) -> bool {
    born.checked_add(i64::from(age).years()).is_ok_and(|day| day <= today)
}

/// The NemKonto in force, if there is one.
fn nemkonto(holder: &Holder) -> Option<&HistoryEntry> {
    entry(holder, EntryState::Active)
}

/// The NemKonto that waits for the code from the letter.
fn pending(holder: &Holder) -> Option<&HistoryEntry> {
    entry(holder, EntryState::Pending)
}

fn entry(holder: &Holder, state: EntryState) -> Option<&HistoryEntry> {
    holder.current.iter().find(|entry| entry.purpose == AccountPurpose::NemKonto && entry.state == state)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_age_is_reached_on_the_birthday() {
        let check = |born, today, expect| assert_eq!(has_reached(15, born, today), expect, "{born} {today}");
        check(date(2011, 3, 2), date(2026, 3, 2), true);
        check(date(2011, 3, 3), date(2026, 3, 2), false);
        check(date(2012, 2, 29), date(2027, 2, 28), true);
    }
}
