//! The creditor's postal address.
//!
//! | address | parts | judged |
//! |---|---|---|
//! | unstructured | `AdrLine` alone, or with `Ctry` | accepted, as the schemas of all versions do |
//! | structured | no `AdrLine` | accepted |
//! | hybrid | `AdrLine` beside other parts | needs `TwnNm` and `Ctry` and has at most 2 `AdrLine`, else BE04 |
//! | any | more than every bank can be given ([`has_room`]) | BE04 |

use super::fault::{Fault, words};
use super::fields::F;
use crate::address::{AddressPart, AddressParts};
use crate::reason::ReasonCode;
use crate::text_store::{Slice, TextStore};
use crate::write::address::has_room;

/// The most `AdrLine` of a hybrid address.
const HYBRID_LINES: usize = 2;

/// An address as collected.
#[derive(Debug, Default)]
pub(super) struct Address {
    pub parts: Vec<(AddressPart, Slice)>,
    pub country: Option<Slice>,
    pub lines: Vec<Slice>,
}

impl Address {
    /// Forgets the address, keeps the memory.
    pub fn clear(&mut self) {
        self.country = None;
        self.parts.clear();
        self.lines.clear();
    }

    /// What is wrong with the shape or the length of the address, and the line it stands on.
    #[inline]
    pub fn judge(&self, texts: &TextStore) -> Result<(), (u64, Fault)> {
        let Some(first) = self.parts.first().map(|(_, slice)| slice).or(self.lines.first()) else { return Ok(()) };
        if let Some(line) = self.lines.first()
            && !self.parts.is_empty()
            && !self.is_sound_hybrid()
        {
            return Err((line.line, HYBRID));
        }
        if has_room(self.parts(texts), self.lines(texts)) { Ok(()) } else { Err((first.line, TOO_LONG)) }
    }

    fn is_sound_hybrid(&self) -> bool {
        let town = self.parts.iter().any(|(part, _)| *part == AddressPart::Town);
        town && self.country.is_some() && self.lines.len() <= HYBRID_LINES
    }

    /// The parts with their texts.
    pub fn parts<'t>(&self, texts: &'t TextStore) -> AddressParts<'t> {
        self.parts.iter().map(|(part, slice)| (*part, texts.get(*slice))).collect()
    }

    /// The lines.
    pub fn lines<'t>(&self, texts: &'t TextStore) -> impl Iterator<Item = &'t str> + Clone {
        self.lines.iter().map(|line| texts.get(*line))
    }
}

/// The part of an address that a field holds.
pub(super) fn part_of(field: F) -> Option<AddressPart> {
    Some(match field {
        F::AddressCareOf => AddressPart::CareOf,
        F::AddressDepartment => AddressPart::Department,
        F::AddressSubDepartment => AddressPart::SubDepartment,
        F::AddressStreet => AddressPart::Street,
        F::AddressBuilding => AddressPart::Building,
        F::AddressBuildingName => AddressPart::BuildingName,
        F::AddressFloor => AddressPart::Floor,
        F::AddressUnit => AddressPart::Unit,
        F::AddressPostBox => AddressPart::PostBox,
        F::AddressRoom => AddressPart::Room,
        F::AddressPostCode => AddressPart::PostCode,
        F::AddressTown => AddressPart::Town,
        F::AddressTownLocation => AddressPart::TownLocation,
        F::AddressDistrict => AddressPart::District,
        F::AddressSubdivision => AddressPart::Subdivision,
        _ => return None,
    })
}

const HYBRID: Fault = Fault {
    code: ReasonCode::BE04,
    text: words(
        "Modtagerens adresse er blandet af felter og linjer på en måde, som bankerne ikke tager imod.",
        "The creditor's address mixes fields and lines in a way that banks do not accept.",
    ),
    expected: words(
        "kun linjer (AdrLine), kun felter, eller TwnNm og Ctry med højst 2 linjer",
        "lines (AdrLine) only, fields only, or TwnNm and Ctry with at most 2 lines",
    ),
    found: words("en anden blanding", "another mixture"),
};

const TOO_LONG: Fault = Fault {
    code: ReasonCode::BE04,
    text: words(
        "Modtagerens adresse er for lang: ikke alle banker kan få den hel.",
        "The creditor's address is too long: not every bank can be given all of it.",
    ),
    expected: words(
        "højst 490 tegn ud over det, der er plads til i felterne i pain.001.001.03",
        "at most 490 characters beside what the fields of pain.001.001.03 hold",
    ),
    found: words("flere tegn", "more characters"),
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts as letters: S street, P post code, T town, C country, O another part, L a line.
    fn check(parts: &str, expect: Result<(), ReasonCode>) {
        let mut texts = TextStore::default();
        let mut address = Address::default();
        for part in parts.chars() {
            let slice = texts.add("text", 7);
            match part {
                'S' => address.parts.push((AddressPart::Street, slice)),
                'P' => address.parts.push((AddressPart::PostCode, slice)),
                'T' => address.parts.push((AddressPart::Town, slice)),
                'C' => address.country = Some(slice),
                'O' => address.parts.push((AddressPart::Floor, slice)),
                _ => address.lines.push(slice),
            }
        }
        assert_eq!(address.judge(&texts).map_err(|(_, fault)| fault.code), expect, "{parts}");
    }

    #[test]
    fn shapes() {
        for accepted in ["", "C", "L", "LLLLLLL", "CLLL", "SPTC", "S", "TCL", "TCLL", "SPTCLL", "OTCL"] {
            check(accepted, Ok(()));
        }
        for refused in ["TCLLL", "TL", "SCL", "OL", "PCL", "SPTL"] {
            check(refused, Err(ReasonCode::BE04));
        }
    }
}
