//! What can go wrong in a call, in words for people and a code for programs.

use primitives::{EntryRef, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The outcome of one item of a bulk call.
pub type ItemResult<T> = Result<T, Problem>;

/// Why a call, or one item of it, was refused. Never holds a CPR or account number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{}: {}", .code.as_str(), .detail.en)]
pub struct Problem {
    /// The kind of problem; programs decide on this alone.
    pub code: ProblemCode,
    /// What happened and what was expected, in Danish and English.
    pub detail: Text,
    /// The field of the input the problem is about, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The version that is current now, where the caller's was not: what to look at and to give as expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<EntryRef>,
    /// Seconds after which the same call may be tried again, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem with its explanation in both languages.
    pub fn new(code: ProblemCode, da: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, detail: Text::new(da, en), field: None, current: None, retry_after: None }
    }

    /// Names the input field the problem is about.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Names the version that is current now.
    #[must_use]
    pub fn with_current(mut self, current: Option<EntryRef>) -> Self {
        self.current = current;
        self
    }

    /// Says after how many seconds the call may be tried again.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// A fault of the house itself (database, another house). The cause belongs in the log, not in the answer.
    pub fn unavailable() -> Self {
        Self::new(
            ProblemCode::Unavailable,
            "Tjenesten kan ikke svare lige nu. Prøv igen.",
            "The service cannot answer right now. Try again.",
        )
    }

    /// The key was used before with another input.
    pub fn idempotency_mismatch() -> Self {
        Self::new(
            ProblemCode::IdempotencyMismatch,
            "Nøglen er allerede brugt til et kald med andet indhold.",
            "The key was already used for a call with other input.",
        )
        .in_field("key")
    }
}

/// The closed list of problem kinds, each with its HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProblemCode {
    /// A field breaks its rules.
    InvalidInput,
    /// What was asked for does not exist, or the caller may not know that it does.
    NotFound,
    /// The thing changed since the caller saw it (optimistic locking), or its state does not allow the change.
    Conflict,
    /// Same idempotency key, other input.
    IdempotencyMismatch,
    /// The call states no legal basis (hjemmel), so personal data is not given.
    NoLegalBasis,
    /// The caller lacks the right.
    Forbidden,
    /// It is too late: the payment has left for the bank.
    TooLate,
    /// A limit of size or number is passed.
    TooLarge,
    /// The caller has asked too much in too short a time; later the same call may be repeated.
    TooMany,
    /// The house cannot answer now; the same call may be repeated.
    Unavailable,
}

impl ProblemCode {
    /// The code as it stands in JSON and in the problem's type URI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "INVALID_INPUT",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::IdempotencyMismatch => "IDEMPOTENCY_MISMATCH",
            Self::NoLegalBasis => "NO_LEGAL_BASIS",
            Self::Forbidden => "FORBIDDEN",
            Self::TooLate => "TOO_LATE",
            Self::TooLarge => "TOO_LARGE",
            Self::TooMany => "TOO_MANY",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    /// The HTTP status of the problem (RFC 9110).
    pub fn http_status(self) -> u16 {
        match self {
            Self::InvalidInput | Self::IdempotencyMismatch => 422,
            Self::NotFound => 404,
            Self::Conflict | Self::TooLate => 409,
            Self::NoLegalBasis | Self::Forbidden => 403,
            Self::TooLarge => 413,
            Self::TooMany => 429,
            Self::Unavailable => 503,
        }
    }

    /// A short title in both languages.
    pub fn title(self) -> Text {
        let (da, en) = match self {
            Self::InvalidInput => ("Ugyldigt input", "Invalid input"),
            Self::NotFound => ("Ikke fundet", "Not found"),
            Self::Conflict => ("Konflikt med den nuværende tilstand", "Conflict with the current state"),
            Self::IdempotencyMismatch => ("Nøglen er brugt før", "The key was used before"),
            Self::NoLegalBasis => ("Hjemmel mangler", "Legal basis is missing"),
            Self::Forbidden => ("Rettighed mangler", "The right is missing"),
            Self::TooLate => ("For sent", "Too late"),
            Self::TooLarge => ("For stort", "Too large"),
            Self::TooMany => ("For mange opslag", "Too many requests"),
            Self::Unavailable => ("Kan ikke svare nu", "Cannot answer now"),
        };
        Text::new(da, en)
    }
}
