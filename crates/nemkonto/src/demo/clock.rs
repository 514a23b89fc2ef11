//! The time of the demo: on a day on which banks are closed it is already the next bank day.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use primitives::{Clock, SystemClock, copenhagen, next_bank_day};

/// Real time, moved forward by whole days to a bank day. The day does not end: a run that goes on past midnight stays at its last instant,
/// so that what is due on the day is due from beginning to end.
#[derive(Clone, Debug)]
pub struct BankDayClock<C = SystemClock> {
    real: C,
    real_day: Date,
    day: Date,
    end: Timestamp,
}

impl BankDayClock {
    /// The clock of today, or of the next bank day when the banks are closed today.
    #[must_use]
    pub fn start() -> Self {
        Self::by(SystemClock)
    }
}

impl<C: Clock> BankDayClock<C> {
    fn by(real: C) -> Self {
        let real_day = real.today();
        let day = next_bank_day(real_day);
        let midnight = day.checked_add(1.day()).and_then(|next| next.to_zoned(copenhagen().clone()));
        let end = midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp() - 1.millisecond());
        Self { real, real_day, day, end }
    }

    /// The bank day it shows.
    #[must_use]
    pub fn day(&self) -> Date {
        self.day
    }

    /// What to tell people when the day shown is not today; `None` when it is.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        (self.day != self.real_day).then(|| {
            let name = |day: Date| day.strftime("%A %Y-%m-%d").to_string();
            format!("The banks are closed on {}: the demo runs as of {}.", name(self.real_day), name(self.day))
        })
    }
}

impl<C: Clock> Clock for BankDayClock<C> {
    fn now(&self) -> Timestamp {
        let local = copenhagen().to_datetime(self.real.now());
        let days = self.day - self.real_day;
        let moved = local.checked_add(days).and_then(|moved| moved.to_zoned(copenhagen().clone()));
        moved.map_or(self.end, |moved| moved.timestamp().min(self.end))
    }
}

#[cfg(test)]
mod tests {
    use primitives::ManualClock;

    use super::*;

    fn check(real: &str, later: &str, expect: &str, notice: Option<&str>) {
        let manual = ManualClock::new(real.parse().unwrap());
        let clock = BankDayClock::by(manual.clone());
        assert_eq!(clock.notice().as_deref(), notice);
        manual.set(later.parse().unwrap());
        assert_eq!(clock.now().to_string(), expect, "{real} then {later}");
        assert_eq!(clock.today(), clock.day());
    }

    #[test]
    fn a_bank_day_is_shown_as_it_is_until_it_ends() {
        check("2026-11-23T09:00:00Z", "2026-11-23T09:00:05Z", "2026-11-23T09:00:05Z", None);
        check("2026-11-23T22:59:00Z", "2026-11-23T23:10:00Z", "2026-11-23T22:59:59.999Z", None);
    }

    #[test]
    fn a_closed_day_is_moved_by_whole_days() {
        let notice = "The banks are closed on Sunday 2026-11-22: the demo runs as of Monday 2026-11-23.";
        check("2026-11-22T09:00:00Z", "2026-11-22T09:00:05Z", "2026-11-23T09:00:05Z", Some(notice));
        // Christmas: Thursday the 24th to Sunday the 27th.
        let notice = "The banks are closed on Thursday 2026-12-24: the demo runs as of Monday 2026-12-28.";
        check("2026-12-24T12:00:00Z", "2026-12-24T12:00:00Z", "2026-12-28T12:00:00Z", Some(notice));
    }

    #[test]
    fn the_time_of_day_stays_when_the_hour_changes_in_between() {
        // Summer time begins on Sunday 29 March 2026: 48 hours after a quarter past eleven on Saturday night it is Tuesday.
        let notice = "The banks are closed on Saturday 2026-03-28: the demo runs as of Monday 2026-03-30.";
        check("2026-03-28T22:15:00Z", "2026-03-28T22:15:00Z", "2026-03-30T21:15:00Z", Some(notice));
    }
}
