//! Mandates to act for another person.

use contracts::parties::{BenefitScope, Function, NewMandate};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use platform::vault::Vault;
use primitives::Identifier;
use sqlx::PgConnection;
use uuid::Uuid;

use super::scope;
use crate::{record::Recorded, words::Spelled};

/// A mandate as it is stored; its last day is the earliest of those that were said.
#[derive(Clone, Debug)]
pub(crate) struct StoredMandate {
    pub(crate) holder: Identifier,
    pub(crate) subject: Identifier,
    pub(crate) functions: Vec<Function>,
    pub(crate) benefits: BenefitScope,
    pub(crate) from: Date,
    pub(crate) until: Date,
}

/// Records the mandate.
pub(crate) async fn insert(
    connection: &mut PgConnection, vault: &Vault, id: Uuid, mandate: &NewMandate, recorded: &Recorded,
) -> Result<(), sqlx::Error> {
    let (all, benefits, without) = scope::columns(&mandate.benefits);
    let done = sqlx::query!(
        "insert into parties.mandate (mandate_id, kind, holder, subject, functions, all_benefits, benefits, without_benefit,
             valid_from, valid_until, proof_kind, proof_reference, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        id,
        mandate.kind.word(),
        vault.seal(&mandate.holder),
        vault.seal(&mandate.subject),
        &scope::function_words(&mandate.functions),
        all,
        &benefits,
        without,
        mandate.valid_from.to_sqlx(),
        mandate.valid_until.to_sqlx(),
        mandate.proof.kind.word(),
        mandate.proof.reference,
        recorded.at.to_sqlx(),
        recorded.by,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "mandate")
}

/// All mandates of the holders.
pub(crate) async fn of_holders(
    connection: &mut PgConnection, vault: &Vault, holders: &[Identifier],
) -> Result<Vec<StoredMandate>, Fault> {
    let sealed: Vec<Vec<u8>> = holders.iter().map(|holder| vault.seal(holder)).collect();
    let rows = sqlx::query!(
        r#"select holder, subject, functions, all_benefits, benefits, without_benefit, valid_from,
                  least(valid_until, (select min(e.ends_on) from parties.grant_end e where e.grant_id = m.mandate_id)) as "until!"
           from parties.mandate m where holder = any($1) order by mandate_id"#,
        &sealed,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(StoredMandate {
                holder: vault.open(&row.holder)?,
                subject: vault.open(&row.subject)?,
                functions: scope::read_functions(&row.functions)?,
                benefits: scope::read(row.all_benefits, &row.benefits, row.without_benefit)?,
                from: row.valid_from.to_jiff(),
                until: row.until.to_jiff(),
            })
        })
        .collect()
}

/// Whether there is a mandate of this id.
pub(crate) async fn is_known(connection: &mut PgConnection, id: Uuid) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select exists (select from parties.mandate where mandate_id = $1) as "known!""#, id)
        .fetch_one(connection)
        .await
}
