//! Identifications issued by other countries.

use std::fmt;

use thiserror::Error;

use crate::country::Country;
use crate::mask;
use crate::plain_text::{PlainTextError, check_plain_text};

/// An identification number of another country: who issues it, of what kind it is, and the number.
///
/// `Debug` shows the country only and there is no `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForeignId {
    country: Country,
    scheme: String,
    value: String,
}

/// Why a foreign identification was refused. Its parts are never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ForeignIdError {
    /// The scheme is empty, too long or not printable.
    #[error("the scheme of the foreign identification {0}")]
    Scheme(PlainTextError),
    /// `|` separates the parts of the canonical text, so a scheme cannot contain it.
    #[error("the scheme of the foreign identification contains '|'")]
    SchemeSeparator,
    /// The value is empty, too long or not printable.
    #[error("the value of the foreign identification {0}")]
    Value(PlainTextError),
}

impl ForeignId {
    /// The greatest count of characters of scheme and value (`Max35Text` of ISO 20022).
    pub const MAX_CHARACTERS: usize = 35;

    /// Checks and joins the parts. Scheme and value are 1 to 35 printable characters; case is kept as given.
    ///
    /// # Errors
    /// [`ForeignIdError`] names the part that was refused.
    pub fn new(country: Country, scheme: impl Into<String>, value: impl Into<String>) -> Result<Self, ForeignIdError> {
        let (scheme, value) = (scheme.into(), value.into());
        check_plain_text(&scheme, Self::MAX_CHARACTERS).map_err(ForeignIdError::Scheme)?;
        if scheme.contains('|') {
            return Err(ForeignIdError::SchemeSeparator);
        }
        check_plain_text(&value, Self::MAX_CHARACTERS).map_err(ForeignIdError::Value)?;
        Ok(Self { country, scheme, value })
    }

    /// The country that issued the identification.
    #[must_use]
    pub fn country(&self) -> Country {
        self.country
    }

    /// The kind of identification, such as a code of the issuing country's register.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The identification itself.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for ForeignId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask::after_prefix(f, "ForeignId", self.country.code())
    }
}
