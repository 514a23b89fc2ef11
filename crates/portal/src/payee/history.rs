//! The history of the own account.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use contracts::{
    ProblemCode,
    register::{AccountPurpose, DesignationRoute, HistoryEntry, HistoryQuery},
};
use maud::{Markup, html};

use super::{PayeeVisit, overview::state_badge};
use crate::{
    failure::Failure,
    layout::{Page, View},
    names::Names,
    parts::{nothing, table},
    portal::Site,
    show,
    tongue::Tongue,
};

pub(super) async fn history(State(site): State<Arc<Site>>, payee: PayeeVisit) -> Result<Response, Failure> {
    let query = HistoryQuery { identifier: payee.identifier.clone(), as_known: None };
    let entries = match site.register.history(&payee.context(), query).await {
        // A number the register does not know has no history.
        Err(problem) if problem.code == ProblemCode::Forbidden || problem.code == ProblemCode::NotFound => Vec::new(),
        answer => answer?,
    };
    let names = Names::load(&site, &payee.visit).await;
    Ok(payee.visit.page(&site, &HistoryPage { entries, names }))
}

pub(crate) struct HistoryPage {
    pub(crate) entries: Vec<HistoryEntry>,
    pub(crate) names: Names,
}

impl Page for HistoryPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Kontohistorik", "Account history").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        let heads = [
            view.say("Konto", "Account"),
            view.say("Til", "For"),
            view.say("Gælder", "Applies"),
            view.say("Status", "State"),
            view.say("Registreret", "Registered"),
            view.say("Af", "By"),
            view.say("Begrundelse", "Reason"),
        ];
        let rows: Vec<Vec<Markup>> = self.entries.iter().map(|entry| self.row(view, entry)).collect();
        html! {
            h1 { (view.say("Kontohistorik", "Account history")) }
            p.font-lead { (view.say("Alle konti, der har været registreret for dig, nyeste først.", "Every account that has been registered for you, newest first.")) }
            @if rows.is_empty() {
                (nothing(view.say("Der har ikke været registreret en konto.", "No account has been registered.")))
            } @else {
                (table(view.say("Kontohistorik", "Account history"), &heads, &rows))
            }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![
            Self { entries: vec![], names: Names::default() },
            Self { entries: crate::samples::entries(), names: crate::samples::names() },
        ]
    }
}

impl HistoryPage {
    fn row(&self, view: View<'_>, entry: &HistoryEntry) -> Vec<Markup> {
        vec![
            html! { span.number { (show::masked_account(&entry.account)) } },
            self.purpose(entry),
            period(view, entry),
            state_badge(view, entry.state),
            html! { (show::instant(view.tongue, entry.recorded_from)) },
            html! { (self.names.actor(view, &entry.recorded_by, None)) br; span.small-note { (route(view, &entry.route)) } },
            html! { (entry.reason) },
        ]
    }

    fn purpose(&self, entry: &HistoryEntry) -> Markup {
        html! {
            @match &entry.purpose {
                AccountPurpose::NemKonto => "NemKonto",
                AccountPurpose::Specific { payer, benefit } => { (self.names.payer(payer)) " · " (benefit) }
            }
        }
    }
}

fn period(view: View<'_>, entry: &HistoryEntry) -> Markup {
    html! {
        (view.say("fra ", "from ")) (show::date(view.tongue, entry.valid_from))
        @if let Some(until) = entry.valid_until {
            br; (view.say("til (ikke med) ", "until (not including) ")) (show::date(view.tongue, until))
        }
    }
}

fn route<'a>(view: View<'_>, route: &DesignationRoute) -> &'a str {
    let (da, en) = match route {
        DesignationRoute::Bank { .. } => ("indberettet af bank", "reported by a bank"),
        DesignationRoute::SelfService => ("selvbetjening", "self-service"),
        DesignationRoute::Guardian => ("værge", "guardian"),
        DesignationRoute::Caseworker => ("sagsbehandler", "caseworker"),
        DesignationRoute::Form => ("blanket", "form"),
        DesignationRoute::ForeignForm { .. } => ("blanket for udenlandsk konto", "form for an account abroad"),
        DesignationRoute::Estate { .. } => ("skifteretsattest", "the probate court's document"),
        DesignationRoute::Migration => ("overført fra det tidligere system", "taken over from the former system"),
    };
    view.tongue.say(da, en)
}
