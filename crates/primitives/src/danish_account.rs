//! Danish bank accounts: registration number and account number.

use std::fmt;

use thiserror::Error;

use crate::digits::{DigitsError, ascii_str, fixed_digits};
use crate::iban::Iban;
use crate::mask;

const REGISTRATION_DIGITS: usize = 4;
const NUMBER_DIGITS: usize = 10;
const DIGITS: usize = REGISTRATION_DIGITS + NUMBER_DIGITS;

/// An account in a Danish bank: registration number (4 digits) and account number (10 digits, padded with zeros on the left).
///
/// Danish accounts have no check digit in common; whether the account exists only its bank knows.
/// `Debug` is masked and there is no `Display`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DanishAccount([u8; DIGITS]);

/// Why a text is no Danish account. The text itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DanishAccountError {
    /// The registration number is not four digits.
    #[error("the registration number does not have 4 digits")]
    RegistrationLength,
    /// The account number is not 1 to 10 digits.
    #[error("the account number does not have 1 to 10 digits")]
    NumberLength,
    /// A character that is no digit.
    #[error("the account contains a character that is no digit")]
    NotDigits,
}

impl From<DigitsError> for DanishAccountError {
    fn from(error: DigitsError) -> Self {
        match error {
            DigitsError::Length => Self::RegistrationLength,
            DigitsError::NotDigits => Self::NotDigits,
        }
    }
}

impl DanishAccount {
    /// Joins a registration number of 4 digits and an account number of 1 to 10 digits.
    ///
    /// # Errors
    /// [`DanishAccountError`] when a part has another length or anything but digits.
    pub fn new(registration: &str, number: &str) -> Result<Self, DanishAccountError> {
        let registration = fixed_digits::<REGISTRATION_DIGITS>(registration.as_bytes())?;
        let number = number.as_bytes();
        if !(1..=NUMBER_DIGITS).contains(&number.len()) {
            return Err(DanishAccountError::NumberLength);
        }
        if !number.iter().all(u8::is_ascii_digit) {
            return Err(DanishAccountError::NotDigits);
        }
        let mut digits = [b'0'; DIGITS];
        digits[..REGISTRATION_DIGITS].copy_from_slice(&registration);
        digits[DIGITS - number.len()..].copy_from_slice(number);
        Ok(Self(digits))
    }

    /// The four digits of the registration number, which names the bank's branch.
    #[must_use]
    pub fn registration(&self) -> &str {
        ascii_str(&self.0[..REGISTRATION_DIGITS])
    }

    /// The account number, always ten digits.
    #[must_use]
    pub fn number(&self) -> &str {
        ascii_str(&self.0[REGISTRATION_DIGITS..])
    }

    /// The same account as an IBAN: `DK`, two check digits, registration number, account number.
    #[must_use]
    pub fn to_iban(&self) -> Iban {
        Iban::of_danish_digits(ascii_str(&self.0))
    }

    /// The account with these 14 digits, as they stand in a Danish IBAN.
    pub(crate) fn from_iban_digits(digits: &str) -> Option<Self> {
        fixed_digits(digits.as_bytes()).ok().map(Self)
    }
}

impl fmt::Debug for DanishAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask::hidden(f, "DanishAccount")
    }
}
