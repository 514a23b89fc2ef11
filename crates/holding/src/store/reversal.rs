//! Deposits whose money has left the state's account again.

use contracts::holding::DepositState;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::fault::Fault;
use platform::legs::LegColumns;
use sqlx::PgConnection;

use crate::store::{deposit, due, ledger};

/// Locks the states of the legs' deposits until the transaction ends: what follows from them holds then.
pub(crate) async fn lock(conn: &mut PgConnection, legs: &LegColumns) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "select s.deposit_id
         from holding.deposit_state s join holding.deposit d using (deposit_id)
         join unnest($1::bigint[], $2::integer[], $3::smallint[]) as u (slice, row, number)
             on d.leg_slice = u.slice and d.leg_row = u.row and d.leg_number = u.number
         order by s.deposit_id for update of s",
        &legs.slices,
        &legs.rows,
        &legs.numbers,
    )
    .fetch_all(conn)
    .await
}

/// Notes that the money of these deposits has gone back. To be told twice changes nothing.
pub(crate) async fn note(conn: &mut PgConnection, deposits: &[i64], at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into holding.reversal (deposit_id, asked_at)
         select s.deposit_id, $2::timestamptz from holding.deposit_state s
         where s.deposit_id = any($1::bigint[]) and s.state in ('posted', 'releasing', 'released')
         on conflict (deposit_id) do nothing",
        deposits,
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Reverses those of the deposits that are posted and whose money has gone back; gives back which.
pub(crate) async fn reverse_wanted(conn: &mut PgConnection, deposits: &[i64], at: Timestamp) -> Result<Vec<i64>, Fault> {
    let wanted = sqlx::query_scalar!("select deposit_id from holding.reversal where deposit_id = any($1::bigint[])", deposits)
        .fetch_all(&mut *conn)
        .await?;
    let reversed = deposit::move_state(conn, &wanted, DepositState::Posted, DepositState::Reversed, at).await?;
    ledger::reverse_deposits(conn, &reversed, at).await?;
    due::remove(conn, &reversed).await?;
    Ok(reversed)
}
