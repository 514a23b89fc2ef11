//! Rules on benefits, by date and version.

use contracts::setoff::BenefitRule;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::BenefitCode;
use sqlx::PgConnection;

use crate::rules::BenefitRules;

/// The key of the lock under which rules are changed, so that versions become visible in their order.
const RULES_LOCK: i64 = 0x5e70_ff02;

/// The rules in force on the day, with the version they were read at: one statement, so that both are of one state.
pub(crate) async fn in_force(conn: &mut PgConnection, on: Date) -> Result<BenefitRules, Fault> {
    let rows = sqlx::query!(
        r#"select v.version as "version!", r.benefit as "benefit?", r.takes_part as "takes_part?"
           from (select coalesce(max(version), 0) as version from setoff.rule_version) v
           left join (
               select distinct on (benefit) benefit, takes_part from setoff.benefit_rule
               where from_day <= $1 order by benefit, from_day desc, version desc
           ) r on true"#,
        on.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await?;
    let version = rows.first().map_or(0, |row| row.version);
    let exempt: Vec<BenefitCode> = rows
        .iter()
        .filter(|row| row.takes_part == Some(false))
        .filter_map(|row| row.benefit.as_deref())
        .map(BenefitCode::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| Fault::Stored("benefit"))?;
    Ok(BenefitRules::new(version, exempt))
}

/// Records rules under a new version.
pub(crate) async fn record(conn: &mut PgConnection, rules: &[&BenefitRule], at: Timestamp, by: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock($1)", RULES_LOCK).execute(&mut *conn).await?;
    let version = sqlx::query_scalar!(
        "insert into setoff.rule_version (recorded_at, recorded_by) values ($1, $2) returning version",
        at.to_sqlx() as _,
        by,
    )
    .fetch_one(&mut *conn)
    .await?;
    let benefits: Vec<&str> = rules.iter().map(|rule| rule.benefit.as_str()).collect();
    let days: Vec<jiff_sqlx::Date> = rules.iter().map(|rule| rule.from.to_sqlx()).collect();
    let takes_part: Vec<bool> = rules.iter().map(|rule| rule.takes_part).collect();
    let sources: Vec<&str> = rules.iter().map(|rule| rule.source.as_str()).collect();
    let done = sqlx::query!(
        "insert into setoff.benefit_rule (benefit, from_day, takes_part, source, version)
         select u.*, $5::integer from unnest($1::text[], $2::date[], $3::boolean[], $4::text[]) u",
        &benefits as _,
        &days as _,
        &takes_part,
        &sources as _,
        version,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), rules.len(), "benefit rules")
}
