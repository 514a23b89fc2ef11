//! Who is to be paid: the identifications of the creditor.
//!
//! | place | scheme | number |
//! |---|---|---|
//! | `Cdtr/Id/PrvtId/Othr` | `Prtry` CPR | CPR |
//! | `Cdtr/Id/PrvtId/Othr` | `Cd` SOSE or NIDN | CPR; or another country's, where `Issr` says so (see `parts/national.rs`) |
//! | `Cdtr/Id/OrgId/Othr` | `Cd` COID, `Prtry` CVR | CVR |
//! | `Cdtr/Id/OrgId/Othr` | `Prtry` SE | SE |
//! | `Cdtr/Id/OrgId/Othr` | `Prtry` P | P |
//! | `CdtrAcct/Id/Othr` | CPR, CVR, SE or P, as `Cd` or `Prtry` | that number |
//! | `CdtrAcct/Id/Othr` | NKS | CVR, of 8 digits |
//! | `CdtrAcct/Prxy` (from version 09) | type CPR, CVR, SE, P or NKS, as `Cd` or `Prtry` | as in `CdtrAcct/Id/Othr` |
//!
//! A number in an account's place is an identification, never an account. Other schemes of
//! `Cdtr/Id` are left alone as long as the payee is known; they are never guessed at. An alias (`Prxy`) of another type, or
//! of none, is an error: it would be paid by nobody, or by the wrong one.

use super::fault::{Fault, Words, words};
use crate::parts::{NationalNumber, national_number};
use crate::reason::ReasonCode;
use primitives::{Cpr, Cvr, Identifier, PNumber, Se};

/// Where an `Othr` entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdPlace {
    Private,
    Organisation,
    Account,
    Proxy,
}

/// An `Othr` entry of the creditor, or the alias of its account.
#[derive(Clone, Copy)]
pub(super) struct CreditorId<'r> {
    pub place: IdPlace,
    pub value: &'r str,
    pub code: Option<&'r str>,
    pub proprietary: Option<&'r str>,
    /// Who gave the number, of a person's.
    pub issuer: Option<&'r str>,
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
        (IdPlace::Private, Some("SOSE" | "NIDN"), _) => national(id.value, id.issuer),
        (IdPlace::Private, _, Some("CPR")) => cpr(id.value),
        (IdPlace::Organisation, Some("COID"), _) | (IdPlace::Organisation, _, Some("CVR")) => cvr(id.value),
        (IdPlace::Organisation, _, Some("SE")) => se(id.value),
        (IdPlace::Organisation, _, Some("P")) => p(id.value),
        (IdPlace::Account, Some("BBAN"), _) | (IdPlace::Account, _, Some("BBAN")) => Reading::Account,
        (IdPlace::Account | IdPlace::Proxy, code, proprietary) => in_account_place(id.value, code.or(proprietary)),
        _ => Reading::UnknownScheme,
    }
}

/// An identification that stands where an account would.
fn in_account_place(value: &str, scheme: Option<&str>) -> Reading {
    match scheme {
        Some("CPR") => cpr(value),
        Some("CVR") => cvr(value),
        Some("SE") => se(value),
        Some("P") => p(value),
        Some("NKS") => match value.len() {
            8 => cvr(value),
            // Many P numbers begin with a date: read as a CPR number they would pay a stranger.
            10 | 11 => Reading::Invalid(CPR_OR_P),
            _ => Reading::Invalid(BAD_NKS),
        },
        _ => Reading::UnknownScheme,
    }
}

/// A number of which the scheme says only that it is a national one.
fn national(value: &str, issuer: Option<&str>) -> Reading {
    match national_number(value, issuer) {
        NationalNumber::Cpr => cpr(value),
        NationalNumber::Foreign(id) => Reading::Payee(Identifier::Foreign(id)),
        NationalNumber::Unknown => Reading::UnknownScheme,
    }
}

fn cpr(value: &str) -> Reading {
    Cpr::parse(value).map_or(Reading::Invalid(BAD_CPR), |cpr| Reading::Payee(Identifier::Cpr(cpr)))
}

fn cvr(value: &str) -> Reading {
    Cvr::parse(value).map_or(Reading::Invalid(BAD_CVR), |cvr| Reading::Payee(Identifier::Cvr(cvr)))
}

fn se(value: &str) -> Reading {
    Se::parse(value).map_or(Reading::Invalid(BAD_SE), |se| Reading::Payee(Identifier::Se(se)))
}

fn p(value: &str) -> Reading {
    PNumber::parse(value).map_or(Reading::Invalid(BAD_P), |number| Reading::Payee(Identifier::P(number)))
}

/// Adds an identification; a repeated one is taken once, a contradicting one is doubtful:
/// a second number of the same kind (of other countries: of the same country), or a person beside a company.
pub(super) fn add(payees: &mut Vec<Identifier>, new: Identifier) -> Result<(), Fault> {
    if payees.contains(&new) {
        return Ok(());
    }
    let contradicts = |known: &Identifier| {
        let person = |identifier: &Identifier| matches!(identifier, Identifier::Cpr(_) | Identifier::Foreign(_));
        let same = match (known, &new) {
            (Identifier::Foreign(known), Identifier::Foreign(new)) => known.country() == new.country(),
            _ => known.kind() == new.kind(),
        };
        same || person(known) != person(&new)
    };
    let doubtful = payees.iter().any(contradicts);
    payees.push(new);
    if doubtful { Err(DOUBTFUL) } else { Ok(()) }
}

const fn invalid(text: Words, expected: Words) -> Fault {
    Fault { code: ReasonCode::BE17, text, expected, found: words("en anden tekst", "another text") }
}

const BAD_CPR: Fault = invalid(
    words("CPR-nummeret er ikke gyldigt.", "The CPR number is not valid."),
    words(
        "et CPR-nummer: seks cifre af en dato, der findes, og fire cifre",
        "a CPR number: six digits of an existing date and four digits",
    ),
);
const BAD_CVR: Fault = invalid(
    words("CVR-nummeret er ikke gyldigt.", "The CVR number is not valid."),
    words("et CVR-nummer: otte cifre, der består modulus 11", "a CVR number: eight digits that pass modulus 11"),
);
const BAD_SE: Fault = invalid(
    words("SE-nummeret er ikke gyldigt.", "The SE number is not valid."),
    words("et SE-nummer: otte cifre, der består modulus 11", "an SE number: eight digits that pass modulus 11"),
);
const BAD_P: Fault = invalid(
    words("P-nummeret er ikke gyldigt.", "The P number is not valid."),
    words("et P-nummer: ti cifre", "a P number: ten digits"),
);
const BAD_NKS: Fault = invalid(
    words("Nummeret under arten NKS er ikke et CVR-nummer.", "The number under the scheme NKS is no CVR number."),
    words("et CVR-nummer på 8 cifre", "a CVR number of 8 digits"),
);
const CPR_OR_P: Fault = Fault {
    code: ReasonCode::BE17,
    text: words(
        "Et nummer på 10 cifre under arten NKS kan være et CPR- eller et P-nummer.",
        "A number of 10 digits under the scheme NKS may be a CPR or a P number.",
    ),
    expected: words(
        "arten CPR for et CPR-nummer, arten P for et P-nummer",
        "scheme CPR for a CPR number, scheme P for a P number",
    ),
    found: words("arten NKS", "scheme NKS"),
};
const DOUBTFUL: Fault = Fault {
    code: ReasonCode::BE01,
    text: words(
        "Modtageren er identificeret på to måder, der modsiger hinanden.",
        "The payee is identified in two ways that contradict each other.",
    ),
    expected: words("identifikationer af én modtager", "identifications of one payee"),
    found: words("identifikationer, der modsiger hinanden", "identifications that contradict each other"),
};

/// Nobody knows who is to be paid.
pub(super) const MISSING: Fault = Fault {
    code: ReasonCode::BE17,
    text: words("Modtageren er ikke identificeret.", "The payee is not identified."),
    expected: words("et CPR-, CVR-, SE- eller P-nummer, eller en konto", "a CPR, CVR, SE or P number, or an account"),
    found: words("ingen af delene", "neither"),
};

/// The only identifications are of schemes we do not know.
pub(super) const UNKNOWN_SCHEME: Fault = Fault {
    code: ReasonCode::BE17,
    text: words("Identifikationens art er ukendt.", "The scheme of the identification is unknown."),
    expected: words("en art for CPR-, CVR-, SE- eller P-numre", "a scheme for CPR, CVR, SE or P numbers"),
    found: words("en anden art, eller ingen", "another scheme, or none"),
};

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::IdentifierKind;

    fn check(place: IdPlace, code: Option<&str>, proprietary: Option<&str>, value: &str, expect: Result<IdentifierKind, &str>) {
        let reading = match read(CreditorId { place, value, code, proprietary, issuer: None }) {
            Reading::Payee(identifier) => Ok(identifier.kind()),
            Reading::Account => Err("account"),
            Reading::UnknownScheme => Err("unknown"),
            Reading::Invalid(fault) => Err(fault.code.as_str()),
        };
        assert_eq!(reading, expect, "{place:?} {code:?} {proprietary:?}");
    }

    #[test]
    fn schemes() {
        use IdPlace::{Account, Organisation, Private, Proxy};
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
        check(Account, None, Some("NKS"), nobody, Err("BE17"));
        check(Account, None, Some("NKS"), company, Ok(Cvr));
        check(Account, None, Some("NKS"), "123", Err("BE17"));
        check(Account, Some("BBAN"), None, "00400440116243", Err("account"));
        check(Account, None, None, "00400440116243", Err("unknown"));
        check(Account, None, Some("P"), "1001234567", Ok(P));
        check(Account, Some("CPR"), None, nobody, Ok(Cpr));
        check(Proxy, None, Some("CPR"), nobody, Ok(Cpr));
        check(Proxy, Some("CPR"), None, nobody, Ok(Cpr));
        check(Proxy, Some("CVR"), None, company, Ok(Cvr));
        check(Proxy, None, Some("SE"), company, Ok(Se));
        check(Proxy, None, Some("P"), "1001234567", Ok(P));
        check(Proxy, None, Some("NKS"), nobody, Err("BE17"));
        check(Proxy, Some("NKS"), None, company, Ok(Cvr));
        check(Proxy, None, Some("CPR"), "3113587004", Err("BE17"));
        for other in ["MBNO", "EMAL", "SOSE", "NIDN", "BBAN", "cpr"] {
            check(Proxy, Some(other), None, nobody, Err("unknown"));
        }
        check(Proxy, None, None, nobody, Err("unknown"));
    }

    #[test]
    fn a_national_number_is_of_the_country_its_issuer_says() {
        for code in ["SOSE", "NIDN"] {
            for (issuer, expect) in [
                (None, Ok(IdentifierKind::Cpr)),
                (Some("DK"), Ok(IdentifierKind::Cpr)),
                (Some("SE"), Ok(IdentifierKind::Foreign)),
                (Some("Skatteverket"), Err(Reading::UnknownScheme)),
            ] {
                let (place, value) = (IdPlace::Private, "0101587004");
                let read = match read(CreditorId { place, value, code: Some(code), proprietary: None, issuer }) {
                    Reading::Payee(number) => Ok(number.kind()),
                    other => Err(other),
                };
                assert_eq!(read, expect, "{code} {issuer:?}");
            }
        }
    }

    #[test]
    fn numbers_of_several_countries_may_stand_side_by_side() {
        let foreign = |country: &str, value: &str| {
            Identifier::from_canonical(IdentifierKind::Foreign, &format!("{country}|NIN|{value}")).expect("a known country")
        };
        let person = Identifier::Cpr(Cpr::parse("0101587004").expect("an existing date"));
        let company = Identifier::Cvr(Cvr::parse("12345674").expect("a published number"));
        for (known, new, expect) in [
            (foreign("SE", "1"), person.clone(), Ok(())),
            (person, foreign("NO", "1"), Ok(())),
            (foreign("SE", "1"), foreign("NO", "1"), Ok(())),
            (foreign("SE", "1"), foreign("SE", "2"), Err(DOUBTFUL)),
            (foreign("SE", "1"), company, Err(DOUBTFUL)),
        ] {
            assert_eq!(add(&mut vec![known.clone()], new.clone()), expect, "{known:?} {new:?}");
        }
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
