//! What nobody has claimed in time goes to the Treasury.

use std::collections::BTreeMap;

use contracts::{Context, Problem, ProblemCode, holding::DepositState};
use jiff::civil::Date;
use platform::fault::Fault;
use primitives::Money;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    changes,
    deposit::expired_until,
    house::House,
    store::{
        deposit as store, due,
        ledger::{self, Draw, Ending},
    },
};

/// What one call has moved to the Treasury's side of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// How many deposits.
    pub deposits: u64,
    /// How much, per currency.
    pub amounts: Vec<Money>,
}

pub(crate) async fn expire(house: &House, on: Date, limit: u32) -> Result<Expired, Fault> {
    let until = expired_until(on, house.settings.expiry_years).ok_or_else(no_such_day)?;
    let context = changes::ourselves("unclaimed in time", Uuid::nil())?;
    let expiring = house.database.transaction("holding.expire", async |mut tx| {
        let waiting = store::posted_until(&mut tx, until, i64::from(limit)).await?;
        move_to_treasury(house, &mut tx, waiting, &context).await
    });
    expiring.await
}

async fn move_to_treasury(
    house: &House, tx: &mut PgConnection, waiting: Vec<(i64, Money)>, context: &Context,
) -> Result<Expired, Fault> {
    let now = house.clock.now();
    let mut by_currency: BTreeMap<_, Vec<(i64, Money)>> = BTreeMap::new();
    for (deposit, amount) in waiting {
        by_currency.entry(amount.currency()).or_default().push((deposit, amount));
    }
    let mut expired = Expired::default();
    for (currency, deposits) in by_currency {
        let ids: Vec<i64> = deposits.iter().map(|(id, _)| *id).collect();
        let moved = store::move_state(tx, &ids, DepositState::Posted, DepositState::Expired, now).await?;
        platform::database::expect_rows(moved.len() as u64, ids.len(), "expired deposits")?;
        let transfers: Vec<i64> =
            ledger::draw(tx, currency, &ids, Draw::Expiry, now).await?.into_iter().map(|(_, transfer)| transfer).collect();
        ledger::end(tx, &transfers, Ending::Posted, now).await?;
        due::remove(tx, &ids).await?;
        let log = changes::taken(&ids, DepositState::Expired, context);
        house.log.append(tx, context, "expire", now, &log).await?;
        expired.deposits += ids.len() as u64;
        expired.amounts.push(ledger::total(currency, deposits.into_iter().map(|(_, amount)| amount))?);
    }
    Ok(expired)
}

fn no_such_day() -> Problem {
    Problem::new(ProblemCode::InvalidInput, "Dagen ligger uden for kalenderen.", "The day is outside the calendar.")
        .in_field("on")
}
