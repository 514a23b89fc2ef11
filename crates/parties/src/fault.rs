//! What can go wrong inside the house, and what of it the caller is told.

use contracts::Problem;
use platform::seal::SealError;
use thiserror::Error;

/// Why a verb has no answer.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    /// The caller can do something about it.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The database failed or broke the connection.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A sealed value could not be opened: another key, or a damaged row.
    #[error("a sealed value could not be opened")]
    Seal(#[from] SealError),
    /// A stored value is none this program writes.
    #[error("the stored {0} is not readable")]
    Stored(&'static str),
}

impl Fault {
    /// What the caller is told. A fault of the house itself goes to the log, without account numbers, and is answered with `UNAVAILABLE`.
    pub(crate) fn into_problem(self, operation: &'static str) -> Problem {
        match self {
            Self::Refused(problem) => problem,
            fault => {
                tracing::error!(operation, error = &fault as &dyn std::error::Error, "parties could not answer");
                Problem::unavailable()
            }
        }
    }
}
