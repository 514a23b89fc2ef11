//! The schemes of foreign identifications whose form is published, and the check of each.

use std::fmt;

use thiserror::Error;

use crate::country::Country;
use crate::foreign_id::{ForeignId, ForeignIdError};

/// A kind of foreign identification that is known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ForeignScheme {
    /// The person identifier of a European electronic identity, as it is told to Denmark: `ES/DK/…` (eIDAS SAML Attribute Profile 1.2, 2.2.3).
    Eidas,
    /// A VAT number without its prefix, in the form VIES publishes for the country (European Commission, VIES, question 11).
    Vat,
    /// A legal entity identifier with its check digits (ISO 17442).
    Lei,
    /// A European unique identifier of a company: country, register, `.`, number (Regulation (EU) 2020/2244, annex, 9).
    Euid,
    /// A national number. Its form is the issuing country's own and is not checked.
    National,
}

/// Why an identification does not fit its scheme. Its parts are never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ForeignSchemeError {
    /// The scheme is none of those that are known.
    #[error("the scheme of a foreign identification is one of EIDAS, VAT, LEI, EUID, NIN")]
    Unknown,
    /// The parts do not make a foreign identification at all.
    #[error(transparent)]
    Parts(#[from] ForeignIdError),
    /// The value does not have the form of the scheme.
    #[error("the value does not have the form of a foreign identification of scheme {0}")]
    Form(ForeignScheme),
    /// The check digits do not fit.
    #[error("the check digits of the foreign identification of scheme {0} do not fit")]
    CheckDigits(ForeignScheme),
    /// No form of VAT numbers is published for the country.
    #[error("no form of VAT numbers is published for the country")]
    Country,
}

impl ForeignScheme {
    /// All schemes.
    pub const ALL: [Self; 5] = [Self::Eidas, Self::Vat, Self::Lei, Self::Euid, Self::National];

    /// The code of the scheme: `EIDAS`, `VAT`, `LEI`, `EUID` or `NIN`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eidas => "EIDAS",
            Self::Vat => "VAT",
            Self::Lei => "LEI",
            Self::Euid => "EUID",
            Self::National => "NIN",
        }
    }

    /// The scheme with this code.
    ///
    /// # Errors
    /// [`ForeignSchemeError::Unknown`] for any other text, also in lower case.
    pub fn parse(text: &str) -> Result<Self, ForeignSchemeError> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == text).ok_or(ForeignSchemeError::Unknown)
    }

    /// An identification of this scheme, checked.
    ///
    /// # Errors
    /// See [`ForeignSchemeError`].
    pub fn id(self, country: Country, value: impl Into<String>) -> Result<ForeignId, ForeignSchemeError> {
        let id = ForeignId::new(country, self.as_str(), value)?;
        id.check()?;
        Ok(id)
    }

    fn check(self, country: Country, value: &str) -> Result<(), ForeignSchemeError> {
        let fits = match self {
            Self::Eidas => is_eidas(country, value),
            Self::Vat => vat_forms(country).ok_or(ForeignSchemeError::Country)?.iter().any(|form| has_form(value, form)),
            Self::Lei if !is_lei(value) => false,
            Self::Lei if remainder_97(value) != 1 => return Err(ForeignSchemeError::CheckDigits(self)),
            Self::Lei | Self::National => true,
            Self::Euid => is_euid(country, value),
        };
        if fits { Ok(()) } else { Err(ForeignSchemeError::Form(self)) }
    }
}

impl fmt::Display for ForeignScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl ForeignId {
    /// Checks the value against its scheme.
    ///
    /// # Errors
    /// [`ForeignSchemeError`], also for a scheme that is not known.
    pub fn check(&self) -> Result<(), ForeignSchemeError> {
        ForeignScheme::parse(self.scheme())?.check(self.country(), self.value())
    }
}

/// The country that identifies, the country it identifies to, and characters without blanks.
fn is_eidas(country: Country, value: &str) -> bool {
    let mut parts = value.splitn(3, '/');
    let countries = (parts.next(), parts.next());
    let rest = parts.next().unwrap_or_default();
    countries == (Some(country.code()), Some(Country::DK.code())) && !rest.is_empty() && !rest.contains(char::is_whitespace)
}

/// 18 capital letters and digits, and two digits.
fn is_lei(value: &str) -> bool {
    let (entity, check) = value.split_at_checked(18).unwrap_or_default();
    let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    check.len() == 2 && entity.bytes().all(is_upper) && check.bytes().all(|byte| byte.is_ascii_digit())
}

/// The remainder by 97 of the number that letters make with A = 10 … Z = 35 (ISO/IEC 7064, MOD 97-10).
fn remainder_97(value: &str) -> u32 {
    value.chars().filter_map(|character| character.to_digit(36)).fold(0, |rest, digit| {
        let shift = if digit < 10 { 10 } else { 100 };
        (rest * shift + digit) % 97
    })
}

/// Greece is EL, as in the VAT numbers; the other countries have the codes of ISO 3166-1.
fn is_euid(country: Country, value: &str) -> bool {
    let prefix = if country.code() == "GR" { "EL" } else { country.code() };
    let Some((register, number)) = value.strip_prefix(prefix).and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    let is_named = !register.is_empty() && register.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_named && !number.is_empty() && !number.contains(char::is_whitespace)
}

/// The forms of a country's VAT numbers, in VIES's letters: `9` a digit, `X` a letter or a digit, `S` a letter, a digit, `+` or `*`, `L` a letter; any other
/// character stands for itself. `?` is ours: a digit that may be missing.
fn vat_forms(country: Country) -> Option<&'static [&'static str]> {
    let forms: &[&str] = match country.code() {
        "AT" => &["U99999999"],
        "BE" => &["0999999999", "1999999999"],
        "BG" => &["999999999", "9999999999"],
        "CY" => &["99999999L"],
        "CZ" => &["99999999", "999999999", "9999999999"],
        "DE" | "EE" | "GR" | "PT" => &["999999999"],
        "DK" | "FI" | "HU" | "LU" | "MT" | "SI" => &["99999999"],
        "ES" => &["L9999999X", "99999999L"],
        "FR" => &["XX999999999"],
        "HR" | "IT" | "LV" => &["99999999999"],
        "IE" => &["9S99999L", "9999999LL"],
        "LT" => &["999999999", "999999999999"],
        "NL" => &["SSSSSSSSSBSS"],
        "PL" | "SK" => &["9999999999"],
        "RO" => &["99????????"],
        "SE" => &["999999999999"],
        _ => return None,
    };
    Some(forms)
}

fn has_form(value: &str, form: &str) -> bool {
    let mut bytes = value.bytes().peekable();
    for wanted in form.bytes() {
        let fits = |byte: &u8| match wanted {
            b'9' | b'?' => byte.is_ascii_digit(),
            b'X' => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            b'S' => byte.is_ascii_digit() || byte.is_ascii_uppercase() || matches!(byte, b'+' | b'*'),
            b'L' => byte.is_ascii_uppercase(),
            itself => *byte == itself,
        };
        if bytes.next_if(fits).is_none() && wanted != b'?' {
            return false;
        }
    }
    bytes.next().is_none()
}
