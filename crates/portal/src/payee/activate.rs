//! Entering the code from the letter.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{Problem, register::Activation};
use maud::{Markup, html};
use primitives::Text;

use super::{PayeeVisit, overview};
use crate::{
    calls,
    failure::Failure,
    form::{Entered, FieldError, KEY_FIELD, Refused, Submitted},
    layout::View,
    parts::{FieldKind, TextField, Width, error_summary, text_field},
    portal::Site,
    session::Flash,
    show,
};

const CODE: &str = "code";

/// The form on the overview.
pub(super) fn form(view: View<'_>, entered: &Entered, key: &str) -> Markup {
    html! {
        (error_summary(view, &entered.errors))
        form action="/account/activate" method="post" novalidate {
            (view.own_once(key))
            (text_field(view, entered, &TextField {
                name: CODE,
                label: view.say("Kode fra brevet", "Code from the letter"),
                hint: Some(view.say("8 cifre", "8 digits")),
                width: Width::Eight,
                kind: FieldKind::Digits,
            }))
            button.button.button-primary type="submit" { (view.say("Aktivér kontoen", "Activate the account")) }
        }
    }
}

pub(super) async fn submit(
    State(site): State<Arc<Site>>, payee: PayeeVisit, Submitted(fields): Submitted,
) -> Result<Response, Failure> {
    payee.require_self_service(&site).await?;
    let code: String = fields.one(CODE).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let outcome = if code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        activate(&site, &payee, code, fields.one(KEY_FIELD)).await?
    } else {
        Err(Refused::fields(vec![FieldError::new(CODE, "Koden har 8 cifre.", "The code has 8 digits.")]))
    };
    match outcome {
        Ok(flash) => {
            site.sessions.set_flash(&payee.session.token, flash);
            Ok(Redirect::to("/account").into_response())
        }
        Err(refused) => {
            // The code itself is not shown again.
            let entered = Entered { errors: refused.errors, ..Entered::default() };
            let page = overview::gather(&site, &payee, entered).await?;
            Ok((refused.status, payee.visit.page(&site, &page)).into_response())
        }
    }
}

/// The outer error is the house's, the inner one the code's.
async fn activate(site: &Site, payee: &PayeeVisit, code: String, key: &str) -> Result<Result<Flash, Refused>, Failure> {
    let activation = Activation { identifier: payee.identifier.clone(), code };
    let mut receipts = site.register.activate(&payee.context(), &calls::key(key)?, vec![activation]).await?;
    match receipts.pop().ok_or_else(Problem::unavailable)? {
        Ok(receipt) => Ok(Ok(activated(payee, receipt.effective_from.unwrap_or(site.clock.today())))),
        Err(problem) => Ok(Err(Refused::by(problem, CODE)?)),
    }
}

fn activated(payee: &PayeeVisit, from: jiff::civil::Date) -> Flash {
    let day = show::date(payee.visit.tongue, from);
    Flash {
        heading: Text::new("Kontoen er aktiv", "The account is active"),
        text: Text::new(format!("Den bruges til udbetalinger fra {day}."), format!("It is used for payments from {day}.")),
    }
}
