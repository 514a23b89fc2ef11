//! The ledger: accounts, and transfers from one to another.

use std::collections::HashMap;

use contracts::holding::LedgerBalance;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::{Currency, Money};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::store::deposit::money;

/// An account of the house itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnAccount {
    /// The asset: money in the state-owned bank account.
    Bank,
    /// The liability to the Treasury for what has expired.
    Treasury,
}

impl OwnAccount {
    fn kind(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Treasury => "treasury",
        }
    }
}

/// Why a payee is owed less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Draw {
    /// The money goes to the payee: out of the bank account.
    Release,
    /// The money goes to the Treasury: it stays in the bank account until then.
    Expiry,
}

impl Draw {
    fn purpose(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Expiry => "expiry",
        }
    }

    fn credits(self) -> OwnAccount {
        match self {
            Self::Release => OwnAccount::Bank,
            Self::Expiry => OwnAccount::Treasury,
        }
    }
}

/// How a pending transfer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It has taken place.
    Posted,
    /// It will not take place.
    Voided,
}

impl Ending {
    fn as_str(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Voided => "voided",
        }
    }
}

/// The ledger accounts of these holders, opened where they are not there yet.
async fn payee_accounts(conn: &mut PgConnection, holders: &[Uuid], currency: Currency) -> Result<HashMap<Uuid, i64>, Fault> {
    sqlx::query!(
        "insert into holding.ledger_account (kind, holder, currency)
         select distinct 'payee', holder, $2::text from unnest($1::uuid[]) holder order by 2
         on conflict on constraint ledger_account_identity do nothing",
        holders,
        currency.code(),
    )
    .execute(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"select account_id, holder as "holder!" from holding.ledger_account
           where kind = 'payee' and currency = $2 and holder = any($1::uuid[])"#,
        holders,
        currency.code(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.holder, row.account_id)).collect())
}

/// An account of the house in this currency, opened where it is not there yet.
async fn own_account(conn: &mut PgConnection, account: OwnAccount, currency: Currency) -> Result<i64, sqlx::Error> {
    sqlx::query!(
        "insert into holding.ledger_account (kind, currency) values ($1, $2)
         on conflict on constraint ledger_account_identity do nothing",
        account.kind(),
        currency.code(),
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query_scalar!(
        "select account_id from holding.ledger_account where kind = $1 and holder is null and currency = $2",
        account.kind(),
        currency.code(),
    )
    .fetch_one(conn)
    .await
}

/// Money to come: debits the bank account and credits each payee, pending. All of one currency.
pub(crate) async fn expect_deposits(
    conn: &mut PgConnection, currency: Currency, deposits: &[(i64, Uuid, i64)], at: Timestamp,
) -> Result<(), Fault> {
    let ids: Vec<i64> = deposits.iter().map(|(id, _, _)| *id).collect();
    let holders: Vec<Uuid> = deposits.iter().map(|(_, holder, _)| *holder).collect();
    let minor: Vec<i64> = deposits.iter().map(|(_, _, minor)| *minor).collect();
    let bank = own_account(conn, OwnAccount::Bank, currency).await?;
    let accounts = payee_accounts(conn, &holders, currency).await?;
    let credits: Vec<i64> = holders
        .iter()
        .map(|holder| accounts.get(holder).copied().ok_or(Fault::Stored("ledger account")))
        .collect::<Result<_, _>>()?;
    let done = sqlx::query!(
        "insert into holding.transfer (transfer_id, deposit_id, purpose, debit_account, credit_account, minor, currency, made_at)
         select nextval('holding.transfer_number'), u.deposit_id, 'deposit', $4::bigint, u.credit_account, u.minor, $5::text, $6::timestamptz
         from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as u (deposit_id, credit_account, minor)",
        &ids,
        &credits,
        &minor,
        bank,
        currency.code(),
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(expect_rows(done.rows_affected(), deposits.len(), "deposit transfers")?)
}

/// Ends the transfers that brought, or were to bring, these deposits.
pub(crate) async fn end_deposits(
    conn: &mut PgConnection, deposits: &[i64], ending: Ending, at: Timestamp,
) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "insert into holding.transfer_end (transfer_id, outcome, ended_at)
         select transfer_id, $2::text, $3::timestamptz from holding.transfer
         where deposit_id = any($1::bigint[]) and purpose = 'deposit'",
        deposits,
        ending.as_str(),
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), deposits.len(), "deposit transfer endings")
}

/// Debits each deposit's payee with its whole amount, pending; gives back deposit and transfer. All of one currency.
pub(crate) async fn draw(
    conn: &mut PgConnection, currency: Currency, deposits: &[i64], draw: Draw, at: Timestamp,
) -> Result<Vec<(i64, i64)>, Fault> {
    let credit = own_account(conn, draw.credits(), currency).await?;
    let rows = sqlx::query!(
        "insert into holding.transfer (transfer_id, deposit_id, purpose, debit_account, credit_account, minor, currency, made_at)
         select nextval('holding.transfer_number'), t.deposit_id, $2::text, t.credit_account, $3::bigint, t.minor, t.currency, $5::timestamptz
         from holding.transfer t
         where t.deposit_id = any($1::bigint[]) and t.purpose = 'deposit' and t.currency = $4
         returning deposit_id, transfer_id",
        deposits,
        draw.purpose(),
        credit,
        currency.code(),
        at.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await?;
    expect_rows(rows.len() as u64, deposits.len(), "drawing transfers")?;
    Ok(rows.into_iter().map(|row| (row.deposit_id, row.transfer_id)).collect())
}

/// Ends pending transfers.
pub(crate) async fn end(conn: &mut PgConnection, transfers: &[i64], ending: Ending, at: Timestamp) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "insert into holding.transfer_end (transfer_id, outcome, ended_at)
         select id, $2::text, $3::timestamptz from unnest($1::bigint[]) id",
        transfers,
        ending.as_str(),
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), transfers.len(), "transfer endings")
}

/// Undoes posted transfers, each once: the same amounts with the accounts the other way round, posted at once.
pub(crate) async fn reverse(conn: &mut PgConnection, transfers: &[i64], at: Timestamp) -> Result<(), sqlx::Error> {
    let reversals = sqlx::query_scalar!(
        "insert into holding.transfer
             (transfer_id, deposit_id, purpose, debit_account, credit_account, minor, currency, made_at, reverses)
         select nextval('holding.transfer_number'), t.deposit_id, 'reversal', t.credit_account, t.debit_account, t.minor, t.currency,
                $2::timestamptz, t.transfer_id
         from holding.transfer t join holding.transfer_end e using (transfer_id)
         where t.transfer_id = any($1::bigint[]) and e.outcome = 'posted'
         returning transfer_id",
        transfers,
        at.to_sqlx() as _,
    )
    .fetch_all(&mut *conn)
    .await?;
    expect_rows(reversals.len() as u64, transfers.len(), "reversing transfers")?;
    end(conn, &reversals, Ending::Posted, at).await
}

/// Undoes the transfers that brought these deposits.
pub(crate) async fn reverse_deposits(conn: &mut PgConnection, deposits: &[i64], at: Timestamp) -> Result<(), sqlx::Error> {
    let transfers = sqlx::query_scalar!(
        "select transfer_id from holding.transfer where deposit_id = any($1::bigint[]) and purpose = 'deposit'",
        deposits,
    )
    .fetch_all(&mut *conn)
    .await?;
    expect_rows(transfers.len() as u64, deposits.len(), "deposit transfers")?;
    reverse(conn, &transfers, at).await
}

/// Debits, credits and pending amounts per kind of account and currency. The payees' accounts are told as one.
pub(crate) async fn balances(conn: &mut PgConnection) -> Result<Vec<LedgerBalance>, Fault> {
    let rows = sqlx::query!(
        r#"with side as (
               select debit_account as account_id, minor as debit, 0::bigint as credit, transfer_id from holding.transfer
               union all
               select credit_account, 0, minor, transfer_id from holding.transfer
           )
           select case a.kind when 'payee' then 'payees' else a.kind end as "name!", a.currency,
                  coalesce(sum(debit) filter (where e.outcome = 'posted'), 0)::bigint as "debits!",
                  coalesce(sum(credit) filter (where e.outcome = 'posted'), 0)::bigint as "credits!",
                  coalesce(sum(debit + credit) filter (where e.outcome is null), 0)::bigint as "pending!"
           from side join holding.ledger_account a using (account_id) left join holding.transfer_end e using (transfer_id)
           group by a.kind, a.currency order by a.currency, a.kind"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(LedgerBalance {
                debits: money(row.debits, &row.currency)?,
                credits: money(row.credits, &row.currency)?,
                pending: money(row.pending, &row.currency)?,
                ledger_account: row.name,
            })
        })
        .collect()
}

/// The sum of amounts of one currency.
pub(crate) fn total(currency: Currency, amounts: impl IntoIterator<Item = Money>) -> Result<Money, Fault> {
    amounts.into_iter().try_fold(Money::zero(currency), Money::checked_add).map_err(|_| Fault::Stored("amount"))
}
