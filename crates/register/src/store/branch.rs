//! `register.branch_move`: registration numbers that become another.

use contracts::register::BranchMove;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::entry::Stamp;

/// A move, and how far it has come.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub from: String,
    pub into: String,
    pub on: Date,
    /// Sealed.
    pub reason: Vec<u8>,
    /// The last holder whose accounts were moved.
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

/// All moves, in the order of their days.
pub(crate) async fn all(conn: &mut PgConnection) -> Result<Vec<Move>, sqlx::Error> {
    let rows = sqlx::query!(
        "select from_registration, into_registration, on_day, reason, reached from register.branch_move order by on_day, from_registration"
    )
    .fetch_all(conn)
    .await?;
    let moves = rows.into_iter().map(|row| Move {
        from: row.from_registration,
        into: row.into_registration,
        on: row.on_day.to_jiff(),
        reason: row.reason,
        reached: row.reached,
    });
    Ok(moves.collect())
}

/// The earliest move that has not come to its end.
pub(crate) async fn unfinished(conn: &mut PgConnection) -> Result<Option<Move>, sqlx::Error> {
    let row = sqlx::query!(
        "select from_registration, into_registration, on_day, reason, reached from register.branch_move
         where not is_done order by on_day, from_registration limit 1"
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Move {
        from: row.from_registration,
        into: row.into_registration,
        on: row.on_day.to_jiff(),
        reason: row.reason,
        reached: row.reached,
    }))
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

/// Notes how far a move has come; without a holder, that it has come to its end.
pub(crate) async fn reach(conn: &mut PgConnection, wanted: &Move, reached: Option<Uuid>) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "update register.branch_move set reached = coalesce($2, reached), is_done = $2::uuid is null where from_registration = $1",
        wanted.from,
        reached,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), 1, "reach with a branch move")
}
