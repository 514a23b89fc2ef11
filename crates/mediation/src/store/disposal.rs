//! Disposals: all payments of a delivery that are to be at disposal on one day.

use std::collections::BTreeMap;

use iso20022::ChargeBearer;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::lease::LeaseTerms;
use primitives::{Account, AgreementNumber, BankCode, Currency, DeliveryId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::batch::{DueGroup, GroupPlace, Stopped};
use crate::error::Error;
use crate::leg::Route;
use crate::terms::BlockTerms;
use crate::vault::Vault;

/// A disposal this worker has claimed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimedDisposal {
    pub delivery: DeliveryId,
    pub due: Date,
    pub payer: AgreementNumber,
    pub lease_token: i64,
}

/// Claims the open disposal that is due first, no later than `until`, and whose payments all have their legs.
pub(crate) async fn claim(pool: &PgPool, until: Date, holder: Uuid, lease: LeaseTerms) -> Result<Option<ClaimedDisposal>, Error> {
    let row = sqlx::query!(
        "with open as materialized (
              select o.delivery_id, o.due_date from mediation.disposal o
              where o.state = 1 and o.due_date <= $1 and (o.lease_until is null or o.lease_until < now())
                and not exists (select from mediation.slice s
                                where s.delivery_id = o.delivery_id and s.due_date = o.due_date and s.state = 1)
              order by o.due_date, o.delivery_id limit 1 for update skip locked
         )
         update mediation.disposal d
         set lease_token = d.lease_token + 1, lease_holder = $2, lease_until = now() + $3::bigint * interval '1 millisecond'
         from open
         where d.delivery_id = open.delivery_id and d.due_date = open.due_date
         returning d.delivery_id, d.due_date, d.payer, d.lease_token",
        until.to_sqlx(),
        holder,
        lease.milliseconds(),
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        Ok(ClaimedDisposal {
            delivery: DeliveryId::new(row.delivery_id),
            due: row.due_date.to_jiff(),
            payer: AgreementNumber::parse(&row.payer).map_err(|_| Error::Corrupt("a disposal's payer"))?,
            lease_token: row.lease_token,
        })
    })
    .transpose()
}

/// Leaves the disposal alone for a while; not where a later claim was made or the work is done.
pub(crate) async fn put_off(pool: &PgPool, claimed: &ClaimedDisposal, pause: LeaseTerms) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update mediation.disposal set lease_until = now() + $4::bigint * interval '1 millisecond'
         where delivery_id = $1 and due_date = $2 and lease_token = $3 and state = 1",
        claimed.delivery.get(),
        claimed.due.to_sqlx(),
        claimed.lease_token,
        pause.milliseconds(),
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Locks the disposal until the end of the transaction: from here no payment of it can be stopped. The lock also keeps other workers away,
/// however long the work takes.
pub(crate) async fn lock(connection: &mut PgConnection, claimed: &ClaimedDisposal) -> Result<(), Error> {
    let locked = sqlx::query_scalar!(
        r#"select 1 as "one!" from mediation.disposal
           where delivery_id = $1 and due_date = $2 and lease_token = $3 and state = 1 for update"#,
        claimed.delivery.get(),
        claimed.due.to_sqlx(),
        claimed.lease_token,
    )
    .fetch_optional(connection)
    .await?;
    locked.map(|_| ()).ok_or(Error::LeaseLost)
}

/// The disposal has left. The token must still be the latest.
pub(crate) async fn finish(connection: &mut PgConnection, claimed: &ClaimedDisposal) -> Result<(), Error> {
    let done = sqlx::query!(
        "update mediation.disposal set state = 2, lease_until = null
         where delivery_id = $1 and due_date = $2 and lease_token = $3 and state = 1",
        claimed.delivery.get(),
        claimed.due.to_sqlx(),
        claimed.lease_token,
    )
    .execute(connection)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::LeaseLost) }
}

/// The groups of legs that are due.
pub(crate) async fn groups(connection: &mut PgConnection, delivery: DeliveryId, due: Date) -> Result<Vec<DueGroup>, Error> {
    let rows = sqlx::query!(
        "select g.slice_id, g.group_no, g.block_no, g.route, g.currency, g.execution_date, g.leg_count, g.sum_minor, b.bank
         from mediation.leg_group g
         join mediation.payment_block b on b.delivery_id = g.delivery_id and b.block_no = g.block_no
         where g.delivery_id = $1 and g.due_date = $2
         order by g.slice_id, g.group_no",
        delivery.get(),
        due.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DueGroup {
                slice: row.slice_id,
                number: row.group_no,
                block: row.block_no,
                bank: BankCode::parse(&row.bank).map_err(|_| Error::Corrupt("a bank's code"))?,
                route: Route::from_code(row.route)?,
                currency: Currency::parse(&row.currency).map_err(|_| Error::Corrupt("a currency"))?,
                execution_date: row.execution_date.to_jiff(),
                legs: i64::from(row.leg_count),
                sum_minor: row.sum_minor,
            })
        })
        .collect()
}

/// How much of each group was stopped. The disposal must be locked.
pub(crate) async fn stopped(
    connection: &mut PgConnection, delivery: DeliveryId, due: Date,
) -> Result<BTreeMap<GroupPlace, Stopped>, Error> {
    let rows = sqlx::query!(
        r#"select l.slice_id, l.group_no as "group_no!", count(*) as "legs!", sum(l.amount_minor)::bigint as "sum_minor!"
           from mediation.slice s
           join mediation.stop t on t.slice_id = s.slice_id
           join mediation.leg l on l.slice_id = t.slice_id and l.row_no = t.row_no
           where s.delivery_id = $1 and s.due_date = $2 and l.group_no is not null
           group by l.slice_id, l.group_no"#,
        delivery.get(),
        due.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| ((row.slice_id, row.group_no), Stopped { legs: row.legs, sum_minor: row.sum_minor })).collect())
}

/// What was reserved for stopped payments is to be voided.
pub(crate) async fn void_stopped(connection: &mut PgConnection, delivery: DeliveryId, due: Date) -> Result<(), Error> {
    sqlx::query!(
        "insert into mediation.reservation_task (slice_id, row_no, leg_no, house, action)
         select l.slice_id, l.row_no, l.leg_no, case l.destination when 2 then 1 else 2 end, 2
         from mediation.slice s
         join mediation.stop t on t.slice_id = s.slice_id
         join mediation.leg l on l.slice_id = t.slice_id and l.row_no = t.row_no
         where s.delivery_id = $1 and s.due_date = $2 and l.destination in (2, 3)",
        delivery.get(),
        due.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What of a payer's block its batches keep.
#[derive(Clone, Debug)]
pub(crate) struct DebtorSide {
    pub block: i32,
    pub account: Account,
    pub unit: Option<String>,
    pub batch_booking: Option<bool>,
    pub terms: BlockTerms,
    /// What few blocks have, as an opened [`Carry`](crate::payment::Carry).
    pub more: Option<Vec<u8>>,
}

/// The payer's side of a delivery's blocks.
pub(crate) async fn debtor_sides(
    connection: &mut PgConnection, vault: &Vault, delivery: DeliveryId,
) -> Result<Vec<DebtorSide>, Error> {
    let rows = sqlx::query!(
        "select block_no, debtor_account, unit, batch_booking, service_level, category_purpose, charge_bearer, more
         from mediation.payment_block where delivery_id = $1",
        delivery.get(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let account = vault.open_account(&row.debtor_account)?;
            let terms = BlockTerms {
                service_level: row.service_level,
                category_purpose: row.category_purpose,
                charge_bearer: row.charge_bearer.as_deref().and_then(ChargeBearer::parse),
            };
            let more = row.more.as_deref().map(|sealed| vault.open_carry(sealed)).transpose()?;
            Ok(DebtorSide { block: row.block_no, account, unit: row.unit, batch_booking: row.batch_booking, terms, more })
        })
        .collect()
}
