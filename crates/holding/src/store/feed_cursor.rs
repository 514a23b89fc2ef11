//! How far the register's feed is read, and the merges it has told of.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use primitives::{FeedPosition, HolderRef};
use sqlx::PgConnection;

/// The last fact worked: its position, 0 before the first, and its epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) position: FeedPosition,
    pub(crate) epoch: i32,
}

/// The last fact worked.
pub(crate) async fn read(conn: &mut PgConnection) -> Result<Cursor, sqlx::Error> {
    let row = sqlx::query!("select position, epoch from holding.feed_cursor where feed = 'register'").fetch_one(conn).await?;
    Ok(Cursor { position: FeedPosition(row.position), epoch: row.epoch })
}

/// Moves on, or back; says whether it did, which it does not when another worker has been faster.
pub(crate) async fn advance(conn: &mut PgConnection, from: Cursor, to: Cursor) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update holding.feed_cursor set position = $3, epoch = $4 where feed = 'register' and position = $1 and epoch = $2",
        from.position.get(),
        from.epoch,
        to.position.get(),
        to.epoch,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Remembers that one holder stands for both. To be told twice changes nothing.
pub(crate) async fn record_merge(
    conn: &mut PgConnection, from: HolderRef, into: HolderRef, at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into holding.holder_merge (from_holder, into_holder, recorded_at) values ($1, $2, $3)
         on conflict (from_holder, into_holder) do nothing",
        from.get(),
        into.get(),
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}
