//! `register.specific_rule`: which specific accounts are locked.

use contracts::register::{AccountPurpose, SpecificRule};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use primitives::{AgreementNumber, BenefitCode};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::specific::Rules;

/// Takes a rule; answers whether there was none from that day.
pub(crate) async fn insert(
    conn: &mut PgConnection, rule: &SpecificRule, (at, by): (Timestamp, &str),
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into register.specific_rule (payer, benefit, valid_from, is_locked, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6) on conflict (payer, benefit, valid_from) do nothing",
        rule.payer.digits(),
        rule.benefit.as_str(),
        rule.valid_from.to_sqlx() as _,
        rule.is_locked,
        at.to_sqlx(),
        by,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// All rules: as many as authorities have locked benefits.
pub(crate) async fn all(conn: &mut PgConnection) -> Result<Rules, Fault> {
    let rows = sqlx::query!("select payer, benefit, valid_from, is_locked from register.specific_rule order by valid_from")
        .fetch_all(conn)
        .await?;
    let mut rules = Rules::new();
    for row in rows {
        let purpose = AccountPurpose::Specific {
            payer: AgreementNumber::parse(&row.payer).map_err(|_| Fault::Corrupt("payer"))?,
            benefit: BenefitCode::parse(&row.benefit).map_err(|_| Fault::Corrupt("benefit"))?,
        };
        rules.entry(purpose).or_default().push((row.valid_from.to_jiff(), row.is_locked));
    }
    Ok(rules)
}
