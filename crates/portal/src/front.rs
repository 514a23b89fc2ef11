//! The front page: what NemKonto is, and how things stand today. Public.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use contracts::parties::{DirectoryEntry, PayerKind};
use jiff::civil::Date;
use maud::{Markup, html};
use primitives::{add_bank_days, is_bank_day};

use crate::{
    calls,
    layout::{Page, View},
    parts::{Tone, badge, facts, icon},
    portal::Site,
    show,
    tongue::Tongue,
    visit::Visit,
};

/// The front page.
pub(crate) async fn front(State(site): State<Arc<Site>>, visit: Visit) -> Response {
    let today = site.clock.today();
    let directory = site.parties.directory(&calls::as_portal(&visit), today).await.ok();
    let page = FrontPage {
        today,
        authorities: directory.as_deref().map(count_authorities),
        signed_in: visit.session.as_ref().is_some_and(|session| session.who.is_some()),
    };
    visit.page(&site, &page)
}

fn count_authorities(directory: &[DirectoryEntry]) -> usize {
    directory.iter().filter(|entry| entry.kind == PayerKind::Authority).count()
}

pub(crate) struct FrontPage {
    today: Date,
    /// How many authorities pay through NemKonto; `None` when the system cannot tell, which it then says.
    authorities: Option<usize>,
    signed_in: bool,
}

impl Page for FrontPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Din konto til penge fra det offentlige", "Your account for money from public authorities").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            div.hero {
                h1 { (view.say("Din konto til penge fra det offentlige", "Your account for money from public authorities")) }
                p.font-lead {
                    (view.say(
                        "NemKonto er den konto, som det offentlige udbetaler til: løn, pension, SU, overskydende skat. \
                         Du vælger den én gang, og alle myndigheder bruger den.",
                        "NemKonto is the account that public authorities pay to: wages, pension, student grants, overpaid tax. \
                         You choose it once, and every authority uses it.",
                    ))
                }
                @if !self.signed_in {
                    a.button.button-primary href="/sign-in" { (icon("lock")) (view.say("Log på", "Sign in")) }
                }
            }
            div.panels { (self.how_it_works(view)) (self.today(view)) }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let day = |day| jiff::civil::date(2026, 4, day);
        vec![
            Self { today: day(1), authorities: Some(12), signed_in: false },
            Self { today: day(2), authorities: None, signed_in: true },
        ]
    }
}

impl FrontPage {
    fn how_it_works(&self, view: View<'_>) -> Markup {
        let steps = [
            (
                "account",
                view.say("Du vælger en konto", "You choose an account"),
                view.say(
                    "I selvbetjeningen, i din bank eller hos en sagsbehandler. Også en konto i udlandet.",
                    "In self-service, at your bank or with a caseworker. An account abroad will do, too.",
                ),
            ),
            (
                "lock",
                view.say("Du bekræfter den med et brev", "You confirm it by letter"),
                view.say(
                    "Vi sender en kode til din folkeregisteradresse, så ingen andre kan flytte dine penge.",
                    "We send a code to your registered address, so that nobody else can move your money.",
                ),
            ),
            (
                "payments",
                view.say("Myndighederne udbetaler", "Authorities pay"),
                view.say(
                    "De kender kun dit nummer. NemKonto finder kontoen, og deres bank gennemfører betalingen.",
                    "They know your number only. NemKonto finds the account, and their bank executes the payment.",
                ),
            ),
            (
                "visibility",
                view.say("Du kan se det hele", "You can see it all"),
                view.say(
                    "Hvor hver betaling gik hen og hvorfor, og hvem der har slået dig op.",
                    "Where each payment went and why, and who has looked you up.",
                ),
            ),
        ];
        html! {
            section aria-labelledby="how" {
                h2 #how { (view.say("Sådan virker det", "How it works")) }
                ol.how-it-works {
                    @for (symbol, heading, text) in steps {
                        li { (icon(symbol)) div { h3 { (heading) } p { (text) } } }
                    }
                }
            }
        }
    }

    fn today(&self, view: View<'_>) -> Markup {
        let tongue = view.tongue;
        html! {
            section.card aria-labelledby="today" {
                div.card-content {
                    h2.card-heading #today { (view.say("I dag", "Today")) }
                    (facts(&[
                        (view.say("Dato", "Date"), html! { (show::date(tongue, self.today)) }),
                        (view.say("Bankerne", "The banks"), self.banks(view)),
                        (view.say("Næste bankdag", "Next bank day"), html! { (show::date(tongue, add_bank_days(self.today, 1))) }),
                        (view.say("Myndigheder, der udbetaler", "Authorities that pay"), self.authorities()),
                        (view.say("Selvbetjeningen", "Self-service"), self.self_service(view)),
                    ]))
                }
            }
        }
    }

    fn banks(&self, view: View<'_>) -> Markup {
        if is_bank_day(self.today) {
            badge(Tone::Success, view.say("Bankdag", "Bank day"))
        } else {
            badge(Tone::Info, view.say("Lukket i dag", "Closed today"))
        }
    }

    fn authorities(&self) -> Markup {
        html! { (self.authorities.map_or_else(|| "–".to_owned(), |count| count.to_string())) }
    }

    fn self_service(&self, view: View<'_>) -> Markup {
        match self.authorities {
            Some(_) => badge(Tone::Success, view.say("Kører", "Running")),
            None => badge(Tone::Warning, view.say("Kan ikke svare lige nu", "Cannot answer right now")),
        }
    }
}
