//! What banks are asked to give back.

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::{BankCode, DeliveryId};
use sqlx::{PgConnection, PgPool};

use crate::error::Error;
use crate::put_off;

/// Locks the recall that has waited longest for banks to be asked; none where nothing waits.
pub(crate) async fn lock_next(connection: &mut PgConnection) -> Result<Option<DeliveryId>, Error> {
    let recall = sqlx::query_scalar!(
        "select delivery_id from mediation.recall where to_ask and (not_before is null or not_before < now())
         order by delivery_id limit 1 for update skip locked"
    )
    .fetch_optional(connection)
    .await?;
    Ok(recall.map(DeliveryId::new))
}

/// Leaves a recall that could not be written alone for a while, twice as long each time.
pub(crate) async fn put_off(pool: &PgPool, recall: DeliveryId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update mediation.recall set attempts = attempts + 1,
             not_before = now() + least($3::bigint, $2::bigint * (1::bigint << least(attempts, 16))) * interval '1 millisecond'
         where delivery_id = $1 and to_ask",
        recall.get(),
        put_off::FIRST.milliseconds(),
        put_off::LONGEST.milliseconds(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// A bank that has something to give back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedBank {
    pub bank: BankCode,
    /// When it was last sent any of it.
    pub sent_at: Timestamp,
}

/// The banks that have something to give back, in order.
pub(crate) async fn banks(connection: &mut PgConnection, recall: DeliveryId) -> Result<Vec<AskedBank>, Error> {
    let banks = sqlx::query!(
        r#"select f.recipient, max(f.written_at) as "sent_at!: jiff_sqlx::Timestamp"
         from mediation.recall_payment a
         join mediation.leg_standing l on l.slice_id = a.slice_id and l.row_no = a.row_no
         join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
         join mediation.batch b on b.batch_id = g.batch_id
         join mediation.file f on f.file_id = b.file_id
         where a.delivery_id = $1 and a.state = 3 and (l.outcome is null or l.outcome = 1)
         group by f.recipient order by f.recipient"#,
        recall.get(),
    )
    .fetch_all(connection)
    .await?;
    banks
        .into_iter()
        .map(|row| {
            let bank = BankCode::parse(&row.recipient).map_err(|_| Error::Corrupt("a bank's code"))?;
            Ok(AskedBank { bank, sent_at: row.sent_at.to_jiff() })
        })
        .collect()
}

/// A leg that a bank has, by the references under which it got it.
#[derive(Clone, Debug)]
pub(crate) struct SentLeg {
    pub file_key: String,
    pub message_name: String,
    pub batch_key: String,
    pub execution_date: jiff_sqlx::Date,
    pub payer: String,
    pub slice_id: i64,
    pub row_no: i32,
    pub leg_no: i16,
    pub destination: i16,
    pub amount_minor: i64,
    pub currency: String,
    /// Sealed.
    pub carry: Vec<u8>,
}

/// The legs that a bank is to be asked for, in the order of its files.
pub(crate) fn legs(
    connection: &mut PgConnection, recall: DeliveryId, bank: BankCode,
) -> BoxStream<'_, Result<SentLeg, sqlx::Error>> {
    sqlx::query_as!(
        SentLeg,
        "select f.file_key, f.message_name, b.batch_key, b.execution_date, s.payer, x.slice_id, x.row_no, x.leg_no, x.destination,
                x.amount_minor, x.currency, p.carry
         from mediation.recall_payment a
         join mediation.leg x on x.slice_id = a.slice_id and x.row_no = a.row_no
         join mediation.leg_standing l on l.slice_id = x.slice_id and l.row_no = x.row_no and l.leg_no = x.leg_no
         join mediation.leg_group g on g.slice_id = x.slice_id and g.group_no = x.group_no
         join mediation.batch b on b.batch_id = g.batch_id
         join mediation.file f on f.file_id = b.file_id
         join mediation.slice s on s.slice_id = x.slice_id
         join mediation.payment p on p.slice_id = x.slice_id and p.row_no = x.row_no
         where a.delivery_id = $1 and a.state = 3 and f.recipient = $2 and (l.outcome is null or l.outcome = 1)
         order by f.file_id, b.batch_id, x.slice_id, x.row_no, x.leg_no",
        recall.get(),
        bank.as_str().to_owned(),
    )
    .fetch(connection)
    .boxed()
}

/// Notes what a file asks its bank for.
pub(crate) async fn insert(connection: &mut PgConnection, recall: DeliveryId, bank: BankCode, file: i64) -> Result<(), Error> {
    sqlx::query!(
        "insert into mediation.recall_leg (delivery_id, slice_id, row_no, leg_no, file_id)
         select $1, l.slice_id, l.row_no, l.leg_no, $3
         from mediation.recall_payment a
         join mediation.leg_standing l on l.slice_id = a.slice_id and l.row_no = a.row_no
         join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
         join mediation.batch b on b.batch_id = g.batch_id
         join mediation.file f on f.file_id = b.file_id
         where a.delivery_id = $1 and a.state = 3 and f.recipient = $2 and (l.outcome is null or l.outcome = 1)",
        recall.get(),
        bank.as_str(),
        file,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The banks have been asked. A payment that a bank has rejected or returned in the meantime needs no asking, which the payer is told.
pub(crate) async fn finish(connection: &mut PgConnection, recall: DeliveryId, at: Timestamp) -> Result<(), Error> {
    let done = sqlx::query!("update mediation.recall set to_ask = false where delivery_id = $1 and to_ask", recall.get())
        .execute(&mut *connection)
        .await?;
    expect_rows(done.rows_affected(), 1, "a recall")?;
    sqlx::query!(
        "with settled as (
             update mediation.recall_payment a set state = 2, reason = 'ARDT'
             where a.delivery_id = $1 and a.state = 3
               and not exists (select from mediation.recall_leg r
                               where r.delivery_id = a.delivery_id and r.slice_id = a.slice_id and r.row_no = a.row_no)
             returning a.delivery_id)
         insert into mediation.report_task (delivery_id, answer, arisen_at)
         select distinct delivery_id, 29::smallint, $2::timestamptz from settled",
        recall.get(),
        at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
