//! Reverses redirects: the money has left the recovery authority's account again, by the bank's return or a recall.

use std::collections::{HashMap, HashSet};

use contracts::setoff::MAX_ITEMS;
use contracts::{Context, IdempotencyKey, ItemResult};
use platform::fault::Fault;
use platform::legs::LegColumns;
use platform::limits::check_count;
use primitives::{LegRef, ReservationRef};

use crate::{
    advices::{self, Told},
    house::House,
    permission::require_house,
    settle::{in_request_order, not_reserved},
    store::reservation::{self as store, Outcome},
};

/// Reverses the reservations of the legs. One that has not ended is voided; for one that is posted a contra-advice is written, once. Either is
/// answered so again.
pub(crate) async fn reverse(
    house: &House, context: &Context, key: &IdempotencyKey, legs: Vec<LegRef>,
) -> Result<Vec<ItemResult<ReservationRef>>, Fault> {
    require_house(context)?;
    check_count(legs.len(), MAX_ITEMS, "input")?;
    let once = house.answers.call_with(context, "reverse", key, &legs)?;
    let columns: LegColumns = legs.iter().copied().collect();
    house
        .database
        .transaction("setoff.reverse", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let now = house.clock.now();
            store::end(&mut tx, &columns, Outcome::Voided, now).await?;
            let reversed: HashSet<LegRef> = store::reverse(&mut tx, &columns, now).await?.into_iter().collect();
            advices::write(&mut tx, Told::Reversed, &in_request_order(&legs, reversed)).await?;
            let found: HashMap<usize, ReservationRef> = store::endings(&mut tx, &columns)
                .await?
                .into_iter()
                .map(|(place, reservation, _)| (place, reservation))
                .collect();
            let results = (0..legs.len()).map(|place| found.get(&place).copied().ok_or_else(not_reserved)).collect();
            once.remember(&mut tx, results).await
        })
        .await
}
