//! What goes wrong, as a page people understand.

use std::sync::Arc;

use access::Refusal;
use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{Problem, ProblemCode, parties::Function};
use maud::{Markup, html};
use primitives::Text;

use crate::{
    function_name::function_name,
    layout::{Page, View},
    portal::Site,
    tongue::Tongue,
    visit::Visit,
};

/// Why there is no ordinary page.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// Nobody is signed in, or the session has ended.
    SignIn,
    /// There is no such page, or it is not this visitor's.
    NoSuchPage,
    /// The form was not sent by one of the session's own pages.
    ForeignForm,
    /// The form cannot be read.
    Unreadable,
    /// Nobody was signed in.
    Refused(Refusal),
    /// The role profile lacks a function.
    MissingFunction(Function),
    /// The role profile has ended or is unknown.
    NoRoleProfile,
    /// The page is for another role, or the payee may not do this in self-service.
    NotYours,
    /// A house has refused.
    Problem(Problem),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::SEE_OTHER,
            Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Refused(Refusal::NotOffered) => StatusCode::NOT_FOUND,
            Self::Refused(Refusal::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
            Self::ForeignForm | Self::Refused(_) | Self::MissingFunction(_) | Self::NoRoleProfile | Self::NotYours => {
                StatusCode::FORBIDDEN
            }
            Self::Problem(problem) => {
                StatusCode::from_u16(problem.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

/// An answer without a body; `explain` writes the page, as only it knows the visitor's language.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Where no route leads.
pub(crate) async fn no_such_page() -> Failure {
    Failure::NoSuchPage
}

/// Writes the page of a failure.
pub(crate) async fn explain(State(site): State<Arc<Site>>, visit: Visit, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match response.extensions().get::<Failure>() {
        None => response,
        Some(Failure::SignIn) => Redirect::to("/sign-in").into_response(),
        Some(failure) => {
            let page = (failure.status(), visit.page(&site, &FailurePage(failure.clone()))).into_response();
            match failure {
                Failure::Problem(Problem { retry_after: Some(seconds), .. }) => {
                    ([(header::RETRY_AFTER, seconds.to_string())], page).into_response()
                }
                _ => page,
            }
        }
    }
}

/// The page of a failure.
pub(crate) struct FailurePage(pub(crate) Failure);

impl Page for FailurePage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.text(&heading(&self.0)).to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            h1 { (view.text(&heading(&self.0))) }
            p.font-lead { (view.text(&explanation(&self.0))) }
            p { a href="/" { (view.say("Gå til forsiden", "Go to the front page")) } }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![
            Self(Failure::NoSuchPage),
            Self(Failure::ForeignForm),
            Self(Failure::Unreadable),
            Self(Failure::Refused(Refusal::NotFromHere)),
            Self(Failure::Refused(Refusal::Declined)),
            Self(Failure::Refused(Refusal::NotAwaited)),
            Self(Failure::Refused(Refusal::Unproven("a test"))),
            Self(Failure::Refused(Refusal::LevelTooLow)),
            Self(Failure::Refused(Refusal::NoRole)),
            Self(Failure::Refused(Refusal::Unavailable)),
            Self(Failure::MissingFunction(Function::StopPayments)),
            Self(Failure::NoRoleProfile),
            Self(Failure::NotYours),
            Self(Failure::Problem(Problem::unavailable())),
        ]
    }
}

fn heading(failure: &Failure) -> Text {
    let (da, en) = match failure {
        Failure::NoSuchPage => ("Siden findes ikke", "The page does not exist"),
        Failure::ForeignForm => ("Formularen er forældet", "The form is out of date"),
        Failure::Unreadable => ("Formularen kan ikke læses", "The form cannot be read"),
        Failure::SignIn | Failure::Refused(Refusal::NotFromHere) => ("Du kan ikke logge ind her", "You cannot sign in here"),
        Failure::Refused(_) => ("Du er ikke logget på", "You are not signed in"),
        Failure::MissingFunction(_) | Failure::NoRoleProfile => ("Du mangler en rettighed", "You lack a right"),
        Failure::NotYours => ("Du har ikke adgang", "You have no access"),
        Failure::Problem(problem) => return problem_heading(problem),
    };
    Text::new(da, en)
}

fn problem_heading(problem: &Problem) -> Text {
    match problem.code {
        ProblemCode::Unavailable => Text::new("Vi kan ikke svare lige nu", "We cannot answer right now"),
        code => code.title(),
    }
}

fn explanation(failure: &Failure) -> Text {
    let (da, en) = match failure {
        Failure::NoSuchPage => (
            "Adressen er forkert, eller det, du leder efter, er ikke dit.",
            "The address is wrong, or what you are looking for is not yours.",
        ),
        Failure::ForeignForm => (
            "Siden var åben for længe, eller den blev sendt fra et andet sted. Intet er ændret. Gå tilbage, og prøv igen.",
            "The page was open for too long, or it was sent from elsewhere. Nothing was changed. Go back and try again.",
        ),
        Failure::Unreadable => ("Intet er ændret. Gå tilbage, og prøv igen.", "Nothing was changed. Go back and try again."),
        Failure::SignIn => ("Log på, og prøv igen.", "Sign in and try again."),
        Failure::Refused(refusal) => refused(refusal),
        Failure::MissingFunction(function) => return missing_function(*function),
        Failure::NoRoleProfile => (
            "Din rolleprofil er udløbet eller findes ikke. Tal med din myndigheds brugeradministrator.",
            "Your role profile has ended or does not exist. Talk to your authority's user administrator.",
        ),
        Failure::NotYours => (
            "Siden er for en anden rolle end den, du er logget ind med.",
            "The page is for another role than the one you are signed in with.",
        ),
        Failure::Problem(problem) => return problem.detail.clone(),
    };
    Text::new(da, en)
}

fn refused(refusal: &Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::NotFromHere => (
            "Denne udgave er en demonstration: man kan kun logge ind fra den maskine, den kører på, uden mellemled.",
            "This edition is a demonstration: one can only sign in on the machine it runs on, with nothing in between.",
        ),
        Refusal::NotOffered => ("Den måde at logge på findes ikke her.", "That way to sign in is not offered here."),
        Refusal::Declined => {
            ("Du afbrød, eller login blev afvist. Prøv igen.", "You stopped, or the sign-in was refused. Try again.")
        }
        Refusal::NotAwaited => (
            "Svaret hører ikke til et login, du er i gang med her, eller det kom for sent. Begynd forfra.",
            "The answer belongs to no sign-in you have under way here, or it came too late. Begin again.",
        ),
        Refusal::Unproven(_) => {
            ("Beviset for, hvem du er, holder ikke. Begynd forfra.", "The proof of who you are does not hold. Begin again.")
        }
        Refusal::LevelTooLow => (
            "Her kræves sikringsniveau Betydelig eller Høj (NSIS).",
            "Here the assurance level Substantial or High (NSIS) is required.",
        ),
        Refusal::NoRole => (
            "Dit login giver ingen adgang her. Er du ansat, skal din virksomhed eller myndighed give dig rettigheden.",
            "Your sign-in gives no access here. If you are an employee, your company or authority must give you the right.",
        ),
        Refusal::Unavailable => ("Login kan ikke nås lige nu. Prøv igen.", "Sign-in cannot be reached right now. Try again."),
    }
}

fn missing_function(function: Function) -> Text {
    let name = function_name(function);
    Text::new(
        format!("Din rolleprofil giver dig ikke ret til at {}. Tal med din myndigheds brugeradministrator.", name.da),
        format!("Your role profile does not give you the right to {}. Talk to your authority's user administrator.", name.en),
    )
}
