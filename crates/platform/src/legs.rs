//! Legs as the three columns they are kept in by every house that has something to do with them.

use primitives::{LegRef, PaymentRef};
use sqlx::PgConnection;

/// Legs column by column, as set-based statements take them.
#[derive(Debug, Default)]
pub struct LegColumns {
    /// The slices of their payments.
    pub slices: Vec<i64>,
    /// The rows of their payments.
    pub rows: Vec<i32>,
    /// Their numbers.
    pub numbers: Vec<i16>,
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

impl LegColumns {
    /// Lets one call of the house at a time work on legs of a slice, until the transaction ends: what is read after this is not overtaken by a
    /// call made at the same time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_slices(&self, conn: &mut PgConnection, house: &'static str) -> Result<(), sqlx::Error> {
        let mut slices: Vec<String> = self.slices.iter().map(|slice| format!("{house}.leg/{slice}")).collect();
        slices.sort_unstable();
        slices.dedup();
        sqlx::query("select count(pg_advisory_xact_lock(hashtextextended(slice, 0))::text) from unnest($1::text[]) slice")
            .bind(slices)
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// The leg in three columns of a row.
#[must_use]
pub fn leg(slice: i64, row: i32, number: i16) -> LegRef {
    PaymentRef::new(slice, row).leg(number)
}
