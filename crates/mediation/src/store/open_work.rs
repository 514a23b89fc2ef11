//! What waits to be done, by the partial indexes of open work.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

use crate::error::Error;
use crate::open_work::OpenWork;

pub(crate) async fn count(pool: &PgPool, allocation_until: Date, dispatch_until: Date) -> Result<OpenWork, Error> {
    let row = sqlx::query!(
        r#"select
            (select count(*) from mediation.delivery_reading where state = 1) as "deliveries!",
            (select count(*) from mediation.recall where to_ask) as "recalls!",
            (select count(*) from mediation.slice where state = 1 and due_date <= $1) as "slices!",
            (select count(*) from mediation.disposal where state = 1 and due_date <= $2) as "disposals!",
            (select count(*) from mediation.file_sending where sent_at is null) as "files!",
            (select count(*) from mediation.bank_answer_reading where state = 1) as "answers!",
            (select count(*) from mediation.reservation_task where done_at is null and refusal is null) as "reservations!",
            (select count(*) from mediation.payout_task where done_at is null) as "payouts!",
            (select count(*) from mediation.report_task where report_id is null) as "reports!""#,
        allocation_until.to_sqlx(),
        dispatch_until.to_sqlx(),
    )
    .fetch_one(pool)
    .await?;
    Ok(OpenWork {
        deliveries: row.deliveries.unsigned_abs(),
        recalls: row.recalls.unsigned_abs(),
        slices: row.slices.unsigned_abs(),
        disposals: row.disposals.unsigned_abs(),
        files: row.files.unsigned_abs(),
        answers: row.answers.unsigned_abs(),
        reservations: row.reservations.unsigned_abs(),
        payouts: row.payouts.unsigned_abs(),
        reports: row.reports.unsigned_abs(),
    })
}
