//! Markers: the changes as they came, and what they add up to.

use std::collections::HashMap;

use contracts::setoff::{MarkerAction, MarkerChange, MarkerScope};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::{AgreementNumber, BenefitCode};
use sqlx::PgConnection;

use crate::marker::Marker;

/// The markers of some customers, by sealed number.
pub(crate) type MarkersByCustomer = HashMap<Vec<u8>, Vec<Marker>>;

/// The key of the lock under which the list is changed: any fixed number, as long as nothing else in the schema uses it.
const LIST_LOCK: i64 = 0x5e70_ff01;

/// An accepted change with its customer and number.
pub(crate) struct AcceptedChange<'c> {
    pub(crate) customer: Vec<u8>,
    pub(crate) version: i64,
    pub(crate) change: &'c MarkerChange,
}

/// Lets one change of the list at a time pass, until the transaction ends. Changes are few and large; matching does not wait for it.
pub(crate) async fn lock_list(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock($1)", LIST_LOCK).execute(conn).await?;
    Ok(())
}

/// Numbers for so many changes, ascending.
pub(crate) async fn version_numbers(conn: &mut PgConnection, count: usize) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select nextval('setoff.marker_version_number') as "number!" from generate_series(1, $1::bigint)"#,
        count as i64
    )
    .fetch_all(conn)
    .await
}

/// All markers of the customers, past and future ones included.
pub(crate) async fn load(conn: &mut PgConnection, customers: &[Vec<u8>]) -> Result<MarkersByCustomer, Fault> {
    let rows = sqlx::query!(
        "select identifier, scope, payer, benefit, priority, valid_from, valid_until, version
         from setoff.current_marker where identifier = any($1)",
        customers
    )
    .fetch_all(conn)
    .await?;
    let mut markers = MarkersByCustomer::new();
    for row in rows {
        let scope = scope_from_columns(&row.scope, row.payer.as_deref(), row.benefit.as_deref())?;
        markers.entry(row.identifier).or_default().push(Marker {
            scope,
            priority: row.priority,
            from: row.valid_from.to_jiff(),
            until: row.valid_until.map(|until| until.to_jiff()),
            version: row.version,
        });
    }
    Ok(markers)
}

/// The markers that apply on the day, each with the place in `customers` of the one it is on.
///
/// `offset 0` keeps the planner to one index lookup per customer, whatever it believes about the size of the list: markers are few among
/// many payouts, and a plan that reads the whole list would cost as much as all the lookups.
pub(crate) async fn matching(conn: &mut PgConnection, customers: &[Vec<u8>], on: Date) -> Result<Vec<(usize, Marker)>, Fault> {
    let rows = sqlx::query!(
        r#"select u.place as "place!", m.scope, m.payer, m.benefit, m.priority, m.valid_from, m.valid_until, m.version
           from unnest($1::bytea[]) with ordinality as u (identifier, place)
           cross join lateral (
               select * from setoff.current_marker c
               where c.identifier = u.identifier and c.valid_from <= $2 and (c.valid_until is null or c.valid_until > $2)
               offset 0
           ) m
           order by u.place"#,
        customers,
        on.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let scope = scope_from_columns(&row.scope, row.payer.as_deref(), row.benefit.as_deref())?;
            let marker = Marker {
                scope,
                priority: row.priority,
                from: row.valid_from.to_jiff(),
                until: row.valid_until.map(|until| until.to_jiff()),
                version: row.version,
            };
            let place = usize::try_from(row.place - 1).map_err(|_| Fault::Stored("place"))?;
            Ok((place, marker))
        })
        .collect()
}

/// Records changes as they came.
pub(crate) async fn record(
    conn: &mut PgConnection, changes: &[AcceptedChange<'_>], at: Timestamp, by: &str,
) -> Result<(), sqlx::Error> {
    let customers: Vec<&[u8]> = changes.iter().map(|accepted| accepted.customer.as_slice()).collect();
    let versions: Vec<i64> = changes.iter().map(|accepted| accepted.version).collect();
    let actions: Vec<&str> = changes.iter().map(|accepted| action_text(accepted.change.action)).collect();
    let scopes: Vec<&str> = changes.iter().map(|accepted| scope_text(&accepted.change.scope)).collect();
    let payers: Vec<Option<&str>> = changes.iter().map(|accepted| payer_text(&accepted.change.scope)).collect();
    let benefits: Vec<Option<&str>> = changes.iter().map(|accepted| benefit_text(&accepted.change.scope)).collect();
    let priorities: Vec<i32> = changes.iter().map(|accepted| accepted.change.priority).collect();
    let days: Vec<jiff_sqlx::Date> = changes.iter().map(|accepted| accepted.change.from.to_sqlx()).collect();
    let done = sqlx::query!(
        "insert into setoff.marker_version
             (identifier, version, action, scope, payer, benefit, priority, from_day, recorded_at, recorded_by)
         select u.*, $9::timestamptz, $10::text
         from unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::date[]) u",
        &customers as _,
        &versions,
        &actions as _,
        &scopes as _,
        &payers as _,
        &benefits as _,
        &priorities,
        &days as _,
        at.to_sqlx() as _,
        by,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), changes.len(), "marker versions")
}

/// Writes what the changes add up to for these customers.
pub(crate) async fn replace(conn: &mut PgConnection, markers: &MarkersByCustomer) -> Result<(), sqlx::Error> {
    let touched: Vec<&[u8]> = markers.keys().map(Vec::as_slice).collect();
    sqlx::query!("delete from setoff.current_marker where identifier = any($1::bytea[])", &touched as _)
        .execute(&mut *conn)
        .await?;
    let all: Vec<(&[u8], &Marker)> =
        markers.iter().flat_map(|(customer, list)| list.iter().map(move |marker| (customer.as_slice(), marker))).collect();
    insert_current(conn, &all).await
}

async fn insert_current(conn: &mut PgConnection, all: &[(&[u8], &Marker)]) -> Result<(), sqlx::Error> {
    let customers: Vec<&[u8]> = all.iter().map(|(customer, _)| *customer).collect();
    let scopes: Vec<&str> = all.iter().map(|(_, marker)| scope_text(&marker.scope)).collect();
    let payers: Vec<Option<&str>> = all.iter().map(|(_, marker)| payer_text(&marker.scope)).collect();
    let benefits: Vec<Option<&str>> = all.iter().map(|(_, marker)| benefit_text(&marker.scope)).collect();
    let priorities: Vec<i32> = all.iter().map(|(_, marker)| marker.priority).collect();
    let from: Vec<jiff_sqlx::Date> = all.iter().map(|(_, marker)| marker.from.to_sqlx()).collect();
    let until: Vec<Option<jiff_sqlx::Date>> = all.iter().map(|(_, marker)| marker.until.map(ToSqlx::to_sqlx)).collect();
    let versions: Vec<i64> = all.iter().map(|(_, marker)| marker.version).collect();
    let done = sqlx::query!(
        "insert into setoff.current_marker (identifier, scope, payer, benefit, priority, valid_from, valid_until, version)
         select * from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::date[], $7::date[], $8::bigint[])",
        &customers as _,
        &scopes as _,
        &payers as _,
        &benefits as _,
        &priorities,
        &from as _,
        &until as _,
        &versions,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), all.len(), "current markers")
}

fn action_text(action: MarkerAction) -> &'static str {
    match action {
        MarkerAction::Set => "set",
        MarkerAction::Remove => "remove",
    }
}

fn scope_text(scope: &MarkerScope) -> &'static str {
    match scope {
        MarkerScope::General { .. } => "general",
        MarkerScope::Common => "common",
        MarkerScope::Internal { .. } => "internal",
        MarkerScope::AssignmentOrLevy => "assignment_or_levy",
    }
}

fn payer_text(scope: &MarkerScope) -> Option<&str> {
    match scope {
        MarkerScope::General { payer } => payer.as_ref().map(AgreementNumber::digits),
        MarkerScope::Internal { payer, .. } => Some(payer.digits()),
        MarkerScope::Common | MarkerScope::AssignmentOrLevy => None,
    }
}

fn benefit_text(scope: &MarkerScope) -> Option<&str> {
    match scope {
        MarkerScope::Internal { benefit, .. } => Some(benefit.as_str()),
        _ => None,
    }
}

fn scope_from_columns(scope: &str, payer: Option<&str>, benefit: Option<&str>) -> Result<MarkerScope, Fault> {
    let payer = payer.map(AgreementNumber::parse).transpose().map_err(|_| Fault::Stored("payer"))?;
    let benefit = benefit.map(BenefitCode::parse).transpose().map_err(|_| Fault::Stored("benefit"))?;
    match (scope, payer, benefit) {
        ("general", payer, None) => Ok(MarkerScope::General { payer }),
        ("common", None, None) => Ok(MarkerScope::Common),
        ("internal", Some(payer), Some(benefit)) => Ok(MarkerScope::Internal { payer, benefit }),
        ("assignment_or_levy", None, None) => Ok(MarkerScope::AssignmentOrLevy),
        _ => Err(Fault::Stored("marker scope")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_survives_its_columns() {
        let payer = AgreementNumber::parse("00000001").unwrap();
        let benefit = BenefitCode::parse("NKSBFY").unwrap();
        for scope in [
            MarkerScope::General { payer: None },
            MarkerScope::General { payer: Some(payer) },
            MarkerScope::Common,
            MarkerScope::Internal { payer, benefit },
            MarkerScope::AssignmentOrLevy,
        ] {
            let back = scope_from_columns(scope_text(&scope), payer_text(&scope), benefit_text(&scope));
            assert_eq!(back.unwrap(), scope);
        }
        assert!(scope_from_columns("internal", None, Some("NKSBFY")).is_err());
        assert!(scope_from_columns("other", None, None).is_err());
    }
}
