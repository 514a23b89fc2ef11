//! The Danish bank calendar.
//!
//! A bank day is a day that is neither Saturday nor Sunday, nor a public holiday, nor one of the days on which banks are
//! closed by custom: the day after Ascension Day, 5 June, 24 and 31 December. Great Prayer Day (*store bededag*) was a
//! holiday until 2023 and has been an ordinary bank day since 2024.
//!
//! Every year is computed by these rules; they are the rules of the present, not the history of earlier centuries.
//! At the two ends of the calendar (years -9999 and 9999) the functions stop at the last day there is.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

/// The last year in which Great Prayer Day was a holiday.
const LAST_GREAT_PRAYER_DAY: i16 = 2023;
/// Great Prayer Day is the fourth Friday after Easter Sunday.
const GREAT_PRAYER_DAY: i16 = 26;

/// Holidays with a fixed date: month, day and name.
const FIXED_HOLIDAYS: [(i8, i8, &str); 6] = [
    (1, 1, "Nytårsdag"),
    (6, 5, "Grundlovsdag"),
    (12, 24, "Juleaftensdag"),
    (12, 25, "Juledag"),
    (12, 26, "2. juledag"),
    (12, 31, "Nytårsaftensdag"),
];

/// Holidays that follow Easter: days from Easter Sunday and name.
const MOVABLE_HOLIDAYS: [(i16, &str); 9] = [
    (-3, "Skærtorsdag"),
    (-2, "Langfredag"),
    (0, "Påskedag"),
    (1, "2. påskedag"),
    (GREAT_PRAYER_DAY, "Store bededag"),
    (39, "Kristi himmelfartsdag"),
    (40, "Dagen efter Kristi himmelfartsdag"),
    (49, "Pinsedag"),
    (50, "2. pinsedag"),
];

/// How a due day that is no bank day moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShiftRule {
    /// To the bank day before.
    Previous,
    /// To the bank day after.
    Next,
}

impl ShiftRule {
    /// The code used in the database and the open interfaces: `previous` or `next`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Previous => "previous",
            Self::Next => "next",
        }
    }

    /// The rule with this code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Previous, Self::Next].into_iter().find(|rule| rule.as_str() == text)
    }
}

/// Whether banks in Denmark execute payments on this day.
#[must_use]
pub fn is_bank_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(date)
}

/// This day if it is a bank day, otherwise the first one after it.
#[must_use]
pub fn next_bank_day(date: Date) -> Date {
    first_bank_day(date, |day| day.tomorrow().ok())
}

/// This day if it is a bank day, otherwise the last one before it.
#[must_use]
pub fn previous_bank_day(date: Date) -> Date {
    first_bank_day(date, |day| day.yesterday().ok())
}

/// The `count`-th bank day after the date, or before it when `count` is negative. The date itself never counts;
/// with a count of 0 it is returned unchanged, bank day or not.
#[must_use]
pub fn add_bank_days(date: Date, count: i32) -> Date {
    let mut day = date;
    for _ in 0..count.unsigned_abs() {
        let neighbour = if count > 0 { day.tomorrow() } else { day.yesterday() };
        let Ok(neighbour) = neighbour else {
            return day;
        };
        day = if count > 0 { next_bank_day(neighbour) } else { previous_bank_day(neighbour) };
    }
    day
}

/// The bank day a due day falls on by the rule.
#[must_use]
pub fn shift_to_bank_day(date: Date, rule: ShiftRule) -> Date {
    match rule {
        ShiftRule::Previous => previous_bank_day(date),
        ShiftRule::Next => next_bank_day(date),
    }
}

/// The days of a year, by date, that are no bank days for another reason than the week-end, with their Danish names.
///
/// Some fall on a week-end, and two may fall on the same date. Empty for a year outside -9999 to 9999.
#[must_use]
pub fn danish_holidays(year: i16) -> Vec<(Date, &'static str)> {
    let Some(easter) = easter_sunday(year) else {
        return Vec::new();
    };
    let fixed = FIXED_HOLIDAYS.into_iter().filter_map(|(month, day, name)| Some((Date::new(year, month, day).ok()?, name)));
    let movable = MOVABLE_HOLIDAYS
        .into_iter()
        .filter(|(days, _)| follows_easter(year, *days))
        .filter_map(|(days, name)| Some((easter.checked_add(days_span(days)).ok()?, name)));
    let mut holidays: Vec<_> = fixed.chain(movable).collect();
    holidays.sort_unstable();
    holidays
}

/// Easter Sunday of a year by the Gregorian rule (Meeus, Jones and Butcher), or `None` outside -9999 to 9999.
#[must_use]
pub fn easter_sunday(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let golden = year_number.rem_euclid(19);
    let century = year_number.div_euclid(100);
    let year_of_century = year_number.rem_euclid(100);
    let moon_correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + century - century.div_euclid(4) - moon_correction + 15).rem_euclid(30);
    let to_sunday = (32 + 2 * century.rem_euclid(4) + 2 * (year_of_century / 4) - epact - year_of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let day_of_march = epact + to_sunday - 7 * late + 22;
    let (month, day) = if day_of_march > 31 { (4, day_of_march - 31) } else { (3, day_of_march) };
    Date::new(year, month, i8::try_from(day).ok()?).ok()
}

fn days_span(days: i16) -> Span {
    i64::from(days).days()
}

/// Whether the day this long after Easter Sunday is a holiday in this year.
fn follows_easter(year: i16, days: i16) -> bool {
    (days != GREAT_PRAYER_DAY || year <= LAST_GREAT_PRAYER_DAY) && MOVABLE_HOLIDAYS.iter().any(|(movable, _)| *movable == days)
}

/// The same answer as a look in [`danish_holidays`], without making the list: it is asked for every payment.
fn is_holiday(date: Date) -> bool {
    let fixed = FIXED_HOLIDAYS.iter().any(|(month, day, _)| (*month, *day) == (date.month(), date.day()));
    fixed
        || easter_sunday(date.year()).is_some_and(|easter| follows_easter(date.year(), date.day_of_year() - easter.day_of_year()))
}

/// The first bank day on or beyond `date` in the direction of `step`; the last day of the calendar if there is none.
fn first_bank_day(date: Date, step: impl Fn(Date) -> Option<Date>) -> Date {
    let mut day = date;
    while !is_bank_day(day) {
        match step(day) {
            Some(neighbour) => day = neighbour,
            None => return day,
        }
    }
    day
}
