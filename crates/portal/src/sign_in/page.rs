//! The page with the ways to sign in.

use std::sync::Arc;

use access::{IdentityProvider, Persona, PersonaRole};
use maud::{Markup, html};
use primitives::Text;

use super::PERSONA_FIELD;
use crate::{
    layout::{Page, View},
    parts::icon,
    tongue::Tongue,
};

/// The ways in, as the page shows them.
pub(super) struct Ways {
    /// Those elsewhere: id and label.
    elsewhere: Vec<(String, Text)>,
    /// Those on our own page.
    personas: Vec<Persona>,
}

impl Ways {
    pub(super) fn of(providers: Vec<&Arc<dyn IdentityProvider>>) -> Self {
        let (here, elsewhere): (Vec<_>, Vec<_>) = providers.into_iter().partition(|provider| !provider.personas().is_empty());
        Self {
            elsewhere: elsewhere.iter().map(|provider| (provider.id().to_owned(), provider.label())).collect(),
            personas: here.first().map(|provider| provider.personas().to_vec()).unwrap_or_default(),
        }
    }
}

pub(crate) struct SignInPage {
    pub(super) ways: Ways,
}

impl Page for SignInPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Log på", "Sign in").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            h1 { (view.say("Log på", "Sign in")) }
            @for (id, label) in &self.ways.elsewhere {
                p {
                    a.button.button-primary href={ "/sign-in/" (id) } {
                        (icon("lock")) (view.say("Log på med ", "Sign in with ")) (view.text(label))
                    }
                }
            }
            @if !self.ways.personas.is_empty() || self.ways.elsewhere.is_empty() {
                p.font-lead {
                    (view.say(
                        "Vælg, hvem du vil være. I drift er her MitID; i demonstrationen er der opdigtede personer.",
                        "Choose who you want to be. In operation this is MitID; in the demonstration there are invented people.",
                    ))
                }
            }
            (self.group(view, view.say("Borgere", "Citizens"), "account", |role| matches!(role, PersonaRole::Citizen(_))))
            (self.group(view, view.say("Virksomheder", "Companies"), "business", |role| matches!(role, PersonaRole::Company(_))))
            (self.group(view, view.say("Sagsbehandlere", "Caseworkers"), "document", |role| {
                matches!(role, PersonaRole::Caseworker { .. })
            }))
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let mitid = || vec![("mitid".to_owned(), Text::new("MitID", "MitID"))];
        let page = |elsewhere, personas| Self { ways: Ways { elsewhere, personas } };
        vec![
            page(vec![], vec![]),
            page(vec![], crate::samples::personas()),
            page(mitid(), crate::samples::personas()),
            page(mitid(), vec![]),
        ]
    }
}

impl SignInPage {
    fn group(&self, view: View<'_>, heading: &str, symbol: &'static str, belongs: fn(&PersonaRole) -> bool) -> Markup {
        let members: Vec<(usize, &Persona)> =
            self.ways.personas.iter().enumerate().filter(|(_, persona)| belongs(&persona.role)).collect();
        html! {
            @if !members.is_empty() {
                section {
                    h2 { (heading) }
                    ul.personas.nobullet-list {
                        @for (index, persona) in members {
                            li { (choice(view, index, persona, symbol)) }
                        }
                    }
                }
            }
        }
    }
}

fn choice(view: View<'_>, index: usize, persona: &Persona, symbol: &'static str) -> Markup {
    html! {
        form action="/sign-in" method="post" {
            (view.own())
            input type="hidden" name=(PERSONA_FIELD) value=(index);
            button.persona type="submit" {
                (icon(symbol))
                span {
                    strong { (view.text(&persona.name)) }
                    span.persona-note { (view.text(&persona.note)) }
                }
                (icon("arrow-forward"))
            }
        }
    }
}
