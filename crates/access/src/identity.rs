//! Who has signed in, in the words of the domain and not of a protocol.

use primitives::{Cvr, Identifier, Text};

/// Someone whose sign-in was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name to be shown.
    pub name: Text,
    /// In which role.
    pub subject: Subject,
}

/// The role a sign-in proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A person, by CPR or foreign number. With a mandate the person acts for the one who gave it.
    Citizen {
        /// The signed-in number.
        identifier: Identifier,
        /// The digital power of attorney the person acts by.
        mandate: Option<Mandate>,
    },
    /// An employee with the right to see the company's matters, by the company's CVR, SE or P number.
    Company {
        /// The company.
        identifier: Identifier,
        /// Which employee, as far as the sign-in proves it.
        employee: Employee,
    },
    /// A caseworker of an authority. What the caseworker may do is said by the role profile in Parties, at every request.
    Caseworker {
        /// The user's id, as Parties knows it.
        user: String,
        /// The authority the sign-in names; Parties' profile must be of an agreement with the same number. `None` for an invented persona.
        cvr: Option<Cvr>,
    },
}

/// An employee who signs in for a company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Employee {
    /// The employee's id at the company.
    pub user: Option<String>,
    /// The employee's own number, where the claims name it.
    pub person: Option<Identifier>,
}

/// A digital power of attorney (digital fuldmagt) for the payee's own matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// The person who gave it: whose account is seen and changed.
    pub grantor: Identifier,
}

/// A level of assurance of the Danish national standard NSIS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AssuranceLevel {
    /// Lav.
    Low,
    /// Betydelig.
    Substantial,
    /// Høj.
    High,
}

impl AssuranceLevel {
    /// What a sign-in must have at least: the system changes where money goes.
    pub const REQUIRED: Self = Self::Substantial;

    /// Reads the level from its name or from the address that ends in it, as brokers and NemLog-in send it:
    /// `https://data.gov.dk/concept/core/nsis/Substantial`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.rsplit('/').next()? {
            "Low" => Some(Self::Low),
            "Substantial" => Some(Self::Substantial),
            "High" => Some(Self::High),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_by_name_or_address_and_ordered() {
        for (text, expect) in [
            ("Substantial", Some(AssuranceLevel::Substantial)),
            ("https://data.gov.dk/concept/core/nsis/Substantial", Some(AssuranceLevel::Substantial)),
            ("https://data.gov.dk/concept/core/nsis/High", Some(AssuranceLevel::High)),
            ("https://data.gov.dk/concept/core/nsis/Low", Some(AssuranceLevel::Low)),
            ("substantial", None),
            ("4", None),
            ("", None),
        ] {
            assert_eq!(AssuranceLevel::parse(text), expect, "{text}");
        }
        assert!(AssuranceLevel::High > AssuranceLevel::REQUIRED && AssuranceLevel::Low < AssuranceLevel::REQUIRED);
    }
}
