//! Legs as the three columns they are kept in.

use primitives::{LegRef, PaymentRef};

/// Legs column by column, as set-based statements take them.
#[derive(Debug, Default)]
pub(crate) struct LegColumns {
    pub(crate) slices: Vec<i64>,
    pub(crate) rows: Vec<i32>,
    pub(crate) numbers: Vec<i16>,
}

impl FromIterator<LegRef> for LegColumns {
    fn from_iter<I: IntoIterator<Item = LegRef>>(legs: I) -> Self {
        let mut columns = Self::default();
        for leg in legs {
            columns.slices.push(leg.payment.slice);
            columns.rows.push(leg.payment.row);
            columns.numbers.push(leg.leg);
        }
        columns
    }
}

/// The leg in three columns of a row.
pub(crate) fn leg(slice: i64, row: i32, number: i16) -> LegRef {
    PaymentRef::new(slice, row).leg(number)
}
