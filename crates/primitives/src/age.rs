//! When a person is old enough.

use jiff::ToSpan;
use jiff::civil::Date;

/// The age in years from which a person may serve itself (lov nr. 696 of 20/6/2025); below it a guardian designates the NemKonto.
pub const SELF_SERVICE_AGE: u8 = 15;
/// The age in years at which nobody else acts for a person because of its age.
pub const MAJORITY: u8 = 18;

/// Whether a person born on the day is so many years old.
///
/// Who is born on 29 February reaches an age on 1 March of years without that day: the day before the birthday is over first then.
#[must_use]
pub fn has_reached(age: u8, born: Date, today: Date) -> bool {
    let birthday = born.saturating_add(i64::from(age).years());
    let birthday = if birthday.day() == born.day() { birthday } else { birthday.saturating_add(1.days()) };
    birthday <= today
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_age_is_reached_on_the_birthday() {
        let check = |born, today, expect| assert_eq!(has_reached(15, born, today), expect, "{born} {today}");
        check(date(2011, 3, 2), date(2026, 3, 1), false);
        check(date(2011, 3, 2), date(2026, 3, 2), true);
        check(date(2012, 2, 29), date(2027, 2, 28), false);
        check(date(2012, 2, 29), date(2027, 3, 1), true);
        assert!(has_reached(16, date(2012, 2, 29), date(2028, 2, 29)) && !has_reached(16, date(2012, 2, 29), date(2028, 2, 28)));
    }
}
