//! `register.last_word`: when holders have said last where their NemKonto is.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use primitives::HolderRef;
use sqlx::PgConnection;
use uuid::Uuid;

/// When holders have said last where their NemKonto is, or that there is none; those that never have are absent.
pub(crate) async fn of(conn: &mut PgConnection, holders: &[Uuid]) -> Result<HashMap<HolderRef, Timestamp>, sqlx::Error> {
    let rows = sqlx::query!("select holder_ref, said_at from register.last_word where holder_ref = any($1)", holders)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (HolderRef(row.holder_ref), row.said_at.to_jiff())).collect())
}

/// Notes what holders have said; an earlier word changes nothing. Each holder once.
pub(crate) async fn note(conn: &mut PgConnection, words: &[(HolderRef, Timestamp)]) -> Result<(), sqlx::Error> {
    if words.is_empty() {
        return Ok(());
    }
    let (holders, times): (Vec<Uuid>, Vec<jiff_sqlx::Timestamp>) =
        words.iter().map(|(holder, at)| (holder.get(), at.to_sqlx())).unzip();
    sqlx::query!(
        "insert into register.last_word as known (holder_ref, said_at)
         select told.holder_ref, max(told.said_at) from unnest($1::uuid[], $2::timestamptz[]) as told (holder_ref, said_at)
         group by told.holder_ref
         on conflict (holder_ref) do update set said_at = excluded.said_at where excluded.said_at > known.said_at",
        &holders,
        &times,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What one holder has said counts for the other, too.
pub(crate) async fn merge(conn: &mut PgConnection, from: HolderRef, into: HolderRef) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into register.last_word as known (holder_ref, said_at)
         select $2, said_at from register.last_word where holder_ref = $1
         on conflict (holder_ref) do update set said_at = excluded.said_at where excluded.said_at > known.said_at",
        from.get(),
        into.get(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
