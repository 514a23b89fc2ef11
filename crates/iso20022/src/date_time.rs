//! Points in time as `xs:dateTime` writes them.
//!
//! XML Schema counts the hours of a day to 24: `24:00:00` is the first instant of the day that follows (XML Schema Part 2, 3.2.7.1). The library of
//! dates counts to 23.

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};

/// The instant of a text with an offset; `None` for any other.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    match midnight(text) {
        Some(day) => day.parse::<Timestamp>().ok()?.checked_add(24.hours()).ok(),
        None => text.parse().ok(),
    }
}

/// Day and time of a text without an offset; `None` for any other.
pub(crate) fn local(text: &str) -> Option<DateTime> {
    match midnight(text) {
        Some(day) => day.parse::<DateTime>().ok()?.checked_add(1.day()).ok(),
        None => text.parse().ok(),
    }
}

/// Of midnight at a day's end, that at its beginning. The schema has seen that no minute follows.
fn midnight(text: &str) -> Option<String> {
    let (day, rest) = text.split_once("T24:")?;
    Some(format!("{day}T00:{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_at_the_end_of_a_day() {
        for (text, expect) in [
            ("2026-03-02T24:00:00Z", "2026-03-03T00:00:00Z"),
            ("2026-12-31T24:00:00.000+01:00", "2026-12-31T23:00:00Z"),
            ("2026-03-02T23:59:59Z", "2026-03-02T23:59:59Z"),
            ("2026-03-02T24:00:00", "none"),
            ("2026-02-30T24:00:00Z", "none"),
        ] {
            assert_eq!(instant(text).map_or("none".to_owned(), |instant| instant.to_string()), expect, "{text}");
        }
        for (text, expect) in [
            ("2026-02-28T24:00:00", "2026-03-01T00:00:00"),
            ("2026-03-02T10:00:00", "2026-03-02T10:00:00"),
            ("9999-12-31T24:00:00", "none"),
        ] {
            assert_eq!(local(text).map_or("none".to_owned(), |local| local.to_string()), expect, "{text}");
        }
    }
}
