//! Posts and voids reservations: the bank has executed the redirect, or the payment was stopped or rejected.

use std::collections::{HashMap, HashSet};

use contracts::setoff::MAX_ITEMS;
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use platform::fault::Fault;
use platform::legs::LegColumns;
use platform::limits::check_count;
use primitives::{LegRef, ReservationRef};

use crate::{
    advices::{self, Told},
    house::House,
    permission::require_house,
    store::{
        reservation::{self as store, Outcome},
        voided_leg,
    },
};

/// Ends the reservations of the legs with the outcome. One that has ended so before is answered as if it ended now; one that ended the
/// other way is a conflict. An advice is written for each reservation that is posted. A leg that is voided without a reservation never gets
/// one: a match of it may be on its way.
pub(crate) async fn settle(
    house: &House, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>, outcome: Outcome,
) -> Result<Vec<ItemResult<ReservationRef>>, Fault> {
    require_house(context)?;
    check_count(legs.len(), MAX_ITEMS, "input")?;
    let operation = match outcome {
        Outcome::Posted => "post",
        Outcome::Voided => "void",
    };
    let once = house.answers.call_with(context, operation, key, &legs)?;
    let columns: LegColumns = legs.iter().copied().collect();
    house
        .database
        .transaction("setoff.settle", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let now = house.clock.now();
            if outcome == Outcome::Voided {
                columns.lock_slices(&mut tx, "setoff").await?;
                voided_leg::keep(&mut tx, &columns, now).await?;
            }
            let ended: HashSet<LegRef> = store::end(&mut tx, &columns, outcome, now).await?.into_iter().collect();
            if outcome == Outcome::Posted {
                advices::write(&mut tx, Told::Executed, &in_request_order(&legs, ended)).await?;
            }
            let endings = store::endings(&mut tx, &columns).await?;
            once.remember(&mut tx, results(legs.len(), outcome, endings)).await
        })
        .await
}

/// The legs that were ended now, in the order the caller gave them, each once.
pub(crate) fn in_request_order(legs: &[LegRef], mut ended: HashSet<LegRef>) -> Vec<LegRef> {
    legs.iter().copied().filter(|leg| ended.remove(leg)).collect()
}

fn results(
    count: usize, wanted: Outcome, endings: Vec<(usize, ReservationRef, Option<Outcome>)>,
) -> Vec<ItemResult<ReservationRef>> {
    let found: HashMap<usize, (ReservationRef, Option<Outcome>)> =
        endings.into_iter().map(|(place, reservation, outcome)| (place, (reservation, outcome))).collect();
    (0..count)
        .map(|place| match found.get(&place) {
            None => Err(not_reserved()),
            Some((reservation, Some(outcome))) if *outcome == wanted => Ok(*reservation),
            Some(_) => Err(ended_otherwise()),
        })
        .collect()
}

pub(crate) fn not_reserved() -> Problem {
    Problem::new(ProblemCode::NotFound, "Der er ingen reservation for delbetalingen.", "There is no reservation for the leg.")
}

fn ended_otherwise() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Reservationen er allerede afsluttet med det modsatte udfald.",
        "The reservation has already ended with the opposite outcome.",
    )
}
