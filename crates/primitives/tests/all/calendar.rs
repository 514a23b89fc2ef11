use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use primitives::{
    ShiftRule, add_bank_days, danish_holidays, easter_sunday, is_bank_day, next_bank_day, previous_bank_day, shift_to_bank_day,
};
use proptest::prelude::*;

/// The closed days of a year that are neither Saturday nor Sunday, as (month, day).
#[track_caller]
fn check_closed_weekdays(year: i16, expect: &[(i8, i8)]) {
    let closed: Vec<_> = date(year, 1, 1)
        .series(1.day())
        .take_while(|day| day.year() == year)
        .filter(|day| !is_week_end(*day) && !is_bank_day(*day))
        .map(|day| (day.month(), day.day()))
        .collect();
    assert_eq!(closed, expect, "{year}");
}

fn is_week_end(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[test]
fn closed_days_of_2023_with_great_prayer_day() {
    check_closed_weekdays(2023, &[(4, 6), (4, 7), (4, 10), (5, 5), (5, 18), (5, 19), (5, 29), (6, 5), (12, 25), (12, 26)]);
}

#[test]
fn closed_days_of_2024_without_great_prayer_day() {
    check_closed_weekdays(
        2024,
        &[(1, 1), (3, 28), (3, 29), (4, 1), (5, 9), (5, 10), (5, 20), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31)],
    );
    assert!(is_bank_day(date(2024, 4, 26)));
}

#[test]
fn closed_days_of_2025() {
    check_closed_weekdays(
        2025,
        &[(1, 1), (4, 17), (4, 18), (4, 21), (5, 29), (5, 30), (6, 5), (6, 9), (12, 24), (12, 25), (12, 26), (12, 31)],
    );
    assert!(is_bank_day(date(2025, 5, 16)));
}

#[test]
fn closed_days_of_2026() {
    check_closed_weekdays(
        2026,
        &[(1, 1), (4, 2), (4, 3), (4, 6), (5, 14), (5, 15), (5, 25), (6, 5), (12, 24), (12, 25), (12, 31)],
    );
}

#[test]
fn easter_sundays_are_the_known_ones() {
    for easter in [
        date(1818, 3, 22), // the earliest date possible
        date(1943, 4, 25), // the latest date possible
        date(1954, 4, 18), // an exception in older rules
        date(1981, 4, 19), // another
        date(2000, 4, 23),
        date(2008, 3, 23),
        date(2023, 4, 9),
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2038, 4, 25),
    ] {
        assert_eq!(easter_sunday(easter.year()), Some(easter));
    }
    assert_eq!(easter_sunday(10_000), None);
}

#[test]
fn holidays_have_names() {
    let holidays = danish_holidays(2023);
    assert_eq!(holidays.len(), 15);
    assert!(holidays.contains(&(date(2023, 5, 5), "Store bededag")));
    assert!(holidays.contains(&(date(2023, 5, 19), "Dagen efter Kristi himmelfartsdag")));
    assert!(holidays.contains(&(date(2023, 4, 9), "Påskedag")));
    assert!(holidays.is_sorted());
    assert!(danish_holidays(2024).iter().all(|(_, name)| *name != "Store bededag"));
    assert_eq!(danish_holidays(i16::MAX), []);
}

#[test]
fn due_days_shift_by_their_rule() {
    let check = |due: Date, previous: Date, next: Date| {
        assert_eq!(shift_to_bank_day(due, ShiftRule::Previous), previous, "{due}");
        assert_eq!(shift_to_bank_day(due, ShiftRule::Next), next, "{due}");
    };
    // An ordinary day stays.
    check(date(2026, 3, 31), date(2026, 3, 31), date(2026, 3, 31));
    // Easter: from Wednesday to Tuesday.
    check(date(2026, 4, 4), date(2026, 4, 1), date(2026, 4, 7));
    // Christmas 2026: the 24th to the 27th are closed.
    check(date(2026, 12, 26), date(2026, 12, 23), date(2026, 12, 28));
    // New Year: a Thursday, a Friday and a week-end.
    check(date(2026, 12, 31), date(2026, 12, 30), date(2027, 1, 4));
}

#[test]
fn bank_days_are_counted_from_the_day_after() {
    let check = |from: Date, count: i32, expect: Date| assert_eq!(add_bank_days(from, count), expect, "{from} {count}");
    check(date(2026, 3, 30), 1, date(2026, 3, 31));
    check(date(2026, 3, 30), 5, date(2026, 4, 9));
    check(date(2026, 4, 9), -5, date(2026, 3, 30));
    // A closed day does not count, neither as the first nor in between.
    check(date(2026, 4, 4), 1, date(2026, 4, 7));
    check(date(2026, 4, 4), -1, date(2026, 4, 1));
    check(date(2026, 4, 4), 0, date(2026, 4, 4));
}

#[test]
fn the_ends_of_the_calendar_do_not_panic() {
    assert_eq!(next_bank_day(Date::MAX), Date::MAX);
    assert_eq!(add_bank_days(Date::MAX, 5), Date::MAX);
    assert_eq!(add_bank_days(Date::MIN, -5), previous_bank_day(Date::MIN));
    assert!(previous_bank_day(Date::MAX) < Date::MAX);
}

#[test]
fn shift_rules_read_back() {
    for rule in [ShiftRule::Previous, ShiftRule::Next] {
        assert_eq!(ShiftRule::parse(rule.as_str()), Some(rule));
    }
    assert_eq!(ShiftRule::parse("nearest"), None);
}

/// Gauss's Easter rule with his two exceptions, as a second opinion on the rule in use.
fn easter_by_gauss(year: i32) -> (i32, i32) {
    let (a, b, c) = (year % 19, year % 4, year % 7);
    let k = year / 100;
    let p = (13 + 8 * k) / 25;
    let m = (15 - p + k - k / 4) % 30;
    let n = (4 + k - k / 4) % 7;
    let d = (19 * a + m) % 30;
    let e = (2 * b + 4 * c + 6 * d + n) % 7;
    let day = 22 + d + e;
    match (day > 31, day - 31) {
        (false, _) => (3, day),
        (true, 26) => (4, 19),
        (true, 25) if d == 28 && e == 6 && (11 * m + 11) % 30 < 19 => (4, 18),
        (true, april) => (4, april),
    }
}

#[test]
fn two_rules_agree_on_easter_for_eight_thousand_years() {
    for year in 1583..=9999 {
        let easter = easter_sunday(year).unwrap();
        let expect = easter_by_gauss(i32::from(year));
        assert_eq!((i32::from(easter.month()), i32::from(easter.day())), expect, "{year}");
        assert_eq!(easter.weekday(), Weekday::Sunday, "{year}");
    }
}

prop_compose! {
    fn any_day()(year in 1900_i16..2200, day in 0_i64..365) -> Date {
        date(year, 1, 1).saturating_add(day.days())
    }
}

proptest! {
    #[test]
    fn the_short_way_agrees_with_the_list(day in any_day()) {
        let listed = danish_holidays(day.year()).iter().any(|(holiday, _)| *holiday == day);
        prop_assert_eq!(is_bank_day(day), !is_week_end(day) && !listed);
    }

    #[test]
    fn shifting_reaches_the_nearest_bank_day(day in any_day()) {
        let (previous, next) = (previous_bank_day(day), next_bank_day(day));
        prop_assert!(previous <= day && day <= next);
        prop_assert!(is_bank_day(previous) && is_bank_day(next));
        let between = previous.series(1.day()).skip(1).take_while(|other| *other < next);
        prop_assert!(between.clone().all(|other| !is_bank_day(other) || other == day));
        // The longest closed spell is that of Christmas or Easter: five days at most.
        prop_assert!(between.count() <= 5);
    }

    #[test]
    fn going_there_and_back_ends_where_it_began(day in any_day(), count in -40_i32..40) {
        let start = next_bank_day(day);
        prop_assert_eq!(add_bank_days(add_bank_days(start, count), -count), start);
    }
}
