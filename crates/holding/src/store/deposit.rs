//! Deposits and where they stand.

use contracts::holding::{Deposit, DepositState};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use platform::legs::{self, LegColumns};
use primitives::{AgreementNumber, BenefitCode, Currency, DepositRef, HolderRef, LegRef, Money, PaymentRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::deposit::{parse_state, state_text};

/// A deposit to keep.
pub(crate) struct NewDeposit<'d> {
    pub(crate) leg: LegRef,
    pub(crate) holder: HolderRef,
    pub(crate) payee: &'d [u8],
    pub(crate) payer: AgreementNumber,
    pub(crate) benefit: Option<BenefitCode>,
    pub(crate) amount: Money,
    pub(crate) on: Date,
}

/// A deposit as a repeated reservation compares it.
pub(crate) struct Kept {
    pub(crate) leg: LegRef,
    pub(crate) deposit: DepositRef,
    pub(crate) payee: Vec<u8>,
    pub(crate) amount: Money,
    pub(crate) state: DepositState,
}

/// Keeps the deposits whose legs have none yet, as reserved; gives back those it kept.
pub(crate) async fn insert(
    conn: &mut PgConnection, deposits: &[NewDeposit<'_>], at: Timestamp,
) -> Result<Vec<(LegRef, i64)>, sqlx::Error> {
    let legs: LegColumns = deposits.iter().map(|deposit| deposit.leg).collect();
    let holders: Vec<Uuid> = deposits.iter().map(|deposit| deposit.holder.get()).collect();
    let payees: Vec<&[u8]> = deposits.iter().map(|deposit| deposit.payee).collect();
    let payers: Vec<&str> = deposits.iter().map(|deposit| deposit.payer.digits()).collect();
    let benefits: Vec<Option<&str>> = deposits.iter().map(|deposit| deposit.benefit.as_ref().map(BenefitCode::as_str)).collect();
    let minor: Vec<i64> = deposits.iter().map(|deposit| deposit.amount.minor()).collect();
    let currencies: Vec<String> = deposits.iter().map(|deposit| deposit.amount.currency().code().to_owned()).collect();
    let days: Vec<jiff_sqlx::Date> = deposits.iter().map(|deposit| deposit.on.to_sqlx()).collect();
    let rows = sqlx::query!(
        "insert into holding.deposit
             (leg_slice, leg_row, leg_number, holder, payee, payer, benefit, minor, currency, on_day, deposit_id, reserved_at)
         select u.*, nextval('holding.deposit_number'), $11::timestamptz
         from unnest($1::bigint[], $2::integer[], $3::smallint[], $4::uuid[], $5::bytea[], $6::text[], $7::text[], $8::bigint[],
                     $9::text[], $10::date[]) u
         on conflict (leg_slice, leg_row, leg_number) do nothing
         returning leg_slice, leg_row, leg_number, deposit_id",
        &legs.slices,
        &legs.rows,
        &legs.numbers,
        &holders,
        &payees as _,
        &payers as _,
        &benefits as _,
        &minor,
        &currencies,
        &days as _,
        at.to_sqlx() as _,
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.deposit_id).collect();
    let done = sqlx::query!(
        "insert into holding.deposit_state (deposit_id, state, changed_at)
         select id, 'reserved', $2::timestamptz from unnest($1::bigint[]) id",
        &ids,
        at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), ids.len(), "deposit states")?;
    Ok(rows.into_iter().map(|row| (legs::leg(row.leg_slice, row.leg_row, row.leg_number), row.deposit_id)).collect())
}

/// The deposits of the legs; legs without one are missing.
pub(crate) async fn of_legs(conn: &mut PgConnection, legs: &LegColumns) -> Result<Vec<Kept>, Fault> {
    let rows = sqlx::query!(
        "select d.leg_slice, d.leg_row, d.leg_number, d.deposit_id, d.payee, d.minor, d.currency, s.state
         from unnest($1::bigint[], $2::integer[], $3::smallint[]) as u (slice, row, number)
         join holding.deposit d on d.leg_slice = u.slice and d.leg_row = u.row and d.leg_number = u.number
         join holding.deposit_state s using (deposit_id)",
        &legs.slices,
        &legs.rows,
        &legs.numbers,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Kept {
                leg: legs::leg(row.leg_slice, row.leg_row, row.leg_number),
                deposit: DepositRef(row.deposit_id),
                payee: row.payee,
                amount: money(row.minor, &row.currency)?,
                state: parse_state(&row.state)?,
            })
        })
        .collect()
}

/// Gives the reserved deposits of the legs another state; gives back those that had not been settled before.
pub(crate) async fn settle(
    conn: &mut PgConnection, legs: &LegColumns, to: DepositState, at: Timestamp,
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "update holding.deposit_state s set state = $4, changed_at = $5
         from holding.deposit d
         join unnest($1::bigint[], $2::integer[], $3::smallint[]) as u (slice, row, number)
             on d.leg_slice = u.slice and d.leg_row = u.row and d.leg_number = u.number
         where s.deposit_id = d.deposit_id and s.state = 'reserved'
         returning s.deposit_id",
        &legs.slices,
        &legs.rows,
        &legs.numbers,
        state_text(to),
        at.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await
}

/// Moves those of the deposits that are in the one state to the other; gives back which.
pub(crate) async fn move_state(
    conn: &mut PgConnection, deposits: &[i64], from: DepositState, to: DepositState, at: Timestamp,
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "update holding.deposit_state set state = $3, changed_at = $4
         where deposit_id = any($1::bigint[]) and state = $2 returning deposit_id",
        deposits,
        state_text(from),
        state_text(to),
        at.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await
}

/// Posted deposits of this day of disposal or earlier, the oldest first, locked; those another worker has locked are left to it.
pub(crate) async fn posted_until(conn: &mut PgConnection, until: Date, limit: i64) -> Result<Vec<(i64, Money)>, Fault> {
    let rows = sqlx::query!(
        "select d.deposit_id, d.minor, d.currency
         from holding.deposit d join holding.deposit_state s using (deposit_id)
         where s.state = 'posted' and d.on_day <= $1
         order by d.on_day, d.deposit_id limit $2 for update of s skip locked",
        until.to_sqlx() as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((row.deposit_id, money(row.minor, &row.currency)?))).collect()
}

/// All deposits of the payee, also those made under another number of the same holder; newest first. With a payer: only its own.
pub(crate) async fn of_payee(
    conn: &mut PgConnection, payee: &[u8], payer: Option<AgreementNumber>,
) -> Result<Vec<Deposit>, Fault> {
    let rows = sqlx::query!(
        r#"with recursive same (holder) as (
               select distinct holder from holding.deposit where payee = $1
               union
               select case when m.from_holder = same.holder then m.into_holder else m.from_holder end
               from same join holding.holder_merge m on m.from_holder = same.holder or m.into_holder = same.holder
           )
           select d.deposit_id, d.leg_slice, d.leg_row, d.leg_number, d.payer, d.benefit, d.minor, d.currency, d.on_day, d.reserved_at,
                  s.state, p.payment_slice as "payment_slice?", p.payment_row as "payment_row?"
           from holding.deposit d
           join holding.deposit_state s using (deposit_id)
           left join lateral (
               select r.payment_slice, r.payment_row
               from holding.release_order o join holding.release_state r using (order_id)
               where o.deposit_id = d.deposit_id and r.state in ('submitted', 'released')
           ) p on true
           where d.holder in (select holder from same) and ($2::text is null or d.payer = $2)
           order by d.deposit_id desc"#,
        payee,
        payer.as_ref().map(AgreementNumber::digits),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Deposit {
                deposit: DepositRef(row.deposit_id),
                leg: legs::leg(row.leg_slice, row.leg_row, row.leg_number),
                payer: AgreementNumber::parse(&row.payer).map_err(|_| Fault::Stored("payer"))?,
                benefit: row.benefit.as_deref().map(BenefitCode::parse).transpose().map_err(|_| Fault::Stored("benefit"))?,
                amount: money(row.minor, &row.currency)?,
                state: parse_state(&row.state)?,
                on: row.on_day.to_jiff(),
                reserved_at: row.reserved_at.to_jiff(),
                released_by: row.payment_slice.zip(row.payment_row).map(|(slice, row)| PaymentRef::new(slice, row)),
            })
        })
        .collect()
}

/// An amount in two columns.
pub(crate) fn money(minor: i64, currency: &str) -> Result<Money, Fault> {
    let currency = Currency::parse(currency).map_err(|_| Fault::Stored("currency"))?;
    Ok(Money::new(minor, currency))
}
