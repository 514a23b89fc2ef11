//! Currencies by their ISO 4217 code, with the count of decimals of their minor unit.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::digits::{ascii_str, strictly_ascending};

/// A currency one can be paid in: an active code of ISO 4217 (as of January 2026).
///
/// Precious metals, funds codes, units of account and the test codes of the standard are not payable and not known here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

/// The text is no code of an active currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the currency code is not an active one of ISO 4217 in upper case")]
pub struct CurrencyError;

impl Currency {
    /// Danish krone, 100 øre.
    pub const DKK: Self = Self::of(*b"DKK", 2);
    /// Euro, 100 cent.
    pub const EUR: Self = Self::of(*b"EUR", 2);
    /// Pound sterling.
    pub const GBP: Self = Self::of(*b"GBP", 2);
    /// Icelandic króna, without a minor unit.
    pub const ISK: Self = Self::of(*b"ISK", 0);
    /// Yen, without a minor unit.
    pub const JPY: Self = Self::of(*b"JPY", 0);
    /// Norwegian krone.
    pub const NOK: Self = Self::of(*b"NOK", 2);
    /// Swedish krona.
    pub const SEK: Self = Self::of(*b"SEK", 2);
    /// United States dollar.
    pub const USD: Self = Self::of(*b"USD", 2);

    /// Reads three upper-case letters that are a known code.
    ///
    /// # Errors
    /// [`CurrencyError`] for anything else, also for lower case.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| CurrencyError)?;
        // Nearly every amount is in kroner, so it is worth not searching for it.
        if code == Self::DKK.code {
            return Ok(Self::DKK);
        }
        let decimals = decimals_of(&code).ok_or(CurrencyError)?;
        Ok(Self { code, decimals })
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        ascii_str(&self.code)
    }

    /// How many decimals an amount has: 0, 2 or 3. One unit is 10 to this power minor units.
    #[must_use]
    pub const fn decimals(&self) -> u8 {
        self.decimals
    }

    const fn of(code: [u8; 3], decimals: u8) -> Self {
        Self { code, decimals }
    }
}

fn decimals_of(code: &[u8; 3]) -> Option<u8> {
    if TWO_DECIMALS.binary_search(code).is_ok() {
        Some(2)
    } else if NO_DECIMALS.binary_search(code).is_ok() {
        Some(0)
    } else if THREE_DECIMALS.binary_search(code).is_ok() {
        Some(3)
    } else {
        None
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({})", self.code())
    }
}

// The tables are in alphabetical order for the binary search.
const _: () = assert!(strictly_ascending(&NO_DECIMALS));
const _: () = assert!(strictly_ascending(&THREE_DECIMALS));
const _: () = assert!(strictly_ascending(&TWO_DECIMALS));

#[rustfmt::skip]
const NO_DECIMALS: [[u8; 3]; 16] = [
    *b"BIF", *b"CLP", *b"DJF", *b"GNF", *b"ISK", *b"JPY", *b"KMF", *b"KRW", *b"PYG", *b"RWF", *b"UGX", *b"VND",
    *b"VUV", *b"XAF", *b"XOF", *b"XPF",
];

#[rustfmt::skip]
const THREE_DECIMALS: [[u8; 3]; 7] = [
    *b"BHD", *b"IQD", *b"JOD", *b"KWD", *b"LYD", *b"OMR", *b"TND",
];

#[rustfmt::skip]
const TWO_DECIMALS: [[u8; 3]; 132] = [
    *b"AED", *b"AFN", *b"ALL", *b"AMD", *b"AOA", *b"ARS", *b"AUD", *b"AWG", *b"AZN", *b"BAM", *b"BBD", *b"BDT",
    *b"BMD", *b"BND", *b"BOB", *b"BRL", *b"BSD", *b"BTN", *b"BWP", *b"BYN", *b"BZD", *b"CAD", *b"CDF", *b"CHF",
    *b"CNY", *b"COP", *b"CRC", *b"CUP", *b"CVE", *b"CZK", *b"DKK", *b"DOP", *b"DZD", *b"EGP", *b"ERN", *b"ETB",
    *b"EUR", *b"FJD", *b"FKP", *b"GBP", *b"GEL", *b"GHS", *b"GIP", *b"GMD", *b"GTQ", *b"GYD", *b"HKD", *b"HNL",
    *b"HTG", *b"HUF", *b"IDR", *b"ILS", *b"INR", *b"IRR", *b"JMD", *b"KES", *b"KGS", *b"KHR", *b"KPW", *b"KYD",
    *b"KZT", *b"LAK", *b"LBP", *b"LKR", *b"LRD", *b"LSL", *b"MAD", *b"MDL", *b"MGA", *b"MKD", *b"MMK", *b"MNT",
    *b"MOP", *b"MRU", *b"MUR", *b"MVR", *b"MWK", *b"MXN", *b"MYR", *b"MZN", *b"NAD", *b"NGN", *b"NIO", *b"NOK",
    *b"NPR", *b"NZD", *b"PAB", *b"PEN", *b"PGK", *b"PHP", *b"PKR", *b"PLN", *b"QAR", *b"RON", *b"RSD", *b"RUB",
    *b"SAR", *b"SBD", *b"SCR", *b"SDG", *b"SEK", *b"SGD", *b"SHP", *b"SLE", *b"SOS", *b"SRD", *b"SSP", *b"STN",
    *b"SVC", *b"SYP", *b"SZL", *b"THB", *b"TJS", *b"TMT", *b"TOP", *b"TRY", *b"TTD", *b"TWD", *b"TZS", *b"UAH",
    *b"USD", *b"UYU", *b"UZS", *b"VED", *b"VES", *b"WST", *b"XCD", *b"XCG", *b"YER", *b"ZAR", *b"ZMW", *b"ZWG",
];
