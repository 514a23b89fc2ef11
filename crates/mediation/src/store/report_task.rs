//! What payers are to be told, and what they are told of: rows as they are stored, to be opened by the report.

use contracts::mediation::DeliveryState;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use platform::copy::{CopyOut, CopyRow};
use platform::database::expect_rows;
use primitives::{AgreementNumber, DataSupplierId, DeliveryId, Money};
use sqlx::{PgConnection, PgPool};

use crate::delivery::Origin;
use crate::error::Error;
use crate::put_off;
use crate::store::payment::amount;
use crate::vault::Vault;

/// A task.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub task: i64,
    /// The return answer (retursvar).
    pub answer: i16,
    /// The slice of a stop (5), of payees that could not be paid (7) or that were found by an old number (30).
    pub slice: Option<i64>,
    /// The bank's answer that says it (8, 9).
    pub bank_answer: Option<i64>,
    pub arisen_at: Timestamp,
}

/// Locks the open tasks of the delivery that has waited longest, in order; none where nothing waits. Only a delivery's first open task is
/// competed for, so that two workers never hold tasks of the same delivery and wait for each other.
pub(crate) async fn lock_next(connection: &mut PgConnection) -> Result<Option<(DeliveryId, Vec<Task>)>, Error> {
    let first = sqlx::query_scalar!(
        "select t.delivery_id from mediation.report_task t
         where t.report_id is null and (t.not_before is null or t.not_before < now()) and not exists (select from mediation.report_task earlier
             where earlier.delivery_id = t.delivery_id and earlier.report_id is null and earlier.task_id < t.task_id)
         order by t.task_id limit 1 for update of t skip locked"
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(delivery) = first else { return Ok(None) };
    let rows = sqlx::query!(
        "select task_id, answer, slice_id, answer_id, arisen_at from mediation.report_task
         where delivery_id = $1 and report_id is null order by task_id for update",
        delivery,
    )
    .fetch_all(connection)
    .await?;
    let tasks = rows.into_iter().map(|row| Task {
        task: row.task_id,
        answer: row.answer,
        slice: row.slice_id,
        bank_answer: row.answer_id,
        arisen_at: row.arisen_at.to_jiff(),
    });
    Ok(Some((DeliveryId::new(delivery), tasks.collect())))
}

/// Leaves a task that could not be told alone for a while, twice as long each time, and with it all that is to be told of the delivery.
pub(crate) async fn put_off(pool: &PgPool, task: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update mediation.report_task set attempts = attempts + 1,
             not_before = now() + least($3::bigint, $2::bigint * (1::bigint << least(attempts, 16))) * interval '1 millisecond'
         where task_id = $1 and report_id is null",
        task,
        put_off::FIRST.milliseconds(),
        put_off::LONGEST.milliseconds(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes which file told the tasks; 0 where nobody is to be told.
pub(crate) async fn told(connection: &mut PgConnection, tasks: &[Task], report: i64) -> Result<(), Error> {
    let ids: Vec<i64> = tasks.iter().map(|task| task.task).collect();
    let done = sqlx::query!(
        "update mediation.report_task set report_id = $1 where task_id = any($2) and report_id is null",
        report,
        &ids
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), ids.len(), "report tasks")?)
}

/// What a report says of the delivery it answers.
#[derive(Clone, Debug)]
pub(crate) struct Original {
    pub delivery: DeliveryId,
    pub supplier: DataSupplierId,
    pub origin: Origin,
    pub state: DeliveryState,
    /// The delivery that counts, where this one has the same content.
    pub repeats: Option<DeliveryId>,
    pub message_name: Option<String>,
    pub message_id: Option<String>,
    pub created: Option<String>,
    pub payer: Option<AgreementNumber>,
    pub payments: u64,
    pub rejected: u64,
}

/// The delivery of a report.
pub(crate) async fn original(connection: &mut PgConnection, vault: &Vault, delivery: DeliveryId) -> Result<Original, Error> {
    let row = sqlx::query!(
        r#"select d.supplier, d.origin, r.state, r.repeats, h.message_name, h.message_id, h.created, h.payer,
                  coalesce(h.payments, 0) as "payments!", coalesce(h.rejected, 0) as "rejected!"
           from mediation.delivery d
           join mediation.delivery_reading r on r.delivery_id = d.delivery_id
           left join mediation.delivery_header h on h.delivery_id = d.delivery_id
           where d.delivery_id = $1"#,
        delivery.get(),
    )
    .fetch_one(connection)
    .await?;
    let payer = row.payer.as_deref().map(AgreementNumber::parse).transpose().map_err(|_| Error::Corrupt("a delivery's payer"))?;
    Ok(Original {
        delivery,
        supplier: DataSupplierId::parse(&row.supplier).map_err(|_| Error::Corrupt("a data supplier"))?,
        origin: if row.origin == Origin::Orders.code() { Origin::Orders } else { Origin::File },
        state: crate::delivery::state_from_code(row.state)?,
        repeats: row.repeats.map(DeliveryId::new),
        message_name: row.message_name,
        message_id: row.message_id.map(|sealed| vault.open_message_id(&sealed)).transpose()?,
        created: row.created,
        payer,
        payments: row.payments.unsigned_abs(),
        rejected: row.rejected.unsigned_abs(),
    })
}

/// The blocks of a delivery that were taken: number and PmtInfId.
pub(crate) async fn blocks(
    connection: &mut PgConnection, vault: &Vault, delivery: DeliveryId,
) -> Result<Vec<(i32, String)>, Error> {
    let rows = sqlx::query!("select block_no, block_id from mediation.payment_block where delivery_id = $1", delivery.get())
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(|row| Ok((row.block_no, vault.open_block_id(&row.block_id)?))).collect()
}

/// A finding, as a report tells it.
#[derive(Clone, Debug)]
pub(crate) struct StoredFinding {
    pub block: Option<i32>,
    pub position: Option<i64>,
    pub line: i64,
    pub path: String,
    pub code: String,
    pub da: String,
    pub en: String,
    pub reference: Option<Vec<u8>>,
}

/// The findings on the delivery as a whole, the first `limit`.
pub(crate) async fn whole_findings(
    connection: &mut PgConnection, delivery: DeliveryId, limit: i64,
) -> Result<Vec<StoredFinding>, Error> {
    let rows = sqlx::query_as!(
        StoredFinding,
        r#"select block_no as block, row_position as position, line, path, code, text_da as da, text_en as en, row_reference as reference
           from mediation.finding where delivery_id = $1 and level <= 3 order by finding_no limit $2"#,
        delivery.get(),
        limit,
    );
    Ok(rows.fetch_all(connection).await?)
}

/// The findings on blocks and payments, in the order of the file.
pub(crate) fn findings(connection: &mut PgConnection, delivery: DeliveryId) -> BoxStream<'_, Result<StoredFinding, sqlx::Error>> {
    sqlx::query_as!(
        StoredFinding,
        r#"select block_no as block, row_position as position, line, path, code, text_da as da, text_en as en, row_reference as reference
           from mediation.finding where delivery_id = $1 and level >= 4
           order by block_no, level, row_position, finding_no"#,
        delivery.get(),
    )
    .fetch(connection)
}

/// A payment a report tells of.
#[derive(Clone, Debug)]
pub(crate) struct StoredRow {
    pub block: i32,
    pub amount: Money,
    /// Sealed.
    pub carry: Vec<u8>,
    /// Where its money went: the code of the destination.
    pub destination: i16,
    pub reason: Option<String>,
}

/// Which payments a report tells of.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// Payees that could not be paid, in these slices.
    Unpayable(Vec<i64>),
    /// Payees that were found by a number that a new one has replaced, in these slices.
    Replaced(Vec<i64>),
    /// What was stopped in a slice at a moment.
    Stopped(Vec<(i64, Timestamp)>),
    /// What a bank's answer rejected or returned, of a delivery.
    Rejected(i64, DeliveryId),
    /// What a bank's answer accepted, of a delivery in these blocks.
    Accepted(i64, DeliveryId, Vec<i32>),
}

impl Told {
    /// The statement that reads them. It holds nothing but our own numbers: a COPY takes no parameters.
    fn statement(&self) -> String {
        let (from, reason) = match self {
            Self::Unpayable(slices) => (
                format!(
                    "mediation.leg l where l.slice_id in ({}) and l.destination in (3, 4, 5) and not exists \
                     (select from mediation.stop t where t.slice_id = l.slice_id and t.row_no = l.row_no)",
                    list(slices)
                ),
                "l.reason",
            ),
            Self::Replaced(slices) => (
                format!(
                    "(select r.slice_id, r.row_no, 1::smallint as leg_no, 1::smallint as destination from mediation.replaced_number r \
                      where r.slice_id in ({}) and not exists \
                      (select from mediation.stop t where t.slice_id = r.slice_id and t.row_no = r.row_no)) l",
                    list(slices)
                ),
                "'NARR'::text",
            ),
            Self::Stopped(stops) => {
                let stops: Vec<String> =
                    stops.iter().map(|(slice, at)| format!("({slice}::bigint, '{at}'::timestamptz)")).collect();
                (
                    format!(
                        "(select t.slice_id, t.row_no, 1::smallint as leg_no, 5::smallint as destination from mediation.stop t \
                         join (values {}) as wanted (slice_id, stopped_at) using (slice_id, stopped_at)) l",
                        stops.join(", ")
                    ),
                    "'CUST'::text",
                )
            }
            Self::Rejected(answer, delivery) => (outcomes(*answer, *delivery, "in (2, 3)"), "l.reason"),
            Self::Accepted(answer, delivery, blocks) => {
                (format!("{} where l.block_no in ({})", outcomes(*answer, *delivery, "= 1"), list(blocks)), "null::text")
            }
        };
        format!(
            "COPY (select p.block_no, p.amount_minor, p.currency::text, p.carry, l.destination, l.why \
             from (select distinct on (l.slice_id, l.row_no) l.slice_id, l.row_no, l.destination, {reason} as why from {from} \
                   order by l.slice_id, l.row_no, l.leg_no) l \
             join mediation.payment p on p.slice_id = l.slice_id and p.row_no = l.row_no \
             order by p.block_no, p.row_position) TO STDOUT (FORMAT binary)"
        )
    }
}

/// The legs an answer speaks of with such a status: by themselves, or with their batch.
fn outcomes(answer: i64, delivery: DeliveryId, status: &str) -> String {
    let delivery = delivery.get();
    format!(
        "(select l.slice_id, l.row_no, l.leg_no, l.destination, g.block_no, o.reason \
          from mediation.leg_outcome o \
          join mediation.leg l on l.slice_id = o.slice_id and l.row_no = o.row_no and l.leg_no = o.leg_no \
          join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no \
          where o.answer_id = {answer} and o.status {status} and g.delivery_id = {delivery} \
          union all \
          select l.slice_id, l.row_no, l.leg_no, l.destination, g.block_no, o.reason \
          from mediation.batch_outcome o \
          join mediation.leg_group g on g.batch_id = o.batch_id \
          join mediation.leg l on l.slice_id = g.slice_id and l.group_no = g.group_no \
          where o.answer_id = {answer} and o.status {status} and g.delivery_id = {delivery} \
            and not exists (select from mediation.leg_outcome own \
                            where own.slice_id = l.slice_id and own.row_no = l.row_no and own.leg_no = l.leg_no) \
            and not exists (select from mediation.stop t where t.slice_id = l.slice_id and t.row_no = l.row_no)) l"
    )
}

fn list<N: std::fmt::Display>(numbers: &[N]) -> String {
    numbers.iter().map(N::to_string).collect::<Vec<_>>().join(", ")
}

/// The payments of a report, in the order of the file.
pub(crate) struct StoredRows<'c>(CopyOut<'c>);

impl<'c> StoredRows<'c> {
    /// Begins to read them.
    pub async fn start(connection: &'c mut PgConnection, told: &Told) -> Result<Self, Error> {
        Ok(Self(CopyOut::start(connection, &told.statement()).await?))
    }

    /// The next one, `None` at the end.
    pub async fn next(&mut self) -> Result<Option<StoredRow>, Error> {
        self.0.next_row().await?.map(stored_row).transpose()
    }
}

fn stored_row(mut row: CopyRow<'_>) -> Result<StoredRow, Error> {
    Ok(StoredRow {
        block: row.i32()?,
        amount: amount(row.i64()?, row.text()?)?,
        carry: row.bytes()?.to_vec(),
        destination: row.i16()?,
        reason: row.opt_text()?.map(str::to_owned),
    })
}

/// The blocks of which a bank's answer accepted something, and whether that is now true of every payment of the block: each table is read
/// once, however many blocks there are.
pub(crate) async fn accepted_blocks(
    connection: &mut PgConnection, delivery: DeliveryId, answer: i64,
) -> Result<Vec<(i32, bool)>, Error> {
    let rows = sqlx::query!(
        r#"with parted as (
               select g.block_no from mediation.leg_group g
               where g.delivery_id = $1
                 and (select max(o.status) from mediation.batch_outcome o where o.batch_id = g.batch_id) is distinct from 1
               union
               select g.block_no from mediation.slice s
               join mediation.leg_outcome o on o.slice_id = s.slice_id and o.status <> 1
               join mediation.leg l on l.slice_id = o.slice_id and l.row_no = o.row_no and l.leg_no = o.leg_no
               join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
               where s.delivery_id = $1
               union
               select p.block_no from mediation.slice s
               join mediation.payment p on p.slice_id = s.slice_id
               where s.delivery_id = $1 and s.state = 1
               union
               select p.block_no from mediation.slice s
               join mediation.leg l on l.slice_id = s.slice_id and l.destination = 5
               join mediation.payment p on p.slice_id = l.slice_id and p.row_no = l.row_no
               where s.delivery_id = $1
               union
               select p.block_no from mediation.slice s
               join mediation.stop t on t.slice_id = s.slice_id
               join mediation.payment p on p.slice_id = t.slice_id and p.row_no = t.row_no
               where s.delivery_id = $1
               union
               select f.block_no from mediation.finding f
               where f.delivery_id = $1 and f.level = 5 and f.block_no is not null
           ), told as (
               select t.block_no from mediation.batch_outcome o join mediation.batch t on t.batch_id = o.batch_id
               where o.answer_id = $2 and o.status = 1 and t.delivery_id = $1
               union
               select g.block_no from mediation.leg_outcome o
               join mediation.leg l on l.slice_id = o.slice_id and l.row_no = o.row_no and l.leg_no = o.leg_no
               join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
               where o.answer_id = $2 and o.status = 1 and g.delivery_id = $1
           )
           select b.block_no, not exists (select from parted where parted.block_no = b.block_no) as "whole!"
           from mediation.payment_block b join told on told.block_no = b.block_no
           where b.delivery_id = $1
           order by b.block_no"#,
        delivery.get(),
        answer,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.block_no, row.whole)).collect())
}
