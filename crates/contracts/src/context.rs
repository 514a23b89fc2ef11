//! Who acts, for whom, on which legal basis: a required argument of every call.

use primitives::{AgreementNumber, BankCode, DataSupplierId, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Problem, ProblemCode};

/// The circumstances of a call. Logged with every access to personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Context {
    /// Who acts.
    pub actor: Actor,
    /// The authority or private payer the actor acts for, by agreement number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<AgreementNumber>,
    /// The legal basis (hjemmel) of the call, e.g. "lov 696/2025 § 16".
    pub legal_basis: LegalBasis,
    /// Why the call is made, e.g. a case reference or "payment mediation".
    pub purpose: Purpose,
    /// Joins the log lines and access records of one piece of work.
    pub trace: Uuid,
    /// The person who acts in the actor's name, where that is another: by power of attorney, as guardian, or as an employee of the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<ActingPerson>,
}

/// The person who acts. Kept sealed in the access log and in the change log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActingPerson {
    /// How the person comes to act.
    pub by: ActsBy,
    /// The person's name, as the sign-in gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The person's own number, where the sign-in proved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Identifier>,
    /// An employee's id at the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// How a person comes to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActsBy {
    /// In the own name.
    InPerson,
    /// By power of attorney (fuldmagt).
    PowerOfAttorney,
    /// As guardian, or as who has custody of a child (værge).
    Guardianship,
    /// As an employee of the company.
    Employee,
}

impl Context {
    /// The caller's name in idempotency records: stable for the same actor, free of personal numbers.
    pub fn caller(&self) -> String {
        self.actor.label()
    }

    /// The person behind the call, where one is known: who acts for another, else the payee itself.
    pub fn person(&self) -> Option<ActingPerson> {
        let own = || match &self.actor {
            Actor::Payee { identifier } => Some(identifier.clone()),
            _ => None,
        };
        let in_person = |person| ActingPerson { by: ActsBy::InPerson, name: None, person: Some(person), user: None };
        self.acting.clone().or_else(|| own().map(in_person))
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// Another house of the system, by name ("mediation").
    House {
        /// The house's name.
        name: String,
    },
    /// A caseworker (sagsbehandler) of an authority.
    Caseworker {
        /// The user's id at the authority.
        user: String,
        /// The authority's agreement number.
        authority: AgreementNumber,
    },
    /// A person or a legal unit acting in self-service for itself.
    Payee {
        /// The signed-in number.
        identifier: Identifier,
    },
    /// A data supplier (dataleverandør) that sends files for payers.
    DataSupplier {
        /// The supplier's id.
        id: DataSupplierId,
    },
    /// A bank (pengeinstitut).
    Bank {
        /// The bank's code.
        code: BankCode,
    },
    /// The recovery authority (RIM, Gældsstyrelsen).
    RecoveryAuthority,
    /// A person who operates the system (system owner's operator).
    Operator {
        /// The operator's user id.
        user: String,
    },
}

impl Actor {
    /// A short label that is safe to log and to show: never a personal number.
    pub fn label(&self) -> String {
        match self {
            Self::House { name } => format!("house:{name}"),
            Self::Caseworker { user, authority } => format!("caseworker:{}:{user}", authority.digits()),
            Self::Payee { identifier } => format!("payee:{}", identifier.kind().as_str()),
            Self::DataSupplier { id } => format!("supplier:{}", id.as_str()),
            Self::Bank { code } => format!("bank:{}", code.as_str()),
            Self::RecoveryAuthority => "recovery-authority".to_owned(),
            Self::Operator { user } => format!("operator:{user}"),
        }
    }
}

macro_rules! required_text {
    ($(#[$doc:meta])* $name:ident, $max:literal, $code:expr, $da:literal, $en:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes the text if it is neither blank nor too long.
            pub fn new(text: impl Into<String>) -> Result<Self, Problem> {
                let text = text.into();
                if text.trim().is_empty() || text.chars().count() > $max {
                    return Err(Problem::new($code, $da, $en));
                }
                Ok(Self(text))
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Problem;
            fn try_from(text: String) -> Result<Self, Problem> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    };
}

required_text!(
    /// The legal basis (hjemmel) of a call: 1 to 200 characters.
    LegalBasis, 200, ProblemCode::NoLegalBasis,
    "Kaldet skal angive hjemmel (1 til 200 tegn).",
    "The call must state its legal basis (1 to 200 characters)."
);
required_text!(
    /// The purpose of a call: 1 to 200 characters.
    Purpose, 200, ProblemCode::InvalidInput,
    "Kaldet skal angive formål (1 til 200 tegn).",
    "The call must state its purpose (1 to 200 characters)."
);
required_text!(
    /// A caller's own key of a state-changing call: 1 to 100 characters, unique per caller and operation.
    IdempotencyKey, 100, ProblemCode::InvalidInput,
    "Nøglen skal have 1 til 100 tegn.",
    "The key must have 1 to 100 characters."
);
