//! `register.holder` and `register.identifier`: which holder a number belongs to.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::HolderRef;
use sqlx::PgConnection;
use uuid::Uuid;

use super::progress;
use crate::vault::{NumberColumns, SealedNumber};

/// The holders of numbers, in order.
pub(crate) async fn holders_of(conn: &mut PgConnection, numbers: &NumberColumns) -> Result<Vec<Option<HolderRef>>, sqlx::Error> {
    let holders = sqlx::query_scalar!(
        r#"select found.holder_ref as "holder_ref?"
           from unnest($1::smallint[], $2::bytea[]) with ordinality as asked (kind, number, place)
           left join lateral (
               select i.holder_ref from register.identifier i
               where i.kind = asked.kind and i.number = asked.number and i.unlinked_at is null limit 1
           ) found on true
           order by asked.place"#,
        &numbers.kinds,
        &numbers.numbers,
    )
    .fetch_all(conn)
    .await?;
    Ok(holders.into_iter().map(|holder| holder.map(HolderRef)).collect())
}

/// All numbers of holders, old ones too.
pub(crate) async fn numbers_of(conn: &mut PgConnection, holders: &[Uuid]) -> Result<Vec<(HolderRef, SealedNumber)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select i.holder_ref, i.kind, i.number
           from unnest($1::uuid[]) as asked (holder_ref)
           cross join lateral (
               select i.* from register.identifier i where i.holder_ref = asked.holder_ref and i.unlinked_at is null offset 0
           ) i"#,
        holders,
    )
    .fetch_all(conn)
    .await?;
    let numbers = rows.into_iter().map(|row| (HolderRef(row.holder_ref), SealedNumber { kind: row.kind, number: row.number }));
    Ok(numbers.collect())
}

/// Records new holders.
pub(crate) async fn insert_holders(conn: &mut PgConnection, holders: &[Uuid], at: Timestamp) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "insert into register.holder (holder_ref, recorded_at) select h, $2::timestamptz from unnest($1::uuid[]) h",
        holders,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), holders.len(), "insert holders")
}

/// Links new numbers to holders.
pub(crate) async fn link(conn: &mut PgConnection, links: &[(HolderRef, SealedNumber)], at: Timestamp) -> Result<(), sqlx::Error> {
    let columns: NumberColumns = links.iter().map(|(_, number)| number).collect();
    let holders: Vec<Uuid> = links.iter().map(|(holder, _)| holder.get()).collect();
    let done = sqlx::query!(
        "insert into register.identifier (kind, number, holder_ref, linked_at)
         select new.kind, new.number, new.holder_ref, $4::timestamptz
         from unnest($1::smallint[], $2::bytea[], $3::uuid[]) as new (kind, number, holder_ref)",
        &columns.kinds,
        &columns.numbers,
        &holders,
        at.to_sqlx(),
    )
    .execute(&mut *conn)
    .await?;
    expect_rows(done.rows_affected(), links.len(), "link numbers")?;
    progress::wait_no_longer(conn, &columns).await
}

/// Takes numbers away from their holders.
pub(crate) async fn unlink(conn: &mut PgConnection, numbers: &[SealedNumber], at: Timestamp) -> Result<(), sqlx::Error> {
    let columns: NumberColumns = numbers.iter().collect();
    let done = sqlx::query!(
        "update register.identifier i set unlinked_at = $3
         from unnest($1::smallint[], $2::bytea[]) as gone (kind, number)
         where i.kind = gone.kind and i.number = gone.number and i.unlinked_at is null",
        &columns.kinds,
        &columns.numbers,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), numbers.len(), "unlink numbers")
}

/// Whose the number was, as known at `at`.
pub(crate) async fn holder_known_at(
    conn: &mut PgConnection, number: &SealedNumber, at: Timestamp,
) -> Result<Option<HolderRef>, sqlx::Error> {
    let holder = sqlx::query_scalar!(
        r#"select holder_ref as "holder_ref!" from (
               select holder_ref from register.identifier
               where kind = $1 and number = $2 and unlinked_at is null and linked_at <= $3
               union all
               select holder_ref from register.identifier
               where kind = $1 and number = $2 and unlinked_at is not null and linked_at <= $3 and unlinked_at > $3
           ) known"#,
        number.kind,
        number.number,
        at.to_sqlx(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(holder.map(HolderRef))
}
