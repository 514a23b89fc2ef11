//! Who looked at whose data, on which legal basis: one row for each call, however many persons it concerned, committed before the answer.
//!
//! The table is append-only for the runtime role. Persons stand in it by the first 17 bytes of their sealed number (key version and synthetic
//! IV), which is a deterministic key of the number and cannot be turned back into it.

use contracts::Context;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{AssertSqlSafe, PgConnection};

/// Bytes that stand for one person.
pub const SUBJECT_KEY_BYTES: usize = 17;

/// One call that gave out or asked for personal data.
#[derive(Debug)]
pub struct AccessRecord<'r> {
    /// When.
    pub at: Timestamp,
    /// Who acted, for whom, on which legal basis, for which purpose.
    pub context: &'r Context,
    /// Which operation.
    pub operation: &'r str,
    /// Whose data: subject keys one after the other, from [`push_subject`].
    pub subjects: &'r [u8],
}

/// The subject key of a sealed number: its first 17 bytes.
///
/// # Panics
/// When `sealed` was not made by [`Sealer::seal`](crate::seal::Sealer::seal).
#[must_use]
pub fn subject_key(sealed: &[u8]) -> &[u8; SUBJECT_KEY_BYTES] {
    sealed.first_chunk().expect("a sealed value begins with 17 bytes of version and IV")
}

/// Adds the person with the sealed number to the record's subjects.
pub fn push_subject(subjects: &mut Vec<u8>, sealed: &[u8]) {
    subjects.extend_from_slice(subject_key(sealed));
}

/// The statements that make the table in schema `schema`, for the house's first migration.
#[must_use]
pub fn ddl(schema: &str) -> String {
    format!(
        "create table {schema}.access_log (
    access_id bigint not null generated always as identity,
    at timestamptz not null,
    actor text not null,
    on_behalf_of text,
    legal_basis text not null,
    purpose text not null,
    operation text not null,
    trace uuid not null,
    subjects bytea not null,
    constraint access_log_pkey primary key (access_id),
    constraint access_log_subjects_whole check (octet_length(subjects) % 17 = 0)
);
comment on table {schema}.access_log is 'One row for each call on personal data, committed before it is answered. Append-only.';
comment on column {schema}.access_log.subjects is 'Whose data: per person 17 bytes, key version and synthetic IV of the sealed number.';
alter table {schema}.access_log alter column subjects set storage external;
grant select, insert on {schema}.access_log to nemkonto_{schema};
"
    )
}

/// Records a call on the persons with these sealed numbers, before its answer leaves; nothing when there are none.
///
/// # Errors
/// When the database fails.
pub async fn record<'s>(
    connection: &mut PgConnection, schema: &'static str, context: &Context, operation: &str, at: Timestamp,
    sealed: impl Iterator<Item = &'s [u8]>,
) -> Result<(), sqlx::Error> {
    let mut subjects = Vec::new();
    sealed.for_each(|number| push_subject(&mut subjects, number));
    if subjects.is_empty() {
        return Ok(());
    }
    append(connection, schema, &AccessRecord { at, context, operation, subjects: &subjects }).await?;
    Ok(())
}

/// Writes the record and answers its number. The answer of the call must not leave before this is committed.
///
/// # Errors
/// When the database fails.
pub async fn append(connection: &mut PgConnection, schema: &'static str, record: &AccessRecord<'_>) -> Result<i64, sqlx::Error> {
    let numbers = append_all(connection, schema, std::slice::from_ref(record)).await?;
    numbers.first().copied().ok_or(sqlx::Error::RowNotFound)
}

/// Writes the records of several calls at once and answers their numbers, in no order. No answer must leave before this is committed.
///
/// # Errors
/// When the database fails.
pub async fn append_all(
    connection: &mut PgConnection, schema: &'static str, records: &[AccessRecord<'_>],
) -> Result<Vec<i64>, sqlx::Error> {
    let statement = format!(
        "insert into {schema}.access_log (at, actor, on_behalf_of, legal_basis, purpose, operation, trace, subjects)
         select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::bytea[])
         returning access_id"
    );
    let contexts = || records.iter().map(|record| record.context);
    let on_behalf_of = |context: &Context| context.on_behalf_of.as_ref().map(|number| number.digits().to_owned());
    sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(records.iter().map(|record| record.at.to_sqlx()).collect::<Vec<_>>())
        .bind(contexts().map(|context| context.actor.label()).collect::<Vec<_>>())
        .bind(contexts().map(on_behalf_of).collect::<Vec<_>>())
        .bind(contexts().map(|context| context.legal_basis.as_str()).collect::<Vec<_>>())
        .bind(contexts().map(|context| context.purpose.as_str()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.operation).collect::<Vec<_>>())
        .bind(contexts().map(|context| context.trace).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.subjects).collect::<Vec<_>>())
        .fetch_all(connection)
        .await
}
