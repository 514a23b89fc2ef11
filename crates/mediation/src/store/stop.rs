//! Stops.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use primitives::{AgreementNumber, DeliveryId, PaymentRef};
use sqlx::PgConnection;

use crate::error::Error;

/// A stop to record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewStop<'s> {
    pub requested_by: &'s str,
    pub reason: &'s str,
    pub stopped_at: Timestamp,
}

/// What became of the payments a stop is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StopCounts {
    /// Stopped now or earlier.
    pub stopped: u64,
    pub too_late: u64,
}

/// The delivery of a payment, if it is the payer's.
pub(crate) async fn delivery_of(
    connection: &mut PgConnection, payment: PaymentRef, payer: AgreementNumber,
) -> Result<Option<DeliveryId>, Error> {
    let delivery = sqlx::query_scalar!(
        "select s.delivery_id from mediation.slice s
         join mediation.payment p on p.slice_id = s.slice_id and p.row_no = $2
         where s.slice_id = $1 and s.payer = $3",
        payment.slice,
        payment.row,
        payer.digits(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(delivery.map(DeliveryId::new))
}

/// Locks the disposals of the payer's delivery against their dispatch until the end of the transaction, waiting for one that is under way;
/// says whether there are any.
pub(crate) async fn lock(connection: &mut PgConnection, delivery: DeliveryId, payer: AgreementNumber) -> Result<bool, Error> {
    let locked = sqlx::query_scalar!(
        "select due_date from mediation.disposal where delivery_id = $1 and payer = $2 order by due_date for share",
        delivery.get(),
        payer.digits(),
    )
    .fetch_all(connection)
    .await?;
    Ok(!locked.is_empty())
}

/// Stops one payment of a locked delivery, if it has not left, and notes that the payer is to be told.
pub(crate) async fn stop_payment(
    connection: &mut PgConnection, delivery: DeliveryId, payment: PaymentRef, new: &NewStop<'_>,
) -> Result<StopCounts, Error> {
    sqlx::query!(
        "with stopped as (
             insert into mediation.stop (slice_id, row_no, requested_by, reason, stopped_at)
             select p.slice_id, p.row_no, $4, $5, $6
             from mediation.slice s
             join mediation.disposal d on d.delivery_id = s.delivery_id and d.due_date = s.due_date and d.state = 1
             join mediation.payment p on p.slice_id = s.slice_id
             where s.delivery_id = $1 and p.slice_id = $2 and p.row_no = $3
               and not coalesce((select bool_and(l.destination = 5) from mediation.leg l
                                 where l.slice_id = p.slice_id and l.row_no = p.row_no), false)
             on conflict do nothing
             returning slice_id)
         insert into mediation.report_task (delivery_id, answer, slice_id, arisen_at)
         select distinct $1::bigint, 5::smallint, slice_id, $6::timestamptz from stopped",
        delivery.get(),
        payment.slice,
        payment.row,
        new.requested_by,
        new.reason,
        new.stopped_at.to_sqlx(),
    )
    .execute(&mut *connection)
    .await?;
    let is_stopped = sqlx::query_scalar!(
        r#"select exists (select from mediation.stop where slice_id = $1 and row_no = $2) as "stopped!""#,
        payment.slice,
        payment.row,
    )
    .fetch_one(connection)
    .await?;
    Ok(StopCounts { stopped: u64::from(is_stopped), too_late: u64::from(!is_stopped) })
}

/// Stops all payments of a locked delivery that have not left, and notes that the payer is to be told.
pub(crate) async fn stop_delivery(
    connection: &mut PgConnection, delivery: DeliveryId, new: &NewStop<'_>,
) -> Result<StopCounts, Error> {
    sqlx::query!(
        "with stopped as (
             insert into mediation.stop (slice_id, row_no, requested_by, reason, stopped_at)
             select p.slice_id, p.row_no, $2, $3, $4
             from mediation.slice s
             join mediation.disposal d on d.delivery_id = s.delivery_id and d.due_date = s.due_date and d.state = 1
             join mediation.payment p on p.slice_id = s.slice_id
             where s.delivery_id = $1
               and not coalesce((select bool_and(l.destination = 5) from mediation.leg l
                                 where l.slice_id = p.slice_id and l.row_no = p.row_no), false)
             on conflict do nothing
             returning slice_id)
         insert into mediation.report_task (delivery_id, answer, slice_id, arisen_at)
         select distinct $1::bigint, 5::smallint, slice_id, $4::timestamptz from stopped",
        delivery.get(),
        new.requested_by,
        new.reason,
        new.stopped_at.to_sqlx(),
    )
    .execute(&mut *connection)
    .await?;
    let counts = sqlx::query!(
        r#"select coalesce(sum(s.payment_count), 0)::bigint as "payments!",
                  coalesce(sum((select count(*) from mediation.stop t where t.slice_id = s.slice_id)), 0)::bigint as "stopped!"
           from mediation.slice s where s.delivery_id = $1"#,
        delivery.get(),
    )
    .fetch_one(connection)
    .await?;
    let stopped = counts.stopped.unsigned_abs();
    Ok(StopCounts { stopped, too_late: counts.payments.unsigned_abs().saturating_sub(stopped) })
}
