//! `register.notice`: what holders are to be told.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::HolderRef;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::fault::Fault;
use crate::notice::{Kind, Note};

/// A notice that waits.
pub(crate) struct Waiting {
    pub notice: i64,
    pub note: Note,
}

/// Puts notices in the outbox.
pub(crate) async fn insert(conn: &mut PgConnection, notes: &[Note], at: Timestamp) -> Result<(), sqlx::Error> {
    if notes.is_empty() {
        return Ok(());
    }
    let holders: Vec<Uuid> = notes.iter().map(|note| note.holder.get()).collect();
    let kinds: Vec<&str> = notes.iter().map(|note| note.kind.as_str()).collect();
    let specific: Vec<bool> = notes.iter().map(|note| note.is_specific).collect();
    let days: Vec<Option<jiff_sqlx::Date>> = notes.iter().map(|note| note.on.map(ToSqlx::to_sqlx)).collect();
    let done = sqlx::query!(
        "insert into register.notice (holder_ref, kind, is_specific, on_day, recorded_at)
         select told.*, $5::timestamptz from unnest($1::uuid[], $2::text[], $3::bool[], $4::date[]) as told",
        &holders,
        &kinds as _,
        &specific,
        &days as _,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), notes.len(), "insert notices")
}

/// The oldest notices that were not sent.
pub(crate) async fn unsent(conn: &mut PgConnection, limit: i64) -> Result<Vec<Waiting>, Fault> {
    let rows = sqlx::query!(
        "select notice_id, holder_ref, kind, is_specific, on_day from register.notice where sent_at is null order by notice_id limit $1",
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let note = Note {
                holder: HolderRef(row.holder_ref),
                kind: Kind::parse(&row.kind).ok_or(Fault::Corrupt("kind of notice"))?,
                is_specific: row.is_specific,
                on: row.on_day.map(|day| day.to_jiff()),
            };
            Ok(Waiting { notice: row.notice_id, note })
        })
        .collect()
}

/// Notes that notices were sent; one sent before keeps its first time.
pub(crate) async fn mark_sent(conn: &mut PgConnection, notices: &[i64], at: Timestamp) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "update register.notice set sent_at = $2 where notice_id = any($1) and sent_at is null",
        notices,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
