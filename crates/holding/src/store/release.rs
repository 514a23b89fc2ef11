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
    reversal,
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

/// Whether a release that failed is tried again without a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// The payee's account may be good: a bank refuses whole files, and people stop what they should not.
    AfterAWhile,
    /// The payee has no account.
    WithAnAccount,
}

/// What has come of orders that are not carried out.
#[derive(Debug, Default)]
pub(crate) struct Undone {
    /// Of how many orders this was news.
    pub(crate) orders: u64,
    /// Deposits that are reversed now, since their own money had gone back.
    pub(crate) reversed: Vec<i64>,
}

impl std::ops::AddAssign for Undone {
    fn add_assign(&mut self, other: Self) {
        self.orders += other.orders;
        self.reversed.extend(other.reversed);
    }
}

/// Makes a batch of orders for these deposits and their pending transfers; gives back its number.
pub(crate) async fn make_batch(
    conn: &mut PgConnection, terms: &BatchTerms<'_>, drawn: &[(i64, i64)], at: Timestamp,
) -> Result<i64, sqlx::Error> {
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
    expect_rows(done.rows_affected(), drawn.len(), "release orders")?;
    Ok(batch)
}

/// Batches that are not submitted, the oldest first.
pub(crate) async fn unsubmitted(conn: &mut PgConnection, limit: i64) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "select o.batch_id from holding.release_state s join holding.release_order o using (order_id)
         where s.state = 'ordered' group by o.batch_id order by o.batch_id limit $1",
        limit,
    )
    .fetch_all(conn)
    .await
}

/// A batch, whole: what has become of its orders meanwhile makes it no other.
pub(crate) async fn batch(conn: &mut PgConnection, id: i64) -> Result<Option<Batch>, Fault> {
    let rows = sqlx::query!(
        "select b.batch_id, b.payer, b.debtor_account, b.on_day, o.order_id, d.payee, d.benefit, d.minor, d.currency
         from holding.release_batch b join holding.release_order o using (batch_id) join holding.deposit d using (deposit_id)
         where b.batch_id = $1
         order by o.order_id",
        id,
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

/// A payment to ask mediation about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Submitted {
    pub(crate) order: i64,
    pub(crate) payment: PaymentRef,
    /// Whether the bank had accepted it, and it may have come back since.
    pub(crate) released: bool,
}

/// Payments to ask about, those never asked about first: under way, and left alone for a while that grows with their age from
/// `at_first` to an hour; or released, watched, and left alone for a day.
pub(crate) async fn to_ask_about(
    conn: &mut PgConnection, now: Timestamp, at_first: i64, limit: i64,
) -> Result<Vec<Submitted>, Fault> {
    let rows = sqlx::query!(
        r#"select order_id, payment_slice as "slice!", payment_row as "row!", watched_until is not null as "released!"
           from holding.release_state
           where state = 'submitted' and (asked_at is null or asked_at <= $1::timestamptz
                   - least(greatest(asked_at - changed_at, $2::bigint * interval '1 second'), interval '1 hour'))
              or watched_until is not null and asked_at <= $1::timestamptz - interval '1 day'
           order by asked_at nulls first limit $3"#,
        now.to_sqlx() as _,
        at_first,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let submitted = |order, slice, row, released| Submitted { order, payment: PaymentRef::new(slice, row), released };
    Ok(rows.into_iter().map(|row| submitted(row.order_id, row.slice, row.row, row.released)).collect())
}

/// Notes that mediation was asked about these and had no other answer; what has been watched long enough is watched no longer.
pub(crate) async fn note_asked(conn: &mut PgConnection, orders: &[i64], at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update holding.release_state
         set asked_at = $2::timestamptz, watched_until = case when watched_until > $2::timestamptz then watched_until end
         where order_id = any($1::bigint[]) and state in ('submitted', 'released')",
        orders,
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The payments of these orders have reached their payees; until the time given they may come back. Says of how many this is news.
pub(crate) async fn released(
    conn: &mut PgConnection, orders: &[i64], at: Timestamp, watched_until: Timestamp,
) -> Result<u64, Fault> {
    let rows = sqlx::query!(
        "update holding.release_state s set state = 'released', changed_at = $2, asked_at = $2, watched_until = $3
         from holding.release_order o
         where o.order_id = s.order_id and s.order_id = any($1::bigint[]) and s.state = 'submitted'
         returning o.deposit_id, o.transfer_id",
        orders,
        at.to_sqlx() as _,
        watched_until.to_sqlx() as _,
    )
    .fetch_all(&mut *conn)
    .await?;
    let (deposits, transfers): (Vec<i64>, Vec<i64>) = rows.into_iter().map(|row| (row.deposit_id, row.transfer_id)).unzip();
    ledger::end(conn, &transfers, Ending::Posted, at).await?;
    let moved = deposit::move_state(conn, &deposits, DepositState::Releasing, DepositState::Released, at).await?;
    expect_rows(moved.len() as u64, deposits.len(), "released deposits")?;
    due::remove(conn, &deposits).await?;
    Ok(deposits.len() as u64)
}

/// These orders are not carried out: their deposits wait again.
pub(crate) async fn failed(
    conn: &mut PgConnection, orders: &[i64], again: Again, at: Timestamp, today: Date,
) -> Result<Undone, Fault> {
    let rows = sqlx::query!(
        "update holding.release_state s set state = 'failed', changed_at = $2
         from holding.release_order o
         where o.order_id = s.order_id and s.order_id = any($1::bigint[]) and s.state in ('ordered', 'submitted')
         returning o.deposit_id, o.transfer_id",
        orders,
        at.to_sqlx() as _,
    )
    .fetch_all(&mut *conn)
    .await?;
    let (deposits, transfers): (Vec<i64>, Vec<i64>) = rows.into_iter().map(|row| (row.deposit_id, row.transfer_id)).unzip();
    ledger::end(conn, &transfers, Ending::Voided, at).await?;
    wait_again(conn, &deposits, DepositState::Releasing, again, at, today).await
}

/// The payments of these released orders have come back: the money is in the state's account, and the payees' again.
pub(crate) async fn returned(conn: &mut PgConnection, orders: &[i64], at: Timestamp, today: Date) -> Result<Undone, Fault> {
    let rows = sqlx::query!(
        "update holding.release_state s set state = 'returned', changed_at = $2, watched_until = null
         from holding.release_order o
         where o.order_id = s.order_id and s.order_id = any($1::bigint[]) and s.state = 'released'
         returning o.deposit_id, o.transfer_id",
        orders,
        at.to_sqlx() as _,
    )
    .fetch_all(&mut *conn)
    .await?;
    let (deposits, transfers): (Vec<i64>, Vec<i64>) = rows.into_iter().map(|row| (row.deposit_id, row.transfer_id)).unzip();
    ledger::reverse(conn, &transfers, at).await?;
    wait_again(conn, &deposits, DepositState::Released, Again::AfterAWhile, at, today).await
}

/// The deposits are posted again: to be reversed where their own money has gone back, else to be released another time.
async fn wait_again(
    conn: &mut PgConnection, deposits: &[i64], from: DepositState, again: Again, at: Timestamp, today: Date,
) -> Result<Undone, Fault> {
    let moved = deposit::move_state(conn, deposits, from, DepositState::Posted, at).await?;
    expect_rows(moved.len() as u64, deposits.len(), "deposits that wait again")?;
    if again == Again::AfterAWhile {
        due::after_failure(conn, deposits, today).await?;
    }
    let reversed = reversal::reverse_wanted(conn, deposits, at).await?;
    Ok(Undone { orders: deposits.len() as u64, reversed })
}
