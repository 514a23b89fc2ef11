//! What is told of a recall.

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use primitives::DeliveryId;
use sqlx::PgConnection;

use crate::error::Error;

/// What became of the payments of a request, or of a recall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub accepted: u64,
    pub rejected: u64,
    pub pending: u64,
}

/// A request, as it is told.
#[derive(Clone, Debug)]
pub(crate) struct StoredRequest {
    pub number: i32,
    pub scope: i16,
    /// Sealed.
    pub names: Vec<u8>,
    pub refusal: Option<i16>,
    pub target: Option<i64>,
    /// Of a request on a single payment.
    pub state: Option<i16>,
    pub reason: Option<String>,
    /// Of a request on a delivery or a block.
    pub counts: Counts,
}

/// The sealed case that a recall names.
pub(crate) async fn case_id(connection: &mut PgConnection, recall: DeliveryId) -> Result<Option<Vec<u8>>, Error> {
    let row = sqlx::query_scalar!("select case_id from mediation.recall where delivery_id = $1", recall.get());
    Ok(row.fetch_one(connection).await?)
}

/// What became of all of a recall; of a bank's answer alone, where one is given.
pub(crate) async fn counts(connection: &mut PgConnection, recall: DeliveryId, answer: Option<i64>) -> Result<Counts, Error> {
    let row = sqlx::query!(
        r#"select count(*) filter (where a.state in (1, 4)) as "accepted!",
                  count(*) filter (where a.state in (2, 5)) as "rejected!",
                  count(*) filter (where a.state = 3) as "pending!",
                  (select count(*) from mediation.recall_request q
                   where q.delivery_id = $1 and q.refusal is not null and $2::bigint is null) as "refused!"
           from mediation.recall_payment a
           where a.delivery_id = $1
             and ($2::bigint is null
                  or exists (select from mediation.recall_answer t
                             where t.answer_id = $2 and t.delivery_id = a.delivery_id and t.slice_id = a.slice_id and t.row_no = a.row_no))"#,
        recall.get(),
        answer,
    )
    .fetch_one(connection)
    .await?;
    let rejected = row.rejected.unsigned_abs() + row.refused.unsigned_abs();
    Ok(Counts { accepted: row.accepted.unsigned_abs(), rejected, pending: row.pending.unsigned_abs() })
}

/// The requests of a recall, in their order; those that a bank's answer is about, where one is given. A recall is a small message.
pub(crate) async fn requests(
    connection: &mut PgConnection, recall: DeliveryId, answer: Option<i64>,
) -> Result<Vec<StoredRequest>, Error> {
    let rows = sqlx::query!(
        r#"select q.request_no, q.scope, q.names, q.refusal, q.target_delivery, own.state as "state?", own.reason as "reason?",
                  coalesce(whole.accepted, 0) as "accepted!", coalesce(whole.rejected, 0) as "rejected!",
                  coalesce(whole.pending, 0) as "pending!"
           from mediation.recall_request q
           left join mediation.recall_payment own
                on q.scope = 3 and own.delivery_id = q.delivery_id and own.slice_id = q.slice_id and own.row_no = q.row_no
           left join (select a.request_no, count(*) filter (where a.state in (1, 4)) as accepted,
                             count(*) filter (where a.state in (2, 5)) as rejected, count(*) filter (where a.state = 3) as pending
                      from mediation.recall_payment a where a.delivery_id = $1 group by a.request_no) whole
                on q.scope <> 3 and whole.request_no = q.request_no
           where q.delivery_id = $1
             and ($2::bigint is null
                  or exists (select from mediation.recall_answer t
                             join mediation.recall_payment a
                                  on a.delivery_id = t.delivery_id and a.slice_id = t.slice_id and a.row_no = t.row_no
                             where t.answer_id = $2 and t.delivery_id = $1
                               and (a.request_no = q.request_no or (a.slice_id = q.slice_id and a.row_no = q.row_no))))
           order by q.request_no"#,
        recall.get(),
        answer,
    )
    .fetch_all(connection)
    .await?;
    let requests = rows.into_iter().map(|row| StoredRequest {
        number: row.request_no,
        scope: row.scope,
        names: row.names,
        refusal: row.refusal,
        target: row.target_delivery,
        state: row.state,
        reason: row.reason,
        counts: Counts {
            accepted: row.accepted.unsigned_abs(),
            rejected: row.rejected.unsigned_abs(),
            pending: row.pending.unsigned_abs(),
        },
    });
    Ok(requests.collect())
}

/// A payment of a request on a delivery or a block.
#[derive(Clone, Debug)]
pub(crate) struct StoredPayment {
    pub block: i32,
    /// Sealed.
    pub carry: Vec<u8>,
    pub state: i16,
    pub reason: Option<String>,
}

/// The payments of a request (recall, number, bank's answer), in the order of the delivery.
pub(crate) fn payments(
    connection: &mut PgConnection, (recall, number, answer): (DeliveryId, i32, Option<i64>),
) -> BoxStream<'_, Result<StoredPayment, sqlx::Error>> {
    sqlx::query_as!(
        StoredPayment,
        "select p.block_no as block, p.carry, a.state, a.reason
         from mediation.recall_payment a
         join mediation.payment p on p.slice_id = a.slice_id and p.row_no = a.row_no
         where a.delivery_id = $1 and a.request_no = $2
           and ($3::bigint is null
                or exists (select from mediation.recall_answer t
                           where t.answer_id = $3 and t.delivery_id = a.delivery_id and t.slice_id = a.slice_id and t.row_no = a.row_no))
         order by p.block_no, p.row_position",
        recall.get(),
        number,
        answer,
    )
    .fetch(connection)
    .boxed()
}
