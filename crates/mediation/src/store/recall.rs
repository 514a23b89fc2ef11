//! Recalls: what was asked for, and what became of it.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::copy::{CopyBuffer, copy_in};
use platform::database::expect_rows;
use primitives::{DeliveryId, Money, PaymentRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Error;
use crate::recall::{Refusal, Scope, Target};
use crate::store::payment::amount;

const COPY_REQUESTS_IN: &str = "COPY mediation.recall_request (delivery_id, request_no, scope, names, reason, target_delivery, block_no, \
     slice_id, row_no, refusal) FROM STDIN (FORMAT binary)";

/// A payment that a reference names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FoundPayment {
    pub payment: PaymentRef,
    pub delivery: DeliveryId,
    pub block: i32,
    pub amount: Money,
}

/// The deliveries that have claimed message identifications.
pub(crate) async fn deliveries(connection: &mut PgConnection, claims: &[Uuid]) -> Result<HashMap<Uuid, DeliveryId>, Error> {
    let rows = sqlx::query!("select claim, delivery_id from mediation.delivery_claim where claim = any($1)", claims)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.claim, DeliveryId::new(row.delivery_id))).collect())
}

/// The payments that have used references.
pub(crate) async fn payments(connection: &mut PgConnection, references: &[Uuid]) -> Result<HashMap<Uuid, FoundPayment>, Error> {
    let rows = sqlx::query!(
        "select r.reference, r.slice_id, r.row_no, s.delivery_id, p.block_no, p.amount_minor, p.currency
         from mediation.payment_reference r
         join mediation.slice s on s.slice_id = r.slice_id
         join mediation.payment p on p.slice_id = r.slice_id and p.row_no = r.row_no
         where r.reference = any($1)",
        references,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let found = FoundPayment {
                payment: PaymentRef::new(row.slice_id, row.row_no),
                delivery: DeliveryId::new(row.delivery_id),
                block: row.block_no,
                amount: amount(row.amount_minor, &row.currency)?,
            };
            Ok((row.reference, found))
        })
        .collect()
}

/// A request to record.
#[derive(Clone, Debug)]
pub(crate) struct NewRequest {
    pub scope: Scope,
    /// Sealed.
    pub names: Vec<u8>,
    pub reason: String,
    pub target: Result<Target, Refusal>,
}

/// Records the requests of a recall, numbered by their place.
pub(crate) async fn insert_requests(
    connection: &mut PgConnection, recall: DeliveryId, requests: &[NewRequest],
) -> Result<(), Error> {
    let mut rows = CopyBuffer::new();
    for (number, request) in (0_i32..).zip(requests) {
        let target = request.target.ok();
        let payment = target.and_then(|target| target.payment);
        rows.begin_row(10);
        rows.i64(recall.get());
        rows.i32(number);
        rows.i16(request.scope.code());
        rows.bytes(&request.names);
        rows.text(&request.reason);
        rows.opt_i64(target.map(|target| target.delivery.get()));
        rows.opt_i32(target.and_then(|target| target.block));
        rows.opt_i64(payment.map(|payment| payment.slice));
        rows.opt_i32(payment.map(|payment| payment.row));
        rows.opt_i16(request.target.err().map(Refusal::code));
    }
    let stored = copy_in(connection, COPY_REQUESTS_IN, &rows).await?;
    Ok(expect_rows(stored, requests.len(), "requests of a recall")?)
}

/// Locks the disposals of deliveries against their dispatch until the end of the transaction, waiting for those that are under way.
pub(crate) async fn lock(connection: &mut PgConnection, deliveries: &[i64]) -> Result<(), Error> {
    sqlx::query!(
        "select due_date from mediation.disposal where delivery_id = any($1) order by delivery_id, due_date for share",
        deliveries,
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// Records the payments that a recall's requests speak of, as too late; a payment that is asked for twice belongs to the first request.
pub(crate) async fn insert_payments(connection: &mut PgConnection, recall: DeliveryId) -> Result<(), Error> {
    sqlx::query!(
        "insert into mediation.recall_payment (delivery_id, slice_id, row_no, request_no, state, reason)
         select $1, q.slice_id, q.row_no, min(q.request_no), 2, 'PTNA'
         from mediation.recall_request q where q.delivery_id = $1 and q.slice_id is not null
         group by q.slice_id, q.row_no
         on conflict do nothing",
        recall.get(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into mediation.recall_payment (delivery_id, slice_id, row_no, request_no, state, reason)
         select $1, asked.slice_id, asked.row_no, min(asked.request_no), 2, 'PTNA'
         from (select p.slice_id, p.row_no, q.request_no
               from mediation.recall_request q
               join mediation.slice s on s.delivery_id = q.target_delivery
               join mediation.payment p on p.slice_id = s.slice_id
               where q.delivery_id = $1 and q.slice_id is null and q.block_no is null
               union all
               select p.slice_id, p.row_no, q.request_no
               from mediation.recall_request q
               join mediation.slice s on s.delivery_id = q.target_delivery
               join mediation.payment p on p.slice_id = s.slice_id and p.block_no = q.block_no
               where q.delivery_id = $1 and q.slice_id is null) asked
         group by asked.slice_id, asked.row_no
         on conflict do nothing",
        recall.get(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How a recall stops payments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopping<'s> {
    pub requested_by: &'s str,
    pub stopped_at: Timestamp,
    /// Whether banks are asked for what has left.
    pub asks_banks: bool,
}

/// Stops the recorded payments of a recall that have not left, notes that the payer is to be told, and says what became of the others;
/// answers whether banks are to be asked. What went to the recovery authority or the holding account is not asked back: the books there cannot
/// be told that the money has left again, so it would be paid twice.
pub(crate) async fn stop(connection: &mut PgConnection, recall: DeliveryId, stopping: Stopping<'_>) -> Result<bool, Error> {
    sqlx::query!(
        "with stopped as (
             insert into mediation.stop (slice_id, row_no, requested_by, reason, stopped_at)
             select a.slice_id, a.row_no, $2, 'camt.055 ' || q.reason, $3
             from mediation.recall_payment a
             join mediation.recall_request q on q.delivery_id = a.delivery_id and q.request_no = a.request_no
             join mediation.slice s on s.slice_id = a.slice_id
             join mediation.disposal d on d.delivery_id = s.delivery_id and d.due_date = s.due_date and d.state = 1
             where a.delivery_id = $1
               and not coalesce((select bool_and(l.destination = 5) from mediation.leg l
                                 where l.slice_id = a.slice_id and l.row_no = a.row_no), false)
             on conflict do nothing
             returning slice_id)
         insert into mediation.report_task (delivery_id, answer, slice_id, arisen_at)
         select distinct s.delivery_id, 5::smallint, s.slice_id, $3::timestamptz
         from stopped join mediation.slice s on s.slice_id = stopped.slice_id",
        recall.get(),
        stopping.requested_by,
        stopping.stopped_at.to_sqlx(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update mediation.recall_payment a
         set state = case when p.state = 7 then 1 when p.state in (5, 6) then 2 when $2 then 3 else 2 end,
             reason = case when p.state = 7 then null when p.state in (5, 6) then 'ARDT' when $2 then null else 'PTNA' end
         from mediation.payment_standing p
         where a.delivery_id = $1 and p.slice_id = a.slice_id and p.row_no = a.row_no",
        recall.get(),
        stopping.asks_banks,
    )
    .execute(&mut *connection)
    .await?;
    let to_ask = sqlx::query_scalar!(
        r#"select exists (select from mediation.recall_payment where delivery_id = $1 and state = 3) as "to_ask!""#,
        recall.get(),
    );
    Ok(to_ask.fetch_one(connection).await?)
}

/// Records the recall as carried out, and that its sender is to be told.
pub(crate) async fn insert(
    connection: &mut PgConnection, recall: DeliveryId, case_id: Option<Vec<u8>>, to_ask: bool,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into mediation.recall (delivery_id, case_id, to_ask) values ($1, $2, $3)",
        recall.get(),
        case_id,
        to_ask,
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a recall")?)
}
