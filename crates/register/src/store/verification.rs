//! `register.verification_miss`: how many wrong accounts a caller has asked about.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

/// Counts wrong accounts; answers how many it were on the day.
pub(crate) async fn count_misses(conn: &mut PgConnection, caller: &str, today: Date, misses: usize) -> Result<i64, sqlx::Error> {
    if misses > 0 {
        let misses = i32::try_from(misses).unwrap_or(i32::MAX);
        sqlx::query!(
            "insert into register.verification_miss as known (caller, on_day, misses) values ($1, $2, $3)
             on conflict (caller, on_day) do update set misses = known.misses + excluded.misses",
            caller,
            today.to_sqlx() as _,
            misses,
        )
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query_scalar!(
        r#"select coalesce(sum(misses), 0) as "misses!" from register.verification_miss where caller = $1 and on_day = $2"#,
        caller,
        today.to_sqlx() as _,
    )
    .fetch_one(conn)
    .await
}
