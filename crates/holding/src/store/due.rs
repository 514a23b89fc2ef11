//! Deposits that may have got an account.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::fault::Fault;
use primitives::{BenefitCode, HolderRef, Money};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::store::deposit::money;

/// A posted deposit that may be released.
pub(crate) struct Due {
    pub(crate) deposit: i64,
    pub(crate) payee: Vec<u8>,
    pub(crate) benefit: Option<BenefitCode>,
    pub(crate) amount: Money,
    /// First day the account can be used.
    pub(crate) not_before: Date,
    /// Whether the register has not told of an account and must be asked.
    pub(crate) ask: bool,
    /// Which word on the deposit this is.
    pub(crate) version: i64,
}

/// The register has told of accounts: everything these holders, and those merged into them, have or may soon have is due.
pub(crate) async fn designated(conn: &mut PgConnection, accounts: &[(HolderRef, Date)]) -> Result<(), sqlx::Error> {
    let holders: Vec<Uuid> = accounts.iter().map(|(holder, _)| holder.get()).collect();
    let days: Vec<jiff_sqlx::Date> = accounts.iter().map(|(_, day)| day.to_sqlx()).collect();
    sqlx::query!(
        "with recursive of_holder (holder, not_before) as (
             select u.holder, u.not_before from unnest($1::uuid[], $2::date[]) as u (holder, not_before)
             union
             select m.from_holder, o.not_before from of_holder o join holding.holder_merge m on m.into_holder = o.holder
         )
         insert into holding.release_due (deposit_id, not_before, ask)
         select d.deposit_id, max(o.not_before), false
         from of_holder o join holding.deposit d on d.holder = o.holder join holding.deposit_state s using (deposit_id)
         where s.state in ('reserved', 'posted', 'releasing')
         group by d.deposit_id
         on conflict (deposit_id) do update set not_before = excluded.not_before, ask = false, version = excluded.version",
        &holders,
        &days as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Two holders have become one, so that either may have got the other's account: what both have, and those merged into them before, is due
/// if the register says so.
pub(crate) async fn merged(conn: &mut PgConnection, holders: &[HolderRef], today: Date) -> Result<(), sqlx::Error> {
    let holders: Vec<Uuid> = holders.iter().map(|holder| holder.get()).collect();
    sqlx::query!(
        "with recursive of_holder (holder) as (
             select unnest($1::uuid[])
             union
             select m.from_holder from of_holder o join holding.holder_merge m on m.into_holder = o.holder
         )
         insert into holding.release_due as kept (deposit_id, not_before, ask)
         select d.deposit_id, $2, true
         from of_holder o join holding.deposit d on d.holder = o.holder join holding.deposit_state s using (deposit_id)
         where s.state in ('reserved', 'posted', 'releasing')
         on conflict (deposit_id) do update
             set not_before = case when kept.ask then excluded.not_before else kept.not_before end, version = excluded.version",
        &holders,
        today.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// These deposits are due if the register says so; what it has told already stands.
pub(crate) async fn ask_about(conn: &mut PgConnection, deposits: &[i64], today: Date) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into holding.release_due (deposit_id, not_before, ask)
         select id, $2, true from unnest($1::bigint[]) id
         on conflict (deposit_id) do nothing",
        deposits,
        today.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Releases that failed are due again after a while, if the register says so: one day after the first failure, then twice as long each
/// time, up to a month. What the register has told meanwhile stands.
pub(crate) async fn after_failure(conn: &mut PgConnection, deposits: &[i64], today: Date) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into holding.release_due (deposit_id, not_before, ask)
         select o.deposit_id, $2::date + (1 << least(count(*) - 1, 5)::integer), true
         from holding.release_order o join holding.release_state s using (order_id)
         where o.deposit_id = any($1::bigint[]) and s.state in ('failed', 'returned')
         group by o.deposit_id
         on conflict (deposit_id) do nothing",
        deposits,
        today.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Some posted deposits that are due: those to ask about from today on, and those whose account can be used until the day `near`.
pub(crate) async fn posted(conn: &mut PgConnection, today: Date, near: Date, limit: i64) -> Result<Vec<Due>, Fault> {
    let rows = sqlx::query!(
        "select d.deposit_id, d.payee, d.benefit, d.minor, d.currency, r.not_before, r.ask, r.version
         from holding.release_due r join holding.deposit d using (deposit_id) join holding.deposit_state s using (deposit_id)
         where s.state = 'posted' and r.not_before <= case when r.ask then $1::date else $2::date end
         order by d.deposit_id limit $3",
        today.to_sqlx() as _,
        near.to_sqlx() as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Due {
                deposit: row.deposit_id,
                payee: row.payee,
                benefit: row.benefit.as_deref().map(BenefitCode::parse).transpose().map_err(|_| Fault::Stored("benefit"))?,
                amount: money(row.minor, &row.currency)?,
                not_before: row.not_before.to_jiff(),
                ask: row.ask,
                version: row.version,
            })
        })
        .collect()
}

/// What was read of these is worked; what has been told of the deposits since stands.
pub(crate) async fn worked<'d>(conn: &mut PgConnection, due: impl Iterator<Item = &'d Due>) -> Result<(), sqlx::Error> {
    let (deposits, versions): (Vec<i64>, Vec<i64>) = due.map(|due| (due.deposit, due.version)).unzip();
    sqlx::query!(
        "delete from holding.release_due r using unnest($1::bigint[], $2::bigint[]) as u (deposit_id, version)
         where r.deposit_id = u.deposit_id and r.version = u.version",
        &deposits,
        &versions,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// These are due no longer.
pub(crate) async fn remove(conn: &mut PgConnection, deposits: &[i64]) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from holding.release_due where deposit_id = any($1::bigint[])", deposits).execute(conn).await?;
    Ok(())
}
