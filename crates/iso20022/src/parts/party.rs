//! Parties as messages name them.

use super::national::{NationalNumber, national_number};
use crate::pain001::InitiatingParty;
use crate::record::{List, Prose, optional, record};
use primitives::{Cpr, Cvr, Identifier, PNumber, Se};
use std::fmt;

record! {
    /// A person or an organisation.
    #[derive(Debug)]
    pub struct PartyRef<'a> {
        /// Name.
        name: Option<Prose<'a>> => "Nm",
        /// BIC of an organisation, as written.
        bic: Option<&'a str> => "Id/OrgId/BICOrBEI" | "Id/OrgId/AnyBIC",
        /// Other numbers of an organisation.
        organisation: List<'a, OtherId<'a>> => "Id/OrgId/Othr",
        /// Numbers of a person.
        person: List<'a, OtherId<'a>> => "Id/PrvtId/Othr",
    }
}

record! {
    /// A number of a party. `Debug` hides it.
    pub struct OtherId<'a> {
        /// The number.
        value: &'a str => "Id",
        /// What it is, by a code such as `SOSE`.
        scheme: Option<&'a str> => "SchmeNm/Cd",
        /// What it is, by a text such as `CVR`.
        scheme_text: Option<&'a str> => "SchmeNm/Prtry",
        /// Who gave it, such as a country.
        issuer: Option<&'a str> => "Issr",
    }
}

optional!(PartyRef);

impl<'a> OtherId<'a> {
    /// A number of a scheme that has a code.
    #[must_use]
    pub const fn coded(scheme: &'a str, value: &'a str) -> Self {
        OtherId { value, scheme: Some(scheme), scheme_text: None, issuer: None }
    }

    /// A number of a scheme that has a name only.
    #[must_use]
    pub const fn named(scheme: &'a str, value: &'a str) -> Self {
        OtherId { value, scheme: None, scheme_text: Some(scheme), issuer: None }
    }
}

impl OtherId<'_> {
    /// A person's number, where it is valid and of a scheme we know; another country's where the issuer says so.
    fn of_person(&self) -> Option<Identifier> {
        let cpr = || Cpr::parse(self.value).ok().map(Identifier::Cpr);
        match (self.scheme, self.scheme_text) {
            (Some("SOSE" | "NIDN"), _) => match national_number(self.value, self.issuer) {
                NationalNumber::Cpr => cpr(),
                NationalNumber::Foreign(id) => Some(Identifier::Foreign(id)),
                NationalNumber::Unknown => None,
            },
            (_, Some("CPR")) => cpr(),
            _ => None,
        }
    }
}

impl PartyRef<'_> {
    /// The numbers that are valid and of a scheme we know: the same schemes as the creditor's in a `pain.001`.
    pub fn identifiers(&self) -> impl Iterator<Item = Identifier> {
        let persons = self.person.iter().filter_map(|id| id.of_person());
        let organisations = self.organisation.iter().filter_map(|id| match (id.scheme, id.scheme_text) {
            (Some("COID"), _) | (_, Some("CVR")) => Cvr::parse(id.value).ok().map(Identifier::Cvr),
            (_, Some("SE")) => Se::parse(id.value).ok().map(Identifier::Se),
            (_, Some("P")) => PNumber::parse(id.value).ok().map(Identifier::P),
            _ => None,
        });
        persons.chain(organisations)
    }

    /// Who the party is on the paying side, by the schemes of [`InitiatingParty`]; `None` where a number is not valid in its scheme, or two of
    /// one scheme differ: then nobody can say who is meant.
    #[must_use]
    pub fn initiating(&self) -> Option<InitiatingParty> {
        let mut party = InitiatingParty { name: self.name.map(|name| name.as_str().to_owned()), ..InitiatingParty::default() };
        let mut numbers = self.organisation.iter();
        numbers.all(|id| party.take_up_number(id.value, (id.scheme, id.scheme_text))).then_some(party)
    }
}

impl fmt::Debug for OtherId<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        primitives::mask::hidden(out, "OtherId")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `List` is read from a message, so the numbers are judged one by one.
    #[test]
    fn numbers_of_persons() {
        let cpr = Some("0101587004".to_owned());
        for (scheme, scheme_text, issuer, expect) in [
            (Some("NIDN"), None, None, cpr.clone()),
            (Some("SOSE"), None, Some("DK"), cpr.clone()),
            (Some("NIDN"), None, Some("SE"), Some("SE|NIN|0101587004".to_owned())),
            (Some("SOSE"), None, Some("Skatteverket"), None),
            (None, Some("CPR"), Some("SE"), cpr),
            (Some("CCPT"), None, None, None),
        ] {
            let id = OtherId { value: "0101587004", scheme, scheme_text, issuer };
            let read = id.of_person().map(|number| number.canonical().into_owned());
            assert_eq!(read, expect, "{scheme:?} {scheme_text:?} {issuer:?}");
        }
    }
}
