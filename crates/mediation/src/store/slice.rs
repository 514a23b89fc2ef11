//! Slices: the unit of work.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::lease::LeaseTerms;
use primitives::{AgreementNumber, DeliveryId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::error::Error;

/// Slices for which partitions are made ahead, beside those of the delivery that is about to be read. Making one takes a lock that waits for
/// every running intake, so it is not done in one.
const SLICES_AHEAD: i64 = 10_000;

/// Slices that share a partition.
const PARTITION_SLICES: i64 = 10_000;

/// Makes the partitions that the next slices fall into, of which the delivery that is about to be read takes at most `needed`.
pub(crate) async fn ensure_partitions(pool: &PgPool, needed: i64) -> Result<(), Error> {
    sqlx::query!(
        "select mediation.ensure_partitions(n)
         from mediation.slice_slice_id_seq, generate_series(last_value, last_value + $1 + $2 - 1, $2) as n",
        SLICES_AHEAD.saturating_add(needed),
        PARTITION_SLICES,
    )
    .fetch_all(pool)
    .await?;
    Ok(())
}

/// A number for a slice whose row comes later, with its payments.
pub(crate) async fn next_id(connection: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(r#"select nextval('mediation.slice_slice_id_seq') as "id!""#).fetch_one(connection).await?)
}

/// A slice to record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewSlice {
    pub slice: i64,
    pub delivery: DeliveryId,
    pub due: Date,
    pub payer: AgreementNumber,
    pub payments: i32,
}

pub(crate) async fn insert(connection: &mut PgConnection, new: NewSlice) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into mediation.slice (slice_id, delivery_id, due_date, payer, payment_count, state)
         overriding system value values ($1, $2, $3, $4, $5, 1)",
        new.slice,
        new.delivery.get(),
        new.due.to_sqlx(),
        new.payer.digits(),
        new.payments,
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a slice")?)
}

/// The disposals of a delivery: one per day.
pub(crate) async fn insert_disposals(
    connection: &mut PgConnection, delivery: DeliveryId, payer: AgreementNumber, days: &[Date],
) -> Result<(), Error> {
    let days: Vec<jiff_sqlx::Date> = days.iter().map(|day| day.to_sqlx()).collect();
    let done = sqlx::query!(
        "insert into mediation.disposal (delivery_id, due_date, payer, state) select $1, day, $2, 1 from unnest($3::date[]) as day",
        delivery.get(),
        payer.digits(),
        &days,
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), days.len(), "disposals")?)
}

/// A slice this worker has claimed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimedSlice {
    pub slice: i64,
    pub delivery: DeliveryId,
    pub due: Date,
    pub payer: AgreementNumber,
    pub payments: i32,
    /// The fencing token: more than 1 when an earlier attempt may have got half-way.
    pub lease_token: i64,
}

/// Claims the open slice that is due first, no later than `until`.
pub(crate) async fn claim(pool: &PgPool, until: Date, holder: Uuid, lease: LeaseTerms) -> Result<Option<ClaimedSlice>, Error> {
    let row = sqlx::query!(
        "with open as materialized (
              select slice_id from mediation.slice
              where state = 1 and due_date <= $1 and (lease_until is null or lease_until < now())
              order by due_date, slice_id limit 1 for update skip locked
         )
         update mediation.slice s
         set lease_token = s.lease_token + 1, lease_holder = $2, lease_until = now() + $3::bigint * interval '1 millisecond'
         from open
         where s.slice_id = open.slice_id
         returning s.slice_id, s.delivery_id, s.due_date, s.payer, s.payment_count, s.lease_token",
        until.to_sqlx(),
        holder,
        lease.milliseconds(),
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        Ok(ClaimedSlice {
            slice: row.slice_id,
            delivery: DeliveryId::new(row.delivery_id),
            due: row.due_date.to_jiff(),
            payer: AgreementNumber::parse(&row.payer).map_err(|_| Error::Corrupt("a slice's payer"))?,
            payments: row.payment_count,
            lease_token: row.lease_token,
        })
    })
    .transpose()
}

/// Moves the end of a claim; not where a later claim was made or the work is done.
pub(crate) async fn renew(pool: &PgPool, slice: i64, token: i64, lease: LeaseTerms) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update mediation.slice set lease_until = now() + $3::bigint * interval '1 millisecond'
         where slice_id = $1 and lease_token = $2 and state = 1",
        slice,
        token,
        lease.milliseconds(),
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the allocation, in the transaction that writes its legs. The token must still be the latest.
pub(crate) async fn finish(
    connection: &mut PgConnection, claimed: &ClaimedSlice, as_known: Timestamp, allocated_at: Timestamp,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "update mediation.slice set state = 2, as_known = $3, allocated_at = $4, lease_until = null
         where slice_id = $1 and lease_token = $2 and state = 1",
        claimed.slice,
        claimed.lease_token,
        as_known.to_sqlx(),
        allocated_at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::LeaseLost) }
}
