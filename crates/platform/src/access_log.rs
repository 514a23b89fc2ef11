//! Who looked at whose data, on which legal basis: one row for each call and result, however many persons it concerned, committed before the answer.
//!
//! The table is append-only for the runtime role. Persons stand in it by the first 17 bytes of their sealed number (key version and synthetic
//! IV), which is a deterministic key of the number and cannot be turned back into it. The person who acts, where one is known, stands in it sealed.

mod by_person;

use contracts::{AccessResult, ActingPerson, Context};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::fault::Fault;
use crate::seal::Sealer;

pub use by_person::AccessLog;

/// Bytes that stand for one person.
pub const SUBJECT_KEY_BYTES: usize = 17;
/// What the acting person is sealed as.
const PERSON: &str = "acting-person";

/// One call that gave out or asked for personal data.
#[derive(Debug)]
pub struct AccessRecord<'r> {
    /// When.
    pub at: Timestamp,
    /// Who acted, for whom, on which legal basis, for which purpose.
    pub context: &'r Context,
    /// The person behind the call, from [`seal_person`].
    pub person: Option<Vec<u8>>,
    /// Which operation.
    pub operation: &'r str,
    /// What came of it.
    pub result: AccessResult,
    /// Whose data: subject keys one after the other, from [`push_subject`].
    pub subjects: &'r [u8],
}

/// The sealed form of the person behind a call, where one is known.
#[must_use]
pub fn seal_person(sealer: &Sealer, context: &Context) -> Option<Vec<u8>> {
    let person = context.person()?;
    let plain = serde_json::to_vec(&person).expect("a person is plain data");
    Some(sealer.seal(PERSON, &plain))
}

/// The person in a sealed form, without the number: who is asked about learns who acted, not by which number that person is known.
///
/// # Errors
/// When it was sealed with another key, or damaged.
pub fn open_person(sealer: &Sealer, sealed: &[u8]) -> Result<ActingPerson, Fault> {
    let plain = sealer.open_text(PERSON, sealed)?;
    let person: ActingPerson = serde_json::from_str(&plain).map_err(|_| Fault::Stored("acting person"))?;
    Ok(ActingPerson { person: None, ..person })
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

/// The statements that make the table in schema `schema`, as the migrations of a house add up to it.
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
    result text,
    person bytea,
    constraint access_log_pkey primary key (access_id),
    constraint access_log_subjects_whole check (octet_length(subjects) % 17 = 0),
    constraint access_log_result_known check (result in ('found', 'not_found', 'refused'))
);
comment on table {schema}.access_log is 'One row for each call on personal data and result, committed before it is answered. Append-only.';
comment on column {schema}.access_log.subjects is 'Whose data: per person 17 bytes, key version and synthetic IV of the sealed number.';
alter table {schema}.access_log alter column subjects set storage external;
grant select, insert on {schema}.access_log to nemkonto_{schema};
{}",
        by_person::ddl(schema)
    )
}

/// Writes the records of calls at once and answers their numbers, in no order. No answer must leave before this is committed.
///
/// # Errors
/// When the database fails.
pub async fn append_all(
    connection: &mut PgConnection, schema: &'static str, records: &[AccessRecord<'_>],
) -> Result<Vec<i64>, sqlx::Error> {
    let statement = format!(
        "insert into {schema}.access_log (at, actor, on_behalf_of, legal_basis, purpose, operation, trace, subjects, result, person)
         select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::bytea[],
             $9::text[], $10::bytea[])
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
        .bind(records.iter().map(|record| record.result.as_str()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.person.as_deref()).collect::<Vec<_>>())
        .fetch_all(connection)
        .await
}
