//! A limit on everything a call may carry.

use contracts::{Problem, ProblemCode};

/// The most changes one call may record.
pub(crate) const MAX_CHANGES: usize = 10_000;
/// The most parties one call may ask for.
pub(crate) const MAX_ASKED: usize = 10_000;
/// The most parts of one kind (units, debtor accounts, benefits, data suppliers, registration numbers) a profile may have.
pub(crate) const MAX_PARTS: usize = 1_000;
/// The most characters of a name.
pub(crate) const MAX_NAME: usize = 140;
/// The most characters of a user id.
pub(crate) const MAX_USER_ID: usize = 64;

/// Refuses a call that carries more than `most`.
pub(crate) fn check_count(count: usize, most: usize, field: &str) -> Result<(), Problem> {
    if count <= most {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::TooLarge,
        format!("Der kan højst være {most} ad gangen."),
        format!("There can be at most {most} at a time."),
    )
    .in_field(field))
}
