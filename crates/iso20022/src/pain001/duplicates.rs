//! References that a file uses twice, found in bounded memory.

use super::fault::{Fault, words};
use crate::reason::ReasonCode;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hasher};

/// Which kind of reference; the same text in two kinds is no repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReferenceKind {
    Block = 1,
    Uetr,
    EndToEnd,
    Instruction,
}

/// References seen so far, each with its line.
///
/// Kept are digests of 128 bits: that two different references of a million meet is less likely than 1 in 10²⁶.
#[derive(Debug, Default)]
pub(super) struct Seen {
    most: usize,
    lines: HashMap<u128, u64>,
    /// References that were not looked at for want of room.
    pub passed_over: u64,
}

impl Seen {
    /// Remembers at most so many references.
    pub fn new(most: usize) -> Self {
        Seen { most, ..Seen::default() }
    }

    /// Whether anything is remembered.
    #[inline]
    pub fn is_wanted(&self) -> bool {
        self.most > 0
    }

    /// Remembers a reference; gives the line of an earlier one that is the same.
    pub fn note(&mut self, kind: ReferenceKind, reference: &str, line: u64) -> Option<u64> {
        let full = self.lines.len() >= self.most;
        match self.lines.entry(digest(kind, reference)) {
            Entry::Occupied(first) => return Some(*first.get()),
            Entry::Vacant(_) if full => self.passed_over += 1,
            Entry::Vacant(place) => {
                place.insert(line);
            }
        }
        None
    }
}

fn digest(kind: ReferenceKind, reference: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(salt);
        hasher.write_u8(kind as u8);
        hasher.write(reference.as_bytes());
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

const fn repeated(code: ReasonCode, da: &'static str, en: &'static str) -> Fault {
    Fault {
        code,
        text: words(da, en),
        expected: words("en reference, der bruges én gang i filen", "a reference used once in the file"),
        found: words("", ""),
    }
}

/// `PmtInfId` used twice.
pub(super) const BLOCK: Fault =
    repeated(ReasonCode::DU02, "PmtInfId er brugt før i filen.", "The PmtInfId is used earlier in the file.");
/// `UETR` used twice: the same transaction.
pub(super) const TRANSACTION: Fault =
    repeated(ReasonCode::DU03, "Betalingens UETR er brugt før i filen.", "The payment's UETR is used earlier in the file.");
/// `EndToEndId` used twice.
pub(super) const END_TO_END: Fault =
    repeated(ReasonCode::DU04, "EndToEndId er brugt før i filen.", "The EndToEndId is used earlier in the file.");
/// `InstrId` used twice.
pub(super) const INSTRUCTION: Fault =
    repeated(ReasonCode::DU05, "InstrId er brugt før i filen.", "The InstrId is used earlier in the file.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions() {
        let mut seen = Seen::new(3);
        assert_eq!(seen.note(ReferenceKind::EndToEnd, "A", 1), None);
        assert_eq!(seen.note(ReferenceKind::Instruction, "A", 2), None);
        assert_eq!(seen.note(ReferenceKind::EndToEnd, "B", 3), None);
        assert_eq!(seen.note(ReferenceKind::EndToEnd, "A", 4), Some(1));
        assert_eq!(seen.note(ReferenceKind::EndToEnd, "C", 5), None);
        assert_eq!(seen.note(ReferenceKind::EndToEnd, "C", 6), None, "there was no room to remember it");
        assert_eq!(seen.passed_over, 2);
        assert!(!Seen::new(0).is_wanted());
    }
}
