//! Payouts that the register is to be told of.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::HolderRef;
use sqlx::PgConnection;

use crate::error::Error;

/// What a bank's answer has accepted of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PayoutTask {
    pub slice: i64,
    pub answer: i64,
    /// The day the money was to be at disposal.
    pub on: Date,
}

/// A task for each slice of which the answer has accepted something.
pub(crate) async fn insert(connection: &mut PgConnection, answer: i64) -> Result<(), Error> {
    sqlx::query!(
        "insert into mediation.payout_task (slice_id, answer_id)
         select slice_id, $1 from mediation.leg_outcome where answer_id = $1 and status = 1
         union
         select g.slice_id, $1 from mediation.batch_outcome o join mediation.leg_group g on g.batch_id = o.batch_id
         where o.answer_id = $1 and o.status = 1",
        answer,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks an open task until the end of the transaction, passing over those another worker is at.
pub(crate) async fn lock_next(connection: &mut PgConnection) -> Result<Option<PayoutTask>, Error> {
    let row = sqlx::query!(
        "select t.slice_id, t.answer_id, s.due_date
         from mediation.payout_task t join mediation.slice s on s.slice_id = t.slice_id
         where t.done_at is null order by t.slice_id, t.answer_id limit 1 for update of t skip locked"
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| PayoutTask { slice: row.slice_id, answer: row.answer_id, on: row.due_date.to_jiff() }))
}

/// The payees whose accounts got money by what the answer accepted of the slice, each once, in order: not those whose money went elsewhere,
/// nor those the payer gave an account for, whom the register was not asked about.
pub(crate) async fn paid(connection: &mut PgConnection, task: PayoutTask) -> Result<Vec<HolderRef>, Error> {
    let holders = sqlx::query_scalar!(
        r#"select distinct l.holder as "holder!"
           from mediation.leg l
           left join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
           left join mediation.batch_outcome b on b.batch_id = g.batch_id and b.answer_id = $2 and b.status = 1
           left join mediation.leg_outcome o
                on o.slice_id = l.slice_id and o.row_no = l.row_no and o.leg_no = l.leg_no
           where l.slice_id = $1 and l.destination = 1 and l.holder is not null
             and ((o.status = 1 and o.answer_id = $2) or (o.status is null and b.batch_id is not null))
             and not exists (select from mediation.stop t where t.slice_id = l.slice_id and t.row_no = l.row_no)
           order by 1"#,
        task.slice,
        task.answer,
    )
    .fetch_all(connection)
    .await?;
    Ok(holders.into_iter().map(HolderRef::new).collect())
}

/// The register has been told.
pub(crate) async fn note(connection: &mut PgConnection, task: PayoutTask, done_at: Timestamp) -> Result<(), Error> {
    let done = sqlx::query!(
        "update mediation.payout_task set done_at = $3 where slice_id = $1 and answer_id = $2 and done_at is null",
        task.slice,
        task.answer,
        done_at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a payout task")?)
}
