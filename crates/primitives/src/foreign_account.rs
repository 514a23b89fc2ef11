//! Accounts in countries that do not use IBAN.

use std::fmt;

use thiserror::Error;

use crate::bic::Bic;
use crate::country::Country;
use crate::currency::Currency;
use crate::mask;
use crate::plain_text::{PlainTextError, check_plain_text};

/// An account abroad without an IBAN: an account number and what its bank is known by.
///
/// `Debug` shows the country only and there is no `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForeignAccount(ForeignAccountParts);

/// What a [`ForeignAccount`] is built from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForeignAccountParts {
    /// The account number as its bank writes it, 1 to 34 characters.
    pub number: String,
    /// The bank's code in its country's clearing (such as a routing number), 1 to 35 characters.
    pub bank_code: Option<String>,
    /// The bank's BIC.
    pub bic: Option<Bic>,
    /// The bank's name, 1 to 140 characters.
    pub bank_name: Option<String>,
    /// The country of the account.
    pub country: Country,
    /// The currency of the account, when it is known.
    pub currency: Option<Currency>,
}

/// Why a foreign account was refused. Its parts are never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ForeignAccountError {
    /// The account number is empty, too long or not printable.
    #[error("the account number {0}")]
    Number(PlainTextError),
    /// The bank code is empty, too long or not printable.
    #[error("the bank code {0}")]
    BankCode(PlainTextError),
    /// The bank name is empty, too long or not printable.
    #[error("the bank name {0}")]
    BankName(PlainTextError),
    /// Neither a bank code nor a BIC nor a name: nobody could find the bank.
    #[error("the account names no bank: give a bank code, a BIC or the bank's name")]
    NoBank,
}

impl ForeignAccount {
    /// The greatest count of characters of an account number (`Max34Text` of ISO 20022).
    pub const MAX_NUMBER: usize = 34;
    /// The greatest count of characters of a bank code (`Max35Text`).
    pub const MAX_BANK_CODE: usize = 35;
    /// The greatest count of characters of a bank's name (`Max140Text`).
    pub const MAX_BANK_NAME: usize = 140;

    /// Checks the parts.
    ///
    /// # Errors
    /// [`ForeignAccountError`] names the part that was refused.
    pub fn new(parts: ForeignAccountParts) -> Result<Self, ForeignAccountError> {
        check_plain_text(&parts.number, Self::MAX_NUMBER).map_err(ForeignAccountError::Number)?;
        if let Some(code) = &parts.bank_code {
            check_plain_text(code, Self::MAX_BANK_CODE).map_err(ForeignAccountError::BankCode)?;
        }
        if let Some(name) = &parts.bank_name {
            check_plain_text(name, Self::MAX_BANK_NAME).map_err(ForeignAccountError::BankName)?;
        }
        if parts.bank_code.is_none() && parts.bic.is_none() && parts.bank_name.is_none() {
            return Err(ForeignAccountError::NoBank);
        }
        Ok(Self(parts))
    }

    /// The account number as its bank writes it.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.0.number
    }

    /// The bank's code in its country's clearing.
    #[must_use]
    pub fn bank_code(&self) -> Option<&str> {
        self.0.bank_code.as_deref()
    }

    /// The bank's BIC.
    #[must_use]
    pub fn bic(&self) -> Option<Bic> {
        self.0.bic
    }

    /// The bank's name.
    #[must_use]
    pub fn bank_name(&self) -> Option<&str> {
        self.0.bank_name.as_deref()
    }

    /// The country of the account.
    #[must_use]
    pub fn country(&self) -> Country {
        self.0.country
    }

    /// The currency of the account, when it is known.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.0.currency
    }

    /// The parts, for one who changes some of them.
    #[must_use]
    pub fn into_parts(self) -> ForeignAccountParts {
        self.0
    }
}

impl fmt::Debug for ForeignAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask::after_prefix(f, "ForeignAccount", self.country().code())
    }
}

impl fmt::Debug for ForeignAccountParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask::after_prefix(f, "ForeignAccountParts", self.country.code())
    }
}
