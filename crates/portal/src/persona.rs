//! Whom one may sign in as while there is no connection to MitID: people of a demonstration.

use contracts::parties::Function;
use primitives::{Identifier, Text};

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

/// What the portal needs a function of a role profile for, in words.
pub(crate) fn function_name(function: Function) -> Text {
    let (da, en) = match function {
        Function::SearchPayments => ("søge betalinger", "search payments"),
        Function::StopPayments => ("stoppe betalinger", "stop payments"),
        Function::DesignateAccounts => ("se og anvise konti", "see and designate accounts"),
        Function::SpecificAccounts => ("oprette ydelsesspecifikke konti", "create specific accounts"),
        Function::ControlLists => ("se kontrollister", "see control lists"),
        Function::AdministerUsers => ("administrere brugere", "administer users"),
        Function::ManageBenefits => ("administrere ydelsesarter", "manage benefits"),
        Function::ProposeChanges => ("foreslå ændringer af aftalen", "propose changes of the agreement"),
        Function::ApproveChanges => ("godkende ændringer af aftalen", "approve changes of the agreement"),
    };
    Text::new(da, en)
}
