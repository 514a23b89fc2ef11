//! The limit on every list.

use contracts::{Problem, ProblemCode, holding::MAX_ITEMS};

/// A call carries at most [`MAX_ITEMS`] items.
pub(crate) fn check_length(items: usize, field: &str) -> Result<(), Problem> {
    if items <= MAX_ITEMS {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::TooLarge,
        format!("Et kald må højst have {MAX_ITEMS} poster."),
        format!("A call may carry at most {MAX_ITEMS} items."),
    )
    .in_field(field))
}
