//! Deliveries: what came, and how far its reading has come.

use contracts::mediation::DeliveryState;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::lease::LeaseTerms;
use primitives::{DataSupplierId, DeliveryId, copenhagen_date};
use sqlx::{PgConnection, PgPool};
use tokio::sync::mpsc;

use crate::chunks::{StreamDigest, forward_pieces};
use crate::delivery::Origin;
use crate::error::Error;

/// Stores the pieces of a file; see [`SealedStream::store`](crate::sealed_stream::SealedStream::store).
pub(crate) const COPY_PIECES: &str = "COPY mediation.delivery_chunk (delivery_id, chunk_no, content) FROM STDIN (FORMAT binary)";

/// A delivery to record.
pub(crate) struct NewDelivery<'a> {
    pub delivery: DeliveryId,
    pub supplier: &'a DataSupplierId,
    pub origin: Origin,
    pub received_at: Timestamp,
    pub digest: StreamDigest,
}

/// A number for a delivery whose row comes later, after its pieces.
pub(crate) async fn next_id(connection: &mut PgConnection) -> Result<DeliveryId, Error> {
    let id =
        sqlx::query_scalar!(r#"select nextval('mediation.delivery_delivery_id_seq') as "id!""#).fetch_one(connection).await?;
    Ok(DeliveryId::new(id))
}

pub(crate) async fn insert(connection: &mut PgConnection, new: &NewDelivery<'_>) -> Result<(), Error> {
    let bytes = i64::try_from(new.digest.bytes).map_err(|_| Error::Corrupt("the length of a stream"))?;
    let done = sqlx::query!(
        "insert into mediation.delivery (delivery_id, supplier, origin, received_at, sha256, content_bytes)
         overriding system value values ($1, $2, $3, $4, $5, $6)",
        new.delivery.get(),
        new.supplier.as_str(),
        new.origin.code(),
        new.received_at.to_sqlx(),
        &new.digest.sha256[..],
        bytes,
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a delivery")?)
}

/// The delivery waits to be read.
pub(crate) async fn insert_reading(connection: &mut PgConnection, delivery: DeliveryId) -> Result<(), Error> {
    let done = sqlx::query!("insert into mediation.delivery_reading (delivery_id, state) values ($1, 1)", delivery.get())
        .execute(connection)
        .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a delivery's reading")?)
}

/// The delivery was read as it was recorded: orders of another house.
pub(crate) async fn insert_received(connection: &mut PgConnection, delivery: DeliveryId) -> Result<(), Error> {
    let done = sqlx::query!("insert into mediation.delivery_reading (delivery_id, state) values ($1, 2)", delivery.get())
        .execute(connection)
        .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a delivery's reading")?)
}

/// Sends the stored pieces of a delivery, in order, until the receiver has enough.
pub(crate) async fn send_pieces(pool: PgPool, delivery: DeliveryId, pieces: mpsc::Sender<Result<Vec<u8>, Error>>) {
    let stored = sqlx::query_scalar!(
        "select content from mediation.delivery_chunk where delivery_id = $1 order by chunk_no",
        delivery.get()
    )
    .fetch(&pool);
    forward_pieces(stored, pieces).await;
}

/// A delivery whose reading this worker has claimed.
#[derive(Clone, Debug)]
pub(crate) struct ClaimedReading {
    pub delivery: DeliveryId,
    pub supplier: DataSupplierId,
    pub sha256: Vec<u8>,
    /// The day it came, Danish time.
    pub received_on: Date,
    /// How long it is.
    pub bytes: u64,
    pub lease_token: i64,
}

/// Claims the oldest delivery that waits to be read. A supplier's deliveries are read in the order they came: of two with the same MsgId
/// the first is the one that counts, however many workers read.
pub(crate) async fn claim_reading(pool: &PgPool, holder: uuid::Uuid, lease: LeaseTerms) -> Result<Option<ClaimedReading>, Error> {
    let row = sqlx::query!(
        r#"with open as materialized (
                select waiting.delivery_id from mediation.delivery_reading waiting
                join mediation.delivery came on came.delivery_id = waiting.delivery_id
                where waiting.state = 1 and (waiting.lease_until is null or waiting.lease_until < now())
                  and not exists (select from mediation.delivery_reading earlier
                      join mediation.delivery before on before.delivery_id = earlier.delivery_id
                      where earlier.state = 1 and earlier.delivery_id < waiting.delivery_id and before.supplier = came.supplier)
                order by waiting.delivery_id limit 1 for update of waiting skip locked
           )
           update mediation.delivery_reading r
           set lease_token = r.lease_token + 1, lease_holder = $1, lease_until = now() + $2::bigint * interval '1 millisecond'
           from open, mediation.delivery d
           where r.delivery_id = open.delivery_id and d.delivery_id = open.delivery_id
           returning r.delivery_id, r.lease_token, d.supplier, d.received_at, d.sha256, d.content_bytes"#,
        holder,
        lease.milliseconds(),
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        let supplier = DataSupplierId::parse(&row.supplier).map_err(|_| Error::Corrupt("a data supplier"))?;
        let delivery = DeliveryId::new(row.delivery_id);
        let received_on = copenhagen_date(row.received_at.to_jiff());
        let (sha256, bytes, lease_token) = (row.sha256, row.content_bytes.unsigned_abs(), row.lease_token);
        Ok(ClaimedReading { delivery, supplier, sha256, received_on, bytes, lease_token })
    })
    .transpose()
}

/// Moves the end of a claim; not where a later claim was made or the work is done.
pub(crate) async fn renew_reading(
    pool: &PgPool, delivery: DeliveryId, token: i64, lease: LeaseTerms,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update mediation.delivery_reading set lease_until = now() + $3::bigint * interval '1 millisecond'
         where delivery_id = $1 and lease_token = $2 and state = 1",
        delivery.get(),
        token,
        lease.milliseconds(),
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the reading, in the transaction that writes what was read. The token must still be the latest.
pub(crate) async fn finish_reading(
    connection: &mut PgConnection, claimed: &ClaimedReading, state: DeliveryState, repeats: Option<DeliveryId>,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "update mediation.delivery_reading set state = $3, repeats = $4, lease_until = null
         where delivery_id = $1 and lease_token = $2 and state = 1",
        claimed.delivery.get(),
        claimed.lease_token,
        crate::delivery::state_code(state),
        repeats.map(DeliveryId::get),
    )
    .execute(connection)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::LeaseLost) }
}
