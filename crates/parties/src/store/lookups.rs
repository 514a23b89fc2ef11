//! Limits of lookups, and alerts. The buckets are the platform's (`platform::anti_scan`).

use contracts::parties::LookupLimit;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use sqlx::PgConnection;

use crate::record::Recorded;

/// The most alerts that are read: of more than that the latest are enough.
const MOST: i64 = 10_000;

/// Somebody was blocked.
pub(crate) struct Alert {
    pub(crate) at: Timestamp,
    pub(crate) who: String,
    pub(crate) tokens: i64,
}

/// Records a version of a limit.
pub(crate) async fn insert_limit(
    connection: &mut PgConnection, (scope, holder): (&str, Option<&str>), limit: &LookupLimit, recorded: &Recorded,
) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "insert into parties.scan_limit (scope, holder, size, per_hour, valid_from, recorded_by) values ($1, $2, $3, $4, $5, $6)",
        scope,
        holder,
        i64::from(limit.size),
        i64::from(limit.per_hour),
        limit.valid_from.to_sqlx(),
        recorded.by,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "lookup limit")
}

/// The alerts since the moment, latest first.
pub(crate) async fn alerts(connection: &mut PgConnection, since: Timestamp) -> Result<Vec<Alert>, sqlx::Error> {
    let rows = sqlx::query!(
        "select at, holder, tokens from parties.scan_alert where at >= $1 order by alert_id desc limit $2",
        since.to_sqlx(),
        MOST,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| Alert { at: row.at.to_jiff(), who: row.holder, tokens: row.tokens }).collect())
}
