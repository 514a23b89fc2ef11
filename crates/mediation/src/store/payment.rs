//! Payments: wide rows that never change, in and out in bulk.

use platform::copy::{CopyOut, CopyRow};
use primitives::{Account, BenefitCode, Currency, Identifier, Money};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Error;
use crate::vault::Vault;

/// Takes the rows of a slice.
pub(crate) const COPY_IN: &str = "COPY mediation.payment (slice_id, row_no, block_no, row_position, amount_minor, currency, payee_kind, \
     payee, fallback_kind, fallback, benefit, account, exempt, carry) FROM STDIN (FORMAT binary)";

/// The columns of [`COPY_IN`].
pub(crate) const COLUMNS: u16 = 14;

/// Takes the references of a slice.
pub(crate) const COPY_REFERENCES_IN: &str =
    "COPY mediation.payment_reference (reference, slice_id, row_no) FROM STDIN (FORMAT binary)";

/// What decides where a payment's money goes; what only passes through is left where it is.
pub(crate) struct OpenPayment {
    pub row: i32,
    pub block: i32,
    pub amount: Money,
    pub payee: Option<Identifier>,
    pub fallback: Option<Identifier>,
    pub benefit: Option<BenefitCode>,
    /// The account of a complete order.
    pub given: Option<Account>,
    pub exempt: bool,
}

/// Reads the payments of a slice, in order of their rows.
pub(crate) async fn read_slice(
    connection: &mut PgConnection, vault: &Vault, slice: i64, expected: usize,
) -> Result<Vec<OpenPayment>, Error> {
    let statement = format!(
        "COPY (SELECT row_no, block_no, amount_minor, currency, payee_kind, payee, fallback_kind, fallback, benefit, account, exempt \
         FROM mediation.payment WHERE slice_id = {slice} ORDER BY row_no) TO STDOUT (FORMAT binary)"
    );
    let mut rows = CopyOut::start(connection, &statement).await?;
    let mut payments = Vec::with_capacity(expected);
    while let Some(row) = rows.next_row().await? {
        payments.push(open(row, vault)?);
    }
    if payments.len() == expected { Ok(payments) } else { Err(Error::Corrupt("a slice does not have its payments")) }
}

fn open(mut row: CopyRow<'_>, vault: &Vault) -> Result<OpenPayment, Error> {
    Ok(OpenPayment {
        row: row.i32()?,
        block: row.i32()?,
        amount: amount(row.i64()?, row.text()?)?,
        payee: payee(&mut row, vault)?,
        fallback: payee(&mut row, vault)?,
        benefit: row.opt_text()?.map(BenefitCode::parse).transpose().map_err(|_| Error::Corrupt("a benefit"))?,
        given: row.opt_bytes()?.map(|sealed| vault.open_account(sealed)).transpose()?,
        exempt: row.bool()?,
    })
}

fn payee(row: &mut CopyRow<'_>, vault: &Vault) -> Result<Option<Identifier>, Error> {
    match (row.opt_i16()?, row.opt_bytes()?) {
        (Some(kind), Some(sealed)) => Ok(Some(vault.open_payee(kind, sealed)?)),
        _ => Ok(None),
    }
}

/// An amount as stored.
pub(crate) fn amount(minor: i64, currency: &str) -> Result<Money, Error> {
    let currency = Currency::parse(currency).map_err(|_| Error::Corrupt("a currency"))?;
    Ok(Money::new(minor, currency))
}

/// Takes those references that were never used, in the order given, and answers their rows. The rest are duplicates.
pub(crate) async fn insert_new_references(
    connection: &mut PgConnection, slice: i64, references: &[(Uuid, i32)],
) -> Result<Vec<i32>, Error> {
    let (references, rows): (Vec<Uuid>, Vec<i32>) = references.iter().copied().unzip();
    Ok(sqlx::query_scalar!(
        "insert into mediation.payment_reference (reference, slice_id, row_no)
         select r.reference, $1, r.row_no from unnest($2::uuid[], $3::int[]) as r (reference, row_no)
         on conflict do nothing returning row_no",
        slice,
        &references,
        &rows,
    )
    .fetch_all(connection)
    .await?)
}
