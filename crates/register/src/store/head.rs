//! The head: the time of the latest change. Writers queue on it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use primitives::EntryRef;
use sqlx::PgConnection;

/// Makes this transaction the only writer until it ends, and answers the time its changes are recorded under: `now`, or just after the
/// change before it. So recorded times grow in the order of commits, whatever the clocks say.
pub(crate) async fn advance(conn: &mut PgConnection, now: Timestamp) -> Result<Timestamp, sqlx::Error> {
    let at = sqlx::query_scalar!(
        r#"update register.head set recorded_at = greatest($1::timestamptz, recorded_at + interval '1 microsecond')
           where single returning recorded_at"#,
        now.to_sqlx(),
    )
    .fetch_one(conn)
    .await?;
    Ok(at.to_jiff())
}

/// Takes `count` entry numbers; answers them in order.
pub(crate) async fn take_entries(
    conn: &mut PgConnection, count: usize,
) -> Result<impl Iterator<Item = EntryRef> + use<>, sqlx::Error> {
    let wanted = i64::try_from(count).unwrap_or(i64::MAX);
    let last =
        sqlx::query_scalar!("update register.head set last_entry = last_entry + $1 where single returning last_entry", wanted,)
            .fetch_one(conn)
            .await?;
    Ok((last - wanted + 1..=last).map(EntryRef))
}

/// Closes the time up to `at`: waits for a writer under way, and whatever is recorded from now on is recorded later. So an answer as known at
/// a time never changes, whatever the clocks of other writers say.
pub(crate) async fn close_until(conn: &mut PgConnection, at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update register.head set recorded_at = $1::timestamptz where single and recorded_at < $1::timestamptz",
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The time of the latest change.
pub(crate) async fn latest(conn: &mut PgConnection) -> Result<Timestamp, sqlx::Error> {
    let at = sqlx::query_scalar!("select recorded_at from register.head where single").fetch_one(conn).await?;
    Ok(at.to_jiff())
}
