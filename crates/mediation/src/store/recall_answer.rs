//! What banks answer on recalls, and what follows from it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use primitives::{BankCode, LegRef};
use sqlx::PgConnection;

use crate::error::Error;

/// A bank's word on legs.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewAnswers {
    pub legs: Vec<LegRef>,
    pub statuses: Vec<i16>,
    pub reasons: Vec<Option<String>>,
}

/// Which legs a word on more than one is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whole {
    /// All that the recall with this key asked for.
    Recall,
    /// Those of it that were sent in the file with this key.
    File,
    /// Those that were sent in the batch with this key.
    Batch,
}

impl Whole {
    fn code(self) -> i16 {
        match self {
            Self::Recall => 1,
            Self::File => 2,
            Self::Batch => 3,
        }
    }
}

/// For those of the legs that the bank was asked for: their place in `legs`, and whether all questions on them were answered before.
pub(crate) async fn known(connection: &mut PgConnection, bank: BankCode, legs: &[LegRef]) -> Result<Vec<(usize, bool)>, Error> {
    let (slices, rows, numbers) = super::outcome::columns(legs);
    let found = sqlx::query!(
        r#"select told.n as "n!", bool_and(t.status is not null) as "answered!"
           from unnest($2::bigint[], $3::int[], $4::smallint[]) with ordinality as told (slice_id, row_no, leg_no, n)
           join mediation.recall_leg r on r.slice_id = told.slice_id and r.row_no = told.row_no and r.leg_no = told.leg_no
           join mediation.file f on f.file_id = r.file_id and f.recipient = $1
           left join mediation.recall_answer t
                on t.delivery_id = r.delivery_id and t.slice_id = r.slice_id and t.row_no = r.row_no and t.leg_no = r.leg_no
           group by told.n order by told.n"#,
        bank.as_str(),
        &slices,
        &rows,
        &numbers,
    )
    .fetch_all(connection)
    .await?;
    found
        .into_iter()
        .map(|row| Ok((usize::try_from(row.n - 1).map_err(|_| Error::Corrupt("the place of a leg"))?, row.answered)))
        .collect()
}

/// Records the bank's word on legs, for every open question on them; answers how many questions that were.
pub(crate) async fn insert(
    connection: &mut PgConnection, bank: BankCode, answer: i64, told_at: Timestamp, new: &NewAnswers,
) -> Result<u64, Error> {
    let (slices, rows, numbers) = super::outcome::columns(&new.legs);
    let done = sqlx::query!(
        "insert into mediation.recall_answer (delivery_id, slice_id, row_no, leg_no, status, reason, answer_id, told_at)
         select r.delivery_id, r.slice_id, r.row_no, r.leg_no, o.status, o.reason, $1, $2
         from unnest($3::bigint[], $4::int[], $5::smallint[], $6::smallint[], $7::text[]) as o (slice_id, row_no, leg_no, status, reason)
         join mediation.recall_leg r on r.slice_id = o.slice_id and r.row_no = o.row_no and r.leg_no = o.leg_no
         join mediation.file f on f.file_id = r.file_id and f.recipient = $8
         on conflict do nothing",
        answer,
        told_at.to_sqlx(),
        &slices,
        &rows,
        &numbers,
        &new.statuses,
        &new.reasons as _,
        bank.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Records the bank's word on all legs of a recall, a file or a batch, for those that it has not named one by one.
pub(crate) async fn insert_whole(
    connection: &mut PgConnection, bank: BankCode, answer: (i64, Timestamp), whole: (Whole, &str), said: (i16, Option<&str>),
) -> Result<u64, Error> {
    let done = sqlx::query!(
        "insert into mediation.recall_answer (delivery_id, slice_id, row_no, leg_no, status, reason, answer_id, told_at)
         select r.delivery_id, r.slice_id, r.row_no, r.leg_no, $5, $6, $1, $2
         from mediation.recall_leg r
         join mediation.file asked on asked.file_id = r.file_id and asked.recipient = $7
         join mediation.leg l on l.slice_id = r.slice_id and l.row_no = r.row_no and l.leg_no = r.leg_no
         join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
         join mediation.batch b on b.batch_id = g.batch_id
         join mediation.file f on f.file_id = b.file_id
         where ($3::smallint = 1 and asked.file_key = $4) or ($3 = 2 and f.file_key = $4) or ($3 = 3 and b.batch_key = $4)
         on conflict do nothing",
        answer.0,
        answer.1.to_sqlx(),
        whole.0.code(),
        whole.1,
        said.0,
        said.1,
        bank.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// What an answer to recalls leads to: legs that are given back count as not executed or as returned, their payments are settled, and the
/// senders of the recalls are to be told.
pub(crate) async fn conclude(connection: &mut PgConnection, answer: i64, told_at: Timestamp) -> Result<(), Error> {
    sqlx::query!(
        "insert into mediation.leg_outcome (slice_id, row_no, leg_no, status, reason, answer_id, told_at)
         select distinct t.slice_id, t.row_no, t.leg_no, case when l.outcome is null then 2 else 3 end, 'CUST', $1::bigint, $2::timestamptz
         from mediation.recall_answer t
         join mediation.leg_standing l on l.slice_id = t.slice_id and l.row_no = t.row_no and l.leg_no = t.leg_no
         where t.answer_id = $1 and t.status = 1 and (l.outcome is null or l.outcome = 1)
         on conflict do nothing",
        answer,
        told_at.to_sqlx(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update mediation.recall_payment a
         set state = case when said.refused then 5 else 4 end,
             reason = case when said.refused then coalesce(said.reason, 'NARR') end
         from (select r.delivery_id, r.slice_id, r.row_no, bool_and(t.status is not null) as whole,
                      coalesce(bool_or(t.status = 2), false) as refused, min(t.reason) filter (where t.status = 2) as reason
               from mediation.recall_leg r
               left join mediation.recall_answer t
                    on t.delivery_id = r.delivery_id and t.slice_id = r.slice_id and t.row_no = r.row_no and t.leg_no = r.leg_no
               where exists (select from mediation.recall_answer n
                             where n.answer_id = $1 and n.delivery_id = r.delivery_id and n.slice_id = r.slice_id and n.row_no = r.row_no)
               group by r.delivery_id, r.slice_id, r.row_no) said
         where a.delivery_id = said.delivery_id and a.slice_id = said.slice_id and a.row_no = said.row_no and a.state = 3 and said.whole",
        answer,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into mediation.report_task (delivery_id, answer, answer_id, arisen_at)
         select distinct delivery_id, 29::smallint, $1::bigint, $2::timestamptz from mediation.recall_answer where answer_id = $1",
        answer,
        told_at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
