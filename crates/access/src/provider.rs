//! One interface to whoever says who somebody is: a broker of MitID by OpenID Connect, NemLog-in by OIOSAML, or invented personas.

use std::fmt;
use std::net::SocketAddr;

use async_trait::async_trait;
use axum::http::HeaderMap;
use jiff::SignedDuration;
use primitives::Text;
use thiserror::Error;

use crate::identity::Identity;
use crate::persona::Persona;

/// A provider of identities. The portal knows nothing of its protocol: it sends the browser where the provider says, keeps what the provider
/// wants to remember, and hands over what the browser comes back with.
#[async_trait]
pub trait IdentityProvider: Send + Sync + fmt::Debug {
    /// Its name in addresses: lower-case letters and digits.
    fn id(&self) -> &str;

    /// What stands on the button, e.g. "MitID".
    fn label(&self) -> Text;

    /// Whether it takes sign-ins of this request at all.
    ///
    /// # Errors
    /// [`Refusal::NotFromHere`], for a provider that serves the machine itself only.
    fn admits(&self, asked: &Asked<'_>) -> Result<(), Refusal>;

    /// Whom one may choose to be on our own page; nobody where the proof is given elsewhere.
    fn personas(&self) -> &[Persona] {
        &[]
    }

    /// Begins a sign-in elsewhere.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when the provider cannot be reached, [`Refusal::NotOffered`] when nothing begins elsewhere.
    async fn depart(&self) -> Result<Departure, Refusal>;

    /// Proves who somebody is by what the browser has brought: the answer from elsewhere to what is pending, or the choice on our own page.
    ///
    /// # Errors
    /// See [`Refusal`]. An answer is good once, as what is pending is.
    async fn arrive(&self, pending: Option<&Pending>, answer: &Answer) -> Result<Identity, Refusal>;
}

/// What a provider may want to know of a request before it takes a sign-in.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'r> {
    /// Who is at the other end of the connection.
    pub peer: Option<SocketAddr>,
    /// The request's headers.
    pub headers: &'r HeaderMap,
}

/// Where the browser is sent, and what is remembered until it comes back.
#[derive(Clone, Debug)]
pub struct Departure {
    /// The address.
    pub address: String,
    /// What the answer will be held against.
    pub pending: Pending,
}

/// What is remembered of a sign-in under way: on the server, found by a secret in the browser's own cookie.
#[derive(Clone)]
pub struct Pending {
    /// Comes back with the answer, and shows which question it answers.
    pub state: String,
    /// Stands in the signed proof, so that a proof given for another sign-in is worth nothing.
    pub nonce: String,
    /// The secret behind the challenge that was sent (PKCE, RFC 7636), so that a stolen code is worth nothing.
    pub verifier: String,
}

impl Pending {
    /// How long a sign-in elsewhere may take. No public source: chosen by us.
    pub const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending(…)")
    }
}

/// What the browser has brought: the fields of a query or of a form.
#[derive(Clone, Default)]
pub struct Answer(Vec<(String, String)>);

impl Answer {
    /// The fields as they came.
    #[must_use]
    pub fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The field, if it came exactly once: an answer that says something twice says nothing.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str());
        found.next().filter(|_| found.next().is_none())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(…)")
    }
}

/// Why nobody is signed in. The texts hold nothing of what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The request comes from another machine, or through something in between.
    #[error("sign-in is for the machine itself")]
    NotFromHere,
    /// The provider has no such way in.
    #[error("the provider offers no such way in")]
    NotOffered,
    /// The person changed their mind, or the provider refused.
    #[error("the provider has not signed anybody in")]
    Declined,
    /// The answer is not to a question of this browser, is too late, or comes a second time.
    #[error("the answer belongs to no sign-in under way")]
    NotAwaited,
    /// The proof does not hold; the reason is for the log.
    #[error("the proof does not hold: {0}")]
    Unproven(&'static str),
    /// The level of assurance is below what is required.
    #[error("the level of assurance is too low")]
    LevelTooLow,
    /// The proof holds, and gives no role here.
    #[error("the sign-in gives no role here")]
    NoRole,
    /// The provider cannot be reached.
    #[error("the provider cannot be reached")]
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_comes_twice_is_not_read() {
        let answer = Answer::new(vec![("code".into(), "a".into()), ("state".into(), "b".into()), ("code".into(), "c".into())]);
        assert_eq!((answer.one("code"), answer.one("state"), answer.one("iss")), (None, Some("b"), None));
        assert_eq!(format!("{answer:?}"), "Answer(…)");
    }
}
