//! A repeated call has one effect: the same key and input get the first answer again, the same key with other input is refused.
//!
//! [`begin`], the work, and [`complete`] belong in one transaction. A second caller with the same key waits in `begin` until the first
//! has committed, and then gets its answer; when the first rolled back, the second does the work.
//!
//! The answer and the digest stand in the house's own table (see [`ddl`]). Input and answer may hold personal numbers: seal the answer, and
//! make the digest from a keyed one ([`Sealer::digest`](crate::seal::Sealer::digest)), since a plain digest of a CPR number is soon guessed.

use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::database::expect_rows;

/// What names a call: unique for the time its answer is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'k> {
    /// Who calls: a stable name without personal numbers.
    pub caller: &'k str,
    /// Which operation.
    pub operation: &'k str,
    /// The caller's own key, 1 to 128 characters.
    pub key: &'k str,
}

/// What [`begin`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The key is new: do the work and [`complete`].
    Started,
    /// The call was answered before; this is the answer.
    Replay(Vec<u8>),
    /// The key was used for another input: refuse.
    Mismatch,
}

/// The statements that make the table in schema `schema`, for the house's first migration.
#[must_use]
pub fn ddl(schema: &str) -> String {
    format!(
        "create table {schema}.idempotency (
    caller text not null,
    operation text not null,
    key text not null,
    input_digest bytea not null,
    answer bytea,
    recorded_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint idempotency_pkey primary key (caller, operation, key),
    constraint idempotency_input_digest_length check (octet_length(input_digest) = 32),
    constraint idempotency_key_length check (char_length(key) between 1 and 128)
);
comment on table {schema}.idempotency is 'What was answered to which key, so that a repeated call has no second effect.';
create index idempotency_expires_at on {schema}.idempotency (expires_at);
grant select, insert, update, delete on {schema}.idempotency to nemkonto_{schema};
"
    )
}

/// SHA-256 of the canonical input. Where the input may hold personal numbers, pass a keyed digest of it instead of the input.
#[must_use]
pub fn digest(canonical: &[u8]) -> [u8; 32] {
    Sha256::digest(canonical).into()
}

/// Books the call, to be kept for `keep` from now in database time.
///
/// # Errors
/// When the database fails, or a call with this key was committed without an answer, which is a bug of the house.
pub async fn begin(
    connection: &mut PgConnection, schema: &'static str, key: &Key<'_>, input_digest: &[u8; 32], keep: Duration,
) -> Result<Begun, sqlx::Error> {
    let keep_seconds = i64::try_from(keep.as_secs()).unwrap_or(i64::MAX);
    // A row past its time counts as absent and is taken over; a live one is left as it is, and then nothing is returned.
    let book = format!(
        "insert into {schema}.idempotency as kept (caller, operation, key, input_digest, expires_at)
         values ($1, $2, $3, $4, now() + $5 * interval '1 second')
         on conflict (caller, operation, key) do update
         set input_digest = excluded.input_digest, answer = null, recorded_at = now(), expires_at = excluded.expires_at
         where kept.expires_at <= now()
         returning true"
    );
    let booked: Option<bool> = sqlx::query_scalar(AssertSqlSafe(book))
        .bind(key.caller)
        .bind(key.operation)
        .bind(key.key)
        .bind(&input_digest[..])
        .bind(keep_seconds)
        .fetch_optional(&mut *connection)
        .await?;
    if booked.is_some() {
        return Ok(Begun::Started);
    }
    let find = format!("select input_digest, answer from {schema}.idempotency where caller = $1 and operation = $2 and key = $3");
    let first =
        sqlx::query_as(AssertSqlSafe(find)).bind(key.caller).bind(key.operation).bind(key.key).fetch_one(connection).await?;
    compared(schema, key, input_digest, first)
}

/// What [`begin`] would find; nothing is booked, so the answer may be [`Begun::Started`] to two callers at once.
///
/// # Errors
/// As [`begin`].
pub async fn find(
    connection: &mut PgConnection, schema: &'static str, key: &Key<'_>, input_digest: &[u8; 32],
) -> Result<Begun, sqlx::Error> {
    let find = format!(
        "select input_digest, answer from {schema}.idempotency
         where caller = $1 and operation = $2 and key = $3 and expires_at > now()"
    );
    let first =
        sqlx::query_as(AssertSqlSafe(find)).bind(key.caller).bind(key.operation).bind(key.key).fetch_optional(connection).await?;
    first.map_or(Ok(Begun::Started), |first| compared(schema, key, input_digest, first))
}

/// Whether the first call with this key was the same, and what was answered to it.
fn compared(
    schema: &'static str, key: &Key<'_>, input_digest: &[u8; 32], (first_digest, answer): (Vec<u8>, Option<Vec<u8>>),
) -> Result<Begun, sqlx::Error> {
    if first_digest != input_digest {
        return Ok(Begun::Mismatch);
    }
    answer
        .map(Begun::Replay)
        .ok_or_else(|| sqlx::Error::Protocol(format!("{schema}.{} was committed without its answer", key.operation)))
}

/// Books the answer of a call that [`begin`] started.
///
/// # Errors
/// When the database fails, or the call was not started in this transaction or already has an answer.
pub async fn complete(
    connection: &mut PgConnection, schema: &'static str, key: &Key<'_>, answer: &[u8],
) -> Result<(), sqlx::Error> {
    let statement = format!(
        "update {schema}.idempotency set answer = $4 where caller = $1 and operation = $2 and key = $3 and answer is null"
    );
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(key.caller)
        .bind(key.operation)
        .bind(key.key)
        .bind(answer)
        .execute(connection)
        .await?;
    expect_rows(done.rows_affected(), 1, "complete an idempotent call")
}

/// Deletes up to `limit` answers past their time; answers how many.
///
/// # Errors
/// When the database fails.
pub async fn purge(connection: &mut PgConnection, schema: &'static str, limit: i64) -> Result<u64, sqlx::Error> {
    let statement = format!(
        "delete from {schema}.idempotency where (caller, operation, key) in
         (select caller, operation, key from {schema}.idempotency where expires_at <= now() limit $1 for update skip locked)"
    );
    Ok(sqlx::query(AssertSqlSafe(statement)).bind(limit).execute(connection).await?.rows_affected())
}
