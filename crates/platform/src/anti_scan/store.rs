//! The buckets in the house's schema.

use contracts::{Problem, ProblemCode};
use jiff::Timestamp;
use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use primitives::copenhagen_date;
use sqlx::{AssertSqlSafe, PgConnection};

use super::bucket::{Bucket, Cost, DEFAULT_PARTY, DEFAULT_USER, Limit};
use crate::database::expect_rows;

/// The log's target of alerts: what somebody is called for.
pub const ALERTS: &str = "alerts";

/// Who asks: a user, for a party. A system asks as its party alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker<'a> {
    /// The user: a label free of personal numbers.
    pub user: Option<&'a str>,
    /// The party: a label free of personal numbers.
    pub party: &'a str,
    /// The party's limit, where its terms say it; else the one that is recorded here.
    pub party_limit: Option<Limit>,
}

/// The statements that make the tables in schema `schema`, for a migration of the house.
#[must_use]
pub fn ddl(schema: &str) -> String {
    format!(
        "create table {schema}.scan_limit (
    version bigint not null generated always as identity,
    scope text not null,
    holder text,
    size bigint not null,
    per_hour bigint not null,
    valid_from date not null,
    recorded_by text not null,
    constraint scan_limit_pkey primary key (version),
    constraint scan_limit_scope_known check (scope in ('user', 'party')),
    constraint scan_limit_size_in_range check (size between 1 and 1000000000),
    constraint scan_limit_per_hour_in_range check (per_hour between 0 and 1000000000)
);
create index scan_limit_by_holder on {schema}.scan_limit (scope, holder, version desc);
comment on table {schema}.scan_limit is 'How many tokens a user or party has for lookups, by dated versions. Append-only.';
comment on column {schema}.scan_limit.holder is 'Whose limit; null: of all of the scope that have none of their own.';
create table {schema}.scan_bucket (
    scope text not null,
    holder text not null,
    level bigint not null,
    at timestamptz not null,
    blocked boolean not null,
    constraint scan_bucket_pkey primary key (scope, holder),
    constraint scan_bucket_scope_known check (scope in ('user', 'party'))
);
comment on table {schema}.scan_bucket is 'How many tokens a user or party has left, in parts of 1/3600000. Who has no row has a full bucket.';
create table {schema}.scan_alert (
    alert_id bigint not null generated always as identity,
    scope text not null,
    holder text not null,
    at timestamptz not null,
    tokens bigint not null,
    constraint scan_alert_pkey primary key (alert_id),
    constraint scan_alert_scope_known check (scope in ('user', 'party'))
);
comment on table {schema}.scan_alert is 'A user or party became blocked. Append-only; one row for each time.';
comment on column {schema}.scan_alert.tokens is 'What the call cost that went too far.';
grant select, insert on {schema}.scan_limit, {schema}.scan_alert to nemkonto_{schema};
grant select, insert, update on {schema}.scan_bucket to nemkonto_{schema};
"
    )
}

/// Lets the asker begin, unless blocked.
///
/// # Errors
/// The outer error is the database's; the inner one `TOO_MANY`.
pub async fn admit(
    connection: &mut PgConnection, schema: &'static str, asker: Asker<'_>, now: Timestamp,
) -> Result<Result<(), Problem>, sqlx::Error> {
    for held in open(connection, schema, asker, now).await? {
        if !held.bucket.is_open() {
            return Ok(Err(too_many(&held)));
        }
    }
    Ok(Ok(()))
}

/// Takes what the lookups cost from the asker's buckets. On the inner error the answer is withheld; the transaction is committed all the same.
///
/// # Errors
/// The outer error is the database's; the inner one `TOO_MANY`.
pub async fn charge(
    connection: &mut PgConnection, schema: &'static str, asker: Asker<'_>, cost: Cost, now: Timestamp,
) -> Result<Result<(), Problem>, sqlx::Error> {
    let mut outcome = Ok(());
    for mut held in open(connection, schema, asker, now).await? {
        let (bucket, enough) = held.bucket.taken(held.limit, cost.tokens());
        held.bucket = bucket;
        let blocked = !enough || !bucket.is_open();
        if blocked && !held.blocked {
            alert(connection, schema, &held, cost, now).await?;
        }
        held.blocked = blocked;
        keep(connection, schema, &held).await?;
        if !enough && outcome.is_ok() {
            outcome = Err(too_many(&held));
        }
    }
    Ok(outcome)
}

/// Gives tokens back for payments that were really sent.
///
/// # Errors
/// When the database fails.
pub async fn give_back(
    connection: &mut PgConnection, schema: &'static str, asker: Asker<'_>, payments: u32, now: Timestamp,
) -> Result<(), sqlx::Error> {
    for mut held in open(connection, schema, asker, now).await? {
        held.bucket = held.bucket.given_back(held.limit, i64::from(payments));
        held.blocked &= !held.bucket.is_open();
        keep(connection, schema, &held).await?;
    }
    Ok(())
}

/// A bucket whose row is locked.
struct Held<'a> {
    scope: &'static str,
    holder: &'a str,
    limit: Limit,
    bucket: Bucket,
    /// Whether it is known to be blocked: an alert has been raised.
    blocked: bool,
}

/// The asker's buckets as they are now, locked, the party's first.
async fn open<'a>(
    connection: &mut PgConnection, schema: &'static str, asker: Asker<'a>, now: Timestamp,
) -> Result<Vec<Held<'a>>, sqlx::Error> {
    let of_party = match asker.party_limit {
        Some(limit) => limit,
        None => limit(connection, schema, "party", asker.party, now).await?.unwrap_or(DEFAULT_PARTY),
    };
    let mut held = vec![open_one(connection, schema, ("party", asker.party, of_party), now).await?];
    if let Some(user) = asker.user {
        let of_user = limit(connection, schema, "user", user, now).await?.unwrap_or(DEFAULT_USER);
        held.push(open_one(connection, schema, ("user", user, of_user), now).await?);
    }
    Ok(held)
}

async fn open_one<'a>(
    connection: &mut PgConnection, schema: &'static str, (scope, holder, limit): (&'static str, &'a str, Limit), now: Timestamp,
) -> Result<Held<'a>, sqlx::Error> {
    let full = Bucket::full(limit, now);
    let made = format!(
        "insert into {schema}.scan_bucket (scope, holder, level, at, blocked) values ($1, $2, $3, $4, false) on conflict do nothing"
    );
    sqlx::query(AssertSqlSafe(made))
        .bind(scope)
        .bind(holder)
        .bind(full.level)
        .bind(now.to_sqlx())
        .execute(&mut *connection)
        .await?;
    let locked = format!("select level, at, blocked from {schema}.scan_bucket where scope = $1 and holder = $2 for update");
    let (level, at, blocked): (i64, SqlTimestamp, bool) =
        sqlx::query_as(AssertSqlSafe(locked)).bind(scope).bind(holder).fetch_one(connection).await?;
    let bucket = Bucket { level, at: at.to_jiff() }.filled(limit, now);
    // Time alone has opened it: when it is blocked again, that is another alert.
    Ok(Held { scope, holder, limit, bucket, blocked: blocked && !bucket.is_open() })
}

/// The holder's own limit, or else the one of all of the scope: the latest version that has begun.
async fn limit(
    connection: &mut PgConnection, schema: &'static str, scope: &str, holder: &str, now: Timestamp,
) -> Result<Option<Limit>, sqlx::Error> {
    let statement = format!(
        "select size, per_hour from {schema}.scan_limit
         where scope = $1 and (holder = $2 or holder is null) and valid_from <= $3
         order by holder is null, version desc limit 1"
    );
    let found: Option<(i64, i64)> = sqlx::query_as(AssertSqlSafe(statement))
        .bind(scope)
        .bind(holder)
        .bind(copenhagen_date(now).to_sqlx())
        .fetch_optional(connection)
        .await?;
    Ok(found.map(|(size, per_hour)| Limit { size, per_hour }))
}

async fn keep(connection: &mut PgConnection, schema: &'static str, held: &Held<'_>) -> Result<(), sqlx::Error> {
    let statement = format!("update {schema}.scan_bucket set level = $3, at = $4, blocked = $5 where scope = $1 and holder = $2");
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(held.scope)
        .bind(held.holder)
        .bind(held.bucket.level)
        .bind(held.bucket.at.to_sqlx())
        .bind(held.blocked)
        .execute(connection)
        .await?;
    expect_rows(done.rows_affected(), 1, "keep a bucket")
}

async fn alert(
    connection: &mut PgConnection, schema: &'static str, held: &Held<'_>, cost: Cost, now: Timestamp,
) -> Result<(), sqlx::Error> {
    tracing::warn!(target: ALERTS, schema, scope = held.scope, holder = held.holder, tokens = cost.tokens(), "blocked: too many lookups");
    let statement = format!("insert into {schema}.scan_alert (scope, holder, at, tokens) values ($1, $2, $3, $4)");
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(held.scope)
        .bind(held.holder)
        .bind(now.to_sqlx())
        .bind(cost.tokens())
        .execute(connection)
        .await?;
    expect_rows(done.rows_affected(), 1, "raise an alert")
}

/// The text says when it can be tried again, and not how many tokens there are: that would help whoever goes through numbers.
fn too_many(held: &Held<'_>) -> Problem {
    match held.bucket.seconds_until_open(held.limit) {
        Some(seconds) => Problem::new(
            ProblemCode::TooMany,
            format!("Der er slået for meget op. Prøv igen om {seconds} sekunder."),
            format!("Too much has been looked up. Try again in {seconds} seconds."),
        )
        .with_retry_after(seconds.unsigned_abs()),
        None => Problem::new(ProblemCode::TooMany, "Der er slået for meget op.", "Too much has been looked up."),
    }
}
