//! What was sent to banks, found by the names a bank knows it by.

use std::collections::HashMap;

use primitives::{AgreementNumber, BankCode, LegRef, PaymentRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Error;

/// Whose payments a file or a batch holds.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub payer: AgreementNumber,
    /// The data supplier that delivered them.
    pub supplier: String,
}

/// Whose payments the files and batches with these keys hold, for those that were sent to the bank.
pub(crate) async fn senders(
    connection: &mut PgConnection, bank: BankCode, keys: &[String],
) -> Result<HashMap<String, Sender>, Error> {
    let rows = sqlx::query!(
        r#"select named.key as "key!", d.supplier, h.payer as "payer!"
           from (select f.file_key as key, f.delivery_id from mediation.file f
                 where f.file_key = any($2) and f.purpose = 1 and f.recipient = $1
                 union all
                 select b.batch_key, b.delivery_id from mediation.batch b join mediation.file f on f.file_id = b.file_id
                 where b.batch_key = any($2) and f.recipient = $1) named
           join mediation.delivery d on d.delivery_id = named.delivery_id
           join mediation.delivery_header h on h.delivery_id = named.delivery_id
           where h.payer is not null"#,
        bank.as_str(),
        keys,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let payer = AgreementNumber::parse(&row.payer).map_err(|_| Error::Corrupt("a delivery's payer"))?;
            Ok((row.key, Sender { payer, supplier: row.supplier }))
        })
        .collect()
}

/// The legs under the payer's own reference that were sent to the bank: to the payee, or to the error account; a payment has one of them.
pub(crate) async fn legs(
    connection: &mut PgConnection, bank: BankCode, references: &[Uuid],
) -> Result<HashMap<Uuid, LegRef>, Error> {
    let rows = sqlx::query!(
        "select r.reference, l.slice_id, l.row_no, l.leg_no
         from mediation.payment_reference r
         join mediation.leg l on l.slice_id = r.slice_id and l.row_no = r.row_no and l.destination in (1, 4)
         join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
         join mediation.batch b on b.batch_id = g.batch_id
         join mediation.file f on f.file_id = b.file_id
         where r.reference = any($2) and f.recipient = $1",
        bank.as_str(),
        references,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.reference, PaymentRef::new(row.slice_id, row.row_no).leg(row.leg_no))).collect())
}
