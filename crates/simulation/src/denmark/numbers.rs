//! Numbers that are nobody's, each made from an index and found again from the number.

use jiff::{ToSpan, civil::Date};
use primitives::{Cpr, Cvr, PNumber, Se};

use crate::dice::mix;
use crate::permutation::Permutation;

/// The first day of birth a seventh digit of 5 to 8 can stand for with the years 58 to 99.
const FIRST_BIRTH: Date = Date::constant(1858, 1, 1);
/// Days from 1 January 1858 to 31 December 1899.
const BIRTH_DAYS: u64 = 15_340;
/// Serial numbers 5000 to 8999: the seventh digit is 5, 6, 7 or 8.
const FIRST_SERIAL: u64 = 5_000;
const SERIALS: u64 = 4_000;

/// How many CPR numbers there are as of persons born 1858 to 1899.
pub(super) const CPR_NUMBERS: u64 = BIRTH_DAYS * SERIALS;
/// How many companies can get a CVR number.
pub(super) const CVR_NUMBERS: u64 = 700_000;
/// How many SE numbers there are.
pub(super) const SE_NUMBERS: u64 = 150_000;
/// How many P numbers there are.
pub(super) const P_NUMBERS: u64 = 99_000_000;

/// Eight-digit numbers with check digit that begin with 9; the numbers given out in Denmark so far begin lower.
const BUSINESS_NUMBERS: u64 = 900_000;
const FIRST_BUSINESS_PREFIX: u64 = 900_000;
const FIRST_P_NUMBER: u64 = 9_900_000_000;

/// Makes every number of the seeded Denmark.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    persons: Permutation,
    business: Permutation,
    production: Permutation,
}

impl Numbers {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            persons: Permutation::new(mix(seed ^ 0xC9), CPR_NUMBERS),
            business: Permutation::new(mix(seed ^ 0xC7), BUSINESS_NUMBERS),
            production: Permutation::new(mix(seed ^ 0xB), P_NUMBERS),
        }
    }

    /// The CPR number of an index below [`CPR_NUMBERS`]; the last digit is odd for a man.
    pub(super) fn cpr(&self, index: u64) -> Cpr {
        let place = self.persons.forward(index);
        let days = i64::try_from(place / SERIALS).expect("fewer days than an i64 holds");
        let born = FIRST_BIRTH.checked_add(days.days()).expect("a day of the nineteenth century");
        let serial = FIRST_SERIAL + place % SERIALS;
        let text = format!("{:02}{:02}{:02}{serial:04}", born.day(), born.month(), born.year() % 100);
        Cpr::parse(&text).expect("a real date with a serial number of its century")
    }

    /// The index of a CPR number of 10 digits; `None` when it is not one of the nineteenth century's.
    pub(super) fn cpr_index(&self, digits: &str) -> Option<u64> {
        let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u64>().ok();
        let serial = number(6..10).filter(|serial| (FIRST_SERIAL..FIRST_SERIAL + SERIALS).contains(serial))?;
        let (day, month, year) = (number(0..2)?, number(2..4)?, number(4..6)?);
        if digits.len() != 10 || !(58..=99).contains(&year) {
            return None;
        }
        let small = |number: u64| i8::try_from(number).ok();
        let born = Date::new(1800 + i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
        let days = u64::try_from(FIRST_BIRTH.until(born).ok()?.get_days()).ok()?;
        self.persons.backward(days * SERIALS + serial - FIRST_SERIAL)
    }

    /// The CVR number of a company's index below [`CVR_NUMBERS`].
    pub(super) fn cvr(&self, index: u64) -> Cvr {
        Cvr::parse(&self.business_digits(index)).expect("made with its check digit")
    }

    /// The SE number of an index below [`SE_NUMBERS`].
    pub(super) fn se(&self, index: u64) -> Se {
        Se::parse(&self.business_digits(CVR_NUMBERS + index)).expect("made with its check digit")
    }

    /// The CVR number of an authority.
    pub(super) fn authority_cvr(&self, index: u64) -> Cvr {
        Cvr::parse(&self.business_digits(CVR_NUMBERS + SE_NUMBERS + index)).expect("made with its check digit")
    }

    /// The P number of an index below [`P_NUMBERS`].
    pub(super) fn p(&self, index: u64) -> PNumber {
        PNumber::parse(&(FIRST_P_NUMBER + self.production.forward(index)).to_string()).expect("ten digits")
    }

    /// The index of a CVR number of a company.
    pub(super) fn cvr_index(&self, digits: &str) -> Option<u64> {
        self.business_index(digits).filter(|index| *index < CVR_NUMBERS)
    }

    /// The index of an SE number.
    pub(super) fn se_index(&self, digits: &str) -> Option<u64> {
        self.business_index(digits)?.checked_sub(CVR_NUMBERS).filter(|index| *index < SE_NUMBERS)
    }

    /// The index of a P number.
    pub(super) fn p_index(&self, digits: &str) -> Option<u64> {
        let place = digits.parse::<u64>().ok().filter(|_| digits.len() == 10)?.checked_sub(FIRST_P_NUMBER)?;
        self.production.backward(place)
    }

    fn business_digits(&self, index: u64) -> String {
        let place = self.business.forward(index);
        let prefix = FIRST_BUSINESS_PREFIX + place / 9;
        let sum = weighted_sum(prefix);
        let skipped = forbidden_seventh(sum);
        let seventh = place % 9 + u64::from(skipped.is_some_and(|skipped| place % 9 >= skipped));
        let check = (11 - (sum + 2 * seventh) % 11) % 11;
        format!("{prefix}{seventh}{check}")
    }

    fn business_index(&self, digits: &str) -> Option<u64> {
        let prefix = digits.get(0..6)?.parse::<u64>().ok().filter(|_| digits.len() == 8)?;
        let seventh = digits.get(6..7)?.parse::<u64>().ok()?;
        let skipped = forbidden_seventh(weighted_sum(prefix));
        let rank = seventh - u64::from(skipped.is_some_and(|skipped| seventh > skipped));
        let place = prefix.checked_sub(FIRST_BUSINESS_PREFIX)? * 9 + rank.min(8);
        let index = self.business.backward(place)?;
        (self.business_digits(index) == digits).then_some(index)
    }
}

/// The weighted sum of the first six digits by the weights 2, 7, 6, 5, 4, 3.
fn weighted_sum(prefix: u64) -> u64 {
    let weights = [3, 4, 5, 6, 7, 2];
    weights
        .iter()
        .scan(prefix, |rest, weight| {
            let digit = *rest % 10;
            *rest /= 10;
            Some(digit * weight)
        })
        .sum()
}

/// The seventh digit that would need a check digit of 10 and so gives no number.
fn forbidden_seventh(sum: u64) -> Option<u64> {
    (0..10).find(|seventh| (sum + 2 * seventh) % 11 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn the_days_of_birth_end_with_the_century() {
        let last = FIRST_BIRTH.checked_add((i64::try_from(BIRTH_DAYS).unwrap() - 1).days()).unwrap();
        assert_eq!(last, Date::constant(1899, 12, 31));
    }

    #[test]
    fn numbers_are_unique_and_of_the_nineteenth_century() {
        let numbers = Numbers::new(1);
        let mut seen = HashSet::new();
        for index in (0..50_000).chain(CPR_NUMBERS - 50_000..CPR_NUMBERS) {
            let cpr = numbers.cpr(index);
            assert!((1858..=1899).contains(&cpr.date_in_number().year()));
            assert!((b'5'..=b'8').contains(&cpr.digits().as_bytes()[6]));
            assert!(seen.insert(cpr.digits().to_owned()), "index {index} repeats a number");
        }
    }

    #[test]
    fn every_business_number_is_valid_and_unique() {
        let numbers = Numbers::new(1);
        let all: HashSet<_> = (0..BUSINESS_NUMBERS)
            .map(|index| {
                let digits = numbers.business_digits(index);
                Cvr::parse(&digits).expect("valid");
                digits
            })
            .collect();
        assert_eq!(all.len() as u64, BUSINESS_NUMBERS);
    }

    proptest! {
        #[test]
        fn every_number_is_found_again(seed: u64, part: u64) {
            let numbers = Numbers::new(seed);
            let (person, company) = (part % CPR_NUMBERS, part % CVR_NUMBERS);
            let (se, p) = (part % SE_NUMBERS, part % P_NUMBERS);
            prop_assert_eq!(numbers.cpr_index(numbers.cpr(person).digits()), Some(person));
            prop_assert_eq!(numbers.cvr_index(numbers.cvr(company).digits()), Some(company));
            prop_assert_eq!(numbers.se_index(numbers.se(se).digits()), Some(se));
            prop_assert_eq!(numbers.se_index(numbers.cvr(company).digits()), None);
            prop_assert_eq!(numbers.p_index(numbers.p(p).digits()), Some(p));
        }
    }

    #[test]
    fn other_numbers_are_nobodys() {
        let numbers = Numbers::new(1);
        for digits in ["0101701234", "3102955123", "0101585", "", "01015851234", "abcdefghij"] {
            assert_eq!(numbers.cpr_index(digits), None);
        }
        for digits in ["10150817", "99999999", "9", ""] {
            assert_eq!(numbers.cvr_index(digits), None);
        }
        assert_eq!(numbers.p_index("1003388394"), None);
    }
}
