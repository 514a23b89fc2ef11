//! Days that may be points in time.

use crate::record::record;
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::copenhagen_date;

record! {
    /// A day, or a point in time; the file has one of them.
    #[derive(Debug)]
    pub struct DateChoice {
        /// The day.
        date: Option<Date> => "" | "Dt",
        /// The point in time.
        time: Option<Timestamp> => "DtTm",
    }
}

impl DateChoice {
    /// A day.
    #[must_use]
    pub fn of(date: Date) -> Self {
        DateChoice { date: Some(date), time: None }
    }

    /// The civil day; that of a point in time is the one in Copenhagen.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        self.date.or_else(|| self.time.map(copenhagen_date))
    }
}
