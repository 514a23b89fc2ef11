//! Days and points in time of a message as civil days, and how far off they may be.

use super::fault::{Fault, words};
use crate::date_time::{instant, local};
use crate::reason::ReasonCode;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use primitives::{copenhagen_date, is_bank_day};

/// How far from the day of receipt a requested execution date may lie.
///
/// The law and the standard leave this to the parties, and the old system's limits are not public: the defaults are ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// Days back; an older date is refused (CH04), a younger one counts as the day of receipt. Default 5.
    pub oldest_days: u16,
    /// Days ahead; a later date is refused (CH03). Default 360.
    pub furthest_days: u16,
    /// Whether the date must be a bank day (else DT03). Default no: whether it must is a term of the payer's agreement, which no reader
    /// knows, and by default the benefit's rule moves it to the bank day before or after.
    pub bank_days_only: bool,
}

impl Default for Horizon {
    fn default() -> Self {
        Horizon { oldest_days: 5, furthest_days: 360, bank_days_only: false }
    }
}

impl Horizon {
    /// Judges a requested execution date by the civil day in Denmark on which the file was received.
    ///
    /// # Errors
    /// CH04 for a date too far back, CH03 for one too far ahead, DT03 for one that is no bank day where it must be.
    pub fn check(self, requested: Date, received: Date) -> Result<(), ReasonCode> {
        let days = |count: u16| i64::from(count).days();
        if requested < received.saturating_sub(days(self.oldest_days)) {
            return Err(ReasonCode::CH04);
        }
        if requested > received.saturating_add(days(self.furthest_days)) {
            return Err(ReasonCode::CH03);
        }
        if self.bank_days_only && !is_bank_day(requested) {
            return Err(ReasonCode::DT03);
        }
        Ok(())
    }

    /// What is wrong with a requested execution date.
    pub(super) fn judge(self, requested: Date, received: Date) -> Result<(), Fault> {
        self.check(requested, received).map_err(|code| match code {
            ReasonCode::CH03 => TOO_LATE,
            ReasonCode::CH04 => TOO_EARLY,
            _ => NO_BANK_DAY,
        })
    }
}

/// The day of an `xs:date`; its zone, if any, does not move it. `None` outside the years
/// 0–9999, or for a day that does not exist.
pub(super) fn day(text: &str) -> Option<Date> {
    let day = text.get(..10)?;
    day.starts_with(|first: char| first.is_ascii_digit()).then(|| day.parse().ok()).flatten()
}

/// The day of an `xs:dateTime`: in Copenhagen if it has an offset, as written if not.
pub(crate) fn day_of_time(text: &str) -> Option<Date> {
    instant(text).map(copenhagen_date).or_else(|| local(text).map(DateTime::date))
}

/// A day no calendar has.
pub(super) const INVALID: Fault = Fault {
    code: ReasonCode::DT01,
    text: words("Datoen er ikke gyldig.", "The date is not valid."),
    expected: words("en dag i årene 0 til 9999", "a day of the years 0 to 9999"),
    found: words("en anden dag", "another day"),
};

const TOO_LATE: Fault = Fault {
    code: ReasonCode::CH03,
    text: words("Den ønskede dato ligger for langt fremme.", "The requested date is too far in the future."),
    expected: words("en dag inden for horisonten", "a day within the horizon"),
    found: words("en senere dag", "a later day"),
};

const TOO_EARLY: Fault = Fault {
    code: ReasonCode::CH04,
    text: words("Den ønskede dato ligger for langt tilbage.", "The requested date is too far in the past."),
    expected: words("en dag inden for horisonten", "a day within the horizon"),
    found: words("en tidligere dag", "an earlier day"),
};

const NO_BANK_DAY: Fault = Fault {
    code: ReasonCode::DT03,
    text: words("Den ønskede dato er ikke en bankdag.", "The requested date is no bank day."),
    expected: words("en dansk bankdag", "a Danish bank day"),
    found: words("en anden dag", "another day"),
};

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
        check(day_of_time("2026-03-02T24:00:00"), Some("2026-03-03"));
        check(day_of_time("2026-03-02T24:00:00+01:00"), Some("2026-03-03"));
    }

    fn check_horizon(horizon: Horizon, requested: &str, expect: Result<(), ReasonCode>) {
        let received = jiff::civil::date(2026, 3, 2);
        let requested: Date = requested.parse().expect("a date");
        assert_eq!(horizon.check(requested, received), expect, "{requested}");
        assert_eq!(horizon.judge(requested, received).map_err(|fault| fault.code), expect, "{requested}");
    }

    #[test]
    fn horizons() {
        let default = Horizon::default();
        check_horizon(default, "2026-02-24", Err(ReasonCode::CH04));
        check_horizon(default, "2026-02-25", Ok(()));
        check_horizon(default, "2027-02-25", Ok(()));
        check_horizon(default, "2027-02-26", Err(ReasonCode::CH03));
        check_horizon(default, "2026-03-07", Ok(()));
        let strict = Horizon { bank_days_only: true, ..default };
        // A Saturday, Maundy Thursday, and the day of the old Great Prayer Day, which is a bank day.
        check_horizon(strict, "2026-03-07", Err(ReasonCode::DT03));
        check_horizon(strict, "2026-04-02", Err(ReasonCode::DT03));
        check_horizon(strict, "2026-05-01", Ok(()));
        let none = Horizon { oldest_days: 0, furthest_days: 0, bank_days_only: false };
        check_horizon(none, "2026-03-02", Ok(()));
        check_horizon(none, "2026-03-01", Err(ReasonCode::CH04));
        check_horizon(none, "-009999-01-01", Err(ReasonCode::CH04));
    }
}
