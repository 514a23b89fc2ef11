//! The limit on every list.

use contracts::{Problem, ProblemCode};

/// Refuses a list that is longer than `most`.
///
/// # Errors
/// `TOO_LARGE` in `field`.
pub fn check_count(count: usize, most: usize, field: &str) -> Result<(), Problem> {
    if count <= most {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::TooLarge,
        format!("Der kan højst være {most} ad gangen; der var {count}."),
        format!("There can be at most {most} at a time; there were {count}."),
    )
    .in_field(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_be_as_long_as_its_limit() {
        for (count, expect) in [(0, true), (3, true), (4, false)] {
            assert_eq!(check_count(count, 3, "items").is_ok(), expect);
        }
        let problem = check_count(4, 3, "items").unwrap_err();
        assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::TooLarge, Some("items")));
    }
}
