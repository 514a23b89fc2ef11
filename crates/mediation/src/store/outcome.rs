//! Outcomes: what the banks said of batches and legs, and what follows from it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::{AgreementNumber, BankCode, DeliveryId, LegRef, Money};
use sqlx::PgConnection;

use crate::error::Error;
use crate::settle::Outcome;
use crate::store::payment::amount;

/// A bank file that an answer is about.
#[derive(Clone, Debug)]
pub(crate) struct SentFile {
    pub file: i64,
    pub delivery: DeliveryId,
    pub payer: AgreementNumber,
}

/// A batch of it.
#[derive(Clone, Debug)]
pub(crate) struct SentBatch {
    pub batch: i64,
    pub key: String,
    pub legs: u64,
    /// What is known of the whole batch.
    pub known: Option<Outcome>,
}

/// The file with this key that was written for the bank.
pub(crate) async fn sent_file(connection: &mut PgConnection, bank: BankCode, key: &str) -> Result<Option<SentFile>, Error> {
    let row = sqlx::query!(
        r#"select f.file_id, f.delivery_id, d.payer from mediation.file f
           join lateral (select payer from mediation.disposal d where d.delivery_id = f.delivery_id limit 1) d on true
           where f.file_key = $1 and f.purpose = 1 and f.recipient = $2"#,
        key,
        bank.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let payer = AgreementNumber::parse(&row.payer).map_err(|_| Error::Corrupt("a disposal's payer"))?;
        Ok(SentFile { file: row.file_id, delivery: DeliveryId::new(row.delivery_id), payer })
    })
    .transpose()
}

/// Keeps other answers on the file waiting until the end of the transaction: what is known of its payments is read and added to by one answer
/// at a time.
pub(crate) async fn lock_file(connection: &mut PgConnection, file: i64) -> Result<(), Error> {
    sqlx::query!("select file_id from mediation.file_sending where file_id = $1 for update", file).fetch_one(connection).await?;
    Ok(())
}

/// As [`lock_file`], for the files in which the bank got these legs.
pub(crate) async fn lock_files_of_legs(connection: &mut PgConnection, bank: BankCode, legs: &[LegRef]) -> Result<(), Error> {
    let (slices, rows, numbers) = columns(legs);
    sqlx::query!(
        "select s.file_id from mediation.file_sending s
         where s.file_id in (
             select b.file_id
             from unnest($2::bigint[], $3::int[], $4::smallint[]) as told (slice_id, row_no, leg_no)
             join mediation.leg l on l.slice_id = told.slice_id and l.row_no = told.row_no and l.leg_no = told.leg_no
             join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
             join mediation.batch b on b.batch_id = g.batch_id
             join mediation.file f on f.file_id = b.file_id and f.recipient = $1)
         order by s.file_id for update",
        bank.as_str(),
        &slices,
        &rows,
        &numbers,
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// As [`lock_file`], for the files whose legs an answer to our recalls speaks of.
pub(crate) async fn lock_recalled_files(connection: &mut PgConnection, answer: i64) -> Result<(), Error> {
    sqlx::query!(
        "select s.file_id from mediation.file_sending s
         where s.file_id in (
             select b.file_id from mediation.recall_answer t
             join mediation.leg l on l.slice_id = t.slice_id and l.row_no = t.row_no and l.leg_no = t.leg_no
             join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
             join mediation.batch b on b.batch_id = g.batch_id
             where t.answer_id = $1)
         order by s.file_id for update",
        answer,
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// The batches of a file.
pub(crate) async fn sent_batches(connection: &mut PgConnection, file: i64) -> Result<Vec<SentBatch>, Error> {
    let rows = sqlx::query!(
        "select b.batch_id, b.batch_key, b.leg_count,
             (select max(o.status) from mediation.batch_outcome o where o.batch_id = b.batch_id) as known
         from mediation.batch b where b.file_id = $1 order by b.batch_id",
        file,
    )
    .fetch_all(connection)
    .await?;
    let batches = rows.into_iter().map(|row| SentBatch {
        batch: row.batch_id,
        key: row.batch_key,
        legs: u64::from(row.leg_count.unsigned_abs()),
        known: row.known.and_then(Outcome::from_code),
    });
    Ok(batches.collect())
}

/// What is known of legs, for those that were sent in the batch: their place in `legs`, and the last word on them.
pub(crate) async fn known_legs(
    connection: &mut PgConnection, batch: i64, legs: &[LegRef],
) -> Result<Vec<(usize, Option<Outcome>)>, Error> {
    let (slices, rows, numbers) = columns(legs);
    let found = sqlx::query!(
        r#"select told.n as "n!", l.outcome
           from unnest($2::bigint[], $3::int[], $4::smallint[]) with ordinality as told (slice_id, row_no, leg_no, n)
           join mediation.leg_standing l on l.slice_id = told.slice_id and l.row_no = told.row_no and l.leg_no = told.leg_no
           join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no and g.batch_id = $1
           where not exists (select from mediation.stop t where t.slice_id = told.slice_id and t.row_no = told.row_no)"#,
        batch,
        &slices,
        &rows,
        &numbers,
    )
    .fetch_all(connection)
    .await?;
    found
        .into_iter()
        .map(|row| {
            let place = usize::try_from(row.n - 1).map_err(|_| Error::Corrupt("the place of a leg"))?;
            Ok((place, row.outcome.and_then(Outcome::from_code)))
        })
        .collect()
}

/// A leg that a bank has, with the last word on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownLeg {
    /// Its place among the legs asked for.
    pub place: usize,
    pub payer: AgreementNumber,
    pub amount: Money,
    pub outcome: Option<Outcome>,
}

/// What is known of legs, for those that were sent to the bank.
pub(crate) async fn known_legs_of_bank(
    connection: &mut PgConnection, bank: BankCode, legs: &[LegRef],
) -> Result<Vec<KnownLeg>, Error> {
    let (slices, rows, numbers) = columns(legs);
    let found = sqlx::query!(
        r#"select told.n as "n!", s.payer, x.amount_minor, x.currency, l.outcome
           from unnest($2::bigint[], $3::int[], $4::smallint[]) with ordinality as told (slice_id, row_no, leg_no, n)
           join mediation.leg x on x.slice_id = told.slice_id and x.row_no = told.row_no and x.leg_no = told.leg_no
           join mediation.leg_standing l on l.slice_id = x.slice_id and l.row_no = x.row_no and l.leg_no = x.leg_no
           join mediation.leg_group g on g.slice_id = x.slice_id and g.group_no = x.group_no
           join mediation.batch b on b.batch_id = g.batch_id
           join mediation.file f on f.file_id = b.file_id and f.recipient = $1
           join mediation.slice s on s.slice_id = x.slice_id
           where not exists (select from mediation.stop t where t.slice_id = x.slice_id and t.row_no = x.row_no)"#,
        bank.as_str(),
        &slices,
        &rows,
        &numbers,
    )
    .fetch_all(connection)
    .await?;
    found
        .into_iter()
        .map(|row| {
            Ok(KnownLeg {
                place: usize::try_from(row.n - 1).map_err(|_| Error::Corrupt("the place of a leg"))?,
                payer: AgreementNumber::parse(&row.payer).map_err(|_| Error::Corrupt("a slice's payer"))?,
                amount: amount(row.amount_minor, &row.currency)?,
                outcome: row.outcome.and_then(Outcome::from_code),
            })
        })
        .collect()
}

pub(super) fn columns(legs: &[LegRef]) -> (Vec<i64>, Vec<i32>, Vec<i16>) {
    let slices = legs.iter().map(|leg| leg.payment.slice).collect();
    let rows = legs.iter().map(|leg| leg.payment.row).collect();
    (slices, rows, legs.iter().map(|leg| leg.leg).collect())
}

/// New outcomes of legs.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewLegOutcomes {
    pub legs: Vec<LegRef>,
    pub statuses: Vec<i16>,
    pub reasons: Vec<Option<String>>,
}

/// Records outcomes of legs and answers how many were new.
pub(crate) async fn insert_legs(
    connection: &mut PgConnection, answer: i64, told_at: Timestamp, new: &NewLegOutcomes,
) -> Result<u64, Error> {
    let (slices, rows, numbers) = columns(&new.legs);
    let done = sqlx::query!(
        "insert into mediation.leg_outcome (slice_id, row_no, leg_no, status, reason, answer_id, told_at)
         select o.slice_id, o.row_no, o.leg_no, o.status, o.reason, $1, $2
         from unnest($3::bigint[], $4::int[], $5::smallint[], $6::smallint[], $7::text[]) as o (slice_id, row_no, leg_no, status, reason)
         on conflict do nothing",
        answer,
        told_at.to_sqlx(),
        &slices,
        &rows,
        &numbers,
        &new.statuses,
        &new.reasons as _,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Records that what a batch's rejection does not spare has come back, where the bank had accepted it leg by leg; answers how many legs.
pub(crate) async fn take_back_legs(
    connection: &mut PgConnection, (answer, told_at): (i64, Timestamp), batch: i64, reason: Option<&str>, spared: &[LegRef],
) -> Result<u64, Error> {
    let (slices, rows, numbers) = columns(spared);
    let done = sqlx::query!(
        "insert into mediation.leg_outcome (slice_id, row_no, leg_no, status, reason, answer_id, told_at)
         select l.slice_id, l.row_no, l.leg_no, 3, $2, $3, $4
         from mediation.leg_group g
         join mediation.leg l on l.slice_id = g.slice_id and l.group_no = g.group_no
         join mediation.leg_outcome own on own.slice_id = l.slice_id and own.row_no = l.row_no and own.leg_no = l.leg_no and own.status = 1
         where g.batch_id = $1 and own.answer_id <> $3
           and not exists (select from mediation.leg_outcome later
                           where later.slice_id = l.slice_id and later.row_no = l.row_no and later.leg_no = l.leg_no and later.status > 1)
           and (l.slice_id, l.row_no, l.leg_no) not in (select * from unnest($5::bigint[], $6::int[], $7::smallint[]))",
        batch,
        reason,
        answer,
        told_at.to_sqlx(),
        &slices,
        &rows,
        &numbers,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Records the outcome of a whole batch, which is new.
pub(crate) async fn insert_batch(
    connection: &mut PgConnection, answer: i64, told_at: Timestamp, batch: i64, outcome: Outcome, reason: Option<&str>,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into mediation.batch_outcome (batch_id, status, reason, answer_id, told_at) values ($1, $2, $3, $4, $5)",
        batch,
        outcome.code(),
        reason,
        answer,
        told_at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a batch's outcome")?)
}

/// Reservations are posted or voided as the answer says of their legs; the first word on a leg decides. What was posted, or was to be, is
/// reversed when the money comes back. Answers how many should have been reversed and could not be posted in the first place: a person must
/// look.
pub(crate) async fn insert_reservation_tasks(connection: &mut PgConnection, answer: i64) -> Result<i64, Error> {
    sqlx::query!(
        "insert into mediation.reservation_task (slice_id, row_no, leg_no, house, action)
         select l.slice_id, l.row_no, l.leg_no, case l.destination when 2 then 1 else 2 end, case o.status when 1 then 1 else 2 end
         from mediation.leg_outcome o
         join mediation.leg l on l.slice_id = o.slice_id and l.row_no = o.row_no and l.leg_no = o.leg_no
         where o.answer_id = $1 and l.destination in (2, 3)
         on conflict do nothing",
        answer,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into mediation.reservation_task (slice_id, row_no, leg_no, house, action)
         select l.slice_id, l.row_no, l.leg_no, case l.destination when 2 then 1 else 2 end, case o.status when 1 then 1 else 2 end
         from mediation.batch_outcome o
         join mediation.leg_group g on g.batch_id = o.batch_id
         join mediation.leg l on l.slice_id = g.slice_id and l.group_no = g.group_no
         where o.answer_id = $1 and l.destination in (2, 3)
           and not exists (select from mediation.leg_outcome own
                           where own.slice_id = l.slice_id and own.row_no = l.row_no and own.leg_no = l.leg_no)
         on conflict do nothing",
        answer,
    )
    .execute(&mut *connection)
    .await?;
    reverse_returned(connection, answer).await
}

/// Has what the answer says has come back reversed where it was to be posted; answers how many the other house had refused to post.
async fn reverse_returned(connection: &mut PgConnection, answer: i64) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(
        r#"with returned as (
               select l.slice_id, l.row_no, l.leg_no, case l.destination when 2 then 1 else 2 end as house
               from mediation.leg_outcome o
               join mediation.leg l on l.slice_id = o.slice_id and l.row_no = o.row_no and l.leg_no = o.leg_no
               where o.answer_id = $1 and o.status = 3 and l.destination in (2, 3)
               union
               select l.slice_id, l.row_no, l.leg_no, case l.destination when 2 then 1 else 2 end
               from mediation.batch_outcome o
               join mediation.leg_group g on g.batch_id = o.batch_id
               join mediation.leg l on l.slice_id = g.slice_id and l.group_no = g.group_no
               where o.answer_id = $1 and o.status = 3 and l.destination in (2, 3)
           ), reversed as (
               update mediation.reservation_task t set action = 3, done_at = null
               from returned r
               where t.slice_id = r.slice_id and t.row_no = r.row_no and t.leg_no = r.leg_no and t.house = r.house
                 and t.action = 1 and t.refusal is null
           )
           select count(*) as "count!" from returned r join mediation.reservation_task t using (slice_id, row_no, leg_no, house)
           where t.action = 1 and t.refusal is not null"#,
        answer,
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// The payer is to be told what the bank accepted (return answer 8) and what it did not (9).
pub(crate) async fn insert_report_tasks(
    connection: &mut PgConnection, answer: i64, delivery: DeliveryId, arisen_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into mediation.report_task (delivery_id, answer, answer_id, arisen_at)
         select $2, told.answer, $1, $3
         from (select distinct case status when 1 then 8 else 9 end as answer
               from (select status from mediation.batch_outcome where answer_id = $1
                     union select status from mediation.leg_outcome where answer_id = $1) said) told
         order by told.answer",
        answer,
        delivery.get(),
        arisen_at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The payers are to be told what the answer says of legs, each of its own deliveries.
pub(crate) async fn insert_report_tasks_of_legs(
    connection: &mut PgConnection, answer: i64, arisen_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into mediation.report_task (delivery_id, answer, answer_id, arisen_at)
         select told.delivery_id, told.answer, $1, $2
         from (select distinct s.delivery_id, case o.status when 1 then 8 else 9 end as answer
               from mediation.leg_outcome o join mediation.slice s on s.slice_id = o.slice_id where o.answer_id = $1) told
         order by told.delivery_id, told.answer",
        answer,
        arisen_at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
