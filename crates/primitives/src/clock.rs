//! The time, as a parameter: nothing in the logic asks the operating system what time it is.

use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Tells the time. Timestamps are UTC; business days are civil days in Denmark.
pub trait Clock: Send + Sync + Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// The present civil day in Europe/Copenhagen.
    fn today(&self) -> Date {
        copenhagen_date(self.now())
    }
}

/// The time zone of Danish business days.
#[must_use]
pub fn copenhagen() -> &'static TimeZone {
    static COPENHAGEN: LazyLock<TimeZone> =
        LazyLock::new(|| TimeZone::get("Europe/Copenhagen").expect("the time zone database is built into the program"));
    &COPENHAGEN
}

/// The civil day in Europe/Copenhagen at this instant.
#[must_use]
pub fn copenhagen_date(instant: Timestamp) -> Date {
    copenhagen().to_datetime(instant).date()
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is moved. Clones share the same time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// A clock that shows this instant.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// A clock that shows noon in Copenhagen on this day.
    ///
    /// # Errors
    /// When the day is at the very end of the calendar, where noon is not an instant that can be held.
    pub fn at_noon(date: Date) -> Result<Self, jiff::Error> {
        let noon = date.at(12, 0, 0, 0).to_zoned(copenhagen().clone())?;
        Ok(Self::new(noon.timestamp()))
    }

    /// Moves the clock to this instant, which may be an earlier one.
    pub fn set(&self, now: Timestamp) {
        self.with(|time| *time = now);
    }

    /// Moves the clock by this much, at most to the end of the calendar.
    pub fn advance(&self, duration: SignedDuration) {
        self.with(|time| {
            *time = time.checked_add(duration).unwrap_or(if duration.is_negative() { Timestamp::MIN } else { Timestamp::MAX });
        });
    }

    /// A thread that panicked while holding the lock cannot have left half a timestamp, so a poisoned lock is used on.
    fn with<T>(&self, use_time: impl FnOnce(&mut Timestamp) -> T) -> T {
        use_time(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.with(|time| *time)
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn today(&self) -> Date {
        (**self).today()
    }
}
