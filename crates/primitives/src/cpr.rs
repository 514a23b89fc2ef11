//! CPR numbers (personnumre): the identification number of a natural person in the Danish civil register.

use std::fmt;

use jiff::civil::Date;
use thiserror::Error;

use crate::digits::{DigitsError, ascii_str, fixed_digits, weighted_sum};
use crate::mask;

const MODULUS_11_WEIGHTS: [u32; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/// A CPR number: date of birth DDMMYY and four more digits, of which the first decides the century.
///
/// It is well formed and its date exists; that it is *assigned* to somebody only the CPR register knows.
/// `Debug` is masked and there is no `Display`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpr([u8; 10]);

/// Why a text is no CPR number. The text itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CprError {
    /// Neither 10 digits nor 6 digits, a hyphen and 4 digits.
    #[error("a CPR number has the form DDMMYYNNNN or DDMMYY-NNNN")]
    Length,
    /// A character that is no digit.
    #[error("a CPR number consists of digits, with an optional hyphen after the sixth")]
    NotDigits,
    /// Day 61–91: an administrative (replacement) number, which authorities assign themselves and which is no CPR number.
    #[error("an administrative number (day + 60) is not a CPR number")]
    AdministrativeNumber,
    /// The first six digits and the century digit name a date that does not exist.
    #[error("the date in the CPR number does not exist")]
    NoSuchDate,
}

impl Cpr {
    /// Reads `DDMMYYNNNN` or `DDMMYY-NNNN`.
    ///
    /// The modulus 11 check is deliberately not made: numbers that fail it have been assigned since 1 October 2007.
    ///
    /// # Errors
    /// [`CprError`] when the form is wrong, the date does not exist, or the number is an administrative one.
    pub fn parse(text: &str) -> Result<Self, CprError> {
        let digits = match text.as_bytes() {
            [date @ .., b'-', a, b, c, d] if date.len() == 6 => {
                let mut joined = [0; 10];
                joined[..6].copy_from_slice(date);
                joined[6..].copy_from_slice(&[*a, *b, *c, *d]);
                fixed_digits::<10>(&joined)
            }
            plain => fixed_digits::<10>(plain),
        };
        let digits = digits.map_err(|error| match error {
            DigitsError::Length => CprError::Length,
            DigitsError::NotDigits => CprError::NotDigits,
        })?;
        if (61..=91).contains(&two_digits(&digits, 0)) {
            return Err(CprError::AdministrativeNumber);
        }
        match date_of(&digits) {
            Some(_) => Ok(Self(digits)),
            None => Err(CprError::NoSuchDate),
        }
    }

    /// The ten digits without a hyphen.
    #[must_use]
    pub fn digits(&self) -> &str {
        ascii_str(&self.0)
    }

    /// The date that is written in the number. **Not** an age: births, corrections and deaths are facts of the CPR register.
    #[must_use]
    pub fn date_in_number(&self) -> Date {
        date_of(&self.0).expect("parse refuses numbers whose date does not exist")
    }

    /// Whether the number passes the modulus 11 check. Advice for a data-entry form at most, never a reason to refuse.
    #[must_use]
    pub fn passes_modulus_11(&self) -> bool {
        weighted_sum(&self.0, &MODULUS_11_WEIGHTS).is_multiple_of(11)
    }
}

/// The date of the number by the century rule, or `None` when there is no such day.
fn date_of(digits: &[u8; 10]) -> Option<Date> {
    let year_in_century = two_digits(digits, 4);
    let century = century(digits[6] - b'0', year_in_century);
    Date::new(century + i16::from(year_in_century), two_digits(digits, 2), two_digits(digits, 0)).ok()
}

/// The first year of the century, from the seventh digit and the two digits of the year.
fn century(seventh_digit: u8, year_in_century: i8) -> i16 {
    match (seventh_digit, year_in_century) {
        (4 | 9, ..=36) | (5..=8, ..=57) => 2000,
        (5..=8, _) => 1800,
        _ => 1900,
    }
}

/// The number 0–99 written at `position`.
fn two_digits(digits: &[u8; 10], position: usize) -> i8 {
    let [tens, units] = [digits[position], digits[position + 1]].map(|digit| digit - b'0');
    i8::try_from(tens * 10 + units).expect("two digits are at most 99")
}

impl fmt::Debug for Cpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask::fixed(f, "Cpr", self.0.len())
    }
}
