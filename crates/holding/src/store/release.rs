//! Release orders, and where they stand.

use contracts::holding::DepositState;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::{AgreementNumber, BenefitCode, Money, PaymentRef};
use sqlx::PgConnection;

use crate::store::{
    deposit::{self, money},
    due,
    ledger::{self, Ending},
};

/// What the orders of one batch have in common.
pub(crate) struct BatchTerms<'t> {
    pub(crate) payer: AgreementNumber,
    /// Sealed.
    pub(crate) debtor_account: &'t [u8],
    pub(crate) on: Date,
}

/// A batch to submit.
pub(crate) struct Batch {
    pub(crate) id: i64,
    pub(crate) payer: AgreementNumber,
    /// Sealed.
    pub(crate) debtor_account: Vec<u8>,
    pub(crate) on: Date,
    pub(crate) orders: Vec<Order>,
}

/// An order to submit.
pub(crate) struct Order {
    pub(crate) id: i64,
    /// Sealed.
    pub(crate) payee: Vec<u8>,
    pub(crate) benefit: Option<BenefitCode>,
    pub(crate) amount: Money,
}

/// How an order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The payee's bank has the money.
    Released,
    /// The payment was refused, rejected, returned or stopped: the deposit waits again.
    Failed,
}

/// Makes a batch of orders for these deposits and their pending transfers.
pub(crate) async fn make_batch(
    conn: &mut PgConnection, terms: &BatchTerms<'_>, drawn: &[(i64, i64)], at: Timestamp,
) -> Result<(), sqlx::Error> {
    let batch = sqlx::query_scalar!(
        "insert into holding.release_batch (payer, debtor_account, on_day, made_at) values ($1, $2, $3, $4) returning batch_id",
        terms.payer.digits(),
        terms.debtor_account,
        terms.on.to_sqlx() as _,
        at.to_sqlx() as _,
    )
    .fetch_one(&mut *conn)
    .await?;
    let deposits: Vec<i64> = drawn.iter().map(|(deposit, _)| *deposit).collect();
    let transfers: Vec<i64> = drawn.iter().map(|(_, transfer)| *transfer).collect();
    let orders = sqlx::query_scalar!(
        "insert into holding.release_order (batch_id, deposit_id, transfer_id)
         select $1::bigint, u.deposit_id, u.transfer_id from unnest($2::bigint[], $3::bigint[]) as u (deposit_id, transfer_id)
         returning order_id",
        batch,
        &deposits,
        &transfers,
    )
    .fetch_all(&mut *conn)
    .await?;
    let done = sqlx::query!(
        "insert into holding.release_state (order_id, state, changed_at)
         select id, 'ordered', $2::timestamptz from unnest($1::bigint[]) id",
        &orders,
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), drawn.len(), "release orders")
}

/// The oldest batch that is not submitted, whole.
pub(crate) async fn unsubmitted(conn: &mut PgConnection) -> Result<Option<Batch>, Fault> {
    let rows = sqlx::query!(
        "select b.batch_id, b.payer, b.debtor_account, b.on_day, o.order_id, d.payee, d.benefit, d.minor, d.currency
         from holding.release_batch b join holding.release_order o using (batch_id) join holding.deposit d using (deposit_id)
         where b.batch_id = (
             select o.batch_id from holding.release_state s join holding.release_order o using (order_id)
             where s.state = 'ordered' order by s.order_id limit 1)
         order by o.order_id"
    )
    .fetch_all(conn)
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut batch = Batch {
        id: first.batch_id,
        payer: AgreementNumber::parse(&first.payer).map_err(|_| Fault::Stored("payer"))?,
        debtor_account: first.debtor_account.clone(),
        on: first.on_day.to_jiff(),
        orders: Vec::with_capacity(rows.len()),
    };
    for row in rows {
        batch.orders.push(Order {
            id: row.order_id,
            payee: row.payee,
            benefit: row.benefit.as_deref().map(BenefitCode::parse).transpose().map_err(|_| Fault::Stored("benefit"))?,
            amount: money(row.minor, &row.currency)?,
        });
    }
    Ok(Some(batch))
}

/// Notes the payments of submitted orders; says how many it noted, fewer when another worker has been faster.
pub(crate) async fn note_payments(
    conn: &mut PgConnection, payments: &[(i64, PaymentRef)], at: Timestamp,
) -> Result<u64, sqlx::Error> {
    let orders: Vec<i64> = payments.iter().map(|(order, _)| *order).collect();
    let slices: Vec<i64> = payments.iter().map(|(_, payment)| payment.slice).collect();
    let rows: Vec<i32> = payments.iter().map(|(_, payment)| payment.row).collect();
    let done = sqlx::query!(
        "update holding.release_state s
         set state = 'submitted', payment_slice = u.payment_slice, payment_row = u.payment_row, changed_at = $4
         from unnest($1::bigint[], $2::bigint[], $3::integer[]) as u (order_id, payment_slice, payment_row)
         where s.order_id = u.order_id and s.state = 'ordered'",
        &orders,
        &slices,
        &rows,
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Submitted orders mediation has not been asked about since, those never asked about first.
pub(crate) async fn unconfirmed(
    conn: &mut PgConnection, asked_before: Timestamp, limit: i64,
) -> Result<Vec<(i64, AgreementNumber)>, Fault> {
    let rows = sqlx::query!(
        "select s.order_id, b.payer
         from holding.release_state s join holding.release_order o using (order_id) join holding.release_batch b using (batch_id)
         where s.state = 'submitted' and (s.asked_at is null or s.asked_at <= $1)
         order by s.asked_at nulls first limit $2",
        asked_before.to_sqlx() as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.order_id, AgreementNumber::parse(&row.payer).map_err(|_| Fault::Stored("payer"))?)))
        .collect()
}

/// Notes that mediation was asked about these and had no final answer.
pub(crate) async fn note_asked(conn: &mut PgConnection, orders: &[i64], at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update holding.release_state set asked_at = $2 where order_id = any($1::bigint[]) and state = 'submitted'",
        orders,
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends those of the orders that have not ended: their transfers are posted or voided, their deposits released or waiting again. Says how many.
pub(crate) async fn end(conn: &mut PgConnection, orders: &[i64], fate: Fate, at: Timestamp) -> Result<u64, Fault> {
    let (state, deposit_state, ending) = match fate {
        Fate::Released => ("released", DepositState::Released, Ending::Posted),
        Fate::Failed => ("failed", DepositState::Posted, Ending::Voided),
    };
    let rows = sqlx::query!(
        "update holding.release_state s set state = $2, changed_at = $3
         from holding.release_order o
         where o.order_id = s.order_id and s.order_id = any($1::bigint[]) and s.state in ('ordered', 'submitted')
         returning o.deposit_id, o.transfer_id",
        orders,
        state,
        at.to_sqlx() as _,
    )
    .fetch_all(&mut *conn)
    .await?;
    let deposits: Vec<i64> = rows.iter().map(|row| row.deposit_id).collect();
    let transfers: Vec<i64> = rows.iter().map(|row| row.transfer_id).collect();
    ledger::end(conn, &transfers, ending, at).await?;
    let moved = deposit::move_state(conn, &deposits, DepositState::Releasing, deposit_state, at).await?;
    expect_rows(moved.len() as u64, deposits.len(), "released deposits")?;
    if fate == Fate::Released {
        due::remove(conn, &deposits).await?;
    }
    Ok(rows.len() as u64)
}
