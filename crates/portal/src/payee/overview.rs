//! The payee's overview: the NemKonto, what waits, specific accounts, held money, latest payments.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use contracts::{
    holding::{Deposit, DepositState},
    mediation::{PaymentSearch, PaymentSummary},
    register::{AccountPurpose, EntryState, HistoryEntry, Holder, HolderStatus},
};
use jiff::civil::Date;
use maud::{Markup, html};

use super::{PayeeVisit, SelfService, activate, nemkonto, on_day, pending};
use crate::{
    failure::Failure,
    form::Entered,
    layout::{Page, View},
    names::Names,
    parts::{Tone, alert, badge, facts, icon, nothing},
    payment_list::payment_table,
    portal::Site,
    show,
    tongue::Tongue,
};

/// How many payments the overview shows.
const LATEST: u32 = 5;

pub(crate) async fn overview(State(site): State<Arc<Site>>, payee: PayeeVisit) -> Result<Response, Failure> {
    let page = gather(&site, &payee, Entered::default()).await?;
    Ok(payee.visit.page(&site, &page))
}

/// The overview; `activation` is what was entered as code, with what was wrong with it.
pub(super) async fn gather(site: &Site, payee: &PayeeVisit, activation: Entered) -> Result<OverviewPage, Failure> {
    let context = payee.context();
    let holder = payee.holder(site).await?;
    let self_service = holder.as_ref().map(|holder| payee.self_service(holder, site.clock.today()));
    let search = PaymentSearch { payee: Some(payee.identifier.clone()), limit: LATEST, ..PaymentSearch::default() };
    let payments = site.mediation.search(&context, search).await.ok();
    let deposits = site.holding.deposits(&context, payee.identifier.clone()).await.ok();
    Ok(OverviewPage {
        today: site.clock.today(),
        holder,
        self_service,
        payments: payments.map(|page| page.payments),
        deposits: deposits.map(|deposits| deposits.into_iter().filter(is_waiting).collect()),
        names: Names::load(site, &payee.visit).await,
        activation,
        activation_key: site.ids.uuid_v4().to_string(),
    })
}

fn is_waiting(deposit: &Deposit) -> bool {
    matches!(deposit.state, DepositState::Reserved | DepositState::Posted | DepositState::Releasing)
}

pub(crate) struct OverviewPage {
    pub(crate) today: Date,
    /// `None` when the register does not know the number.
    pub(crate) holder: Option<Holder>,
    pub(crate) self_service: Option<SelfService>,
    /// `None` when mediation cannot answer.
    pub(crate) payments: Option<Vec<PaymentSummary>>,
    /// Money that waits in the holding account; `None` when the holding account cannot answer.
    pub(crate) deposits: Option<Vec<Deposit>>,
    pub(crate) names: Names,
    pub(crate) activation: Entered,
    pub(crate) activation_key: String,
}

impl Page for OverviewPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Overblik", "Overview").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            @match &self.holder {
                None => {
                    h1 { (view.say("Overblik", "Overview")) }
                    (nothing(view.say("Registret kender ikke dit nummer.", "The register does not know your number.")))
                }
                Some(holder) => {
                    h1 { (show::holder_name(view, holder)) }
                    (self.status(view, holder))
                    (self.account_card(view, holder))
                    @if let Some(entry) = pending(holder) {
                        (self.pending_card(view, entry))
                    }
                    (self.specific_accounts(view, holder))
                    (self.held_money(view))
                    (self.latest_payments(view))
                }
            }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        crate::samples::overviews()
    }
}

impl OverviewPage {
    fn status(&self, view: View<'_>, holder: &Holder) -> Markup {
        html! {
            @if holder.status != HolderStatus::Active {
                (alert(Tone::Warning, view.say("Der kan ikke udbetales", "Nothing can be paid"), &html! {
                    (view.say("Nummeret er slutmarkeret eller slettet i registret.", "The number is end-marked or deleted in the register."))
                }))
            }
        }
    }

    fn account_card(&self, view: View<'_>, holder: &Holder) -> Markup {
        let (in_force, coming) = on_day(holder, self.today);
        html! {
            section.card.account-card aria-labelledby="nemkonto" {
                div.card-content {
                    h2.card-heading #nemkonto { (view.say("Din NemKonto", "Your NemKonto")) }
                    @match in_force {
                        Some(entry) => (current_account(view, entry)),
                        None if coming.is_some() => {
                            p { (view.say("Ingen konto gælder i dag.", "No account applies today.")) }
                        },
                        None => {
                            p { (view.say("Du har ingen NemKonto. Det offentlige kan ikke udbetale penge til dig, før der er valgt en konto.",
                                "You have no NemKonto. Public authorities cannot pay you until an account is chosen.")) }
                        }
                    }
                    @if let Some(entry) = coming {
                        p { (view.say("Senere gælder kontoen:", "The account that applies later:")) }
                        (current_account(view, entry))
                    }
                    (self.change_link(view, nemkonto(holder).is_some()))
                }
            }
        }
    }

    fn change_link(&self, view: View<'_>, has_account: bool) -> Markup {
        html! {
            @match self.self_service {
                Some(SelfService::Open) => a.button.button-secondary href="/account/change" {
                    (if has_account { view.say("Vælg en anden konto", "Choose another account") } else { view.say("Vælg en konto", "Choose an account") })
                },
                Some(SelfService::Company) => p.small-note {
                    (view.say("En virksomhed skifter konto gennem sin bank, en sagsbehandler eller blanketten for udenlandske konti.",
                        "A company changes its account through its bank, a caseworker or the form for foreign accounts."))
                },
                Some(SelfService::TooYoung) => p.small-note {
                    (view.say("Du er under 15 år: din værge vælger kontoen for dig.", "You are under 15: your guardian chooses the account for you."))
                },
                None => {}
            }
        }
    }

    fn pending_card(&self, view: View<'_>, entry: &HistoryEntry) -> Markup {
        html! {
            section.card.pending-card aria-labelledby="pending" {
                div.card-content {
                    h2.card-heading #pending { (icon("hourglass")) (view.say("Afventer din kode", "Waits for your code")) }
                    p {
                        (view.say("Kontoen ", "The account "))
                        strong.number { (show::masked_account(&entry.account)) }
                        (view.say(" er registreret ", " was registered on "))
                        (show::instant(view.tongue, entry.recorded_from))
                        (view.say(
                            ". Vi har sendt en kode med brev til din folkeregisteradresse. Indtil du indtaster den, udbetales til din nuværende konto.",
                            ". We have sent a code by letter to your registered address. Until you enter it, payments go to your current account.",
                        ))
                    }
                    (activate::form(view, &self.activation, &self.activation_key))
                }
            }
        }
    }

    fn specific_accounts(&self, view: View<'_>, holder: &Holder) -> Markup {
        let specific: Vec<_> = holder
            .current
            .iter()
            .filter_map(|entry| match &entry.purpose {
                AccountPurpose::Specific { payer, benefit } => Some((entry, payer, benefit)),
                AccountPurpose::NemKonto => None,
            })
            .collect();
        html! {
            @if !specific.is_empty() {
                section aria-labelledby="specific" {
                    h2 #specific { (view.say("Konti til én ydelse", "Accounts for one benefit")) }
                    ul.rows.nobullet-list {
                        @for (entry, payer, benefit) in specific {
                            li {
                                span { (self.names.payer(payer)) " · " (benefit) }
                                strong.number { (show::masked_account(&entry.account)) }
                                (state_badge(view, entry.state))
                            }
                        }
                    }
                }
            }
        }
    }

    fn held_money(&self, view: View<'_>) -> Markup {
        let deposits = self.deposits.as_deref().unwrap_or_default();
        html! {
            @if !deposits.is_empty() {
                (alert(Tone::Info, view.say("Der venter penge på dig", "Money waits for you"), &html! {
                    p { (view.say("Pengene står på ventekontoen og udbetales af sig selv, når du har en aktiv konto.",
                        "The money is in the holding account and is paid by itself once you have an active account.")) }
                    ul {
                        @for deposit in deposits {
                            li { strong { (show::money(view.tongue, deposit.amount)) } " · " (self.names.payer(&deposit.payer)) " · " (show::date(view.tongue, deposit.on)) }
                        }
                    }
                }))
            }
        }
    }

    fn latest_payments(&self, view: View<'_>) -> Markup {
        html! {
            section aria-labelledby="latest" {
                h2 #latest { (view.say("Seneste betalinger", "Latest payments")) }
                @match &self.payments {
                    None => (nothing(view.say("Betalingerne kan ikke vises lige nu.", "Payments cannot be shown right now."))),
                    Some(payments) if payments.is_empty() => (nothing(view.say("Der er ingen betalinger.", "There are no payments."))),
                    Some(payments) => {
                        (payment_table(view, payments, &self.names, "/payments"))
                        p { a href="/payments" { (view.say("Se alle betalinger", "See all payments")) } }
                    }
                }
            }
        }
    }
}

fn current_account(view: View<'_>, entry: &HistoryEntry) -> Markup {
    html! {
        p.account-number { (show::masked_account(&entry.account)) (state_badge(view, entry.state)) }
        (facts(&[(view.say("Gælder fra", "Applies from"), html! { (show::date(view.tongue, entry.valid_from)) })]))
        details.details {
            summary.details-summary { (view.say("Vis hele kontonummeret", "Show the whole account number")) }
            div.details-text { span.number { (show::account(&entry.account)) } }
        }
    }
}

/// The state of an entry.
pub(crate) fn state_badge(view: View<'_>, state: EntryState) -> Markup {
    match state {
        EntryState::Pending => badge(Tone::Warning, view.say("Afventer kode", "Waits for code")),
        EntryState::Active => badge(Tone::Success, view.say("Aktiv", "Active")),
        EntryState::Ended => badge(Tone::Info, view.say("Ophørt", "Ended")),
    }
}
