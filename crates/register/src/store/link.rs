//! `register.holder_link`: holders that became one or two.

use contracts::register::{HolderLink, LinkKind};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::HolderRef;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::entry::Stamp;
use crate::fault::Fault;
use crate::vault::Vault;

/// Links two holders.
pub(crate) async fn insert(
    conn: &mut PgConnection, kind: LinkKind, from: HolderRef, into: HolderRef, stamp: &Stamp,
) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "insert into register.holder_link (from_ref, into_ref, kind, recorded_at, recorded_by, reason) values ($1, $2, $3, $4, $5, $6)",
        from.get(),
        into.get(),
        kind_text(kind),
        stamp.at.to_sqlx(),
        stamp.by,
        stamp.reason,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), 1, "link holders")
}

/// The holder and all that had become part of it, as known at `at`.
pub(crate) async fn merged_into(conn: &mut PgConnection, holder: HolderRef, at: Timestamp) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with recursive merged (holder_ref) as (
               select $1::uuid
               union
               select l.from_ref from merged m join register.holder_link l on l.into_ref = m.holder_ref
               where l.kind = 'merge' and l.recorded_at <= $2
           ) select holder_ref as "holder_ref!" from merged"#,
        holder.get(),
        at.to_sqlx(),
    )
    .fetch_all(conn)
    .await
}

/// The links a holder is on either side of, oldest first.
pub(crate) async fn of_holder(conn: &mut PgConnection, vault: &Vault, holder: HolderRef) -> Result<Vec<HolderLink>, Fault> {
    let rows = sqlx::query!(
        "select from_ref, into_ref, kind, recorded_at, recorded_by, reason from register.holder_link
         where from_ref = $1 or into_ref = $1 order by recorded_at",
        holder.get(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(HolderLink {
                kind: if row.kind == kind_text(LinkKind::Merge) { LinkKind::Merge } else { LinkKind::Split },
                from: HolderRef(row.from_ref),
                into: HolderRef(row.into_ref),
                at: row.recorded_at.to_jiff(),
                by: row.recorded_by,
                reason: vault.open_reason(&row.reason)?,
            })
        })
        .collect()
}

fn kind_text(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Merge => "merge",
        LinkKind::Split => "split",
    }
}
