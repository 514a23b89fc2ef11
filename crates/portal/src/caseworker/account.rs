//! A payee's account, and registering another one for the payee.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use contracts::{
    Context, Problem,
    parties::{BenefitScope, Function},
    register::{AccountPurpose, Designation, DesignationRoute, HistoryEntry, Holder},
};
use maud::{Markup, html};
use primitives::{Account, AgreementNumber, Identifier, Text};
use uuid::Uuid;

use super::CaseworkerVisit;
use crate::{
    account_form, calls,
    failure::Failure,
    form::{Entered, FieldError, Fields, KEY_FIELD, Refused, Submitted, account_since, shown_entry},
    layout::{Page, View},
    parts::{FieldKind, TextField, Width, back_link, error_summary, nothing, text_field},
    payee::{nemkonto, state_badge},
    portal::Site,
    session::{Flash, Kept},
    show as shown,
    tongue::Tongue,
};

/// The entry that was shown as current: the optimistic lock.
const EXPECTED: &str = "expected";
const REASON: &str = "reason";
/// The longest reason.
const MAX_REASON: usize = 200;

pub(super) async fn show(
    State(site): State<Arc<Site>>, caseworker: CaseworkerVisit, Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    let subject = Subject::find(&site, &caseworker, id)?;
    let page = gather(&site, &caseworker, &subject, Entered::default()).await?;
    Ok(caseworker.visit.page(&site, &page))
}

pub(super) async fn submit(
    State(site): State<Arc<Site>>, caseworker: CaseworkerVisit, Path(id): Path<Uuid>, Submitted(fields): Submitted,
) -> Result<Response, Failure> {
    let subject = Subject::find(&site, &caseworker, id)?;
    let refused = match parse(&fields) {
        Ok(wish) => match designate(&site, &subject, &fields, wish).await? {
            Ok(()) => {
                site.sessions.set_flash(&caseworker.session.token, letter_sent());
                return Ok(Redirect::to(&format!("/caseworker/accounts/{id}")).into_response());
            }
            Err(refused) => refused,
        },
        Err(errors) => Refused::fields(errors),
    };
    let page = gather(&site, &caseworker, &subject, Entered { fields, errors: refused.errors }).await?;
    Ok((refused.status, caseworker.visit.page(&site, &page)).into_response())
}

/// The payee the caseworker named, with the context of the case.
struct Subject {
    id: Uuid,
    identifier: Identifier,
    context: Context,
}

impl Subject {
    fn find(site: &Site, caseworker: &CaseworkerVisit, id: Uuid) -> Result<Self, Failure> {
        caseworker.require(Function::DesignateAccounts)?;
        match site.sessions.kept(&caseworker.session.token, id) {
            Some(Kept::Subject { identifier, case }) => {
                Ok(Self { id, identifier, context: caseworker.context(calls::purpose(&format!("sag {case}"))) })
            }
            _ => Err(Failure::NoSuchPage),
        }
    }
}

async fn gather(
    site: &Site, caseworker: &CaseworkerVisit, subject: &Subject, entered: Entered,
) -> Result<CaseAccountPage, Failure> {
    caseworker.may_look_up(site).await?;
    let found = site.register.holders(&subject.context, vec![subject.identifier.clone()]).await?;
    let holder = with_name(site, caseworker, subject, found.into_iter().next().flatten()).await?;
    caseworker.has_looked_up(site, holder.is_some()).await?;
    Ok(CaseAccountPage {
        id: subject.id,
        identifier: subject.identifier.clone(),
        holder,
        authority: caseworker.profile.authority,
        scope: caseworker.profile.scope.clone(),
        key: site.ids.uuid_v4().to_string(),
        entered,
    })
}

/// A protected name is fetched for those who may see it; the others are told that it is protected.
async fn with_name(
    site: &Site, caseworker: &CaseworkerVisit, subject: &Subject, holder: Option<Holder>,
) -> Result<Option<Holder>, Failure> {
    match holder {
        Some(holder) if holder.is_protected && caseworker.has(Function::SeeProtected) => {
            let names = site.register.protected_names(&subject.context, vec![subject.identifier.clone()]).await?;
            Ok(Some(Holder { name: names.into_iter().next().flatten(), ..holder }))
        }
        holder => Ok(holder),
    }
}

/// The account and the reason that were entered.
fn parse(fields: &Fields) -> Result<(Account, String), Vec<FieldError>> {
    let reason = fields.one(REASON);
    let reason_error = (reason.is_empty() || reason.chars().count() > MAX_REASON)
        .then(|| FieldError::new(REASON, "Skriv en begrundelse på højst 200 tegn.", "Enter a reason of at most 200 characters."));
    match (account_form::parse(fields), reason_error) {
        (Ok(account), None) => Ok((account, reason.to_owned())),
        (account, reason_error) => Err(account.err().unwrap_or_default().into_iter().chain(reason_error).collect()),
    }
}

/// The outer error is the house's, the inner one the form's.
async fn designate(
    site: &Site, subject: &Subject, fields: &Fields, (account, reason): (Account, String),
) -> Result<Result<(), Refused>, Failure> {
    let expected = shown_entry(fields, EXPECTED)?;
    if expected.is_none() {
        let found = site.register.holders(&subject.context, vec![subject.identifier.clone()]).await?;
        if found.iter().flatten().any(|holder| nemkonto(holder).is_some()) {
            return Ok(Err(account_since()));
        }
    }
    let designation = Designation {
        identifier: subject.identifier.clone(),
        purpose: AccountPurpose::NemKonto,
        account,
        valid_from: site.clock.today(),
        route: DesignationRoute::Caseworker,
        expected,
        reason,
    };
    let key = calls::key(fields.one(KEY_FIELD))?;
    let mut receipts = site.register.designate(&subject.context, &key, vec![designation]).await?;
    match receipts.pop().ok_or_else(Problem::unavailable)? {
        Ok(_) => Ok(Ok(())),
        Err(problem) => Ok(Err(Refused::by(problem, "")?)),
    }
}

fn letter_sent() -> Flash {
    Flash {
        heading: Text::new("Kontoen er registreret", "The account is registered"),
        text: Text::new(
            "Modtageren får en kode med brev. Kontoen bruges først, når koden er indtastet.",
            "The payee gets a code by letter. The account is not used until the code is entered.",
        ),
    }
}

pub(crate) struct CaseAccountPage {
    id: Uuid,
    identifier: Identifier,
    holder: Option<Holder>,
    authority: AgreementNumber,
    scope: BenefitScope,
    key: String,
    entered: Entered,
}

impl Page for CaseAccountPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("En modtagers konto", "A payee's account").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            (back_link("/caseworker/accounts", view.say("Find en anden", "Find another")))
            h1 { (view.say("En modtagers konto", "A payee's account")) }
            p.font-lead {
                span.number { (shown::masked_identifier(&self.identifier)) }
                @if let Some(holder) = &self.holder { " · " (shown::holder_name(view, holder)) }
            }
            @if self.holder.as_ref().is_some_and(|holder| holder.is_protected && holder.name.is_some()) {
                p.small-note { (view.say(
                    "Navn og adresse er beskyttet. Giv dem ikke videre.",
                    "Name and address are protected. Do not pass them on.",
                )) }
            }
            @match &self.holder {
                None => (nothing(view.say("Nummeret findes ikke i registret.", "The number is not in the register."))),
                Some(holder) => {
                    (self.accounts(view, holder))
                    (self.form(view, holder))
                }
            }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        crate::samples::case_accounts()
    }
}

impl CaseAccountPage {
    #[cfg(test)]
    pub(crate) fn sample(identifier: Identifier, holder: Option<Holder>, scope: BenefitScope) -> Self {
        let authority = AgreementNumber::parse("00000001").unwrap();
        let errors = parse(&Fields::default()).unwrap_err();
        let entered = Entered { errors, ..Entered::default() };
        Self { id: Uuid::nil(), identifier, holder, authority, scope, key: Uuid::nil().to_string(), entered }
    }

    /// The NemKonto, and of specific accounts only those of the own authority within the role profile.
    fn visible<'h>(&self, holder: &'h Holder) -> Vec<&'h HistoryEntry> {
        let allowed = |entry: &&HistoryEntry| match &entry.purpose {
            AccountPurpose::NemKonto => true,
            AccountPurpose::Specific { payer, benefit } => *payer == self.authority && self.scope.allows(Some(benefit)),
        };
        holder.current.iter().filter(allowed).collect()
    }

    fn accounts(&self, view: View<'_>, holder: &Holder) -> Markup {
        let visible = self.visible(holder);
        html! {
            @if visible.is_empty() {
                (nothing(view.say("Der er ingen konto.", "There is no account.")))
            } @else {
                ul.rows.nobullet-list {
                    @for entry in visible {
                        li {
                            span { (purpose(&entry.purpose)) }
                            strong.number { (shown::masked_account(&entry.account)) }
                            (state_badge(view, entry.state))
                            span { (view.say("fra ", "from ")) (shown::date(view.tongue, entry.valid_from)) }
                        }
                    }
                }
            }
        }
    }

    fn form(&self, view: View<'_>, holder: &Holder) -> Markup {
        let expected = nemkonto(holder).map(|entry| entry.entry.get().to_string()).unwrap_or_default();
        html! {
            section aria-labelledby="register" {
                h2 #register { (view.say("Registrér en anden NemKonto", "Register another NemKonto")) }
                (error_summary(view, &self.entered.errors))
                form.narrow-form action={ "/caseworker/accounts/" (self.id) } method="post" novalidate {
                    (view.own_once(&self.key))
                    input type="hidden" name=(EXPECTED) value=(expected);
                    (account_form::fields(view, &self.entered))
                    (text_field(view, &self.entered, &TextField {
                        name: REASON,
                        label: view.say("Begrundelse", "Reason"),
                        hint: Some(view.say("Højst 200 tegn, uden personnumre", "At most 200 characters, without personal numbers")),
                        width: Width::TwentySeven,
                        kind: FieldKind::Text,
                    }))
                    button.button.button-primary type="submit" { (view.say("Registrér kontoen", "Register the account")) }
                }
            }
        }
    }
}

fn purpose(purpose: &AccountPurpose) -> String {
    match purpose {
        AccountPurpose::NemKonto => "NemKonto".to_owned(),
        AccountPurpose::Specific { benefit, .. } => benefit.to_string(),
    }
}
