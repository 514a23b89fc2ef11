//! The auditor's own view of who a row is to and what is wrong with it.

use jiff::civil::Date;
use primitives::IdentifierKind;

use super::key::Letters;
use crate::scan::{AccountIn, Row};

/// The characters of a reference that are the sender's own.
const LONGEST_REFERENCE: usize = 27;

/// A row's payee numbers by kind, most specific first: P, SE, CVR, CPR.
pub(super) fn numbers(row: &Row) -> Vec<(IdentifierKind, &str)> {
    let in_account = match &row.account {
        AccountIn::Other { number, scheme } => kind_in_account(scheme, number).map(|kind| (kind, number.as_str())),
        AccountIn::None | AccountIn::Iban(_) => None,
    };
    let named = row.numbers.iter().filter_map(|number| Some((kind_of(&number.scheme)?, number.number.as_str())));
    let mut numbers: Vec<_> = named.chain(in_account).collect();
    numbers.sort_by_key(|(kind, _)| match kind {
        IdentifierKind::P => 0,
        IdentifierKind::Se => 1,
        IdentifierKind::Cvr => 2,
        IdentifierKind::Cpr | IdentifierKind::Foreign => 3,
    });
    numbers
}

/// Whether the payer has put an account on the order.
pub(super) fn is_complete(row: &Row) -> bool {
    match &row.account {
        AccountIn::None => false,
        AccountIn::Iban(_) => true,
        AccountIn::Other { scheme, .. } => scheme == "BBAN",
    }
}

/// Whether a row has a fault that allows it to be refused.
pub(super) fn is_faulty(row: &Row) -> bool {
    let amount_faulty = row.amount.is_none_or(|amount| amount.is_zero() || !amount.fits(Letters::of(&row.currency).decimals()));
    let account_faulty = match &row.account {
        AccountIn::None => false,
        AccountIn::Iban(_) => !row.account.is_sound(),
        AccountIn::Other { number, scheme } => scheme != "BBAN" && kind_in_account(scheme, number).is_none(),
    };
    let numbers = numbers(row);
    let number_faulty = numbers.iter().any(|(kind, digits)| !is_possible(*kind, digits));
    let nobody = numbers.is_empty() && !is_complete(row);
    amount_faulty || account_faulty || number_faulty || nobody || row.reference.chars().count() > LONGEST_REFERENCE
}

fn kind_of(scheme: &str) -> Option<IdentifierKind> {
    match scheme {
        "CPR" | "SOSE" | "NIDN" => Some(IdentifierKind::Cpr),
        "CVR" | "COID" => Some(IdentifierKind::Cvr),
        "SE" => Some(IdentifierKind::Se),
        "P" => Some(IdentifierKind::P),
        _ => None,
    }
}

/// What a number in the account's place identifies; the scheme NKS leaves it to the number's length.
fn kind_in_account(scheme: &str, number: &str) -> Option<IdentifierKind> {
    match (scheme, number.len()) {
        ("NKS", 10) => Some(IdentifierKind::Cpr),
        ("NKS", 8) => Some(IdentifierKind::Cvr),
        _ => kind_of(scheme),
    }
}

fn is_possible(kind: IdentifierKind, digits: &str) -> bool {
    let count = |wanted: usize| digits.len() == wanted && digits.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        IdentifierKind::Cpr => count(10) && has_date(digits),
        IdentifierKind::Cvr | IdentifierKind::Se => count(8) && has_check_digit(digits),
        IdentifierKind::P => count(10),
        IdentifierKind::Foreign => true,
    }
}

/// Whether the first six digits are a date in the century that the seventh digit and the year give (CPR register).
fn has_date(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits[from..to].parse::<i16>().unwrap_or(0);
    let (year, seventh) = (number(4, 6), number(6, 7));
    let century = match (seventh, year) {
        (0..=3, _) | (4 | 9, 37..=99) => 1900,
        (4 | 9, _) | (5..=8, 0..=57) => 2000,
        _ => 1800,
    };
    let small = |from, to| i8::try_from(number(from, to)).unwrap_or(0);
    Date::new(century + year, small(2, 4), small(0, 2)).is_ok()
}

fn has_check_digit(digits: &str) -> bool {
    let weights = [2, 7, 6, 5, 4, 3, 2, 1];
    digits.bytes().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum::<u32>().is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn possible_numbers() {
        let check = |kind, digits, possible| assert_eq!(is_possible(kind, digits), possible, "{digits}");
        check(IdentifierKind::Cpr, "3101585123", true);
        check(IdentifierKind::Cpr, "3102955123", false);
        check(IdentifierKind::Cpr, "2902005123", true);
        check(IdentifierKind::Cpr, "2902000123", false);
        check(IdentifierKind::Cpr, "310158512", false);
        check(IdentifierKind::Cvr, "10150817", true);
        check(IdentifierKind::Cvr, "10150818", false);
        check(IdentifierKind::Se, "1015081x", false);
        check(IdentifierKind::P, "1003388394", true);
    }
}
