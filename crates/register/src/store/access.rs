//! `register.access_log` and its index by person.

use contracts::register::AccessRecord;
use platform::access_log::{self, SUBJECT_KEY_BYTES};
use platform::copy::{CopyBuffer, copy_in};
use platform::database::expect_rows;
use platform::seal::index_key;
use primitives::AgreementNumber;
use sqlx::PgConnection;

use crate::fault::Fault;

/// Logs a lookup. The answer must not leave before this is committed.
pub(crate) async fn log(conn: &mut PgConnection, record: &access_log::AccessRecord<'_>) -> Result<(), sqlx::Error> {
    let access = access_log::append(conn, "register", record).await?;
    let done = sqlx::query!("insert into register.access_unindexed (access_id) values ($1)", access).execute(conn).await?;
    expect_rows(done.rows_affected(), 1, "queue an access for indexing")
}

const COPY_INDEX_IN: &str = "COPY register.access_subject (subject_key, access_id) FROM STDIN (FORMAT binary)";

/// Indexes the oldest `calls` calls by person; answers how many calls it took.
pub(crate) async fn index(conn: &mut PgConnection, calls: i64) -> Result<u64, sqlx::Error> {
    let taken = sqlx::query!(
        r#"with taken as (
               delete from register.access_unindexed where access_id in (
                   select access_id from register.access_unindexed order by access_id limit $1 for update skip locked
               ) returning access_id
           )
           select l.access_id, l.subjects from register.access_log l join taken using (access_id)"#,
        calls,
    )
    .fetch_all(&mut *conn)
    .await?;
    let keys = |subjects: &[u8]| subjects.chunks_exact(SUBJECT_KEY_BYTES).map(index_key).collect::<Vec<_>>();
    let mut rows: Vec<(i64, i64)> =
        taken.iter().flat_map(|call| keys(&call.subjects).into_iter().map(|key| (key, call.access_id))).collect();
    // In the order of the index, each person once for each call.
    rows.sort_unstable();
    rows.dedup();
    let mut buffer = CopyBuffer::with_capacity(rows.len() * 26);
    for (key, access) in &rows {
        buffer.begin_row(2);
        buffer.i64(*key);
        buffer.i64(*access);
    }
    let stored = copy_in(conn, COPY_INDEX_IN, &buffer).await?;
    expect_rows(stored, rows.len(), "index accesses")?;
    Ok(taken.len() as u64)
}

/// The latest calls that looked up any of the subjects, newest first: from the index, and from the calls that are not in it yet.
pub(crate) async fn of_subjects(conn: &mut PgConnection, subjects: &[Vec<u8>], limit: i64) -> Result<Vec<AccessRecord>, Fault> {
    let keys: Vec<i64> = subjects.iter().map(|subject| index_key(subject)).collect();
    let rows = sqlx::query!(
        r#"select l.at, l.actor, l.on_behalf_of, l.legal_basis, l.purpose, l.operation
           from register.access_log l
           where l.access_id in (
               select s.access_id from register.access_subject s where s.subject_key = any($2::bigint[])
               union
               select u.access_id from register.access_unindexed u
           ) and exists (select from unnest($1::bytea[]) subject where position(subject in l.subjects) > 0)
           order by l.at desc, l.access_id desc limit $3"#,
        subjects,
        &keys,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let on_behalf_of = row.on_behalf_of.map(|number| AgreementNumber::parse(&number)).transpose();
            Ok(AccessRecord {
                at: row.at.to_jiff(),
                actor: row.actor,
                on_behalf_of: on_behalf_of.map_err(|_| Fault::Corrupt("agreement number"))?,
                legal_basis: row.legal_basis,
                purpose: row.purpose,
                operation: row.operation,
            })
        })
        .collect()
}
