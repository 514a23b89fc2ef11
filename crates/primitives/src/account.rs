//! Any account money can be paid to.

use std::fmt;

use thiserror::Error;

use crate::bic::{Bic, BicError};
use crate::country::{Country, CountryError};
use crate::currency::{Currency, CurrencyError};
use crate::danish_account::{DanishAccount, DanishAccountError};
use crate::foreign_account::{ForeignAccount, ForeignAccountError, ForeignAccountParts};
use crate::iban::{Iban, IbanError};

/// Stands between the parts of a canonical text.
const SEPARATOR: char = '|';
/// Stands before a separator or an escape that belongs to a part.
const ESCAPE: char = '\\';

/// A bank account: Danish, abroad with an IBAN, or abroad without one.
///
/// A Danish account has one form only, [`Account::Danish`]: make accounts from an IBAN with [`Account::from_iban`].
/// `Debug` is masked in every variant and there is no `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// In a Danish bank.
    Danish(DanishAccount),
    /// Abroad, in a country that uses IBAN.
    Iban {
        /// The account.
        iban: Iban,
        /// The bank, which payments outside the SEPA area need.
        bic: Option<Bic>,
    },
    /// Abroad, in a country that does not use IBAN.
    Foreign(ForeignAccount),
}

/// Why an account was refused. Its text is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AccountError {
    /// No Danish account.
    #[error(transparent)]
    Danish(#[from] DanishAccountError),
    /// No IBAN.
    #[error(transparent)]
    Iban(#[from] IbanError),
    /// No BIC.
    #[error(transparent)]
    Bic(#[from] BicError),
    /// No foreign account.
    #[error(transparent)]
    Foreign(#[from] ForeignAccountError),
    /// Unknown country of a foreign account.
    #[error(transparent)]
    Country(#[from] CountryError),
    /// Unknown currency of a foreign account.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// The text is not what [`Account::canonical`] writes.
    #[error("the account is not in its canonical form")]
    NotCanonical,
}

impl Account {
    /// The account of an IBAN. A Danish one becomes [`Account::Danish`], and its BIC, which follows from the registration number, is dropped.
    #[must_use]
    pub fn from_iban(iban: Iban, bic: Option<Bic>) -> Self {
        match iban.to_danish() {
            Some(danish) => Self::Danish(danish),
            None => Self::Iban { iban, bic },
        }
    }

    /// The country of the account.
    #[must_use]
    pub fn country(&self) -> Country {
        match self {
            Self::Danish(_) => Country::DK,
            Self::Iban { iban, .. } => iban.country(),
            Self::Foreign(foreign) => foreign.country(),
        }
    }

    /// The one text of this account: equal texts are equal accounts.
    ///
    /// `DK|rrrr|nnnnnnnnnn`, `IBAN|iban|bic` or `FOR|country|number|bank code|bic|bank name|currency`, where an absent part is empty
    /// and a `|` or `\` inside a part has a `\` before it.
    #[must_use]
    pub fn canonical(&self) -> String {
        match self {
            Self::Danish(danish) => canonical_danish(danish),
            Self::Iban { iban, bic } => match iban.to_danish() {
                // Built by hand instead of by `from_iban`; two texts of one account would be two accounts.
                Some(danish) => canonical_danish(&danish),
                None => ["IBAN", iban.as_str(), bic_text(bic.as_ref())].join("|"),
            },
            Self::Foreign(foreign) => canonical_foreign(foreign),
        }
    }

    /// Reads back what [`canonical`](Self::canonical) wrote.
    ///
    /// # Errors
    /// [`AccountError`] when a part is refused or the text is another spelling than the canonical one.
    pub fn from_canonical(text: &str) -> Result<Self, AccountError> {
        let account = match text.split_once(SEPARATOR) {
            Some(("DK", rest)) => {
                let (registration, number) = split_pair(rest)?;
                Self::Danish(DanishAccount::new(registration, number)?)
            }
            Some(("IBAN", rest)) => {
                let (iban, bic) = split_pair(rest)?;
                Self::from_iban(Iban::parse(iban)?, optional(bic).map(Bic::parse).transpose()?)
            }
            Some(("FOR", rest)) => Self::Foreign(parse_foreign(rest)?),
            _ => return Err(AccountError::NotCanonical),
        };
        if account.canonical() == text { Ok(account) } else { Err(AccountError::NotCanonical) }
    }
}

fn canonical_danish(danish: &DanishAccount) -> String {
    ["DK", danish.registration(), danish.number()].join("|")
}

fn canonical_foreign(foreign: &ForeignAccount) -> String {
    let (country, bic, currency) = (foreign.country(), foreign.bic(), foreign.currency());
    let parts = [
        country.code(),
        foreign.number(),
        foreign.bank_code().unwrap_or_default(),
        bic_text(bic.as_ref()),
        foreign.bank_name().unwrap_or_default(),
        currency.as_ref().map_or("", Currency::code),
    ];
    let mut text = String::from("FOR");
    for part in parts {
        text.push(SEPARATOR);
        push_escaped(&mut text, part);
    }
    text
}

fn parse_foreign(text: &str) -> Result<ForeignAccount, AccountError> {
    let parts = split_escaped(text)?;
    let [country, number, bank_code, bic, bank_name, currency] =
        <[String; 6]>::try_from(parts).map_err(|_| AccountError::NotCanonical)?;
    Ok(ForeignAccount::new(ForeignAccountParts {
        number,
        bank_code: Some(bank_code).filter(|code| !code.is_empty()),
        bic: optional(&bic).map(Bic::parse).transpose()?,
        bank_name: Some(bank_name).filter(|name| !name.is_empty()),
        country: Country::parse(&country)?,
        currency: optional(&currency).map(Currency::parse).transpose()?,
    })?)
}

fn bic_text(bic: Option<&Bic>) -> &str {
    bic.map_or("", Bic::as_str)
}

/// A part that may be absent, which the canonical text writes as an empty one.
fn optional(part: &str) -> Option<&str> {
    (!part.is_empty()).then_some(part)
}

fn split_pair(text: &str) -> Result<(&str, &str), AccountError> {
    text.split_once(SEPARATOR).ok_or(AccountError::NotCanonical)
}

fn push_escaped(text: &mut String, part: &str) {
    for character in part.chars() {
        if matches!(character, SEPARATOR | ESCAPE) {
            text.push(ESCAPE);
        }
        text.push(character);
    }
}

fn split_escaped(text: &str) -> Result<Vec<String>, AccountError> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            SEPARATOR => parts.push(std::mem::take(&mut part)),
            ESCAPE => part.push(characters.next().ok_or(AccountError::NotCanonical)?),
            plain => part.push(plain),
        }
    }
    parts.push(part);
    Ok(parts)
}

impl From<DanishAccount> for Account {
    fn from(danish: DanishAccount) -> Self {
        Self::Danish(danish)
    }
}

impl From<ForeignAccount> for Account {
    fn from(foreign: ForeignAccount) -> Self {
        Self::Foreign(foreign)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Danish(danish) => danish.fmt(f),
            Self::Iban { iban, .. } => iban.fmt(f),
            Self::Foreign(foreign) => foreign.fmt(f),
        }
    }
}
