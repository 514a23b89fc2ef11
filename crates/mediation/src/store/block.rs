//! Payment information blocks.

use platform::copy::{CopyBuffer, copy_in};
use platform::database::expect_rows;
use primitives::{BankCode, DeliveryId};
use sqlx::PgConnection;

use crate::error::Error;

/// Takes blocks.
const COPY_IN: &str = "COPY mediation.payment_block (delivery_id, block_no, block_id, debtor_account, bank, unit, batch_booking, benefit, \
     requested_date, service_level, category_purpose, charge_bearer, more) FROM STDIN (FORMAT binary)";

/// The columns of [`COPY_IN`].
pub(crate) const COLUMNS: u16 = 13;

/// Stores encoded blocks.
pub(crate) async fn insert(connection: &mut PgConnection, blocks: &CopyBuffer) -> Result<(), Error> {
    let stored = copy_in(connection, COPY_IN, blocks).await?;
    Ok(expect_rows(stored, usize::try_from(blocks.rows()).unwrap_or(usize::MAX), "payment information blocks")?)
}

/// The banks of some blocks of a delivery.
pub(crate) async fn banks(
    connection: &mut PgConnection, delivery: DeliveryId, blocks: &[i32],
) -> Result<Vec<(i32, BankCode)>, Error> {
    let rows = sqlx::query!(
        "select block_no, bank from mediation.payment_block where delivery_id = $1 and block_no = any($2)",
        delivery.get(),
        blocks,
    )
    .fetch_all(connection)
    .await?;
    expect_rows(u64::try_from(rows.len()).unwrap_or(u64::MAX), blocks.len(), "blocks of a slice")?;
    rows.into_iter()
        .map(|row| Ok((row.block_no, BankCode::parse(&row.bank).map_err(|_| Error::Corrupt("a bank's code"))?)))
        .collect()
}
