//! Reserves deposits: money that is on its way to the holding account.

use std::collections::{HashMap, HashSet};

use contracts::{
    Context, IdempotencyKey, ItemResult, Problem, ProblemCode,
    holding::{DepositAnswer, DepositRequest, DepositState, MAX_ITEMS},
};
use platform::fault::Fault;
use platform::legs::LegColumns;
use platform::limits::check_count;
use primitives::{DepositRef, LegRef};
use sqlx::PgConnection;

use crate::{
    house::House,
    permission::require_house,
    store::{
        deposit::{self as store, Kept, NewDeposit},
        ledger, voided_leg,
    },
};

/// Reserves one deposit per leg. A leg that has one keeps it; in wind-down mode no new ones are taken.
pub(crate) async fn reserve(
    house: &House, context: &Context, key: &IdempotencyKey, requests: Vec<DepositRequest>,
) -> Result<DepositAnswer, Fault> {
    require_house(context)?;
    check_count(requests.len(), MAX_ITEMS, "input")?;
    let once = house.answers.call_with(context, "reserve", key, &requests)?;
    let checks = check(house, &requests);
    let payees: Vec<Vec<u8>> = requests.iter().map(|request| house.vault.seal(&request.payee)).collect();
    house
        .database
        .transaction("holding.reserve", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let deposits = keep(house, &mut tx, &requests, &payees, &checks).await?;
            once.remember(&mut tx, DepositAnswer { account: house.settings.account.clone(), deposits }).await
        })
        .await
}

/// What is wrong with each request by itself.
fn check(house: &House, requests: &[DepositRequest]) -> Vec<Option<Problem>> {
    let mut legs = HashSet::new();
    requests
        .iter()
        .map(|request| {
            if !legs.insert(request.leg) {
                Some(leg_twice())
            } else if !request.amount.is_positive() {
                Some(not_positive())
            } else if request.amount.currency() != house.settings.currency {
                Some(other_currency(house))
            } else {
                None
            }
        })
        .collect()
}

async fn keep(
    house: &House, tx: &mut PgConnection, requests: &[DepositRequest], payees: &[Vec<u8>], checks: &[Option<Problem>],
) -> Result<Vec<ItemResult<DepositRef>>, Fault> {
    let legs: LegColumns = requests.iter().map(|request| request.leg).collect();
    legs.lock_slices(tx, "holding").await?;
    let gone = voided_leg::among(tx, &legs).await?;
    if !house.settings.wind_down {
        let known: HashSet<LegRef> = store::of_legs(tx, &legs).await?.into_iter().map(|kept| kept.leg).collect();
        let wanted: Vec<NewDeposit<'_>> = requests
            .iter()
            .zip(payees)
            .zip(checks)
            .filter(|((request, _), problem)| problem.is_none() && !known.contains(&request.leg) && !gone.contains(&request.leg))
            .map(|((request, payee), _)| new_deposit(request, payee))
            .collect();
        insert(house, tx, &wanted).await?;
    }
    // Read after writing, so that deposits made by a call at the same time are compared like those made before.
    let kept: HashMap<LegRef, Kept> = store::of_legs(tx, &legs).await?.into_iter().map(|kept| (kept.leg, kept)).collect();
    Ok(requests
        .iter()
        .zip(payees)
        .zip(checks)
        .map(|((request, payee), problem)| match problem {
            Some(problem) => Err(problem.clone()),
            None if gone.contains(&request.leg) => Err(voided()),
            None => compare(request, payee, kept.get(&request.leg)),
        })
        .collect())
}

fn new_deposit<'d>(request: &DepositRequest, payee: &'d [u8]) -> NewDeposit<'d> {
    NewDeposit {
        leg: request.leg,
        holder: request.holder,
        payee,
        payer: request.payer,
        benefit: request.benefit,
        amount: request.amount,
        on: request.on,
    }
}

async fn insert(house: &House, tx: &mut PgConnection, wanted: &[NewDeposit<'_>]) -> Result<(), Fault> {
    if wanted.is_empty() {
        return Ok(());
    }
    let now = house.clock.now();
    let by_leg: HashMap<LegRef, &NewDeposit<'_>> = wanted.iter().map(|deposit| (deposit.leg, deposit)).collect();
    let entries: Vec<_> = store::insert(tx, wanted, now)
        .await?
        .into_iter()
        .filter_map(|(leg, id)| by_leg.get(&leg).map(|deposit| (id, deposit.holder.get(), deposit.amount.minor())))
        .collect();
    ledger::expect_deposits(tx, house.settings.currency, &entries, now).await
}

/// The answer for one leg: the deposit it has, if it is the same.
fn compare(request: &DepositRequest, payee: &[u8], kept: Option<&Kept>) -> ItemResult<DepositRef> {
    let kept = kept.ok_or_else(winding_down)?;
    if kept.payee != payee || kept.amount != request.amount {
        return Err(another_deposit());
    }
    if matches!(kept.state, DepositState::Voided | DepositState::Reversed) {
        return Err(voided());
    }
    Ok(kept.deposit)
}

fn leg_twice() -> Problem {
    Problem::new(ProblemCode::InvalidInput, "Samme delbetaling står to gange i kaldet.", "The same leg stands twice in the call.")
        .in_field("leg")
}

fn not_positive() -> Problem {
    Problem::new(ProblemCode::InvalidInput, "Beløbet skal være større end nul.", "The amount must be greater than zero.")
        .in_field("amount")
}

fn other_currency(house: &House) -> Problem {
    let code = house.settings.currency.code().to_owned();
    Problem::new(
        ProblemCode::InvalidInput,
        format!("Ventekontoen modtager kun {code}."),
        format!("The holding account takes {code} only."),
    )
    .in_field("amount")
}

fn winding_down() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Ventekontoen er under afvikling og modtager ikke nye indbetalinger.",
        "The holding account is being wound down and takes no new deposits.",
    )
}

fn another_deposit() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Delbetalingen har allerede en indbetaling med en anden modtager eller et andet beløb.",
        "The leg already has a deposit with another payee or amount.",
    )
    .in_field("leg")
}

fn voided() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Delbetalingens indbetaling er annulleret; en ny betaling er en ny delbetaling.",
        "The deposit of the leg was voided; a new payment is a new leg.",
    )
    .in_field("leg")
}
