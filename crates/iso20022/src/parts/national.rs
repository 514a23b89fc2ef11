//! A person's national number (`PrvtId/Othr` with `Cd` SOSE or NIDN): of which country it is.
//!
//! The codes of *ExternalPersonIdentification1Code* say that it is a national number and not whose; that is said by `Issr`, "entity that assigns the
//! identifier", free text in the schemas. A Swedish number can pass for a CPR number: both begin with a date. So an issuer is never left out of account:
//!
//! | `Issr` | the number is |
//! |---|---|
//! | none | a CPR number |
//! | `DK`, `DNK`, Danmark, Denmark, CPR, CPR-registret, CPR-kontoret, Det Centrale Personregister; `GL`, whose persons stand in the CPR | a CPR number |
//! | another country of ISO 3166-1, by its two letters | that country's, of the register's scheme `NIN` |
//! | anything else | nobody's: it is not guessed at |
//!
//! Capitals and blanks at the ends are of no account.

use primitives::{Country, ForeignId, ForeignScheme};

/// Issuers of CPR numbers, in small letters.
const DANISH: [&str; 9] =
    ["dk", "dnk", "danmark", "denmark", "cpr", "cpr-registret", "cpr-kontoret", "det centrale personregister", "gl"];

/// What a national number turned out to be by its issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NationalNumber {
    /// To be read as a CPR number.
    Cpr,
    /// Another country's.
    Foreign(ForeignId),
    /// Its issuer is not known, or its text is no number.
    Unknown,
}

/// Judges a national number by its issuer.
pub(crate) fn national_number(value: &str, issuer: Option<&str>) -> NationalNumber {
    let issuer = issuer.map(str::trim).filter(|issuer| !issuer.is_empty());
    let Some(issuer) = issuer else {
        return NationalNumber::Cpr;
    };
    if DANISH.contains(&issuer.to_lowercase().as_str()) {
        return NationalNumber::Cpr;
    }
    let country = Country::parse(&issuer.to_ascii_uppercase()).ok();
    let id = country.and_then(|country| ForeignScheme::National.id(country, value).ok());
    id.map_or(NationalNumber::Unknown, NationalNumber::Foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(issuer: Option<&str>) -> String {
        match national_number("0101587004", issuer) {
            NationalNumber::Cpr => "CPR".to_owned(),
            NationalNumber::Foreign(id) => format!("{} {} {}", id.country(), id.scheme(), id.value()),
            NationalNumber::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn issuers() {
        for danish in ["DK", " dk ", "DNK", "Danmark", "DENMARK", "CPR", "Det Centrale Personregister", "GL", " "] {
            assert_eq!(kind(Some(danish)), "CPR", "{danish:?}");
        }
        assert_eq!(kind(None), "CPR");
        assert_eq!(kind(Some("SE")), "SE NIN 0101587004");
        assert_eq!(kind(Some("no")), "NO NIN 0101587004");
        for unknown in ["Skatteverket", "SWE", "ZZ", "D", "Dk1"] {
            assert_eq!(kind(Some(unknown)), "unknown", "{unknown:?}");
        }
        assert_eq!(national_number("no\ttext", Some("SE")), NationalNumber::Unknown);
    }
}
