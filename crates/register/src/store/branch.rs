//! `register.branch_move`: registration numbers that become another.

use std::collections::HashMap;

use contracts::register::BranchMove;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::entry::Stamp;

/// A move.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub from: String,
    pub into: String,
    pub on: Date,
    /// Sealed.
    pub reason: Vec<u8>,
}

/// Moves by the number that moves.
pub(crate) type Moves = HashMap<String, Move>;

/// Moves that are made together.
#[derive(Debug)]
pub(crate) struct Pass {
    pub moves: Moves,
    /// The last holder that all of them have passed.
    pub reached: Option<Uuid>,
}

/// Takes a move; answers whether the number had not moved before.
pub(crate) async fn insert(conn: &mut PgConnection, wanted: &BranchMove, stamp: &Stamp) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into register.branch_move (from_registration, into_registration, on_day, recorded_at, recorded_by, reason)
         values ($1, $2, $3, $4, $5, $6) on conflict (from_registration) do nothing",
        wanted.from,
        wanted.into,
        wanted.on.to_sqlx() as _,
        stamp.at.to_sqlx(),
        stamp.by,
        stamp.reason,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// All moves.
pub(crate) async fn all(conn: &mut PgConnection) -> Result<Moves, sqlx::Error> {
    let rows = sqlx::query!("select from_registration, into_registration, on_day, reason from register.branch_move")
        .fetch_all(conn)
        .await?;
    let moves = rows.into_iter().map(|row| Move {
        from: row.from_registration,
        into: row.into_registration,
        on: row.on_day.to_jiff(),
        reason: row.reason,
    });
    Ok(moves.map(|wanted| (wanted.from.clone(), wanted)).collect())
}

/// The moves that have not come to their end, from where the last of them has come; other calls leave them alone until this one is done. None where
/// there are none, or another call has them.
pub(crate) async fn under_way(conn: &mut PgConnection) -> Result<Option<Pass>, sqlx::Error> {
    let rows = sqlx::query!(
        "select from_registration, into_registration, on_day, reason, reached from register.branch_move
         where not is_done for update skip locked"
    )
    .fetch_all(conn)
    .await?;
    let mut pass: Option<Pass> = None;
    for row in rows {
        let pass = pass.get_or_insert_with(|| Pass { moves: Moves::new(), reached: row.reached });
        // `None` sorts first: from the beginning.
        pass.reached = pass.reached.min(row.reached);
        let (from, into, on) = (row.from_registration, row.into_registration, row.on_day.to_jiff());
        pass.moves.insert(from.clone(), Move { from, into, on, reason: row.reason });
    }
    Ok(pass)
}

/// The next holders in the order of their references.
pub(crate) async fn holders_after(conn: &mut PgConnection, reached: Option<Uuid>, limit: i64) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select holder_ref from register.holder where $1::uuid is null or holder_ref > $1 order by holder_ref limit $2",
        reached,
        limit,
    )
    .fetch_all(conn)
    .await
}

/// Notes how far moves have come; without a holder, that they have come to their end.
pub(crate) async fn reach(conn: &mut PgConnection, pass: &Pass, reached: Option<Uuid>) -> Result<(), sqlx::Error> {
    let moves: Vec<&str> = pass.moves.keys().map(String::as_str).collect();
    let done = sqlx::query!(
        "update register.branch_move set reached = greatest(reached, $2), is_done = $2::uuid is null where from_registration = any($1)",
        &moves as _,
        reached,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), moves.len(), "reach with branch moves")
}
