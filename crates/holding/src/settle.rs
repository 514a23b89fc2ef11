//! Posts and voids reserved deposits: the bank has executed the payment, or it was stopped or rejected.

use std::collections::HashMap;

use contracts::holding::MAX_ITEMS;
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use platform::fault::Fault;
use platform::legs::LegColumns;
use platform::limits::check_count;
use primitives::{DepositRef, LegRef};
use sqlx::PgConnection;

use crate::{
    deposit::Settlement,
    house::House,
    permission::require_house,
    store::{
        deposit::{self as store, Kept},
        due,
        ledger::{self, Ending},
        voided_leg,
    },
};

/// Settles the deposits of the legs. One that was settled so before is answered as if it were now; one settled the other way is a conflict.
/// Whoever has a deposit posted may have got an account since it was reserved, so the register is to be asked. A leg that is voided without
/// a deposit never gets one: a reservation of it may be on its way.
pub(crate) async fn settle(
    house: &House, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>, settlement: Settlement,
) -> Result<Vec<ItemResult<DepositRef>>, Fault> {
    require_house(context)?;
    check_count(legs.len(), MAX_ITEMS, "input")?;
    let operation = match settlement {
        Settlement::Posted => "post",
        Settlement::Voided => "void",
    };
    let once = house.answers.call_with(context, operation, key, &legs)?;
    let columns: LegColumns = legs.iter().copied().collect();
    house
        .database
        .transaction("holding.settle", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            change(house, &mut tx, &columns, settlement).await?;
            let kept = store::of_legs(&mut tx, &columns).await?;
            once.remember(&mut tx, results(&legs, settlement, kept)).await
        })
        .await
}

async fn change(house: &House, tx: &mut PgConnection, legs: &LegColumns, settlement: Settlement) -> Result<(), Fault> {
    let now = house.clock.now();
    if settlement == Settlement::Voided {
        legs.lock_slices(tx, "holding").await?;
        voided_leg::keep(tx, legs, now).await?;
    }
    let settled = store::settle(tx, legs, settlement.state(), now).await?;
    match settlement {
        Settlement::Posted => {
            ledger::end_deposits(tx, &settled, Ending::Posted, now).await?;
            due::ask_about(tx, &settled, house.clock.today()).await?;
        }
        Settlement::Voided => {
            ledger::end_deposits(tx, &settled, Ending::Voided, now).await?;
            due::remove(tx, &settled).await?;
        }
    }
    Ok(())
}

fn results(legs: &[LegRef], settlement: Settlement, kept: Vec<Kept>) -> Vec<ItemResult<DepositRef>> {
    let by_leg: HashMap<LegRef, Kept> = kept.into_iter().map(|kept| (kept.leg, kept)).collect();
    legs.iter()
        .map(|leg| match by_leg.get(leg) {
            None => Err(not_reserved()),
            Some(kept) if settlement.is_reached(kept.state) => Ok(kept.deposit),
            Some(_) => Err(settled_otherwise()),
        })
        .collect()
}

fn not_reserved() -> Problem {
    Problem::new(ProblemCode::NotFound, "Delbetalingen har ingen indbetaling.", "The leg has no deposit.")
}

fn settled_otherwise() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Indbetalingen er allerede afsluttet med det modsatte udfald.",
        "The deposit has already been settled with the opposite outcome.",
    )
}
