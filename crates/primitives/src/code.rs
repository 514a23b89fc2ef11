//! Short codes of the parties: agreements, benefits, units, banks and data suppliers. None of them is personal.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::digits::{DigitsError, ascii_str, fixed_digits};
use crate::inline_text::InlineText;

/// An agreement number (*NKS-aftalenummer*): the 8 digits a payer is known by in the system.
///
/// They are also the first 8 of the 35 characters of a bank reference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgreementNumber([u8; 8]);

/// Why a text is no agreement number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AgreementNumberError {
    /// Not 8 characters.
    #[error("an agreement number has 8 digits")]
    Length,
    /// A character that is no digit.
    #[error("an agreement number consists of digits")]
    NotDigits,
}

impl AgreementNumber {
    /// Reads 8 digits.
    ///
    /// # Errors
    /// [`AgreementNumberError`].
    pub fn parse(text: &str) -> Result<Self, AgreementNumberError> {
        fixed_digits(text.as_bytes()).map(Self).map_err(|error| match error {
            DigitsError::Length => AgreementNumberError::Length,
            DigitsError::NotDigits => AgreementNumberError::NotDigits,
        })
    }

    /// The 8 digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        ascii_str(&self.0)
    }
}

impl FromStr for AgreementNumber {
    type Err = AgreementNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for AgreementNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.digits())
    }
}

impl fmt::Debug for AgreementNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgreementNumber({})", self.digits())
    }
}

/// Why a text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CodeError {
    /// No characters, or more than the code may have.
    #[error("the code does not have 1 to {limit} characters")]
    Length {
        /// The greatest allowed count of characters.
        limit: usize,
    },
    /// A character the code may not have.
    #[error("the code contains a character that is not allowed")]
    Character,
}

/// Declares a code of 1 to `$limit` characters, each of which `$allowed` accepts, kept in at most `$bytes` bytes of UTF-8.
macro_rules! code {
    ($(#[$documentation:meta])* $name:ident, $limit:literal characters in $bytes:literal bytes, $allowed:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(InlineText<$bytes>);

        impl $name {
            /// The greatest count of characters.
            pub const MAX_CHARACTERS: usize = $limit;

            /// Reads the code.
            ///
            /// # Errors
            /// [`CodeError`] when it is empty, too long, or has a character that is not allowed.
            pub fn parse(text: &str) -> Result<Self, CodeError> {
                check_code(text, $limit, $allowed)?;
                InlineText::new(text).map(Self).ok_or(CodeError::Length { limit: $limit })
            }

            /// The code.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl FromStr for $name {
            type Err = CodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }
    };
}

code! {
    /// The code of a benefit (*ydelsesart*), such as `NKSLØN` or `NKSBFY`: 1 to 10 upper-case letters of the Danish alphabet and digits.
    BenefitCode, 10 characters in 20 bytes, is_benefit_character
}

code! {
    /// The code of a paying unit (*LOS-enhed*) of an authority: 1 to 20 letters of the Danish alphabet, digits and `-._/`.
    UnitCode, 20 characters in 40 bytes, is_code_character
}

code! {
    /// The code a bank is known by among the parties: 1 to 20 letters of the Danish alphabet, digits and `-._/`.
    BankCode, 20 characters in 40 bytes, is_code_character
}

code! {
    /// The identification of a data supplier (*dataleverandør*): 1 to 35 letters of the Danish alphabet, digits and `-._/`.
    DataSupplierId, 35 characters in 70 bytes, is_code_character
}

fn check_code(text: &str, limit: usize, allowed: fn(char) -> bool) -> Result<(), CodeError> {
    if !(1..=limit).contains(&text.chars().count()) {
        return Err(CodeError::Length { limit });
    }
    if text.chars().all(allowed) { Ok(()) } else { Err(CodeError::Character) }
}

fn is_benefit_character(character: char) -> bool {
    matches!(character, 'A'..='Z' | 'Æ' | 'Ø' | 'Å' | '0'..='9')
}

fn is_code_character(character: char) -> bool {
    is_benefit_character(character) || matches!(character, 'a'..='z' | 'æ' | 'ø' | 'å' | '-' | '.' | '_' | '/')
}
