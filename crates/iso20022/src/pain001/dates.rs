//! Days and points in time of a message as civil days.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use primitives::copenhagen_date;

/// The day of an `xs:date`; its zone, if any, does not move it. `None` outside the years
/// 0–9999, or for a day that does not exist.
pub(super) fn day(text: &str) -> Option<Date> {
    let day = text.get(..10)?;
    day.starts_with(|first: char| first.is_ascii_digit()).then(|| day.parse().ok()).flatten()
}

/// The day of an `xs:dateTime`: in Copenhagen if it has an offset, as written if not.
pub(super) fn day_of_time(text: &str) -> Option<Date> {
    match text.parse::<Timestamp>() {
        Ok(instant) => Some(copenhagen_date(instant)),
        Err(_) => text.parse::<DateTime>().ok().map(DateTime::date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parsed: Option<Date>, expect: Option<&str>) {
        assert_eq!(parsed.map(|date| date.to_string()).as_deref(), expect);
    }

    #[test]
    fn days() {
        check(day("2026-03-02"), Some("2026-03-02"));
        check(day("2026-03-02+01:00"), Some("2026-03-02"));
        check(day("-2026-03-02"), None);
        check(day("12026-03-02"), None);
        check(day_of_time("2026-03-02T23:30:00Z"), Some("2026-03-03"));
        check(day_of_time("2026-03-02T23:30:00"), Some("2026-03-02"));
        check(day_of_time("2026-03-02T00:30:00+02:00"), Some("2026-03-01"));
    }
}
