//! `register.subscription`: payees a payer waits for.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use primitives::{AgreementNumber, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::vault::{NumberColumns, SealedNumber};

/// A payee a payer waits for.
pub(crate) struct Awaited {
    pub payer: AgreementNumber,
    pub holder: HolderRef,
    pub number: SealedNumber,
}

/// Keeps subscriptions; one made before stays as it is.
pub(crate) async fn insert(conn: &mut PgConnection, awaited: &[Awaited], at: Timestamp) -> Result<(), sqlx::Error> {
    let payers: Vec<&str> = awaited.iter().map(|awaited| awaited.payer.digits()).collect();
    let holders: Vec<Uuid> = awaited.iter().map(|awaited| awaited.holder.get()).collect();
    let numbers: NumberColumns = awaited.iter().map(|awaited| &awaited.number).collect();
    sqlx::query!(
        "insert into register.subscription (payer, holder_ref, kind, number, recorded_at)
         select told.*, $5::timestamptz from unnest($1::text[], $2::uuid[], $3::smallint[], $4::bytea[]) as told
         on conflict (payer, kind, number) do nothing",
        &payers as _,
        &holders,
        &numbers.kinds,
        &numbers.numbers,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The awaited numbers of a payer that have a NemKonto in force on the day.
pub(crate) async fn with_account(
    conn: &mut PgConnection, payer: AgreementNumber, today: Date, limit: i64,
) -> Result<Vec<SealedNumber>, sqlx::Error> {
    let rows = sqlx::query!(
        "select s.kind, s.number from register.subscription s
         where s.payer = $1 and exists (
             select from register.resolve_current c
             where c.number_key = ('x' || encode(substr(s.number, 2, 8), 'hex'))::bit(64)::bigint
               and c.kind = s.kind and c.number = s.number and c.payer = '' and c.account is not null
               and c.valid_from <= $2 and (c.valid_until is null or c.valid_until > $2))
         order by s.recorded_at, s.number limit $3",
        payer.digits(),
        today.to_sqlx() as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| SealedNumber { kind: row.kind, number: row.number }).collect())
}

/// Ends a subscription; answers whether there was one.
pub(crate) async fn delete(conn: &mut PgConnection, payer: AgreementNumber, number: &SealedNumber) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from register.subscription where payer = $1 and kind = $2 and number = $3",
        payer.digits(),
        number.kind,
        number.number,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
