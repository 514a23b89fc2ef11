//! `register.source_event`: what the civil and the business register have told.

use std::collections::HashSet;

use contracts::register::{SourceEvent, SourceRegister};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::seal::index_key;
use sqlx::PgConnection;

use crate::circumstance::Happened;
use crate::fault::Fault;
use crate::vault::{NumberColumns, SealedNumber, Vault};

/// Which event: its source and its position there.
pub(crate) type EventKey = (SourceRegister, u64);

/// An event, sealed.
pub(crate) struct Sealed<'e> {
    pub event: &'e SourceEvent,
    pub number: SealedNumber,
    pub fact: Vec<u8>,
}

/// Keeps events; answers those that are new.
pub(crate) async fn insert(conn: &mut PgConnection, events: &[&Sealed<'_>], at: Timestamp) -> Result<HashSet<EventKey>, Fault> {
    let sources: Vec<i16> = events.iter().map(|sealed| source_code(sealed.event.source)).collect();
    let positions: Vec<i64> = events.iter().map(|sealed| position_code(sealed.event.position)).collect();
    let keys: Vec<i64> = events.iter().map(|sealed| index_key(&sealed.number.number)).collect();
    let numbers: NumberColumns = events.iter().map(|sealed| &sealed.number).collect();
    let days: Vec<jiff_sqlx::Date> = events.iter().map(|sealed| sealed.event.on.to_sqlx()).collect();
    let facts: Vec<&[u8]> = events.iter().map(|sealed| &sealed.fact[..]).collect();
    let rows = sqlx::query!(
        "insert into register.source_event (source, position, number_key, kind, number, on_day, fact, recorded_at)
         select told.*, $8::timestamptz
         from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::smallint[], $5::bytea[], $6::date[], $7::bytea[]) as told
         on conflict (source, position) do nothing returning source, position",
        &sources,
        &positions,
        &keys,
        &numbers.kinds,
        &numbers.numbers,
        &days as _,
        &facts as _,
        at.to_sqlx(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((source_of(row.source)?, position_of(row.position)?))).collect()
}

/// Of events, those that stand there just so: number, day and fact.
pub(crate) async fn same(conn: &mut PgConnection, events: &[&Sealed<'_>]) -> Result<HashSet<EventKey>, Fault> {
    let sources: Vec<i16> = events.iter().map(|sealed| source_code(sealed.event.source)).collect();
    let positions: Vec<i64> = events.iter().map(|sealed| position_code(sealed.event.position)).collect();
    let numbers: NumberColumns = events.iter().map(|sealed| &sealed.number).collect();
    let days: Vec<jiff_sqlx::Date> = events.iter().map(|sealed| sealed.event.on.to_sqlx()).collect();
    let facts: Vec<&[u8]> = events.iter().map(|sealed| &sealed.fact[..]).collect();
    let rows = sqlx::query!(
        "select e.source, e.position from register.source_event e
         join unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bytea[], $5::date[], $6::bytea[])
             as told (source, position, kind, number, on_day, fact)
           on e.source = told.source and e.position = told.position and e.kind = told.kind and e.number = told.number
              and e.on_day = told.on_day and e.fact = told.fact",
        &sources,
        &positions,
        &numbers.kinds,
        &numbers.numbers,
        &days as _,
        &facts as _,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((source_of(row.source)?, position_of(row.position)?))).collect()
}

/// Whether any event has come at all.
pub(crate) async fn any(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select exists (select from register.source_event) as "any!""#).fetch_one(conn).await
}

/// The events told under any of the numbers.
pub(crate) async fn of_numbers(
    conn: &mut PgConnection, vault: &Vault, numbers: &[&SealedNumber],
) -> Result<Vec<(SealedNumber, Happened)>, Fault> {
    let keys: Vec<i64> = numbers.iter().map(|number| index_key(&number.number)).collect();
    let asked: HashSet<&SealedNumber> = numbers.iter().copied().collect();
    let rows = sqlx::query!(
        "select source, position, kind, number, on_day, fact from register.source_event where number_key = any($1::bigint[])",
        &keys,
    )
    .fetch_all(conn)
    .await?;
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let number = SealedNumber { kind: row.kind, number: row.number };
        if !asked.contains(&number) {
            continue;
        }
        let happened = Happened {
            on: row.on_day.to_jiff(),
            source: source_of(row.source)?,
            position: position_of(row.position)?,
            fact: vault.open_fact(&row.fact)?,
        };
        events.push((number, happened));
    }
    Ok(events)
}

pub(super) fn source_code(source: SourceRegister) -> i16 {
    match source {
        SourceRegister::Cpr => 1,
        SourceRegister::Cvr => 2,
    }
}

fn source_of(code: i16) -> Result<SourceRegister, Fault> {
    match code {
        1 => Ok(SourceRegister::Cpr),
        2 => Ok(SourceRegister::Cvr),
        _ => Err(Fault::Corrupt("source register")),
    }
}

/// Positions beyond what the database counts are refused before they come here.
pub(super) fn position_code(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

pub(super) fn position_of(code: i64) -> Result<u64, Fault> {
    u64::try_from(code).map_err(|_| Fault::Corrupt("position"))
}
