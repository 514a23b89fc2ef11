//! The access log of a house that is asked little: each row is entered in an index by person in its own transaction. (The register, which is asked
//! a million times a day, indexes a little later.)

use contracts::{AccessRecord as Told, AccessResult, Context, Problem, ProblemCode};
use jiff::Timestamp;
use primitives::AgreementNumber;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{AccessRecord, SUBJECT_KEY_BYTES, append_all, open_person, push_subject, seal_person, subject_key};
use crate::fault::Fault;
use crate::seal::{Sealer, index_key};

/// The most accesses one call tells.
const MOST: u32 = 1_000;

/// A house's access log with its index by person. A clone is the same log.
#[derive(Clone, Debug)]
pub struct AccessLog {
    schema: &'static str,
    sealer: Sealer,
}

/// The statements that make the index in schema `schema`.
pub(super) fn ddl(schema: &str) -> String {
    format!(
        "create table {schema}.access_subject (
    subject_key bigint not null,
    access_id bigint not null,
    constraint access_subject_pkey primary key (subject_key, access_id)
);
comment on table {schema}.access_subject is
    'Index of the access log by person: bytes 2 to 9 of the subject key. Whom a row concerned is settled by it. Append-only.';
grant select, insert on {schema}.access_subject to nemkonto_{schema};
"
    )
}

impl AccessLog {
    /// The log in the house's schema.
    #[must_use]
    pub fn new(schema: &'static str, sealer: Sealer) -> Self {
        Self { schema, sealer }
    }

    /// Records a call on the persons with these sealed numbers, before its answer leaves; nothing when there are none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record<'s>(
        &self, connection: &mut PgConnection, context: &Context, operation: &str, at: Timestamp,
        (result, sealed): (AccessResult, impl Iterator<Item = &'s [u8]>),
    ) -> Result<(), sqlx::Error> {
        let mut subjects = Vec::new();
        sealed.for_each(|number| push_subject(&mut subjects, number));
        if subjects.is_empty() {
            return Ok(());
        }
        let person = seal_person(&self.sealer, context);
        let record = AccessRecord { at, context, person, operation, result, subjects: &subjects };
        let schema = self.schema;
        let added = append_all(&mut *connection, schema, std::slice::from_ref(&record)).await?;
        let mut keys: Vec<i64> = subjects.chunks_exact(SUBJECT_KEY_BYTES).map(index_key).collect();
        keys.sort_unstable();
        keys.dedup();
        let statement = format!(
            "insert into {schema}.access_subject (subject_key, access_id)
             select k.subject_key, a.access_id from unnest($1::bigint[]) k (subject_key) cross join unnest($2::bigint[]) a (access_id)"
        );
        sqlx::query(AssertSqlSafe(statement)).bind(keys).bind(added).execute(connection).await?;
        Ok(())
    }

    /// The latest calls on the person with the sealed number, newest first.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a limit that is none; when the database fails.
    pub async fn of_person(&self, connection: &mut PgConnection, sealed: &[u8], limit: u32) -> Result<Vec<Told>, Fault> {
        if !(1..=MOST).contains(&limit) {
            return Err(bad_limit().into());
        }
        let schema = self.schema;
        let statement = format!(
            "select l.at, l.actor, l.on_behalf_of, l.legal_basis, l.purpose, l.operation, l.result, l.person
             from {schema}.access_subject s join {schema}.access_log l on l.access_id = s.access_id
             where s.subject_key = $1 and position($2 in l.subjects) > 0
             order by l.at desc, l.access_id desc limit $3"
        );
        let key = subject_key(sealed);
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(statement))
            .bind(index_key(key))
            .bind(&key[..])
            .bind(i64::from(limit))
            .fetch_all(connection)
            .await?;
        rows.into_iter().map(|row| row.told(&self.sealer)).collect()
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    at: jiff_sqlx::Timestamp,
    actor: String,
    on_behalf_of: Option<String>,
    legal_basis: String,
    purpose: String,
    operation: String,
    result: Option<String>,
    person: Option<Vec<u8>>,
}

impl Row {
    fn told(self, sealer: &Sealer) -> Result<Told, Fault> {
        let on_behalf_of = self.on_behalf_of.map(|number| AgreementNumber::parse(&number)).transpose();
        Ok(Told {
            at: self.at.to_jiff(),
            actor: self.actor,
            acting: self.person.map(|sealed| open_person(sealer, &sealed)).transpose()?,
            on_behalf_of: on_behalf_of.map_err(|_| Fault::Stored("agreement number"))?,
            legal_basis: self.legal_basis,
            purpose: self.purpose,
            operation: self.operation,
            result: self.result.as_deref().and_then(AccessResult::parse),
        })
    }
}

fn bad_limit() -> Problem {
    Problem::new(
        ProblemCode::InvalidInput,
        format!("Antallet skal være fra 1 til {MOST}."),
        format!("The number must be from 1 to {MOST}."),
    )
    .in_field("limit")
}
