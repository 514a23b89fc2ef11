//! Which of two systems has taken a payer's deliveries.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::feed::{self, FeedItem, NewEvent};
use primitives::{AgreementNumber, DeliveryId, FeedPosition};
use sqlx::PgConnection;

use crate::error::Error;

/// The kind of fact in the feed.
const TAKEN: &str = "delivery-taken";

/// Takes a MsgId for a delivery of ours, and tells others so; answers whether the other system has not taken it first. Where a note of it is about to
/// be written, this waits until that is done.
pub(crate) async fn take(
    connection: &mut PgConnection, payer: AgreementNumber, message_id: &[u8], delivery: DeliveryId,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into mediation.message_taken (payer, message_id, delivery_id) values ($1, $2, $3) on conflict do nothing",
        payer.digits(),
        message_id,
        delivery.get(),
    )
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 1 {
        let event = NewEvent { kind: TAKEN, payload: delivery.get().to_be_bytes().to_vec() };
        feed::append(connection, "mediation", &[event]).await?;
        return Ok(true);
    }
    let here = sqlx::query_scalar!(
        r#"select delivery_id is not null as "here!" from mediation.message_taken where payer = $1 and message_id = $2"#,
        payer.digits(),
        message_id,
    );
    Ok(here.fetch_one(connection).await?)
}

/// Notes MsgIds that the other system has taken. Where a reading of one is under way, this waits until that is done. In one order, so that two notes
/// wait for each other and not for ever.
pub(crate) async fn note(
    connection: &mut PgConnection, payer: AgreementNumber, message_ids: &[Vec<u8>], (at, by): (Timestamp, &str),
) -> Result<(), Error> {
    sqlx::query!(
        "insert into mediation.message_taken (payer, message_id, noted_at, noted_by)
         select $1, message_id, $3, $4 from unnest($2::bytea[]) as noted (message_id) order by message_id
         on conflict do nothing",
        payer.digits(),
        message_ids,
        at.to_sqlx(),
        by,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of the MsgIds were taken here.
pub(crate) async fn here(
    connection: &mut PgConnection, payer: AgreementNumber, message_ids: &[Vec<u8>],
) -> Result<Vec<Vec<u8>>, Error> {
    let here = sqlx::query_scalar!(
        "select message_id from mediation.message_taken where payer = $1 and message_id = any($2) and delivery_id is not null",
        payer.digits(),
        message_ids,
    );
    Ok(here.fetch_all(connection).await?)
}

/// A delivery in the feed, with what it is known by.
pub(crate) struct Taken {
    pub item: FeedItem,
    pub delivery: DeliveryId,
    pub payer: AgreementNumber,
    pub message_id: Vec<u8>,
}

/// Deliveries of ours after a position, in order.
pub(crate) async fn after(connection: &mut PgConnection, after: FeedPosition, limit: i64) -> Result<Vec<Taken>, Error> {
    let items = feed::read(connection, "mediation", after, limit).await?;
    let deliveries = items.iter().map(delivery_of).collect::<Result<Vec<i64>, Error>>()?;
    let headers = sqlx::query!(
        r#"select h.payer as "payer!", h.message_id as "message_id!"
           from unnest($1::bigint[]) with ordinality as asked (delivery_id, place)
           join mediation.delivery_header h on h.delivery_id = asked.delivery_id order by place"#,
        &deliveries,
    )
    .fetch_all(connection)
    .await?;
    if headers.len() != items.len() {
        return Err(Error::Corrupt("a taken delivery without a header"));
    }
    items
        .into_iter()
        .zip(deliveries)
        .zip(headers)
        .map(|((item, delivery), header)| {
            let payer = AgreementNumber::parse(&header.payer).map_err(|_| Error::Corrupt("an agreement number"))?;
            Ok(Taken { item, delivery: DeliveryId::new(delivery), payer, message_id: header.message_id })
        })
        .collect()
}

fn delivery_of(item: &FeedItem) -> Result<i64, Error> {
    item.payload.as_slice().try_into().map(i64::from_be_bytes).map_err(|_| Error::Corrupt("a taken delivery"))
}
