//! All SQL of the house, a file per noun.

pub(crate) mod deposit;
pub(crate) mod due;
pub(crate) mod feed_cursor;
pub(crate) mod ledger;
pub(crate) mod release;
pub(crate) mod reversal;
pub(crate) mod voided_leg;
