//! Facts of a house for others, in an order that never changes: a position is gapless and never reused.
//!
//! Sequence numbers are given before a commit and become visible in another order, so a reader that remembers the last number skips rows.
//! Here a writer only appends to an outbox in its own transaction, and one publisher at a time moves what is committed to the feed and
//! gives the positions. Readers keep the last position they have worked, and must take a repeated item calmly.
//!
//! A database restored from a backup may have lost positions that readers have already seen; [`begin_epoch`] marks that, and a reader that
//! finds that the fact at its position is of another epoch than it was, or that there is none, compares the whole again.

use contracts::{Problem, ProblemCode};
use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use primitives::FeedPosition;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::database::expect_rows;
use crate::fault::Fault;

/// A fact not yet published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent<'e> {
    /// What kind of fact, for example `account-designated`.
    pub kind: &'e str,
    /// The fact in the house's own encoding, sealed where it holds personal numbers.
    pub payload: Vec<u8>,
}

/// A published fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedItem {
    /// Which life of the database gave the position; it grows by one with each restore.
    pub epoch: i32,
    /// The place in the feed, from 1, without gaps.
    pub position: i64,
    /// What kind of fact.
    pub kind: String,
    /// The fact.
    pub payload: Vec<u8>,
    /// When it was written, by the database's clock.
    pub recorded_at: Timestamp,
}

/// The statements that make the feed's tables in schema `schema`, for the house's first migration.
#[must_use]
pub fn ddl(schema: &str) -> String {
    format!(
        "create table {schema}.feed_outbox (
    event_id bigint generated always as identity constraint feed_outbox_pkey primary key,
    kind text not null,
    payload bytea not null,
    recorded_at timestamptz not null default now()
);
comment on table {schema}.feed_outbox is 'Facts for others that have no position yet.';
create table {schema}.feed_item (
    position bigint constraint feed_item_pkey primary key,
    epoch int not null,
    kind text not null,
    payload bytea not null,
    recorded_at timestamptz not null,
    constraint feed_item_position_positive check (position > 0)
);
comment on table {schema}.feed_item is 'Facts for others, by gapless position. Append-only.';
create table {schema}.feed_head (
    single boolean constraint feed_head_pkey primary key default true constraint feed_head_single check (single),
    epoch int not null default 1,
    position bigint not null default 0
);
comment on table {schema}.feed_head is 'The last position given. A restore starts a new epoch.';
insert into {schema}.feed_head default values;
grant select, insert, delete on {schema}.feed_outbox to nemkonto_{schema};
grant select, insert on {schema}.feed_item to nemkonto_{schema};
grant select, update on {schema}.feed_head to nemkonto_{schema};
"
    )
}

/// Writes facts to the outbox, in the transaction that makes them true.
///
/// # Errors
/// When the database fails.
pub async fn append(connection: &mut PgConnection, schema: &'static str, events: &[NewEvent<'_>]) -> Result<(), sqlx::Error> {
    if events.is_empty() {
        return Ok(());
    }
    let kinds: Vec<&str> = events.iter().map(|event| event.kind).collect();
    let payloads: Vec<&[u8]> = events.iter().map(|event| event.payload.as_slice()).collect();
    let statement = format!(
        "insert into {schema}.feed_outbox (kind, payload)
         select kind, payload from unnest($1::text[], $2::bytea[]) with ordinality as event (kind, payload, place) order by place"
    );
    let done = sqlx::query(AssertSqlSafe(statement)).bind(kinds).bind(payloads).execute(connection).await?;
    expect_rows(done.rows_affected(), events.len(), "append events")
}

/// Moves up to `limit` committed facts from the outbox to the feed and gives them positions; answers how many.
///
/// Call it in a transaction of its own, again and again until it answers 0. The row of `feed_head` is the publisher's lease: while another
/// publisher is at work the answer is 0.
///
/// # Errors
/// When the database fails.
pub async fn publish(connection: &mut PgConnection, schema: &'static str, limit: i64) -> Result<u64, sqlx::Error> {
    let lease = format!("select epoch, position from {schema}.feed_head for update skip locked");
    let Some((epoch, position)) = sqlx::query_as::<_, (i32, i64)>(AssertSqlSafe(lease)).fetch_optional(&mut *connection).await?
    else {
        return Ok(0);
    };
    let statement = format!(
        "with next as (select event_id from {schema}.feed_outbox order by event_id limit $3),
         taken as (delete from {schema}.feed_outbox using next where feed_outbox.event_id = next.event_id returning feed_outbox.*)
         insert into {schema}.feed_item (position, epoch, kind, payload, recorded_at)
         select $1 + row_number() over (order by event_id), $2, kind, payload, recorded_at from taken"
    );
    let moved = sqlx::query(AssertSqlSafe(statement))
        .bind(position)
        .bind(epoch)
        .bind(limit)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if moved == 0 {
        return Ok(0);
    }
    let advance = format!("update {schema}.feed_head set position = position + $1 where position = $2");
    let moved_signed = i64::try_from(moved).map_err(|_| sqlx::Error::Protocol("a feed position has 63 bits".into()))?;
    let done = sqlx::query(AssertSqlSafe(advance)).bind(moved_signed).bind(position).execute(connection).await?;
    expect_rows(done.rows_affected(), 1, "advance the feed")?;
    Ok(moved)
}

/// Up to `limit` facts after position `after`, in order. A new reader begins after position 0.
///
/// # Errors
/// When the database fails.
pub async fn read(
    connection: &mut PgConnection, schema: &'static str, after: FeedPosition, limit: i64,
) -> Result<Vec<FeedItem>, sqlx::Error> {
    let statement = format!(
        "select epoch, position, kind, payload, recorded_at from {schema}.feed_item where position > $1 order by position limit $2"
    );
    let rows: Vec<(i32, i64, String, Vec<u8>, SqlTimestamp)> =
        sqlx::query_as(AssertSqlSafe(statement)).bind(after.get()).bind(limit).fetch_all(connection).await?;
    let item = |(epoch, position, kind, payload, recorded_at): (_, _, _, _, SqlTimestamp)| FeedItem {
        epoch,
        position,
        kind,
        payload,
        recorded_at: recorded_at.to_jiff(),
    };
    Ok(rows.into_iter().map(item).collect())
}

/// Refuses a reader whose last position is beyond the last one given: it has read what a restore has lost, and must compare the whole again.
///
/// # Errors
/// `CONFLICT` for such a reader; or when the database fails.
pub async fn check_cursor(connection: &mut PgConnection, schema: &'static str, after: FeedPosition) -> Result<(), Fault> {
    let (epoch, position) = head(connection, schema).await?;
    if after.get() <= position {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::Conflict,
        format!("Positionen findes ikke: den sidste er {position} i epoke {epoch}."),
        format!("There is no such position: the last one is {position} of epoch {epoch}."),
    )
    .in_field("after")
    .into())
}

/// The current epoch and the last position given.
///
/// # Errors
/// When the database fails.
pub async fn head(connection: &mut PgConnection, schema: &'static str) -> Result<(i32, i64), sqlx::Error> {
    sqlx::query_as(AssertSqlSafe(format!("select epoch, position from {schema}.feed_head"))).fetch_one(connection).await
}

/// Starts a new epoch after the database was restored from a backup; answers its number.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(connection: &mut PgConnection, schema: &'static str) -> Result<i32, sqlx::Error> {
    let statement = format!("update {schema}.feed_head set epoch = epoch + 1 returning epoch");
    sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(connection).await
}
