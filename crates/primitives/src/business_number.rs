//! The numbers of the Central Business Register (CVR): legal units, VAT units and places of production.

use std::fmt;

use thiserror::Error;

use crate::digits::{DigitsError, ascii_str, fixed_digits, weighted_sum};
use crate::mask;

const MODULUS_11_WEIGHTS: [u32; 8] = [2, 7, 6, 5, 4, 3, 2, 1];

/// Why a text is no CVR, SE or P number. The text itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BusinessNumberError {
    /// Too few or too many characters: CVR and SE numbers have 8, P numbers 10.
    #[error("the number does not have its {expected} digits")]
    Length {
        /// The required count of digits.
        expected: usize,
    },
    /// A character that is no digit.
    #[error("the number contains a character that is no digit")]
    NotDigits,
    /// CVR and SE numbers do not begin with 0; eight zeros would pass the modulus check.
    #[error("the number begins with 0")]
    LeadingZero,
    /// The weighted sum (2, 7, 6, 5, 4, 3, 2, 1) is not divisible by 11.
    #[error("the number fails its modulus 11 check")]
    CheckDigit,
}

/// Declares the two numbers of eight digits that share the modulus 11 rule.
macro_rules! modulus_11_number {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 8]);

        impl $name {
            /// Reads eight digits, without spaces or a country prefix.
            ///
            /// # Errors
            /// [`BusinessNumberError`] when there are not eight digits, the first is 0, or modulus 11 fails.
            pub fn parse(text: &str) -> Result<Self, BusinessNumberError> {
                modulus_11_digits(text).map(Self)
            }

            /// The eight digits.
            #[must_use]
            pub fn digits(&self) -> &str {
                ascii_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                mask::fixed(f, stringify!($name), self.0.len())
            }
        }
    };
}

modulus_11_number! {
    /// A CVR number: a legal unit (company, association, authority, foreign legal person registered in Denmark).
    ///
    /// `Debug` is masked and there is no `Display`: the CVR number of a sole trader points at a person.
    Cvr
}

modulus_11_number! {
    /// An SE number: a unit registered for taxes under a legal unit. It may have a NemKonto of its own.
    ///
    /// `Debug` is masked and there is no `Display`.
    Se
}

/// A P number: a place of production of a legal unit. Ten digits without a check digit.
///
/// `Debug` is masked and there is no `Display`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PNumber([u8; 10]);

impl PNumber {
    /// Reads ten digits.
    ///
    /// # Errors
    /// [`BusinessNumberError`] when there are not ten digits.
    pub fn parse(text: &str) -> Result<Self, BusinessNumberError> {
        number_digits(text).map(Self)
    }

    /// The ten digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        ascii_str(&self.0)
    }
}

impl fmt::Debug for PNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask::fixed(f, "PNumber", self.0.len())
    }
}

fn modulus_11_digits(text: &str) -> Result<[u8; 8], BusinessNumberError> {
    let digits = number_digits(text)?;
    if digits[0] == b'0' {
        return Err(BusinessNumberError::LeadingZero);
    }
    if weighted_sum(&digits, &MODULUS_11_WEIGHTS).is_multiple_of(11) { Ok(digits) } else { Err(BusinessNumberError::CheckDigit) }
}

fn number_digits<const N: usize>(text: &str) -> Result<[u8; N], BusinessNumberError> {
    fixed_digits(text.as_bytes()).map_err(|error| match error {
        DigitsError::Length => BusinessNumberError::Length { expected: N },
        DigitsError::NotDigits => BusinessNumberError::NotDigits,
    })
}
