//! Stopping payments before they leave (return answer 5).
//!
//! A stop and the dispatch lock the same row, the disposal: whichever comes first decides. What has left, or has already gone back to the
//! payer, is too late to stop.

#[cfg(test)]
mod tests;

use contracts::mediation::{MAX_ITEMS, StopRequest, StopTarget, Stopped};
use contracts::{AccessResult, Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use platform::once::Once;
use sqlx::PgConnection;

use crate::changes;
use crate::error::Error;
use crate::house::House;
use crate::reach;
use crate::store;
use crate::store::stop::NewStop;

/// The longest reason.
const REASON_CHARACTERS: usize = 200;

/// Stops payments; each request gets its own answer.
///
/// # Errors
/// Of the whole call: `TOO_LARGE`, `FORBIDDEN` where a caseworker names another authority, `IDEMPOTENCY_MISMATCH`, `UNAVAILABLE`. Of a request:
/// `NOT_FOUND` for another payer's or no payment, `INVALID_INPUT` for its reason.
pub(crate) async fn stop(
    house: &House, context: &Context, key: &IdempotencyKey, stops: Vec<StopRequest>,
) -> Result<Vec<ItemResult<Stopped>>, Problem> {
    if stops.len() > MAX_ITEMS {
        return Err(Problem::new(ProblemCode::TooLarge, "For mange stop i ét kald.", "Too many stops in one call."));
    }
    for request in &stops {
        if let Err(problem) = reach::of_payer(context, Some(request.payer)) {
            log_stops(house, context, &stops, |_| AccessResult::Refused).await?;
            return Err(problem);
        }
    }
    let canonical = serde_json::to_vec(&stops).map_err(|_| Problem::unavailable())?;
    let once = house.answers.call(context, "stop", key, &canonical);
    let call = StopCall { house, context, caller: context.caller(), once, stops: &stops };
    let answers = call.carry_out().await?;
    // What was asked of a payment tells of it, whatever came of it: written down before it is told.
    log_stops(house, context, &stops, |place| if answers[place].is_ok() { AccessResult::Found } else { AccessResult::Refused })
        .await?;
    Ok(answers)
}

/// Records the stops of single payments for their payees. What a stop of a whole delivery is about is told in the change log.
async fn log_stops(
    house: &House, context: &Context, stops: &[StopRequest], result: impl Fn(usize) -> AccessResult,
) -> Result<(), Error> {
    for (place, request) in stops.iter().enumerate() {
        let StopTarget::Payment { payment } = request.target else { continue };
        let found = store::search::one(house.database.pool(), payment).await?;
        crate::search::log_payments(house, context, ("stop", result(place)), found.as_slice()).await?;
    }
    Ok(())
}

struct StopCall<'c> {
    house: &'c House,
    context: &'c Context,
    caller: String,
    once: Once,
    stops: &'c [StopRequest],
}

impl StopCall<'_> {
    async fn carry_out(&self) -> Result<Vec<ItemResult<Stopped>>, Error> {
        let stopped_at = self.house.clock.now();
        self.house
            .database
            .transaction("mediation.stop", async |mut tx| {
                if let Some(answer) = self.once.replay(&mut tx).await? {
                    return Ok(answer);
                }
                let mut answers = Vec::with_capacity(self.stops.len());
                for request in self.stops {
                    answers.push(self.stop_one(&mut tx, request, stopped_at).await?);
                }
                self.log(&mut tx, &answers, stopped_at).await?;
                Ok(self.once.remember(&mut tx, answers).await?)
            })
            .await
    }

    /// One statement for all stops of the call that were carried out.
    async fn log(&self, tx: &mut PgConnection, answers: &[ItemResult<Stopped>], at: Timestamp) -> Result<(), Error> {
        let carried_out = self.stops.iter().zip(answers).filter_map(|(request, answer)| Some((request, *answer.as_ref().ok()?)));
        let changes: Vec<_> = carried_out.map(|(request, stopped)| changes::stop(request, stopped)).collect();
        Ok(self.house.log.append(tx, self.context, "stop", at, &changes).await?)
    }

    async fn stop_one(
        &self, tx: &mut PgConnection, request: &StopRequest, stopped_at: Timestamp,
    ) -> Result<ItemResult<Stopped>, Error> {
        if !(1..=REASON_CHARACTERS).contains(&request.reason.chars().count()) {
            return Ok(Err(Problem::new(
                ProblemCode::InvalidInput,
                "Årsagen skal have 1 til 200 tegn.",
                "The reason must have 1 to 200 characters.",
            )
            .in_field("reason")));
        }
        let new = NewStop { requested_by: &self.caller, reason: &request.reason, stopped_at };
        let delivery = match request.target {
            StopTarget::Payment { payment } => store::stop::delivery_of(tx, payment, request.payer).await?,
            StopTarget::Delivery { delivery } => Some(delivery),
        };
        let Some(delivery) = delivery else { return Ok(Err(not_found())) };
        if !store::stop::lock(tx, delivery, request.payer).await? {
            return Ok(Err(not_found()));
        }
        let counts = match request.target {
            StopTarget::Payment { payment } => store::stop::stop_payment(tx, delivery, payment, &new).await?,
            StopTarget::Delivery { .. } => store::stop::stop_delivery(tx, delivery, &new).await?,
        };
        Ok(Ok(Stopped { stopped: counts.stopped, too_late: counts.too_late }))
    }
}

fn not_found() -> Problem {
    Problem::new(ProblemCode::NotFound, "Betalingen findes ikke.", "There is no such payment.")
}
