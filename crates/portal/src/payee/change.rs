//! Designating another account in self-service.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{
    Problem,
    register::{AccountPurpose, Designation, DesignationRoute, Holder},
};
use maud::{Markup, html};
use primitives::{Account, Text};

use super::{PayeeVisit, nemkonto};
use crate::{
    account_form, calls,
    failure::Failure,
    form::{Entered, Fields, KEY_FIELD, Refused, Submitted, account_since, shown_entry},
    layout::{Page, View},
    parts::{back_link, error_summary},
    portal::Site,
    session::Flash,
    show,
    tongue::Tongue,
};

/// The entry that was shown as current: the optimistic lock.
const EXPECTED: &str = "expected";
/// Documented with every change; a payee's own wish needs no other reason.
const REASON: &str = "valgt af kontohaveren i selvbetjeningen";

pub(super) async fn show(State(site): State<Arc<Site>>, payee: PayeeVisit) -> Result<Response, Failure> {
    let holder = payee.require_self_service(&site).await?;
    Ok(payee.visit.page(&site, &ChangePage::new(&site, &holder, Entered::default())))
}

pub(super) async fn submit(
    State(site): State<Arc<Site>>, payee: PayeeVisit, Submitted(fields): Submitted,
) -> Result<Response, Failure> {
    let holder = payee.require_self_service(&site).await?;
    let refused = match account_form::parse(&fields) {
        Ok(account) => match designate(&site, &payee, &holder, &fields, account).await? {
            Ok(()) => {
                site.sessions.set_flash(&payee.session.token, letter_sent());
                return Ok(Redirect::to("/account").into_response());
            }
            Err(refused) => refused,
        },
        Err(errors) => Refused::fields(errors),
    };
    // The account may have changed since it was looked at: what is shown above the form is what is current now.
    let holder = payee.require_self_service(&site).await?;
    let page = ChangePage::new(&site, &holder, Entered { fields, errors: refused.errors });
    Ok((refused.status, payee.visit.page(&site, &page)).into_response())
}

/// The outer error is the house's, the inner one the form's.
async fn designate(
    site: &Site, payee: &PayeeVisit, holder: &Holder, fields: &Fields, account: Account,
) -> Result<Result<(), Refused>, Failure> {
    let expected = shown_entry(fields, EXPECTED)?;
    if expected.is_none() && nemkonto(holder).is_some() {
        return Ok(Err(account_since()));
    }
    let designation = Designation {
        identifier: payee.identifier.clone(),
        purpose: AccountPurpose::NemKonto,
        account,
        valid_from: site.clock.today(),
        route: DesignationRoute::SelfService,
        expected,
        reason: REASON.to_owned(),
    };
    let key = calls::key(fields.one(KEY_FIELD))?;
    let mut receipts = site.register.designate(&payee.context(), &key, vec![designation]).await?;
    match receipts.pop().ok_or_else(Problem::unavailable)? {
        Ok(_) => Ok(Ok(())),
        Err(problem) => Ok(Err(Refused::by(problem, "")?)),
    }
}

fn letter_sent() -> Flash {
    Flash {
        heading: Text::new("Kontoen er registreret", "The account is registered"),
        text: Text::new(
            "Vi sender en kode med brev til din folkeregisteradresse. Kontoen bruges først, når du har indtastet koden her.",
            "We send a code by letter to your registered address. The account is not used until you have entered the code here.",
        ),
    }
}

/// The page with the form. `expected` and `key` are those of the page shown first, so that a corrected form is still the same wish.
pub(crate) struct ChangePage {
    current: Option<Account>,
    expected: String,
    key: String,
    entered: Entered,
}

impl ChangePage {
    fn new(site: &Site, holder: &Holder, entered: Entered) -> Self {
        let current = nemkonto(holder);
        // After a refusal the form is a new wish, on what is current now: the payee sees it right above the fields.
        Self {
            current: current.map(|entry| entry.account.clone()),
            expected: current.map(|entry| entry.entry.get().to_string()).unwrap_or_default(),
            key: site.ids.uuid_v4().to_string(),
            entered,
        }
    }

    #[cfg(test)]
    pub(crate) fn sample(current: Option<Account>, entered: Entered) -> Self {
        Self { current, expected: "17".into(), key: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff".into(), entered }
    }
}

impl Page for ChangePage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Vælg konto", "Choose account").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            (back_link("/account", view.say("Overblik", "Overview")))
            h1 { (view.say("Vælg konto", "Choose account")) }
            @if let Some(current) = &self.current {
                p {
                    (view.say("Din NemKonto er i dag ", "Your NemKonto today is "))
                    strong.number { (show::masked_account(current)) } "."
                }
            }
            p.font-lead {
                (view.say(
                    "Det behøver ikke være din egen konto, og flere kan have den samme. Vi sender en kode med brev, før den tages i brug.",
                    "It need not be your own account, and several people may have the same one. We send a code by letter before it is used.",
                ))
            }
            (error_summary(view, &self.entered.errors))
            form.narrow-form action="/account/change" method="post" novalidate {
                (view.own_once(&self.key))
                input type="hidden" name=(EXPECTED) value=(self.expected);
                (account_form::fields(view, &self.entered))
                details.details {
                    summary.details-summary { (view.say("Min konto har intet IBAN", "My account has no IBAN")) }
                    div.details-text {
                        p { (view.say(
                            "Konti i lande uden IBAN registreres med blanketten for udenlandske konti, underskrevet hos notar, advokat eller to vidner.",
                            "Accounts in countries without IBAN are registered with the form for foreign accounts, signed before a notary, a lawyer or two witnesses.",
                        )) }
                    }
                }
                div.form-actions {
                    button.button.button-primary type="submit" { (view.say("Registrér kontoen", "Register the account")) }
                    a.button.button-tertiary href="/account" { (view.say("Fortryd", "Cancel")) }
                }
            }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        crate::samples::changes()
    }
}
