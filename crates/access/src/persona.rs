//! Invented people of a demonstration, to sign in as where there is no connection to MitID.

use async_trait::async_trait;
use primitives::{Identifier, Text};

use crate::identity::{Employee, Identity, Subject};
use crate::loopback::is_from_here;
use crate::provider::{Answer, Asked, Departure, IdentityProvider, Pending, Refusal};

/// The field of the form that says who was chosen: the persona's place.
const CHOICE: &str = "persona";

/// A way to sign in that asks for no proof: it works from the machine itself only and is refused behind a proxy.
#[derive(Clone, Debug, Default)]
pub struct LoopbackPersonas {
    /// Whom one may sign in as, in the order of the page.
    pub personas: Vec<Persona>,
}

/// Someone to sign in as.
#[derive(Clone, Debug)]
pub struct Persona {
    /// The name on the sign-in page and in the header, e.g. "Karen Jensen".
    pub name: Text,
    /// What there is to see, in one line.
    pub note: Text,
    /// In which role.
    pub role: PersonaRole,
}

/// The role a persona signs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonaRole {
    /// A person, by CPR or foreign number: sees the own account and payments and designates an account.
    Citizen(Identifier),
    /// A company, by CVR, SE or P number: sees the own account and payments.
    Company(Identifier),
    /// A caseworker, by user id. What the caseworker may do is decided by the role profile in Parties, at every request.
    Caseworker {
        /// The user id.
        user: String,
    },
}

impl Persona {
    fn identity(&self) -> Identity {
        let subject = match &self.role {
            PersonaRole::Citizen(identifier) => Subject::Citizen { identifier: identifier.clone(), mandate: None },
            PersonaRole::Company(identifier) => {
                Subject::Company { identifier: identifier.clone(), employee: Employee::default() }
            }
            PersonaRole::Caseworker { user } => Subject::Caseworker { user: user.clone(), cvr: None },
        };
        Identity { name: self.name.clone(), subject }
    }
}

#[async_trait]
impl IdentityProvider for LoopbackPersonas {
    fn id(&self) -> &str {
        "persona"
    }

    fn label(&self) -> Text {
        Text::new("Opdigtede personer", "Invented people")
    }

    fn admits(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        if is_from_here(asked.peer, asked.headers) { Ok(()) } else { Err(Refusal::NotFromHere) }
    }

    fn personas(&self) -> &[Persona] {
        &self.personas
    }

    async fn depart(&self) -> Result<Departure, Refusal> {
        Err(Refusal::NotOffered)
    }

    async fn arrive(&self, _: Option<&Pending>, answer: &Answer) -> Result<Identity, Refusal> {
        let chosen = answer.one(CHOICE).and_then(|place| place.trim().parse::<usize>().ok());
        let persona = chosen.and_then(|place| self.personas.get(place));
        persona.map(Persona::identity).ok_or(Refusal::NotAwaited)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use primitives::Cpr;

    use super::*;

    fn personas() -> LoopbackPersonas {
        let role = PersonaRole::Citizen(Identifier::Cpr(Cpr::parse("0101585005").unwrap()));
        LoopbackPersonas { personas: vec![Persona { name: Text::new("K", "K"), note: Text::new("", ""), role }] }
    }

    #[tokio::test]
    async fn only_who_is_on_the_page_can_be_chosen() {
        for (choice, expect) in [("0", true), (" 0 ", true), ("1", false), ("-1", false), ("", false)] {
            let answer = Answer::new(vec![(CHOICE.into(), choice.into())]);
            assert_eq!(personas().arrive(None, &answer).await.is_ok(), expect, "{choice:?}");
        }
    }

    #[test]
    fn another_machine_and_a_proxy_are_refused() {
        let admitted = |peer: &str, headers: &[(&'static str, &'static str)]| {
            let headers: HeaderMap =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            personas().admits(&Asked { peer: Some(peer.parse().unwrap()), headers: &headers }).is_ok()
        };
        assert!(admitted("127.0.0.1:1", &[("host", "localhost:8005")]));
        assert!(!admitted("10.0.0.7:1", &[("host", "localhost:8005")]));
        assert!(!admitted("127.0.0.1:1", &[("host", "localhost:8005"), ("x-forwarded-for", "127.0.0.1")]));
    }
}
