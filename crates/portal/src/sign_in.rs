//! Signing in as a persona, on the machine itself only.

mod loopback;

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};

use crate::{
    failure::Failure,
    form::Submitted,
    layout::{Page, View},
    parts::icon,
    persona::{Persona, PersonaRole},
    portal::Site,
    session::{Role, SignedIn, Token},
    tongue::Tongue,
    visit::{SESSION_COOKIE, Visit},
};

use loopback::FromHere;

const PERSONA_FIELD: &str = "persona";

/// The page with the personas.
pub(crate) async fn show(State(site): State<Arc<Site>>, _: FromHere, mut visit: Visit) -> Response {
    let cookie = visit.session.is_none().then(|| {
        // The form's own token needs a session, also before anybody is signed in.
        let session = visit.session.insert(site.sessions.begin(None));
        session_cookie(&session.token)
    });
    let page = visit.page(&site, &SignInPage { personas: site.sign_in.personas.clone() });
    match cookie {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], page).into_response(),
        None => page,
    }
}

/// Signs in: the session so far ends and another begins, so that a token known before sign-in is worth nothing after it.
pub(crate) async fn enter(
    State(site): State<Arc<Site>>, _: FromHere, visit: Visit, Submitted(fields): Submitted,
) -> Result<Response, Failure> {
    let chosen: usize = fields.one(PERSONA_FIELD).parse().map_err(|_| Failure::Unreadable)?;
    let persona = site.sign_in.personas.get(chosen).ok_or(Failure::Unreadable)?;
    if let Some(before) = &visit.session {
        site.sessions.end(&before.token);
    }
    let session = site.sessions.begin(Some(signed_in(persona)));
    let home = match persona.role {
        PersonaRole::Citizen(_) | PersonaRole::Company(_) => "/account",
        PersonaRole::Caseworker { .. } => "/caseworker/payments",
    };
    Ok(([(header::SET_COOKIE, session_cookie(&session.token))], Redirect::to(home)).into_response())
}

/// Signs out.
pub(crate) async fn leave(State(site): State<Arc<Site>>, visit: Visit, _: Submitted) -> Response {
    if let Some(session) = &visit.session {
        site.sessions.end(&session.token);
    }
    let expired = format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
    ([(header::SET_COOKIE, expired)], Redirect::to("/")).into_response()
}

fn signed_in(persona: &Persona) -> SignedIn {
    let role = match &persona.role {
        PersonaRole::Citizen(identifier) => Role::Citizen(identifier.clone()),
        PersonaRole::Company(identifier) => Role::Company(identifier.clone()),
        PersonaRole::Caseworker { user } => Role::Caseworker(user.clone()),
    };
    SignedIn { name: persona.name.clone(), role }
}

/// Without `Secure`: the site is reached on the machine itself, where there is no TLS and no network to listen on.
fn session_cookie(token: &Token) -> String {
    format!("{SESSION_COOKIE}={}; Path=/; HttpOnly; SameSite=Strict", token.as_str())
}

pub(crate) struct SignInPage {
    personas: Vec<Persona>,
}

impl Page for SignInPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Log på", "Sign in").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            h1 { (view.say("Log på", "Sign in")) }
            p.font-lead {
                (view.say(
                    "Vælg, hvem du vil være. I drift er her MitID; i demonstrationen er der opdigtede personer.",
                    "Choose who you want to be. In operation this is MitID; in the demonstration there are invented people.",
                ))
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
        vec![Self { personas: vec![] }, Self { personas: crate::samples::personas() }]
    }
}

impl SignInPage {
    fn group(&self, view: View<'_>, heading: &str, symbol: &'static str, belongs: fn(&PersonaRole) -> bool) -> Markup {
        let members: Vec<(usize, &Persona)> =
            self.personas.iter().enumerate().filter(|(_, persona)| belongs(&persona.role)).collect();
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
