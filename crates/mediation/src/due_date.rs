//! From the date a payer requests to the day the money is at disposal, and from that to the day the bank executes.

use contracts::parties::DateMeaning;
use jiff::civil::Date;
use primitives::{ShiftRule, add_bank_days, next_bank_day, shift_to_bank_day};

/// How a payer's dates are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateTerms {
    /// What the requested date means.
    pub meaning: DateMeaning,
    /// Bank days between execution and disposal at the payer's bank.
    pub lag: u8,
    /// Where a day that is no bank day is moved; the benefit's rule.
    pub shift: ShiftRule,
}

/// The bank day the money is to be at disposal: never before today, since what is overdue is paid at once.
pub(crate) fn due_date(requested: Date, terms: DateTerms, today: Date) -> Date {
    let disposal = match terms.meaning {
        DateMeaning::Disposal => requested,
        DateMeaning::Execution => add_bank_days(requested, i32::from(terms.lag)),
    };
    shift_to_bank_day(disposal, terms.shift).max(next_bank_day(today))
}

/// The bank day on which the bank is to execute, so that the money is there on the due date: never before today.
pub(crate) fn execution_date(due: Date, lag: u8, today: Date) -> Date {
    add_bank_days(due, -i32::from(lag)).max(next_bank_day(today))
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const WEDNESDAY: Date = date(2026, 1, 14);

    fn terms(meaning: DateMeaning, lag: u8, shift: ShiftRule) -> DateTerms {
        DateTerms { meaning, lag, shift }
    }

    fn check(requested: Date, terms: DateTerms, expect: Date) {
        assert_eq!(due_date(requested, terms, WEDNESDAY), expect, "{requested} {terms:?}");
    }

    #[test]
    fn due_dates() {
        let disposal = |shift| terms(DateMeaning::Disposal, 1, shift);
        let execution = |lag| terms(DateMeaning::Execution, lag, ShiftRule::Next);
        check(date(2026, 1, 15), disposal(ShiftRule::Next), date(2026, 1, 15));
        // A Saturday.
        check(date(2026, 1, 31), disposal(ShiftRule::Next), date(2026, 2, 2));
        check(date(2026, 1, 31), disposal(ShiftRule::Previous), date(2026, 1, 30));
        // New Year's Eve is no bank day; the one before it is the 30th.
        check(date(2026, 12, 31), disposal(ShiftRule::Previous), date(2026, 12, 30));
        // Executed on Friday, at disposal on Monday.
        check(date(2026, 1, 16), execution(1), date(2026, 1, 19));
        check(date(2026, 1, 16), execution(0), date(2026, 1, 16));
        // Overdue: at once.
        check(date(2026, 1, 12), disposal(ShiftRule::Next), WEDNESDAY);
    }

    #[test]
    fn execution_dates() {
        assert_eq!(execution_date(date(2026, 1, 19), 1, WEDNESDAY), date(2026, 1, 16));
        assert_eq!(execution_date(date(2026, 1, 19), 0, WEDNESDAY), date(2026, 1, 19));
        assert_eq!(execution_date(WEDNESDAY, 1, WEDNESDAY), WEDNESDAY, "never before today");
    }

    proptest! {
        #[test]
        fn every_due_and_execution_date_is_a_bank_day_not_before_today(offset in -400_i64..400, lag in 0_u8..5, previous: bool, execution: bool) {
            let requested = WEDNESDAY.saturating_add(offset.days());
            let shift = if previous { ShiftRule::Previous } else { ShiftRule::Next };
            let meaning = if execution { DateMeaning::Execution } else { DateMeaning::Disposal };
            let due = due_date(requested, terms(meaning, lag, shift), WEDNESDAY);
            prop_assert!(primitives::is_bank_day(due) && due >= WEDNESDAY);
            let executed = execution_date(due, lag, WEDNESDAY);
            prop_assert!(primitives::is_bank_day(executed) && executed >= WEDNESDAY && executed <= due);
        }
    }
}
