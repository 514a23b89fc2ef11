//! Legs that were voided while they had no reservation.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use primitives::LegRef;
use sqlx::PgConnection;

use platform::legs::{self, LegColumns};

/// Keeps that the legs without a reservation are voided.
pub(crate) async fn keep(conn: &mut PgConnection, legs: &LegColumns, at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into setoff.voided_leg (leg_slice, leg_row, leg_number, voided_at)
         select u.slice, u.row, u.number, $4::timestamptz
         from unnest($1::bigint[], $2::integer[], $3::smallint[]) as u (slice, row, number)
         where not exists (
             select from setoff.reservation r where r.leg_slice = u.slice and r.leg_row = u.row and r.leg_number = u.number)
         on conflict (leg_slice, leg_row, leg_number) do nothing",
        &legs.slices,
        &legs.rows,
        &legs.numbers,
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Those of the legs that were voided so.
pub(crate) async fn among(conn: &mut PgConnection, legs: &LegColumns) -> Result<HashSet<LegRef>, sqlx::Error> {
    let rows = sqlx::query!(
        "select v.leg_slice, v.leg_row, v.leg_number
         from unnest($1::bigint[], $2::integer[], $3::smallint[]) as u (slice, row, number)
         join setoff.voided_leg v on v.leg_slice = u.slice and v.leg_row = u.row and v.leg_number = u.number",
        &legs.slices,
        &legs.rows,
        &legs.numbers,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| legs::leg(row.leg_slice, row.leg_row, row.leg_number)).collect())
}
