//! `register.holder_fact`: the bitemporal facts of holders.

use contracts::register::{HolderKind, HolderStatus};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::HolderRef;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::fact::{Fact, Facts};
use crate::fault::Fault;
use crate::span::Span;
use crate::vault::SealedNumber;

/// The open facts of holders.
pub(crate) async fn open_of(conn: &mut PgConnection, holders: &[Uuid]) -> Result<Vec<Fact>, Fault> {
    let rows = sqlx::query!(
        r#"select f.holder_ref, f.version, f.kind, f.current_kind, f.current_number, f.name, f.born, f.status,
                  f.valid_from, f.valid_until, f.recorded_from, f.recorded_by
           from unnest($1::uuid[]) as asked (holder_ref)
           cross join lateral (
               select f.* from register.holder_fact f where f.holder_ref = asked.holder_ref and f.recorded_until is null offset 0
           ) f"#,
        holders,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Fact {
                holder: HolderRef(row.holder_ref),
                version: row.version,
                facts: Facts {
                    kind: parse_kind(&row.kind)?,
                    current: SealedNumber { kind: row.current_kind, number: row.current_number },
                    name: row.name,
                    born: row.born.map(|day| day.to_jiff()),
                    status: parse_status(&row.status)?,
                },
                valid: Span { from: row.valid_from.map(|day| day.to_jiff()), until: row.valid_until.map(|day| day.to_jiff()) },
                recorded_from: row.recorded_from.to_jiff(),
                recorded_by: row.recorded_by,
            })
        })
        .collect()
}

/// The sealed names and the days of birth a holder ever had, newest first.
pub(crate) async fn names_ever(conn: &mut PgConnection, holder: HolderRef) -> Result<Vec<(Vec<u8>, Option<Date>)>, sqlx::Error> {
    let rows =
        sqlx::query!("select name, born from register.holder_fact where holder_ref = $1 order by version desc", holder.get())
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.born.map(|day| day.to_jiff()))).collect())
}

/// Stops believing open versions.
pub(crate) async fn close(conn: &mut PgConnection, versions: &[(HolderRef, i32)], at: Timestamp) -> Result<(), sqlx::Error> {
    if versions.is_empty() {
        return Ok(());
    }
    let (holders, numbers): (Vec<Uuid>, Vec<i32>) = versions.iter().map(|(holder, version)| (holder.get(), *version)).unzip();
    let done = sqlx::query!(
        "update register.holder_fact f set recorded_until = $3
         from unnest($1::uuid[], $2::int[]) as closed (holder_ref, version)
         where f.holder_ref = closed.holder_ref and f.version = closed.version and f.recorded_until is null",
        &holders,
        &numbers,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), versions.len(), "close facts")
}

/// The columns of new facts.
#[derive(Default)]
struct Columns {
    holders: Vec<Uuid>,
    versions: Vec<i32>,
    kinds: Vec<&'static str>,
    current_kinds: Vec<i16>,
    current_numbers: Vec<Vec<u8>>,
    names: Vec<Vec<u8>>,
    born: Vec<Option<jiff_sqlx::Date>>,
    statuses: Vec<&'static str>,
    valid_from: Vec<Option<jiff_sqlx::Date>>,
    valid_until: Vec<Option<jiff_sqlx::Date>>,
    recorded_from: Vec<jiff_sqlx::Timestamp>,
    recorded_by: Vec<String>,
}

impl Columns {
    fn push(&mut self, fact: &Fact) {
        let day = |day: Option<Date>| day.map(Date::to_sqlx);
        self.holders.push(fact.holder.get());
        self.versions.push(fact.version);
        self.kinds.push(kind_text(fact.facts.kind));
        self.current_kinds.push(fact.facts.current.kind);
        self.current_numbers.push(fact.facts.current.number.clone());
        self.names.push(fact.facts.name.clone());
        self.born.push(day(fact.facts.born));
        self.statuses.push(status_text(fact.facts.status));
        self.valid_from.push(day(fact.valid.from));
        self.valid_until.push(day(fact.valid.until));
        self.recorded_from.push(fact.recorded_from.to_sqlx());
        self.recorded_by.push(fact.recorded_by.clone());
    }
}

/// Records facts.
pub(crate) async fn insert(conn: &mut PgConnection, facts: &[Fact]) -> Result<(), sqlx::Error> {
    if facts.is_empty() {
        return Ok(());
    }
    let mut columns = Columns::default();
    facts.iter().for_each(|fact| columns.push(fact));
    let done = sqlx::query!(
        "insert into register.holder_fact (holder_ref, version, kind, current_kind, current_number, name, born, status,
                                           valid_from, valid_until, recorded_from, recorded_by)
         select * from unnest($1::uuid[], $2::int[], $3::text[], $4::smallint[], $5::bytea[], $6::bytea[], $7::date[], $8::text[],
                              $9::date[], $10::date[], $11::timestamptz[], $12::text[])",
        &columns.holders,
        &columns.versions,
        &columns.kinds as _,
        &columns.current_kinds,
        &columns.current_numbers,
        &columns.names,
        &columns.born as _,
        &columns.statuses as _,
        &columns.valid_from as _,
        &columns.valid_until as _,
        &columns.recorded_from,
        &columns.recorded_by,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), facts.len(), "insert facts")
}

pub(crate) fn kind_text(kind: HolderKind) -> &'static str {
    match kind {
        HolderKind::Person => "person",
        HolderKind::Unit => "unit",
    }
}

pub(crate) fn parse_kind(text: &str) -> Result<HolderKind, Fault> {
    match text {
        "person" => Ok(HolderKind::Person),
        "unit" => Ok(HolderKind::Unit),
        _ => Err(Fault::Corrupt("holder kind")),
    }
}

pub(crate) fn status_text(status: HolderStatus) -> &'static str {
    match status {
        HolderStatus::Active => "active",
        HolderStatus::Closed => "closed",
        HolderStatus::Deleted => "deleted",
    }
}

pub(crate) fn parse_status(text: &str) -> Result<HolderStatus, Fault> {
    match text {
        "active" => Ok(HolderStatus::Active),
        "closed" => Ok(HolderStatus::Closed),
        "deleted" => Ok(HolderStatus::Deleted),
        _ => Err(Fault::Corrupt("holder status")),
    }
}
