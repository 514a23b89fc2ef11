//! What can fail inside the house.

use contracts::{Problem, ProblemCode};
use platform::copy::CopyError;
use platform::fault::Fault;
use platform::seal::SealError;
use thiserror::Error;

/// A fault of the machinery: never of a payer's file, whose faults are findings. The text holds no personal content.
#[derive(Debug, Error)]
pub enum Error {
    /// The database failed or refused.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// Rows could not be read from the database in bulk.
    #[error("rows could not be read")]
    Copy(#[from] CopyError),
    /// Another house could not answer, or refused the call.
    #[error("another house refused the call: {0}")]
    Neighbour(#[from] Problem),
    /// A sealed value does not open with the house's keys.
    #[error("a sealed value could not be opened")]
    Seal(#[from] SealError),
    /// Something stored breaks the rules it was stored by.
    #[error("stored data is not as it was written: {0}")]
    Corrupt(&'static str),
    /// Reading or writing bytes failed.
    #[error("bytes could not be read or written")]
    Io(#[from] std::io::Error),
    /// The lease of the work unit ran out and another worker has it; nothing was written.
    #[error("the lease of the work unit was lost")]
    LeaseLost,
    /// A stream is longer than the limit.
    #[error("the content is longer than {limit} bytes")]
    TooLarge {
        /// The most bytes.
        limit: u64,
    },
    /// A helper thread ended before its work was done.
    #[error("a helper thread ended early")]
    Interrupted,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(problem) => Self::Neighbour(problem),
            Fault::Database(error) => Self::Database(error),
            Fault::Seal(error) => Self::Seal(error),
            Fault::Stored(what) => Self::Corrupt(what),
        }
    }
}

/// What a caller of the contract is told: the cause goes to the log, not into the answer.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Neighbour(problem) => problem,
            Error::TooLarge { limit } => Self::new(
                ProblemCode::TooLarge,
                format!("Indholdet er længere end {limit} byte."),
                format!("The content is longer than {limit} bytes."),
            ),
            other => {
                tracing::error!(error = &other as &dyn std::error::Error, "mediation cannot answer");
                Self::unavailable()
            }
        }
    }
}
