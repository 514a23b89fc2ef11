//! The creditor's postal address as lines.
//!
//! | address | parts | judged |
//! |---|---|---|
//! | unstructured | `AdrLine` alone, or with `Ctry` | accepted, as the schemas of all versions do |
//! | structured | no `AdrLine` | accepted |
//! | hybrid | `AdrLine` beside other parts | needs `TwnNm` and `Ctry` and has at most 2 `AdrLine`, else BE04 |

use super::fault::{Fault, words};
use crate::reason::ReasonCode;
use crate::text_store::{Slice, TextStore};

/// The most `AdrLine` of a hybrid address.
const HYBRID_LINES: usize = 2;

/// Parts of an address as collected, and its lines.
#[derive(Debug, Default)]
pub(super) struct AddressLines {
    pub street: Option<Slice>,
    pub building: Option<Slice>,
    pub post_code: Option<Slice>,
    pub town: Option<Slice>,
    pub country: Option<Slice>,
    /// The other structured parts, such as floor, post box or district, in the order of the file.
    pub others: Vec<Slice>,
    pub written: Vec<Slice>,
    lines: Vec<Slice>,
}

impl AddressLines {
    /// Forgets the address, keeps the memory.
    pub fn clear(&mut self) {
        (self.street, self.building, self.post_code, self.town, self.country) = (None, None, None, None, None);
        self.others.clear();
        self.written.clear();
        self.lines.clear();
    }

    /// Puts the lines together once the payment is read.
    pub fn arrange(&mut self, texts: &mut TextStore) {
        let pair = |texts: &mut TextStore, pair: [Option<Slice>; 2]| match pair {
            [Some(first), Some(second)] => texts.join(&[first, second], " "),
            [first, second] => first.or(second),
        };
        self.lines.extend(pair(texts, [self.street, self.building]));
        self.lines.extend(texts.join(&self.others, ", "));
        self.lines.extend(pair(texts, [self.post_code, self.town]));
        self.lines.extend_from_slice(&self.written);
    }

    /// What is wrong with the shape of the address, and the line it stands on.
    #[inline]
    pub fn judge(&self) -> Result<(), (u64, Fault)> {
        let Some(first) = self.written.first() else { return Ok(()) };
        let parts = [self.street, self.building, self.post_code, self.town];
        if parts.iter().all(Option::is_none) && self.others.is_empty() {
            return Ok(());
        }
        let complete = self.town.is_some() && self.country.is_some();
        if complete && self.written.len() <= HYBRID_LINES { Ok(()) } else { Err((first.line, HYBRID)) }
    }

    /// The lines.
    pub fn lines(&self) -> &[Slice] {
        &self.lines
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts as letters: S street, P post code, T town, C country, O another part, L a line.
    fn check(parts: &str, expect: Result<(), ReasonCode>) {
        let mut texts = TextStore::default();
        let mut address = AddressLines::default();
        for part in parts.chars() {
            let slice = texts.add("text", 7);
            match part {
                'S' => address.street = Some(slice),
                'P' => address.post_code = Some(slice),
                'T' => address.town = Some(slice),
                'C' => address.country = Some(slice),
                'O' => address.others.push(slice),
                _ => address.written.push(slice),
            }
        }
        assert_eq!(address.judge().map_err(|(_, fault)| fault.code), expect, "{parts}");
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
