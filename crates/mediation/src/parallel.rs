//! Beside another system: a delivery sent to both is paid once.
//!
//! A MsgId of a payer is taken by one of the two. The row that says so has one key, so of a reading here and a note of the other system, however
//! they meet, the first decides, and the second is told: the payer by DU01, the other system by `taken_here`.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use contracts::mediation::{MAX_NOTED, TakenBy, TakenDelivery, TakenElsewhere};
use contracts::register::FeedAfter;
use contracts::{Actor, Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use platform::database::Transaction;
use platform::feed;

use crate::error::Error;
use crate::house::House;
use crate::store;

/// The longest MsgId (ISO 20022, Max35Text).
const LONGEST_ID: usize = 35;
/// The most deliveries one page may hold.
const LONGEST_PAGE: u32 = 10_000;
/// How many get their position in one transaction.
const PUBLISHED_AT_ONCE: i64 = 5_000;

/// Notes which deliveries the other system has taken; each gets its answer.
///
/// # Errors
/// Of the whole call: `FORBIDDEN` for others than operations and houses, `TOO_LARGE`, `IDEMPOTENCY_MISMATCH`, `UNAVAILABLE`. Of an item:
/// `INVALID_INPUT` for what is no MsgId.
pub(crate) async fn note_taken(
    house: &House, context: &Context, key: &IdempotencyKey, note: TakenElsewhere,
) -> Result<Vec<ItemResult<TakenBy>>, Problem> {
    check_actor(context)?;
    if note.message_ids.len() > MAX_NOTED {
        let (da, en) = (format!("Højst {MAX_NOTED} leverancer pr. kald."), format!("At most {MAX_NOTED} deliveries in a call."));
        return Err(Problem::new(ProblemCode::TooLarge, da, en).in_field("message_ids"));
    }
    let canonical = serde_json::to_vec(&note).map_err(|_| Problem::unavailable())?;
    let once = house.answers.call(context, "note-taken", key, &canonical);
    let (at, by) = (house.clock.now(), context.caller());
    let sealed: Vec<_> = note.message_ids.iter().map(|id| is_message_id(id).then(|| house.vault.seal_message_id(id))).collect();
    let good: Vec<Vec<u8>> = sealed.iter().flatten().cloned().collect();
    let noted = house.database.transaction("mediation.note_taken", async |mut tx| {
        if let Some(answer) = once.replay(&mut tx).await? {
            return Ok(answer);
        }
        store::taken::note(&mut tx, note.payer, &good, (at, &by)).await?;
        let here: HashSet<Vec<u8>> = store::taken::here(&mut tx, note.payer, &good).await?.into_iter().collect();
        let answer = |id: &Vec<u8>| if here.contains(id) { TakenBy::TakenHere } else { TakenBy::TakenElsewhere };
        let answers = sealed.iter().map(|id| id.as_ref().map(answer).ok_or_else(no_message_id)).collect();
        Ok::<_, Error>(once.remember(&mut tx, answers).await?)
    });
    Ok(noted.await?)
}

/// The deliveries this system has taken, of all payers, after a position.
///
/// # Errors
/// `FORBIDDEN`, `INVALID_INPUT` for a limit out of range, `CONFLICT` for a position a restore has lost, `UNAVAILABLE`.
pub(crate) async fn taken(house: &House, context: &Context, query: FeedAfter) -> Result<Vec<TakenDelivery>, Problem> {
    check_actor(context)?;
    if !(1..=LONGEST_PAGE).contains(&query.limit) {
        let (da, en) = ("Der kan hentes 1 til 10.000 leverancer.", "1 to 10,000 deliveries can be read.");
        return Err(Problem::new(ProblemCode::InvalidInput, da, en).in_field("limit"));
    }
    publish(house).await?;
    Ok(read(house, query).await?)
}

/// Gives what was taken its positions. It is done when somebody asks, since only then does anybody need them.
async fn publish(house: &House) -> Result<(), Error> {
    let publish = async |mut tx: Transaction| feed::publish(&mut tx, "mediation", PUBLISHED_AT_ONCE).await;
    while house.database.transaction("mediation.publish_taken", publish).await? > 0 {}
    Ok(())
}

async fn read(house: &House, query: FeedAfter) -> Result<Vec<TakenDelivery>, Error> {
    let mut connection = house.database.pool().acquire().await?;
    feed::check_cursor(&mut connection, "mediation", query.after).await?;
    let taken = store::taken::after(&mut connection, query.after, i64::from(query.limit)).await?;
    taken
        .into_iter()
        .map(|store::taken::Taken { item, delivery, payer, message_id }| {
            let message_id = house.vault.open_message_id(&message_id)?;
            let position = primitives::FeedPosition::new(item.position);
            Ok(TakenDelivery { position, epoch: item.epoch, at: item.recorded_at, payer, message_id, delivery })
        })
        .collect()
}

fn is_message_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.chars().count())
}

fn no_message_id() -> Problem {
    Problem::new(ProblemCode::InvalidInput, "Et MsgId har 1 til 35 tegn.", "A MsgId has 1 to 35 characters.")
        .in_field("message_ids")
}

/// Two systems are run side by side by operations.
fn check_actor(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::House { .. } | Actor::Operator { .. } => Ok(()),
        _ => Err(Problem::new(
            ProblemCode::Forbidden,
            "Kun driften afstemmer leverancer med et andet system.",
            "Only operations settle deliveries with another system.",
        )),
    }
}
