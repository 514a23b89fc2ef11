//! Which civil days the register takes.

use contracts::{Problem, ProblemCode};
use jiff::civil::{Date, date};

/// The earliest day: before the birth of the oldest number.
const EARLIEST: Date = date(1800, 1, 1);
/// The latest day.
const LATEST: Date = date(2999, 12, 31);

/// Refuses a day that can only be a slip.
pub(crate) fn check_day(day: Date, field: &'static str) -> Result<(), Problem> {
    if (EARLIEST..=LATEST).contains(&day) {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::InvalidInput,
        format!("Dagen skal ligge fra {EARLIEST} til {LATEST}."),
        format!("The day must lie from {EARLIEST} to {LATEST}."),
    )
    .in_field(field))
}
