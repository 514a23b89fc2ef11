//! Dossiers as they were known at a moment, and numbers that are nobody's.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use primitives::HolderRef;
use sqlx::PgConnection;
use uuid::Uuid;

use super::dossier::Dossiers;
use super::{entry, fact};
use crate::dossier::Dossier;
use crate::fact::{Fact, Facts};
use crate::fault::Fault;
use crate::span::Span;
use crate::vault::SealedNumber;

/// The dossiers of holders as known at `at`.
pub(crate) async fn at(conn: &mut PgConnection, holders: &[Uuid], at: Timestamp) -> Result<Dossiers, Fault> {
    let mut dossiers: Dossiers =
        holders.iter().map(|holder| (HolderRef(*holder), Dossier::empty(HolderRef(*holder)))).collect::<HashMap<_, _>>();
    if holders.is_empty() {
        return Ok(dossiers);
    }
    for (holder, number) in numbers_at(conn, holders, at).await? {
        dossiers.entry(holder).and_modify(|dossier| dossier.numbers.push(number));
    }
    for fact in facts_at(conn, holders, at).await? {
        dossiers.entry(fact.holder).and_modify(|dossier| dossier.facts.push(fact));
    }
    for entry in entry::known_at(conn, holders, at).await? {
        dossiers.entry(entry.holder).and_modify(|dossier| dossier.entries.push(entry));
    }
    Ok(dossiers)
}

async fn numbers_at(
    conn: &mut PgConnection, holders: &[Uuid], at: Timestamp,
) -> Result<Vec<(HolderRef, SealedNumber)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select holder_ref as "holder!", kind as "kind!", number as "number!" from register.identifier
           where holder_ref = any($1) and unlinked_at is null and linked_at <= $2
           union all
           select holder_ref, kind, number from register.identifier
           where holder_ref = any($1) and unlinked_at is not null and linked_at <= $2 and unlinked_at > $2"#,
        holders,
        at.to_sqlx(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (HolderRef(row.holder), SealedNumber { kind: row.kind, number: row.number })).collect())
}

async fn facts_at(conn: &mut PgConnection, holders: &[Uuid], at: Timestamp) -> Result<Vec<Fact>, Fault> {
    let rows = sqlx::query!(
        "select holder_ref, version, kind, current_kind, current_number, name, born, status, valid_from, valid_until, recorded_from,
                recorded_by
         from register.holder_fact
         where holder_ref = any($1) and recorded_from <= $2 and (recorded_until is null or recorded_until > $2)",
        holders,
        at.to_sqlx(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Fact {
                holder: HolderRef(row.holder_ref),
                version: row.version,
                facts: Facts {
                    kind: fact::parse_kind(&row.kind)?,
                    current: SealedNumber { kind: row.current_kind, number: row.current_number },
                    name: row.name,
                    born: row.born.map(|day| day.to_jiff()),
                    status: fact::parse_status(&row.status)?,
                },
                valid: Span { from: row.valid_from.map(|day| day.to_jiff()), until: row.valid_until.map(|day| day.to_jiff()) },
                recorded_from: row.recorded_from.to_jiff(),
                recorded_by: row.recorded_by,
            })
        })
        .collect()
}

/// The numbers holders had last, of those that were nobody's at `at`.
pub(crate) async fn last_numbers(
    conn: &mut PgConnection, holders: &[Uuid], at: Timestamp,
) -> Result<Vec<(Uuid, SealedNumber)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select i.holder_ref, i.kind, i.number from register.identifier i
         where i.holder_ref = any($1) and i.unlinked_at is not null and i.unlinked_at <= $2
           and not exists (
               select from register.identifier other
               where other.kind = i.kind and other.number = i.number and other.linked_at <= $2
                 and (other.unlinked_at is null or other.unlinked_at > $2)
           )",
        holders,
        at.to_sqlx(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.holder_ref, SealedNumber { kind: row.kind, number: row.number })).collect())
}
