//! Batches: the payment information blocks of the bank files.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::DeliveryId;
use sqlx::PgConnection;

use crate::batch::BatchPlan;
use crate::error::Error;

/// A batch to record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewBatch<'p> {
    pub file: i64,
    pub delivery: DeliveryId,
    pub execution_date: Date,
    pub plan: &'p BatchPlan,
}

/// Records a batch and notes it with its groups of legs.
pub(crate) async fn insert(connection: &mut PgConnection, new: NewBatch<'_>) -> Result<(), Error> {
    let plan = new.plan;
    let legs = i32::try_from(plan.legs).map_err(|_| Error::Corrupt("more legs than a batch can count"))?;
    let batch = sqlx::query_scalar!(
        "insert into mediation.batch (file_id, delivery_id, block_no, route, currency, execution_date, batch_key, leg_count, sum_minor)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning batch_id",
        new.file,
        new.delivery.get(),
        plan.block,
        plan.route.code(),
        plan.currency.code(),
        new.execution_date.to_sqlx(),
        plan.key,
        legs,
        plan.sum_minor,
    )
    .fetch_one(&mut *connection)
    .await?;
    let (slices, numbers): (Vec<i64>, Vec<i16>) = plan.groups.iter().copied().unzip();
    let done = sqlx::query!(
        "update mediation.leg_group g set batch_id = $1
         from unnest($2::bigint[], $3::smallint[]) as member (slice_id, group_no)
         where g.slice_id = member.slice_id and g.group_no = member.group_no and g.batch_id is null",
        batch,
        &slices,
        &numbers,
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), plan.groups.len(), "groups of a batch")?)
}
