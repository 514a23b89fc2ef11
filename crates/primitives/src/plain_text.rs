//! The rule for free text that is part of an identification: bounded, printable, and with one way to write it.

use thiserror::Error;

/// Why a free-text part was refused. The text itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PlainTextError {
    /// Nothing was given.
    #[error("is empty")]
    Empty,
    /// More characters than the field allows.
    #[error("is longer than {limit} characters")]
    TooLong {
        /// The greatest allowed count of characters.
        limit: usize,
    },
    /// A control character, such as a line break or a NUL, which PostgreSQL and XML refuse too.
    #[error("contains a control character")]
    ControlCharacter,
    /// A space before or after, which would make two spellings of one value.
    #[error("begins or ends with a space")]
    OuterSpace,
}

/// Accepts 1 to `limit` printable characters without outer white space.
pub(crate) fn check_plain_text(text: &str, limit: usize) -> Result<(), PlainTextError> {
    if text.is_empty() {
        return Err(PlainTextError::Empty);
    }
    if text.chars().count() > limit {
        return Err(PlainTextError::TooLong { limit });
    }
    if text.chars().any(char::is_control) {
        return Err(PlainTextError::ControlCharacter);
    }
    if text.trim().len() != text.len() {
        return Err(PlainTextError::OuterSpace);
    }
    Ok(())
}
