//! How far the register's feed is read, and the merges it has told of.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use primitives::{FeedPosition, HolderRef};
use sqlx::PgConnection;

/// The last position worked.
pub(crate) async fn position(conn: &mut PgConnection) -> Result<FeedPosition, sqlx::Error> {
    sqlx::query_scalar!("select position from holding.feed_cursor where feed = 'register'")
        .fetch_one(conn)
        .await
        .map(FeedPosition)
}

/// Moves on; says whether it did, which it does not when another worker has been faster.
pub(crate) async fn advance(conn: &mut PgConnection, from: FeedPosition, to: FeedPosition) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update holding.feed_cursor set position = $2 where feed = 'register' and position = $1",
        from.get(),
        to.get(),
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
