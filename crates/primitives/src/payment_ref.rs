//! References to payments and their legs, with a short stable text that fits the 27 free characters of a bank reference.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

const BASE: u64 = 36;
const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// The longest number: `i64::MAX` has 13 digits in base 36.
const MAX_DIGITS: usize = 13;

/// A payment: a slice of a delivery and the row in it, both counted from zero or above, never negative.
///
/// Its text is `P-<slice>-<row>` with both numbers in base 36 (digits, then upper-case letters), at most 22 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentRef {
    /// The slice.
    pub slice: i64,
    /// The row in the slice.
    pub row: i32,
}

/// A leg of a payment: the part of it that goes to one destination. Never negative.
///
/// Its text is the payment's, `/` and the leg in base 36, at most 26 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegRef {
    /// The payment.
    pub payment: PaymentRef,
    /// The number of the leg in the payment.
    pub leg: i16,
}

/// The text is no reference to a payment or a leg. There is one text for each reference: no leading zeros, no lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the reference is not well formed")]
pub struct RefError;

impl PaymentRef {
    /// The payment in this row of this slice.
    #[must_use]
    pub const fn new(slice: i64, row: i32) -> Self {
        Self { slice, row }
    }

    /// A leg of this payment.
    #[must_use]
    pub const fn leg(self, leg: i16) -> LegRef {
        LegRef { payment: self, leg }
    }
}

impl fmt::Display for PaymentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P-")?;
        write_base_36(f, self.slice)?;
        f.write_str("-")?;
        write_base_36(f, i64::from(self.row))
    }
}

impl fmt::Display for LegRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.payment)?;
        write_base_36(f, i64::from(self.leg))
    }
}

impl FromStr for PaymentRef {
    type Err = RefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.strip_prefix("P-").ok_or(RefError)?;
        let (slice, row) = numbers.split_once('-').ok_or(RefError)?;
        Ok(Self { slice: parse_base_36(slice)?, row: parse_base_36(row)? })
    }
}

impl FromStr for LegRef {
    type Err = RefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (payment, leg) = text.split_once('/').ok_or(RefError)?;
        Ok(Self { payment: payment.parse()?, leg: parse_base_36(leg)? })
    }
}

fn write_base_36(f: &mut fmt::Formatter<'_>, number: i64) -> fmt::Result {
    // References are never negative; one made wrongly still gets a text, which no parser accepts.
    if number < 0 {
        f.write_str("-")?;
    }
    let mut rest = number.unsigned_abs();
    let mut buffer = [b'0'; MAX_DIGITS];
    let mut start = MAX_DIGITS;
    while rest > 0 || start == MAX_DIGITS {
        start -= 1;
        let digit = usize::try_from(rest % BASE).expect("a remainder of 36 is small");
        buffer[start] = DIGITS[digit];
        rest /= BASE;
    }
    f.write_str(crate::digits::ascii_str(&buffer[start..]))
}

fn parse_base_36<T: TryFrom<i64>>(text: &str) -> Result<T, RefError> {
    let canonical = !text.is_empty() && (text == "0" || !text.starts_with('0'));
    if !canonical {
        return Err(RefError);
    }
    let mut number: i64 = 0;
    for byte in text.bytes() {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return Err(RefError),
        };
        number = number.checked_mul(36).and_then(|number| number.checked_add(i64::from(digit))).ok_or(RefError)?;
    }
    T::try_from(number).map_err(|_| RefError)
}
