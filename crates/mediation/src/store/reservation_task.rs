//! Reservations at other houses that are to be posted or voided.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::{LegRef, PaymentRef};
use sqlx::PgConnection;

use crate::error::Error;

/// Which house a task is for, and what it is to do. The codes of the database: 1 set-off, 2 holding; 1 post, 2 void, 3 reverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub house: i16,
    pub action: i16,
}

/// Locks open tasks of a kind until the end of the transaction, passing over those another worker is at.
pub(crate) async fn lock(connection: &mut PgConnection, kind: Kind, limit: i64) -> Result<Vec<LegRef>, Error> {
    let rows = sqlx::query!(
        "select slice_id, row_no, leg_no from mediation.reservation_task
         where house = $1 and action = $2 and done_at is null and refusal is null
         order by slice_id, row_no, leg_no limit $3 for update skip locked",
        kind.house,
        kind.action,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| PaymentRef::new(row.slice_id, row.row_no).leg(row.leg_no)).collect())
}

/// Notes what the other house answered: done, or the code of its refusal.
pub(crate) async fn note(
    connection: &mut PgConnection, kind: Kind, answers: &[(LegRef, Option<&'static str>)], done_at: Timestamp,
) -> Result<(), Error> {
    let slices: Vec<i64> = answers.iter().map(|(leg, _)| leg.payment.slice).collect();
    let rows: Vec<i32> = answers.iter().map(|(leg, _)| leg.payment.row).collect();
    let numbers: Vec<i16> = answers.iter().map(|(leg, _)| leg.leg).collect();
    let refusals: Vec<Option<&str>> = answers.iter().map(|(_, refusal)| *refusal).collect();
    let done = sqlx::query!(
        "update mediation.reservation_task t
         set done_at = case when a.refusal is null then $1::timestamptz end, refusal = a.refusal
         from unnest($2::bigint[], $3::int[], $4::smallint[], $5::text[]) as a (slice_id, row_no, leg_no, refusal)
         where t.slice_id = a.slice_id and t.row_no = a.row_no and t.leg_no = a.leg_no and t.house = $6 and t.done_at is null",
        done_at.to_sqlx(),
        &slices,
        &rows,
        &numbers,
        &refusals as _,
        kind.house,
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), answers.len(), "reservation tasks")?)
}
