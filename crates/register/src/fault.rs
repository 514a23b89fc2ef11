//! What can go wrong inside the house, and what of it the caller is told.

use contracts::{Problem, ProblemCode};
use platform::seal::SealError;
use primitives::EntryRef;

/// An error on the way through a call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The call breaks a rule; the caller is told which.
    #[error("refused: {}", .0.code.as_str())]
    Refused(Problem),
    /// The database cannot answer.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// A sealed value does not open.
    #[error("a sealed value does not open: {0}")]
    Seal(#[from] SealError),
    /// A stored value breaks the rules of its type. Says which kind of value, never the value.
    #[error("a stored value is not well formed: {0}")]
    Corrupt(&'static str),
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<platform::fault::Fault> for Fault {
    fn from(fault: platform::fault::Fault) -> Self {
        match fault {
            platform::fault::Fault::Refused(problem) => Self::Refused(problem),
            platform::fault::Fault::Database(error) => Self::Database(error),
            platform::fault::Fault::Seal(error) => Self::Seal(error),
            platform::fault::Fault::Stored(what) => Self::Corrupt(what),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(problem) => problem,
            fault => {
                tracing::error!(house = "register", error = %fault, "the call failed");
                Problem::unavailable()
            }
        }
    }
}

/// Refuses a list that is longer than a call may carry.
pub(crate) fn check_size(items: usize) -> Result<(), Problem> {
    if items <= contracts::register::MAX_ITEMS {
        return Ok(());
    }
    let limit = contracts::register::MAX_ITEMS;
    Err(Problem::new(
        ProblemCode::TooLarge,
        format!("Et kald kan højst have {limit} poster; der kom {items}."),
        format!("A call may carry at most {limit} items; it had {items}."),
    ))
}

/// Refuses a text that is blank or longer than `limit` characters.
pub(crate) fn check_text(text: &str, limit: usize, field: &'static str) -> Result<(), Problem> {
    if !text.trim().is_empty() && text.chars().count() <= limit {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::InvalidInput,
        format!("Teksten skal have 1 til {limit} tegn."),
        format!("The text must have 1 to {limit} characters."),
    )
    .in_field(field))
}

/// The number is not in the register.
pub(crate) fn unknown_number() -> Problem {
    Problem::new(ProblemCode::NotFound, "Nummeret findes ikke i registret.", "The number is not in the register.")
        .in_field("identifier")
}

/// The reference is no holder's.
pub(crate) fn unknown_holder() -> Problem {
    Problem::new(ProblemCode::NotFound, "Kontohaveren findes ikke i registret.", "The holder is not in the register.")
        .in_field("holder")
}

/// The thing changed since the caller saw it; the caller is told the version that is current.
pub(crate) fn changed_since(current: Option<EntryRef>) -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Kontoen er ændret, siden den blev vist. Se den igen, og prøv så.",
        "The account was changed since it was shown. Look at it again, then try.",
    )
    .in_field("expected")
    .with_current(current)
}

/// Two items of one call are about the same thing.
pub(crate) fn twice_in_one_call() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Kaldet ændrer det samme to gange; kun den første post gælder.",
        "The call changes the same thing twice; only the first item counts.",
    )
}

/// The caller lacks the right.
pub(crate) fn forbidden(da: &'static str, en: &'static str) -> Problem {
    Problem::new(ProblemCode::Forbidden, da, en)
}
