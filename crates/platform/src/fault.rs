//! What can go wrong inside a house, and what of it the caller is told.

use contracts::Problem;
use thiserror::Error;

use crate::seal::SealError;

/// Why a verb of a house has no answer.
#[derive(Debug, Error)]
pub enum Fault {
    /// The caller can do something about it.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The database failed or broke the connection.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A sealed value could not be opened: another key, or a damaged row.
    #[error("a sealed value could not be opened")]
    Seal(#[from] SealError),
    /// A stored value is none this program writes. Says which kind of value, never the value.
    #[error("the stored {0} is not readable")]
    Stored(&'static str),
}

impl Fault {
    /// What the caller of `house` is told. A fault of the house itself goes to the log, without personal data, and is answered with
    /// `UNAVAILABLE`.
    #[must_use]
    pub fn into_problem(self, house: &'static str, operation: &'static str) -> Problem {
        match self {
            Self::Refused(problem) => problem,
            fault => {
                tracing::error!(house, operation, error = &fault as &dyn std::error::Error, "the house could not answer");
                Problem::unavailable()
            }
        }
    }
}
