//! The parts of a postal address that have an element of their own.

use crate::write::Pain001Version;

/// A part of a postal address (`PostalAddress6`, `24` and `27` of the standard), in the order of the schemas; the country and the lines
/// (`AdrLine`) stand beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressPart {
    /// `CareOf`.
    CareOf,
    /// `Dept`.
    Department,
    /// `SubDept`.
    SubDepartment,
    /// `StrtNm`.
    Street,
    /// `BldgNb`.
    Building,
    /// `BldgNm`.
    BuildingName,
    /// `Flr`.
    Floor,
    /// `UnitNb`.
    Unit,
    /// `PstBx`.
    PostBox,
    /// `Room`.
    Room,
    /// `PstCd`.
    PostCode,
    /// `TwnNm`.
    Town,
    /// `TwnLctnNm`.
    TownLocation,
    /// `DstrctNm`.
    District,
    /// `CtrySubDvsn`.
    Subdivision,
}

impl AddressPart {
    /// All parts, in the order of the schemas.
    pub const ALL: [AddressPart; 15] = [
        AddressPart::CareOf,
        AddressPart::Department,
        AddressPart::SubDepartment,
        AddressPart::Street,
        AddressPart::Building,
        AddressPart::BuildingName,
        AddressPart::Floor,
        AddressPart::Unit,
        AddressPart::PostBox,
        AddressPart::Room,
        AddressPart::PostCode,
        AddressPart::Town,
        AddressPart::TownLocation,
        AddressPart::District,
        AddressPart::Subdivision,
    ];

    /// Its element's name, and the characters it holds in versions 03, 09 and 12; 0 where a version has no such element.
    const fn facts(self) -> (&'static str, [usize; 3]) {
        match self {
            AddressPart::CareOf => ("CareOf", [0, 0, 140]),
            AddressPart::Department => ("Dept", [70, 70, 70]),
            AddressPart::SubDepartment => ("SubDept", [70, 70, 70]),
            AddressPart::Street => ("StrtNm", [70, 70, 140]),
            AddressPart::Building => ("BldgNb", [16, 16, 16]),
            AddressPart::BuildingName => ("BldgNm", [0, 35, 140]),
            AddressPart::Floor => ("Flr", [0, 70, 70]),
            AddressPart::Unit => ("UnitNb", [0, 0, 16]),
            AddressPart::PostBox => ("PstBx", [0, 16, 16]),
            AddressPart::Room => ("Room", [0, 70, 70]),
            AddressPart::PostCode => ("PstCd", [16, 16, 16]),
            AddressPart::Town => ("TwnNm", [35, 35, 140]),
            AddressPart::TownLocation => ("TwnLctnNm", [0, 35, 140]),
            AddressPart::District => ("DstrctNm", [0, 35, 140]),
            AddressPart::Subdivision => ("CtrySubDvsn", [35, 35, 35]),
        }
    }

    /// The name of its element.
    #[must_use]
    pub const fn element(self) -> &'static str {
        self.facts().0
    }

    /// The most characters its element holds; 0 where the version has no such element.
    #[must_use]
    pub const fn room(self, version: Pain001Version) -> usize {
        self.facts().1[version as usize]
    }
}

/// An address's parts by their elements.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct AddressParts<'a>([Option<&'a str>; AddressPart::ALL.len()]);

impl<'a> AddressParts<'a> {
    /// The text of a part.
    #[must_use]
    pub fn get(&self, part: AddressPart) -> Option<&'a str> {
        self.0[part as usize]
    }

    /// Sets the text of a part.
    pub fn set(&mut self, part: AddressPart, text: &'a str) {
        self.0[part as usize] = Some(text);
    }

    /// The parts there are, in the order of the schemas.
    pub fn iter(&self) -> impl Iterator<Item = (AddressPart, &'a str)> {
        AddressPart::ALL.into_iter().zip(self.0).filter_map(|(part, text)| Some((part, text?)))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}

impl<'a> FromIterator<(AddressPart, &'a str)> for AddressParts<'a> {
    fn from_iter<I: IntoIterator<Item = (AddressPart, &'a str)>>(parts: I) -> Self {
        let mut address = AddressParts::default();
        parts.into_iter().for_each(|(part, text)| address.set(part, text));
        address
    }
}

impl std::fmt::Debug for AddressParts<'_> {
    /// Shows which parts there are, and no text: an address is personal.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.iter().map(|(part, _)| part)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::binding::Binding;

    /// The order is that of the numbers, and a version's elements are those of its schema. How much they hold, `tests/round_trip.rs` says.
    #[test]
    fn the_parts_are_those_of_the_schemas() {
        for (number, part) in AddressPart::ALL.into_iter().enumerate() {
            assert_eq!(part as usize, number);
            for version in [Pain001Version::V03, Pain001Version::V09, Pain001Version::V12] {
                let path = format!("CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Cdtr/PstlAdr/{}", part.element());
                let is_there = Binding::new(version.message().tables(), &[(&path, 1)]).is_ok();
                assert_eq!(part.room(version) > 0, is_there, "{part:?} in {version:?}");
            }
            let rooms = [Pain001Version::V03, Pain001Version::V09, Pain001Version::V12].map(|version| part.room(version));
            assert!(rooms.is_sorted(), "what fits in version 03 fits in all: {part:?}");
        }
    }
}
