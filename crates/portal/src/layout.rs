//! What stands around every page: header, navigation, message, footer.

use maud::{DOCTYPE, Markup, html};
use primitives::{Language, Text};

use crate::{
    assets,
    form::{CSRF_FIELD, KEY_FIELD},
    language::switch_href,
    parts::{Tone, alert, icon},
    session::{Flash, OpenSession, Role},
    tongue::Tongue,
    visit::Visit,
};

/// A page: its facts are gathered before it is written, so writing it cannot fail.
pub(crate) trait Page {
    /// The title in the browser's tab.
    fn title(&self, tongue: Tongue) -> String;

    /// What stands between header and footer.
    fn body(&self, view: View<'_>) -> Markup;

    /// Pages with every kind of content, to be rendered in tests.
    #[cfg(test)]
    fn samples() -> Vec<Self>
    where
        Self: Sized;
}

/// What a page's body is written with.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) tongue: Tongue,
    pub(crate) csrf: &'a str,
}

impl View<'_> {
    pub(crate) fn say<'t>(&self, da: &'t str, en: &'t str) -> &'t str {
        self.tongue.say(da, en)
    }

    pub(crate) fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.tongue.0)
    }

    /// The field that shows that a form is the session's own.
    pub(crate) fn own(&self) -> Markup {
        html! { input type="hidden" name=(CSRF_FIELD) value=(self.csrf); }
    }

    /// The fields of a form whose effect happens once.
    pub(crate) fn own_once(&self, key: &str) -> Markup {
        html! {
            (self.own())
            input type="hidden" name=(KEY_FIELD) value=(key);
        }
    }
}

/// A place in the navigation: address, Danish, English.
type Place = (&'static str, &'static str, &'static str);

const PAYEE_PLACES: [Place; 4] = [
    ("/account", "Overblik", "Overview"),
    ("/payments", "Betalinger", "Payments"),
    ("/account/history", "Kontohistorik", "Account history"),
    ("/account/lookups", "Hvem har slået mig op?", "Who looked me up?"),
];

const CASEWORKER_PLACES: [Place; 3] = [
    ("/caseworker/payments", "Betalinger", "Payments"),
    ("/caseworker/accounts", "Konti", "Accounts"),
    ("/caseworker/deliveries", "Leverancer", "Deliveries"),
];

/// The whole document.
pub(crate) fn render(visit: &Visit, flash: Option<&Flash>, page: &impl Page) -> Markup {
    let tongue = visit.tongue;
    html! {
        (DOCTYPE)
        html lang=(tongue.0.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (page.title(tongue)) " – NemKonto" }
                link rel="icon" type="image/svg+xml" href=(assets::href("favicon.svg"));
                link rel="stylesheet" href=(assets::href("dkfds/css/dkfds.min.css"));
                link rel="stylesheet" href=(assets::href("portal.css"));
            }
            body {
                a.skipnav href="#main-content" { (tongue.say("Gå til sidens indhold", "Skip to content")) }
                (header(visit))
                main #main-content .container.page-container tabindex="-1" {
                    @if let Some(flash) = flash {
                        (alert(Tone::Success, tongue.text(&flash.heading), &html! { (tongue.text(&flash.text)) }))
                    }
                    (page.body(visit.view()))
                }
                (footer(tongue))
            }
        }
    }
}

fn header(visit: &Visit) -> Markup {
    let tongue = visit.tongue;
    let session = visit.session.as_ref().filter(|session| session.who.is_some());
    html! {
        header.header {
            div.demonstration {
                div.container { (tongue.say("Demonstration – alle personer og beløb er opdigtede", "Demonstration – all people and amounts are invented")) }
            }
            div.portal-info {
                div.portal-info-inner.container {
                    a.wordmark href="/" { span.wordmark-sign aria-hidden="true" {} "NemKonto" }
                    div.portal-user {
                        (language_switch(visit))
                        @match session {
                            Some(session) => (signed_in(visit, session)),
                            None => {
                                a.function-link href="/sign-in" { (icon("lock")) (tongue.say("Log på", "Sign in")) }
                            }
                        }
                    }
                }
            }
            @if let Some(session) = session {
                (navigation(visit, session))
            }
        }
    }
}

fn language_switch(visit: &Visit) -> Markup {
    let other = visit.tongue.other();
    let name = match other {
        Language::Da => "Dansk",
        Language::En => "English",
    };
    html! {
        a.function-link lang=(other) hreflang=(other) href=(switch_href(other, &visit.path)) { (icon("language")) (name) }
    }
}

fn signed_in(visit: &Visit, session: &OpenSession) -> Markup {
    let tongue = visit.tongue;
    html! {
        @if let Some(who) = &session.who {
            p.user {
                (tongue.text(&who.name))
                @if matches!(who.role, Role::Grantor(_)) { (tongue.say(" (ved fuldmagt)", " (by power of attorney)")) }
            }
        }
        form action="/sign-out" method="post" {
            (visit.view().own())
            button.function-link type="submit" { (icon("lock")) (tongue.say("Log af", "Sign out")) }
        }
    }
}

fn navigation(visit: &Visit, session: &OpenSession) -> Markup {
    let places: &[Place] = match session.who.as_ref().map(|who| &who.role) {
        Some(Role::Citizen(_) | Role::Grantor(_) | Role::Company(_)) => &PAYEE_PLACES,
        Some(Role::Caseworker(..)) => &CASEWORKER_PLACES,
        None => &[],
    };
    let path = visit.path.split('?').next().unwrap_or_default();
    let current = places.iter().filter(|(href, ..)| is_under(path, href)).max_by_key(|(href, ..)| href.len());
    html! {
        div.navigation-menu {
            div.navigation-menu-inner.container {
                nav.nav aria-label=(visit.tongue.say("Hovedmenu", "Main menu")) {
                    ul.mainmenu {
                        @for place in places {
                            (navigation_item(visit.tongue, place, current == Some(place), path == place.0))
                        }
                    }
                }
            }
        }
    }
}

fn navigation_item(tongue: Tongue, (href, da, en): &Place, active: bool, exact: bool) -> Markup {
    let current = if exact { "page" } else { "true" };
    html! {
        li.active[active].current[active] {
            a.nav-link href=(href) aria-current=[active.then_some(current)] { span { (tongue.say(da, en)) } }
        }
    }
}

/// Whether a path is the place or lies under it.
fn is_under(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn footer(tongue: Tongue) -> Markup {
    html! {
        footer {
            div.footer {
                div.container {
                    p.footer-name { "NemKonto" }
                    p {
                        (tongue.say(
                            "Det offentlige udbetaler til den konto, du har valgt. Banken fører kontoen og gennemfører betalingen.",
                            "Public authorities pay to the account you have chosen. The bank keeps the account and executes the payment.",
                        ))
                    }
                    ul.unstyled-list.inline-list {
                        li { a href="/" { (tongue.say("Forsiden", "Front page")) } }
                        li { a href=(assets::href("dkfds/LICENSE.md")) { (tongue.say("Designsystemets licens", "Licence of the design system")) } }
                    }
                }
            }
        }
    }
}
