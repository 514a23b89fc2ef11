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

use axum::{extract::FromRequestParts, http::request::Parts, response::Redirect};
use contracts::{
    ActingPerson, Context, Problem,
    register::{AccountPurpose, EntryState, HistoryEntry, Holder},
};
use jiff::civil::Date;
use primitives::{Identifier, SELF_SERVICE_AGE, has_reached};

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
        .get("/account", overview::overview)
        .get("/account/change", change::show)
        .post("/account/change", change::submit)
        // Who comes back to the address of a form that was sent, by the language switch or after a new sign-in, finds its page.
        .get("/account/activate", async || Redirect::to("/account"))
        .post("/account/activate", activate::submit)
        .get("/account/history", history::history)
        .get("/account/lookups", lookups::lookups)
        .get("/payments", payments::payments)
        .get("/payments/{payment}", story::story)
}

/// A visit of someone who is signed in as a payee: sees the own data and no one else's, as every call names the signed-in number.
pub(crate) struct PayeeVisit {
    visit: Visit,
    session: OpenSession,
    identifier: Identifier,
    is_person: bool,
    acting: Option<ActingPerson>,
}

impl<S: Sync> FromRequestParts<S> for PayeeVisit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Ok(visit) = Visit::from_request_parts(parts, state).await;
        let session = visit.session.clone().ok_or(Failure::SignIn)?;
        let (role, acting) = session.who.clone().map(|who| (who.role, who.acting)).ok_or(Failure::SignIn)?;
        match role {
            Role::Citizen(identifier) | Role::Grantor(identifier) => {
                Ok(Self { visit, session, identifier, is_person: true, acting })
            }
            Role::Company(identifier) => Ok(Self { visit, session, identifier, is_person: false, acting }),
            Role::Caseworker(..) => Err(Failure::NotYours),
        }
    }
}

impl PayeeVisit {
    fn context(&self) -> Context {
        calls::as_payee(&self.visit, &self.identifier, self.acting.clone())
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

/// The NemKonto that was designated last, in force or coming: the one a new wish replaces.
pub(crate) fn nemkonto(holder: &Holder) -> Option<&HistoryEntry> {
    nemkontos(holder, EntryState::Active).max_by_key(|entry| entry.valid_from)
}

/// The NemKonto that payments of the day go to, and the one that takes over later: a change may wait for its day, or to be looked at.
fn on_day(holder: &Holder, today: Date) -> (Option<&HistoryEntry>, Option<&HistoryEntry>) {
    let active = || nemkontos(holder, EntryState::Active).filter(|entry| entry.valid_until.is_none_or(|until| today < until));
    let in_force = active().find(|entry| entry.valid_from <= today);
    (in_force, active().filter(|entry| entry.valid_from > today).min_by_key(|entry| entry.valid_from))
}

/// The NemKonto that waits for the code from the letter.
fn pending(holder: &Holder) -> Option<&HistoryEntry> {
    nemkontos(holder, EntryState::Pending).next()
}

fn nemkontos(holder: &Holder, state: EntryState) -> impl Iterator<Item = &HistoryEntry> {
    holder.current.iter().filter(move |entry| entry.purpose == AccountPurpose::NemKonto && entry.state == state)
}

#[cfg(test)]
mod tests {
    use contracts::register::HolderStatus;
    use jiff::civil::date;
    use primitives::EntryRef;

    use super::*;
    use crate::samples;

    #[test]
    fn an_account_of_later_is_not_shown_as_that_of_today() {
        let (mut now, mut later) = (samples::entries().remove(0), samples::entries().remove(0));
        (now.entry, now.valid_until) = (EntryRef::new(1), Some(date(2026, 3, 20)));
        (later.entry, later.valid_from) = (EntryRef::new(2), date(2026, 3, 20));
        let holder = samples::holder(HolderStatus::Active, vec![later, now]);
        let check = |today, expect: (Option<i64>, Option<i64>)| {
            let (in_force, coming) = on_day(&holder, today);
            let number = |entry: Option<&HistoryEntry>| entry.map(|entry| entry.entry.get());
            assert_eq!((number(in_force), number(coming)), expect, "{today}");
        };
        check(date(2026, 3, 1), (None, Some(1)));
        check(date(2026, 3, 2), (Some(1), Some(2)));
        check(date(2026, 3, 19), (Some(1), Some(2)));
        check(date(2026, 3, 20), (Some(2), None));
        assert_eq!(nemkonto(&holder).map(|entry| entry.entry.get()), Some(2), "what a wish replaces");
    }
}
