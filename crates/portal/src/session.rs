//! Sessions: kept on the server, known to the browser by an unforeseeable token alone.
//!
//! They live in the memory of one process: whoever is signed in signs in again after a restart.

mod pending;
mod store;

use contracts::{ActingPerson, mediation::PaymentSearch};
use jiff::SignedDuration;
use primitives::{Cvr, Identifier, Text};

pub(crate) use pending::PendingSignIns;
pub(crate) use store::{Key, OpenSession, Sessions, Token};

/// How long a session lives and how many there can be. No public source for this system: the defaults are chosen by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// A session that is not used for this long has ended. Default 20 minutes.
    pub idle: SignedDuration,
    /// A session ends this long after sign-in, however much it is used. Default 8 hours.
    pub absolute: SignedDuration,
    /// The most sessions of people signed in, and as many of visitors; beyond it the one unused for longest ends. Default 10,000.
    pub most: usize,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { idle: SignedDuration::from_mins(20), absolute: SignedDuration::from_hours(8), most: 10_000 }
    }
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedIn {
    /// The name in the header.
    pub(crate) name: Text,
    /// In which role.
    pub(crate) role: Role,
    /// Who acts, where the role is another's: by power of attorney, or as the company's employee.
    pub(crate) acting: Option<ActingPerson>,
}

/// The role someone is signed in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A person: may designate an account.
    Citizen(Identifier),
    /// A person for whom another acts by a digital power of attorney: the number is the one who gave it.
    Grantor(Identifier),
    /// A company: view-only.
    Company(Identifier),
    /// A caseworker, by user id; with the authority's number where a provider has proven it.
    Caseworker(String, Option<Cvr>),
}

/// What a session keeps so that personal numbers never stand in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// A search for payments.
    Search(PaymentSearch),
    /// The payee a caseworker works on, and the case that is the reason.
    Subject { identifier: Identifier, case: String },
}

/// A message shown once, on the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flash {
    pub(crate) heading: Text,
    pub(crate) text: Text,
}
