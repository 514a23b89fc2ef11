//! Which characters a bank takes, and what follows for those who order payments through it.

use contracts::parties::{BankCharacters, BankProfile};
use iso20022::CharacterSet;

/// The characters the bank's files are written in.
pub(crate) fn of_bank(bank: &BankProfile) -> CharacterSet {
    match bank.characters {
        BankCharacters::Unicode => CharacterSet::Unicode,
        BankCharacters::Danish => CharacterSet::Danish,
        BankCharacters::Sepa => CharacterSet::Sepa,
    }
}

/// Whether a text has room in `most` characters as the bank gets it: a conversion may lengthen it.
pub(crate) fn has_room(set: CharacterSet, text: &str, most: usize) -> bool {
    // One character becomes two at most, and has at least one byte.
    2 * text.len() <= most || set.convert(text).chars().count() <= most
}

#[cfg(test)]
mod tests;
