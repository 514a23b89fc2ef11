//! The rules beyond the schema, as far as they can be set.

use super::dates::Horizon;
use crate::write::CharacterSet;
use jiff::civil::Date;

/// What [`crate::Pain001Reader`] asks of a `pain.001` beyond its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The civil day in Denmark on which the file was received. Without it no date is too early or too late.
    pub received: Option<Date>,
    /// How far from that day a requested execution date may lie.
    pub horizon: Horizon,
    /// The characters of references, and those that names, addresses and texts must be convertible to (RR10). Default
    /// Danish; [`CharacterSet::Unicode`] allows all that XML does.
    pub characters: CharacterSet,
    /// The largest amount of a payment in minor units. No public source: default 10¹³, a hundred billion kroner, chosen
    /// by us.
    pub largest_amount: i64,
    /// How many blocks' `PmtInfId` are remembered to find one used twice (DU02). Default 65,536.
    pub remembered_blocks: usize,
    /// How many payments' references are remembered to find one used twice (DU03, DU04, DU05). Default 0: a house that
    /// keeps references knows those of earlier files too.
    pub remembered_payments: usize,
    /// Whether `EndToEndId`s are among them (DU04). Default yes; a house that keeps them looks for them itself.
    pub remembers_end_to_end: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            received: None,
            horizon: Horizon::default(),
            characters: CharacterSet::Danish,
            largest_amount: 10_000_000_000_000,
            remembered_blocks: 1 << 16,
            remembered_payments: 0,
            remembers_end_to_end: true,
        }
    }
}
