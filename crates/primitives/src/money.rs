//! Amounts of money: an integer of minor units with its currency, checked arithmetic, never a float.

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

use crate::currency::Currency;

/// The greatest count of significant digits of an amount (`totalDigits` of ISO 20022's `ActiveOrHistoricCurrencyAndAmount`).
const MAX_DIGITS: u32 = 18;

/// The characters of the longest decimal text: 19 digits, a point and a sign, with room to spare.
const TEXT_CAPACITY: usize = 24;

/// An amount in minor units (øre, cent) of a currency.
///
/// It may be negative inside the program (a difference, a ledger posting); an amount read from a message never is.
/// There is no `Ord`, because amounts of different currencies have no order: see [`checked_cmp`](Self::checked_cmp).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount could not be read or computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// The amounts are of different currencies.
    #[error("the amounts are of different currencies")]
    CurrencyMismatch,
    /// The result, or the amount read, is beyond what can be held.
    #[error("the amount is too large")]
    Overflow,
    /// Something else than digits and at most one decimal point. Signs, spaces, commas and exponents are not allowed.
    #[error("the amount is not written as digits with an optional decimal point")]
    NotANumber,
    /// More decimals than the currency has, even if they are zeros: `100.000` may be a thousand times what was meant.
    #[error("the amount has more decimals than its currency")]
    TooManyDecimals,
    /// More than 18 significant digits.
    #[error("the amount has more than 18 digits")]
    TooManyDigits,
}

impl Money {
    /// An amount of `minor` units, such as 12 345 øre for 123.45 kr.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in this currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether the amount is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether the amount is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// Whether the amount is less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], or [`MoneyError::Overflow`] beyond 64 bits.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference, which may be negative.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], or [`MoneyError::Overflow`] beyond 64 bits.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// The amount with the opposite sign.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for the most negative amount, which has no opposite.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_neg().ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The order of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn checked_cmp(self, other: Self) -> Result<Ordering, MoneyError> {
        self.require_same_currency(other)?;
        Ok(self.minor.cmp(&other.minor))
    }

    /// The sum of amounts of one currency; nothing when there are none.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] when one is of another currency, or [`MoneyError::Overflow`].
    pub fn checked_sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// Reads an amount as ISO 20022 writes it (`ActiveOrHistoricCurrencyAndAmount`): `1234.5`, `1234.50` or `1234`, without a sign.
    ///
    /// As in XML Schema's `decimal`, digits may be missing on one side of the point, and leading zeros are allowed.
    ///
    /// # Errors
    /// [`MoneyError::NotANumber`], [`MoneyError::TooManyDecimals`], [`MoneyError::TooManyDigits`] or [`MoneyError::Overflow`].
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(MoneyError::NotANumber);
        }
        let mut digits = DigitReader::default();
        digits.read(whole)?;
        digits.read(fraction)?;
        let missing = usize::from(currency.decimals()).checked_sub(fraction.len()).ok_or(MoneyError::TooManyDecimals)?;
        if digits.significant > MAX_DIGITS {
            return Err(MoneyError::TooManyDigits);
        }
        let minor = (0..missing).try_fold(digits.value, |value, _| value.checked_mul(10));
        Ok(Self::new(minor.ok_or(MoneyError::Overflow)?, currency))
    }

    /// The amount with all decimals of its currency, a point between, and `-` before it when negative: `1234.50`.
    #[must_use]
    pub fn to_decimal(self) -> String {
        let mut text = String::with_capacity(TEXT_CAPACITY);
        self.write_decimal(&mut text);
        text
    }

    /// Appends what [`to_decimal`](Self::to_decimal) returns, without a string in between.
    pub fn write_decimal(self, out: &mut String) {
        let mut buffer = [0; TEXT_CAPACITY];
        out.push_str(self.decimal_in(&mut buffer));
    }

    /// Writes the decimal text at the end of `buffer`, from its last digit backwards.
    fn decimal_in(self, buffer: &mut [u8; TEXT_CAPACITY]) -> &str {
        let decimals = usize::from(self.currency.decimals());
        let mut start = buffer.len();
        let mut put = |byte: u8| {
            start -= 1;
            buffer[start] = byte;
        };
        let mut rest = self.minor.unsigned_abs();
        let mut written = 0;
        // At least one digit stands before the point.
        while rest > 0 || written <= decimals {
            if decimals > 0 && written == decimals {
                put(b'.');
            }
            put(b'0' + u8::try_from(rest % 10).expect("a remainder of 10 is one digit"));
            rest /= 10;
            written += 1;
        }
        if self.is_negative() {
            put(b'-');
        }
        crate::digits::ascii_str(&buffer[start..])
    }

    fn combine(self, other: Self, operation: impl Fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        self.require_same_currency(other)?;
        let minor = operation(self.minor, other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    fn require_same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::CurrencyMismatch) }
    }
}

/// The digits of an amount as they are read.
#[derive(Default)]
struct DigitReader {
    value: i64,
    /// Digits read from the first that is not 0.
    significant: u32,
}

impl DigitReader {
    /// Once there are too many digits for an amount, the value stands still and the rest is only checked to be digits.
    fn read(&mut self, text: &str) -> Result<(), MoneyError> {
        for byte in text.bytes() {
            if !byte.is_ascii_digit() {
                return Err(MoneyError::NotANumber);
            }
            if self.significant > 0 || byte != b'0' {
                self.significant = self.significant.saturating_add(1);
            }
            if self.significant <= MAX_DIGITS {
                self.value = self.value * 10 + i64::from(byte - b'0');
            }
        }
        Ok(())
    }
}

/// `1234.50 DKK`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; TEXT_CAPACITY];
        f.write_str(self.decimal_in(&mut buffer))?;
        write!(f, " {}", self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({self})")
    }
}
