//! What a form brings, and the check that our own page sent it.

use axum::{
    Form,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode},
};
use contracts::{Problem, ProblemCode};
use primitives::{EntryRef, Text};
use sha2::{Digest, Sha256};

use crate::{failure::Failure, visit::Visit};

/// The name of the field that shows that the form is the session's own.
pub(crate) const CSRF_FIELD: &str = "csrf";
/// The name of the field that makes a form's effect happen once.
pub(crate) const KEY_FIELD: &str = "key";

/// The fields of a form, as they were entered.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    #[cfg(test)]
    pub(crate) fn new(fields: &[(&str, &str)]) -> Self {
        Self(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// The field without blanks around it; empty when it is missing.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.first(name).unwrap_or_default()
    }

    /// The field without blanks around it, where the form has it.
    fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.trim())
    }

    /// All values of a field that may be there many times.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.trim())
    }
}

/// A field that breaks its rules, or the form as a whole when it names no field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    pub(crate) field: &'static str,
    pub(crate) text: Text,
}

impl FieldError {
    pub(crate) fn new(field: &'static str, da: impl Into<String>, en: impl Into<String>) -> Self {
        Self { field, text: Text::new(da, en) }
    }
}

/// A wish that was refused: the form comes back with everything that was entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) errors: Vec<FieldError>,
}

impl Refused {
    /// Fields that break their rules.
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, errors }
    }

    /// What the wish was about has changed since the form was shown.
    pub(crate) fn changed(text: Text) -> Self {
        Self::with(StatusCode::CONFLICT, "", text)
    }

    fn with(status: StatusCode, field: &'static str, text: Text) -> Self {
        Self { status, errors: vec![FieldError { field, text }] }
    }

    /// What a house has refused: a change in between is a conflict (409), anything else a fault of what was entered (422). A house that cannot
    /// answer has refused nothing.
    pub(crate) fn by(problem: Problem, field: &'static str) -> Result<Self, Failure> {
        match problem.code {
            ProblemCode::Unavailable => Err(problem.into()),
            ProblemCode::Conflict | ProblemCode::TooLate => Ok(Self::with(StatusCode::CONFLICT, field, problem.detail)),
            _ => Ok(Self::with(StatusCode::UNPROCESSABLE_ENTITY, field, problem.detail)),
        }
    }
}

/// The entry a form was shown with: the optimistic lock. A form always says it, and says "none" by an empty field.
pub(crate) fn shown_entry(fields: &Fields, field: &str) -> Result<Option<EntryRef>, Failure> {
    match fields.first(field).ok_or(Failure::Unreadable)? {
        "" => Ok(None),
        entry => entry.parse().map(|entry| Some(EntryRef::new(entry))).map_err(|_| Failure::Unreadable),
    }
}

/// Said when there was no account when the form was shown, and there is one now.
pub(crate) fn account_since() -> Refused {
    Refused::changed(Text::new("Kontoen er ændret, siden den blev vist.", "The account was changed after it was shown."))
}

/// A form as it was entered, with what is wrong with it.
#[derive(Clone, Default)]
pub(crate) struct Entered {
    pub(crate) fields: Fields,
    pub(crate) errors: Vec<FieldError>,
}

impl Entered {
    /// What is wrong with the field.
    pub(crate) fn error(&self, field: &str) -> Option<&Text> {
        self.errors.iter().find(|error| error.field == field).map(|error| &error.text)
    }
}

/// A form that one of this session's own pages sent.
pub(crate) struct Submitted(pub(crate) Fields);

impl<S: Send + Sync> FromRequest<S> for Submitted {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if !is_same_origin(request.headers()) {
            return Err(Failure::ForeignForm);
        }
        let visit = request.extensions().get::<Visit>().cloned().ok_or(Failure::ForeignForm)?;
        let session = visit.session.ok_or(Failure::SignIn)?;
        let Form(fields) = Form::<Vec<(String, String)>>::from_request(request, state).await.map_err(|_| Failure::Unreadable)?;
        let fields = Fields(fields);
        if same(fields.one(CSRF_FIELD), &session.csrf) { Ok(Self(fields)) } else { Err(Failure::ForeignForm) }
    }
}

/// Browsers say where a form was sent from; one that does not say so is held to the form's own token alone.
fn is_same_origin(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin")
}

/// Compares digests, so that the time it takes says nothing about the token.
fn same(sent: &str, expected: &str) -> bool {
    Sha256::digest(sent) == Sha256::digest(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_trimmed_and_may_be_missing() {
        let fields = Fields::new(&[("a", " 1 "), ("b", "2"), ("b", "3")]);
        assert_eq!(fields.one("a"), "1");
        assert_eq!(fields.one("c"), "");
        assert_eq!(fields.all("b").collect::<Vec<_>>(), ["2", "3"]);
    }

    #[test]
    fn tokens_are_compared_whole() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abcd"));
        assert!(!same("", "abc"));
    }
}
