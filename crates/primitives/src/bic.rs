//! Business identifier codes of banks (ISO 9362).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::country::Country;
use crate::inline_text::InlineText;

/// The code of a bank: party prefix (4), country (2), party suffix (2) and, optionally, a branch (3).
///
/// A bank's code is public, so it may be shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bic(InlineText<11>);

/// Why a text is no BIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BicError {
    /// Not 8 or 11 upper-case letters and digits, with letters in place five and six.
    #[error("a BIC has 8 or 11 upper-case letters and digits")]
    Format,
    /// The fifth and sixth letter are no country.
    #[error("the BIC names no known country")]
    Country,
}

impl Bic {
    /// Reads 8 or 11 characters of the pattern that ISO 20022 calls `BICFIDec2014Identifier`.
    ///
    /// # Errors
    /// [`BicError`].
    pub fn parse(text: &str) -> Result<Self, BicError> {
        let bytes = text.as_bytes();
        let allowed = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if !matches!(bytes.len(), 8 | 11) || !bytes.iter().all(allowed) {
            return Err(BicError::Format);
        }
        let country = &bytes[4..6];
        if !country.iter().all(u8::is_ascii_uppercase) {
            return Err(BicError::Format);
        }
        Country::from_bytes(country).ok_or(BicError::Country)?;
        InlineText::new(text).map(Self).ok_or(BicError::Format)
    }

    /// The 8 or 11 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The country of the bank.
    #[must_use]
    pub fn country(&self) -> Country {
        Country::from_bytes(&self.as_str().as_bytes()[4..6]).expect("parse refuses unknown countries")
    }
}

impl FromStr for Bic {
    type Err = BicError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Bic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Bic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bic({})", self.as_str())
    }
}
