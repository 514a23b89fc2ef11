//! Who is to be paid: the identifications of the creditor.
//!
//! | place | scheme | number |
//! |---|---|---|
//! | `Cdtr/Id/PrvtId/Othr` | `Cd` SOSE or NIDN, `Prtry` CPR | CPR |
//! | `Cdtr/Id/OrgId/Othr` | `Cd` COID, `Prtry` CVR | CVR |
//! | `Cdtr/Id/OrgId/Othr` | `Prtry` SE | SE |
//! | `Cdtr/Id/OrgId/Othr` | `Prtry` P | P |
//! | `CdtrAcct/Id/Othr` | CPR, CVR or SE | that number |
//! | `CdtrAcct/Id/Othr` | NKS | CPR if 10 digits, CVR if 8 |
//!
//! A number in an account's place is an identification, never an account. Other schemes of
//! `Cdtr/Id` are left alone as long as the payee is known; they are never guessed at.

use super::rules::Fault;
use crate::reason::ReasonCode;
use primitives::{Cpr, Cvr, Identifier, PNumber, Se};

/// Where an `Othr` entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdPlace {
    Private,
    Organisation,
    Account,
}

/// An `Othr` entry of the creditor.
#[derive(Clone, Copy)]
pub(super) struct CreditorId<'r> {
    pub place: IdPlace,
    pub value: &'r str,
    pub code: Option<&'r str>,
    pub proprietary: Option<&'r str>,
}

/// What an entry turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    Payee(Identifier),
    /// A number of an account (`BBAN`).
    Account,
    /// Of a scheme we do not know; not guessed at.
    UnknownScheme,
    Invalid(Fault),
}

/// Judges an entry.
pub(super) fn read(id: CreditorId<'_>) -> Reading {
    match (id.place, id.code, id.proprietary) {
        (IdPlace::Private, Some("SOSE" | "NIDN"), _) | (IdPlace::Private | IdPlace::Account, _, Some("CPR")) => cpr(id.value),
        (IdPlace::Organisation, Some("COID"), _) | (IdPlace::Organisation | IdPlace::Account, _, Some("CVR")) => cvr(id.value),
        (IdPlace::Organisation | IdPlace::Account, _, Some("SE")) => {
            Se::parse(id.value).map_or(Reading::Invalid(BAD_SE), |se| Reading::Payee(Identifier::Se(se)))
        }
        (IdPlace::Organisation, _, Some("P")) => {
            PNumber::parse(id.value).map_or(Reading::Invalid(BAD_P), |number| Reading::Payee(Identifier::P(number)))
        }
        (IdPlace::Account, Some("CPR"), _) => cpr(id.value),
        (IdPlace::Account, Some("CVR"), _) => cvr(id.value),
        (IdPlace::Account, Some("NKS"), _) | (IdPlace::Account, _, Some("NKS")) => match id.value.len() {
            10 | 11 => cpr(id.value),
            8 => cvr(id.value),
            _ => Reading::Invalid(BAD_NKS),
        },
        (IdPlace::Account, Some("BBAN"), _) | (IdPlace::Account, _, Some("BBAN")) => Reading::Account,
        _ => Reading::UnknownScheme,
    }
}

fn cpr(value: &str) -> Reading {
    Cpr::parse(value).map_or(Reading::Invalid(BAD_CPR), |cpr| Reading::Payee(Identifier::Cpr(cpr)))
}

fn cvr(value: &str) -> Reading {
    Cvr::parse(value).map_or(Reading::Invalid(BAD_CVR), |cvr| Reading::Payee(Identifier::Cvr(cvr)))
}

/// Adds an identification; a repeated one is taken once, a contradicting one is doubtful:
/// a second number of the same kind, or a person beside a company.
pub(super) fn add(payees: &mut Vec<Identifier>, new: Identifier) -> Result<(), Fault> {
    if payees.contains(&new) {
        return Ok(());
    }
    let contradicts = |known: &Identifier| {
        let person = |identifier: &Identifier| matches!(identifier, Identifier::Cpr(_));
        known.kind() == new.kind() || person(known) != person(&new)
    };
    let doubtful = payees.iter().any(contradicts);
    payees.push(new);
    if doubtful { Err(DOUBTFUL) } else { Ok(()) }
}

const fn invalid(expected: &'static str, da: &'static str, en: &'static str) -> Fault {
    Fault { code: ReasonCode::BE17, expected, found: "another text", da, en }
}

const BAD_CPR: Fault = invalid(
    "a CPR number: six digits of an existing date and four digits",
    "CPR-nummeret er ikke gyldigt.",
    "The CPR number is not valid.",
);
const BAD_CVR: Fault =
    invalid("a CVR number: eight digits that pass modulus 11", "CVR-nummeret er ikke gyldigt.", "The CVR number is not valid.");
const BAD_SE: Fault =
    invalid("an SE number: eight digits that pass modulus 11", "SE-nummeret er ikke gyldigt.", "The SE number is not valid.");
const BAD_P: Fault = invalid("a P number: ten digits", "P-nummeret er ikke gyldigt.", "The P number is not valid.");
const BAD_NKS: Fault = invalid(
    "a CPR number of 10 digits or a CVR number of 8 digits",
    "Nummeret er hverken et CPR- eller et CVR-nummer.",
    "The number is neither a CPR nor a CVR number.",
);
const DOUBTFUL: Fault = Fault {
    code: ReasonCode::BE01,
    expected: "identifications of one payee",
    found: "identifications that contradict each other",
    da: "Modtageren er identificeret på to måder, der modsiger hinanden.",
    en: "The payee is identified in two ways that contradict each other.",
};

/// Nobody knows who is to be paid.
pub(super) const MISSING: Fault = Fault {
    code: ReasonCode::BE17,
    expected: "a CPR, CVR, SE or P number, or an account",
    found: "neither",
    da: "Modtageren er ikke identificeret.",
    en: "The payee is not identified.",
};

/// The only identifications are of schemes we do not know.
pub(super) const UNKNOWN_SCHEME: Fault = Fault {
    code: ReasonCode::BE17,
    expected: "a scheme for CPR, CVR, SE or P numbers",
    found: "another scheme, or none",
    da: "Identifikationens art er ukendt.",
    en: "The scheme of the identification is unknown.",
};

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::IdentifierKind;

    fn check(place: IdPlace, code: Option<&str>, proprietary: Option<&str>, value: &str, expect: Result<IdentifierKind, &str>) {
        let reading = match read(CreditorId { place, value, code, proprietary }) {
            Reading::Payee(identifier) => Ok(identifier.kind()),
            Reading::Account => Err("account"),
            Reading::UnknownScheme => Err("unknown"),
            Reading::Invalid(fault) => Err(fault.code.as_str()),
        };
        assert_eq!(reading, expect, "{place:?} {code:?} {proprietary:?}");
    }

    #[test]
    fn schemes() {
        use IdPlace::{Account, Organisation, Private};
        use IdentifierKind::{Cpr, Cvr, P, Se};
        let nobody = "0101587004";
        let company = "12345674";
        check(Private, Some("SOSE"), None, nobody, Ok(Cpr));
        check(Private, Some("NIDN"), None, "010158-7004", Ok(Cpr));
        check(Private, None, Some("CPR"), nobody, Ok(Cpr));
        check(Private, None, Some("CPR"), "3113587004", Err("BE17"));
        check(Private, Some("CCPT"), None, nobody, Err("unknown"));
        check(Private, None, Some("CVR"), company, Err("unknown"));
        check(Private, None, None, nobody, Err("unknown"));
        check(Organisation, Some("COID"), None, company, Ok(Cvr));
        check(Organisation, None, Some("CVR"), company, Ok(Cvr));
        check(Organisation, None, Some("CVR"), "12345675", Err("BE17"));
        check(Organisation, None, Some("SE"), company, Ok(Se));
        check(Organisation, None, Some("P"), "1001234567", Ok(P));
        check(Account, None, Some("CPR"), nobody, Ok(Cpr));
        check(Account, None, Some("CVR"), company, Ok(Cvr));
        check(Account, None, Some("SE"), company, Ok(Se));
        check(Account, None, Some("NKS"), nobody, Ok(Cpr));
        check(Account, None, Some("NKS"), company, Ok(Cvr));
        check(Account, None, Some("NKS"), "123", Err("BE17"));
        check(Account, Some("BBAN"), None, "00400440116243", Err("account"));
        check(Account, None, None, "00400440116243", Err("unknown"));
    }

    #[test]
    fn contradictions() {
        let mut payees = Vec::new();
        let cvr = Identifier::Cvr(Cvr::parse("12345674").expect("a published number"));
        let unit = Identifier::P(PNumber::parse("1001234567").expect("ten digits"));
        let person = Identifier::Cpr(Cpr::parse("0101587004").expect("an existing date"));
        assert_eq!(add(&mut payees, cvr.clone()), Ok(()));
        assert_eq!(add(&mut payees, cvr), Ok(()));
        assert_eq!(add(&mut payees, unit), Ok(()));
        assert_eq!(payees.len(), 2);
        assert_eq!(add(&mut payees, person), Err(DOUBTFUL));
    }
}
