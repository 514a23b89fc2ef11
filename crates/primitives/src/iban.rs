//! International bank account numbers (ISO 13616).

use std::fmt;

use thiserror::Error;

use crate::country::Country;
use crate::danish_account::DanishAccount;
use crate::digits::ascii_str;
use crate::inline_text::InlineText;
use crate::mask;

const MAX_LENGTH: usize = 34;
/// The length of the country code and the check digits.
const HEADER_LENGTH: usize = 4;
const DANISH_LENGTH: usize = 18;

/// An IBAN in electronic form: country, check digits and the country's own account structure, all verified.
///
/// `Debug` shows the country only and there is no `Display`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iban(InlineText<MAX_LENGTH>);

/// Why a text is no IBAN. The text itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IbanError {
    /// Not two letters, two digits and up to 30 more upper-case letters and digits. Spaces are not part of the electronic form.
    #[error("the IBAN does not have its electronic form: upper-case letters and digits, no spaces")]
    Format,
    /// The remainder of division by 97 is not 1: most likely a typing error.
    #[error("the IBAN fails its modulus 97 check")]
    CheckDigits,
    /// The length or the shape of the number is not the one of its country.
    #[error("the IBAN does not have the structure of its country")]
    Structure,
    /// The country has no IBAN.
    #[error("the IBAN names a country without IBANs")]
    Country,
}

impl Iban {
    /// Reads the electronic form: upper case, without spaces.
    ///
    /// # Errors
    /// [`IbanError`] says which of the checks failed.
    pub fn parse(text: &str) -> Result<Self, IbanError> {
        // The library also reads the paper form and lower case, which are no second spellings in a message.
        if !text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
            return Err(IbanError::Format);
        }
        text.parse::<iban::Iban>().map_err(IbanError::from)?;
        Country::from_bytes(&text.as_bytes()[..2]).ok_or(IbanError::Country)?;
        InlineText::new(text).map(Self).ok_or(IbanError::Format)
    }

    /// The electronic form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The country of the account.
    #[must_use]
    pub fn country(&self) -> Country {
        Country::from_bytes(&self.as_str().as_bytes()[..2]).expect("parse refuses unknown countries")
    }

    /// The account as registration number and account number, when it is in a Danish bank.
    #[must_use]
    pub fn to_danish(&self) -> Option<DanishAccount> {
        if self.country() != Country::DK {
            return None;
        }
        DanishAccount::from_iban_digits(&self.as_str()[HEADER_LENGTH..])
    }

    /// The IBAN of 14 Danish account digits, with its check digits computed (ISO 7064, MOD 97-10).
    pub(crate) fn of_danish_digits(digits: &str) -> Self {
        // Moved behind the account digits, as the standard says, `DK00` reads as the number 13 20 00.
        let remainder =
            digits.bytes().chain(*b"132000").fold(0, |remainder: u32, digit| (remainder * 10 + u32::from(digit - b'0')) % 97);
        let check = u8::try_from(98 - remainder).expect("98 less a remainder of 97 is 2 to 98");
        let mut text = [0; DANISH_LENGTH];
        text[..HEADER_LENGTH].copy_from_slice(&[b'D', b'K', b'0' + check / 10, b'0' + check % 10]);
        text[HEADER_LENGTH..].copy_from_slice(digits.as_bytes());
        Self(InlineText::new(ascii_str(&text)).expect("18 characters fit in 34"))
    }
}

impl From<iban::ParseIbanError> for IbanError {
    fn from(error: iban::ParseIbanError) -> Self {
        match error {
            iban::ParseIbanError::InvalidBaseIban { source: iban::ParseBaseIbanError::InvalidChecksum } => Self::CheckDigits,
            iban::ParseIbanError::InvalidBaseIban { .. } => Self::Format,
            iban::ParseIbanError::InvalidBban(_) => Self::Structure,
            iban::ParseIbanError::UnknownCountry(_) => Self::Country,
        }
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mask::after_prefix(f, "Iban", self.country().code())
    }
}
