//! Payees that were found by a number that a new one has replaced.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::DeliveryId;
use sqlx::PgConnection;

use crate::error::Error;
use crate::report::REPLACED_NUMBER;

/// Notes the payments of a slice, and that the payer is to be told.
pub(crate) async fn insert(
    connection: &mut PgConnection, (delivery, slice): (DeliveryId, i64), rows: &[i32], arisen_at: Timestamp,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into mediation.replaced_number (slice_id, row_no) select $1, row_no from unnest($2::int[]) as r (row_no)",
        slice,
        rows,
    )
    .execute(&mut *connection)
    .await?;
    expect_rows(done.rows_affected(), rows.len(), "replaced numbers")?;
    let done = sqlx::query!(
        "insert into mediation.report_task (delivery_id, answer, slice_id, arisen_at) values ($1, $2, $3, $4)",
        delivery.get(),
        REPLACED_NUMBER,
        slice,
        arisen_at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a report task")?)
}
