//! Masked `Debug` output, so that no CPR number, account number or the like ever reaches a log, an error text or a panic.
//!
//! A type that holds something personal writes its own `Debug` with one of these functions and has no `Display`;
//! whoever needs the value asks for it by a named accessor, which is easy to find in a review.

use std::fmt;

/// The character shown in place of each hidden one.
pub const BULLET: char = '•';

/// How many bullets stand for a value whose length must not show either.
const ANY_LENGTH: usize = 4;

/// Writes `Name(••••)` with as many bullets as the value has characters.
///
/// For values of a fixed length only: the length of, say, a name already tells something.
///
/// # Errors
/// Only those of the formatter.
pub fn fixed(f: &mut fmt::Formatter<'_>, name: &str, characters: usize) -> fmt::Result {
    with_prefix(f, name, "", characters)
}

/// Writes `Name(••••)`, four bullets whatever the value is.
///
/// # Errors
/// Only those of the formatter.
pub fn hidden(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    with_prefix(f, name, "", ANY_LENGTH)
}

/// Writes `Name(DK••••)`: a harmless prefix, such as a country, and four bullets.
///
/// # Errors
/// Only those of the formatter.
pub fn after_prefix(f: &mut fmt::Formatter<'_>, name: &str, prefix: &str) -> fmt::Result {
    with_prefix(f, name, prefix, ANY_LENGTH)
}

fn with_prefix(f: &mut fmt::Formatter<'_>, name: &str, prefix: &str, bullets: usize) -> fmt::Result {
    write!(f, "{name}({prefix}")?;
    for _ in 0..bullets {
        write!(f, "{BULLET}")?;
    }
    f.write_str(")")
}
