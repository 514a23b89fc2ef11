//! The persons: numbers, names, ordinary birth dates, status.

use contracts::register::{HolderKind, HolderRecord, HolderStatus};
use jiff::{ToSpan, civil::Date};

use super::{World, names};
use crate::dice::{Dice, Stream};

/// The oldest person is this many days old.
const OLDEST_DAYS: u64 = 36_000;
/// A status changed at most this many days ago.
const LATEST_STATUS_DAYS: u64 = 900;

impl World {
    /// The register's facts of a person. The birth date has nothing to do with the number.
    pub(super) fn person_record(&self, index: u64) -> HolderRecord {
        let cpr = self.numbers.cpr(index);
        let woman = cpr.digits().as_bytes()[9].is_multiple_of(2);
        let (status, status_from) = self.person_status(index);
        HolderRecord {
            identifiers: vec![cpr.into()],
            kind: HolderKind::Person,
            name: names::person(&mut self.dice(Stream::PersonName, index), woman),
            born: Some(self.days_ago(self.dice(Stream::PersonBirth, index).below(OLDEST_DAYS))),
            status,
            status_from,
        }
    }

    /// Whether a person can be paid, and since when not.
    pub(super) fn person_status(&self, index: u64) -> (HolderStatus, Option<Date>) {
        let mut dice = self.dice(Stream::PersonStatus, index);
        self.status(&mut dice)
    }

    /// Draws a status: closed at the world's rate.
    pub(super) fn status(&self, dice: &mut Dice) -> (HolderStatus, Option<Date>) {
        if dice.falls(self.rates.closed) {
            let since = self.days_ago(1 + dice.below(LATEST_STATUS_DAYS));
            (HolderStatus::Closed, Some(since))
        } else {
            (HolderStatus::Active, None)
        }
    }

    /// A day before today.
    pub(super) fn days_ago(&self, days: u64) -> Date {
        let days = i64::try_from(days).expect("a draw of fewer days than a century has");
        self.today.checked_sub(days.days()).expect("a century before today is within the calendar")
    }
}
