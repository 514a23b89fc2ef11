//! `register.last_payout`: when a holder was paid last.

use contracts::register::LastPayout;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::HolderRef;
use sqlx::PgConnection;
use uuid::Uuid;

/// Which of the holders exist.
pub(crate) async fn known(conn: &mut PgConnection, holders: &[Uuid]) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("select holder_ref from register.holder where holder_ref = any($1)", holders).fetch_all(conn).await
}

/// Takes payouts of holders; an earlier day changes nothing.
pub(crate) async fn note(conn: &mut PgConnection, payouts: &[LastPayout]) -> Result<(), sqlx::Error> {
    let holders: Vec<Uuid> = payouts.iter().map(|payout| payout.holder.get()).collect();
    let days: Vec<jiff_sqlx::Date> = payouts.iter().map(|payout| payout.on.to_sqlx()).collect();
    sqlx::query!(
        "insert into register.last_payout as known (holder_ref, paid_on)
         select told.holder_ref, max(told.paid_on) from unnest($1::uuid[], $2::date[]) as told (holder_ref, paid_on) group by told.holder_ref
         on conflict (holder_ref) do update set paid_on = excluded.paid_on, is_deleted = false where excluded.paid_on > known.paid_on",
        &holders,
        &days as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What was paid to one holder counts for the other, too.
pub(crate) async fn merge(conn: &mut PgConnection, from: HolderRef, into: HolderRef) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into register.last_payout as known (holder_ref, paid_on)
         select $2, paid_on from register.last_payout where holder_ref = $1
         on conflict (holder_ref) do update set paid_on = excluded.paid_on, is_deleted = false where excluded.paid_on > known.paid_on",
        from.get(),
        into.get(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The day of the latest payout of anybody who is not deleted.
pub(crate) async fn latest(conn: &mut PgConnection) -> Result<Option<Date>, sqlx::Error> {
    let latest =
        sqlx::query_scalar!("select max(paid_on) from register.last_payout where not is_deleted").fetch_one(conn).await?;
    Ok(latest.map(|day| day.to_jiff()))
}

/// Holders that were paid last before the day and are not deleted yet, at most `limit`.
pub(crate) async fn unpaid_since(conn: &mut PgConnection, day: Date, limit: i64) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select holder_ref from register.last_payout where not is_deleted and paid_on < $1 order by paid_on limit $2",
        day.to_sqlx() as _,
        limit,
    )
    .fetch_all(conn)
    .await
}

/// Notes that holders have been deleted.
pub(crate) async fn mark_deleted(conn: &mut PgConnection, holders: &[Uuid]) -> Result<(), sqlx::Error> {
    let done =
        sqlx::query!("update register.last_payout set is_deleted = true where holder_ref = any($1) and not is_deleted", holders)
            .execute(conn)
            .await?;
    expect_rows(done.rows_affected(), holders.len(), "note deletions")
}
