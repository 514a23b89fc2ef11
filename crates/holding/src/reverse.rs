//! Reverses deposits: the money the bank had brought has left the state's account again, by the bank's return or a recall.

use std::collections::HashMap;

use contracts::holding::{DepositState, MAX_ITEMS};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use platform::fault::Fault;
use platform::legs::LegColumns;
use platform::limits::check_count;
use primitives::{DepositRef, LegRef};
use sqlx::PgConnection;

use crate::{
    changes,
    house::House,
    permission::require_house,
    store::{
        deposit::{self as store, Kept},
        due,
        ledger::{self, Ending},
        reversal,
    },
};

/// Reverses the deposits of the legs. One that is reserved is voided, one that is posted reversed; either is answered so again. Where its own
/// money is no longer there, because it has been released or is on its way, it is refused, and reversed should it come back.
pub(crate) async fn reverse(
    house: &House, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
) -> Result<Vec<ItemResult<DepositRef>>, Fault> {
    require_house(context)?;
    check_count(legs.len(), MAX_ITEMS, "input")?;
    let once = house.answers.call_with(context, "reverse", key, &legs)?;
    let columns: LegColumns = legs.iter().copied().collect();
    house
        .database
        .transaction("holding.reverse", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            change(house, &mut tx, context, &columns).await?;
            let kept = store::of_legs(&mut tx, &columns).await?;
            once.remember(&mut tx, results(&legs, kept)).await
        })
        .await
}

async fn change(house: &House, tx: &mut PgConnection, context: &Context, legs: &LegColumns) -> Result<(), Fault> {
    let now = house.clock.now();
    let deposits = reversal::lock(tx, legs).await?;
    let voided = store::move_state(tx, &deposits, DepositState::Reserved, DepositState::Voided, now).await?;
    ledger::end_deposits(tx, &voided, Ending::Voided, now).await?;
    due::remove(tx, &voided).await?;
    reversal::note(tx, &deposits, now).await?;
    let reversed = reversal::reverse_wanted(tx, &deposits, now).await?;
    let log = changes::taken(&reversed, DepositState::Reversed, context);
    Ok(house.log.append(tx, context, "reverse", now, &log).await?)
}

fn results(legs: &[LegRef], kept: Vec<Kept>) -> Vec<ItemResult<DepositRef>> {
    let by_leg: HashMap<LegRef, Kept> = kept.into_iter().map(|kept| (kept.leg, kept)).collect();
    legs.iter()
        .map(|leg| match by_leg.get(leg) {
            None => Err(not_reserved()),
            Some(kept) if matches!(kept.state, DepositState::Voided | DepositState::Reversed) => Ok(kept.deposit),
            Some(_) => Err(gone()),
        })
        .collect()
}

fn not_reserved() -> Problem {
    Problem::new(ProblemCode::NotFound, "Delbetalingen har ingen indbetaling.", "The leg has no deposit.")
}

fn gone() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Indbetalingen er udbetalt, under udbetaling eller overgået til statskassen.",
        "The deposit has been released, is being released, or has gone to the Treasury.",
    )
}
