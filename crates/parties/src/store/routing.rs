//! Which system pays a payer: its versions.

use contracts::parties::{PayerRouting, PayingSystem};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::AgreementNumber;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{record::Recorded, words::Spelled};

/// Records a version, from an approved proposal.
pub(crate) async fn insert(
    connection: &mut PgConnection, routing: &PayerRouting, proposal: Uuid, recorded: &Recorded,
) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "insert into parties.routing (payer, system, valid_from, proposal_id, recorded_at, recorded_by) values ($1, $2, $3, $4, $5, $6)",
        routing.payer.digits(),
        routing.system.word(),
        routing.valid_from.to_sqlx(),
        proposal,
        recorded.at.to_sqlx(),
        recorded.by,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "routing")
}

/// All versions of the payers that had been recorded at the time, in the order they were recorded; now when there is none.
pub(crate) async fn versions(
    connection: &mut PgConnection, payers: &[AgreementNumber], known_at: Option<Timestamp>,
) -> Result<Vec<PayerRouting>, Fault> {
    let payers: Vec<String> = payers.iter().map(ToString::to_string).collect();
    let rows = sqlx::query_as!(
        Row,
        "select version, payer, system, valid_from from parties.routing
         where payer = any($1) and ($2::timestamptz is null or recorded_at <= $2) order by version",
        &payers,
        known_at.map(ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_routing).collect()
}

/// The version of the payer that was recorded last, with its number.
pub(crate) async fn latest(connection: &mut PgConnection, payer: AgreementNumber) -> Result<Option<(i64, PayerRouting)>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select version, payer, system, valid_from from parties.routing where payer = $1 order by version desc limit 1",
        payer.digits(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok((row.version, row.into_routing()?))).transpose()
}

struct Row {
    version: i64,
    payer: String,
    system: String,
    valid_from: jiff_sqlx::Date,
}

impl Row {
    fn into_routing(self) -> Result<PayerRouting, Fault> {
        Ok(PayerRouting {
            payer: AgreementNumber::parse(&self.payer).map_err(|_| Fault::Stored("agreement number"))?,
            system: PayingSystem::read(&self.system)?,
            valid_from: self.valid_from.to_jiff(),
        })
    }
}
