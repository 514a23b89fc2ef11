//! What the reading of a delivery writes beside its payments: header, claim, totals, findings, and what the payer is to be told.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::copy::{CopyBuffer, copy_in};
use platform::database::expect_rows;
use primitives::{AgreementNumber, DeliveryId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Error;

/// Takes findings.
const COPY_FINDINGS_IN: &str = "COPY mediation.finding (delivery_id, finding_no, level, block_no, row_position, line, path, code, text_da, \
     text_en, row_reference) FROM STDIN (FORMAT binary)";

/// The columns of [`COPY_FINDINGS_IN`].
pub(crate) const FINDING_COLUMNS: u16 = 11;

/// What is known of a delivery after its reading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Header {
    /// The message's name, such as `pain.001.001.09`; none when it was not recognised, or for orders of another house.
    pub message_name: Option<&'static str>,
    /// Sealed MsgId.
    pub message_id: Option<Vec<u8>>,
    /// The message's creation time, as written in it.
    pub created: Option<String>,
    pub payer: Option<AgreementNumber>,
    /// Rows taken and rows rejected.
    pub payments: i64,
    pub rejected: i64,
}

pub(crate) async fn insert_header(connection: &mut PgConnection, delivery: DeliveryId, header: &Header) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into mediation.delivery_header (delivery_id, message_name, message_id, created, payer, payments, rejected)
         values ($1, $2, $3, $4, $5, $6, $7)",
        delivery.get(),
        header.message_name,
        header.message_id.as_deref(),
        header.created.as_deref(),
        header.payer.as_ref().map(AgreementNumber::digits),
        header.payments,
        header.rejected,
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a delivery's header")?)
}

/// What a claim on a message identification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nobody has it: it is this delivery's now.
    Taken,
    /// An earlier delivery with the same content has it.
    Repeats(DeliveryId),
    /// An earlier delivery of other bytes has it.
    OtherBytes(DeliveryId),
}

/// Claims a message identification. Where another reading is about to take it, this waits until that one is done.
pub(crate) async fn claim(
    connection: &mut PgConnection, claim: Uuid, delivery: DeliveryId, sha256: &[u8],
) -> Result<Claim, Error> {
    let done = sqlx::query!(
        "insert into mediation.delivery_claim (claim, delivery_id, sha256) values ($1, $2, $3) on conflict do nothing",
        claim,
        delivery.get(),
        sha256,
    )
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(Claim::Taken);
    }
    let earlier = sqlx::query!("select delivery_id, sha256 from mediation.delivery_claim where claim = $1", claim)
        .fetch_one(connection)
        .await?;
    let delivery = DeliveryId::new(earlier.delivery_id);
    Ok(if earlier.sha256 == sha256 { Claim::Repeats(delivery) } else { Claim::OtherBytes(delivery) })
}

/// What came in of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ControlTotal {
    pub taken_count: i64,
    pub taken_minor: i64,
    pub rejected_count: i64,
    pub rejected_minor: i64,
}

pub(crate) async fn insert_total(
    connection: &mut PgConnection, delivery: DeliveryId, currency: &str, total: ControlTotal,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into mediation.control_total (delivery_id, currency, taken_count, taken_minor, rejected_count, rejected_minor)
         values ($1, $2, $3, $4, $5, $6)",
        delivery.get(),
        currency,
        total.taken_count,
        total.taken_minor,
        total.rejected_count,
        total.rejected_minor,
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a control total")?)
}

/// Stores encoded findings.
pub(crate) async fn insert_findings(connection: &mut PgConnection, findings: &CopyBuffer) -> Result<(), Error> {
    let stored = copy_in(connection, COPY_FINDINGS_IN, findings).await?;
    Ok(expect_rows(stored, usize::try_from(findings.rows()).unwrap_or(usize::MAX), "findings")?)
}

/// The payer is to be told what the reading found: return answer 0, 1 or 2.
pub(crate) async fn insert_receipt_task(
    connection: &mut PgConnection, delivery: DeliveryId, answer: i16, arisen_at: Timestamp,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into mediation.report_task (delivery_id, answer, arisen_at) values ($1, $2, $3)",
        delivery.get(),
        answer,
        arisen_at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a report task")?)
}

/// The payer is to be told of payees that could not be paid: return answer 7.
pub(crate) async fn insert_unpayable_task(
    connection: &mut PgConnection, delivery: DeliveryId, slice: i64, arisen_at: Timestamp,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into mediation.report_task (delivery_id, answer, slice_id, arisen_at) values ($1, 7, $2, $3)",
        delivery.get(),
        slice,
        arisen_at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), 1, "a report task")?)
}
