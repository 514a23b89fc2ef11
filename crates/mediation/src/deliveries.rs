//! Deliveries of a payer, with what was wrong with them.

use contracts::mediation::{DeliveryQuery, DeliverySummary};
use contracts::{Context, Problem, ProblemCode};

use crate::house::House;
use crate::reach;
use crate::store;

/// The deliveries of a payer, newest first. They name no persons, so seeing them is not logged.
///
/// # Errors
/// `INVALID_INPUT` for a limit out of range, `FORBIDDEN` for another's deliveries, `UNAVAILABLE`.
pub(crate) async fn deliveries(house: &House, context: &Context, query: DeliveryQuery) -> Result<Vec<DeliverySummary>, Problem> {
    reach::of_payer(context, Some(query.payer))?;
    if !(1..=500).contains(&query.limit) {
        let (da, en) = ("Der kan vises 1 til 500 leverancer.", "1 to 500 deliveries can be shown.");
        return Err(Problem::new(ProblemCode::InvalidInput, da, en).in_field("limit"));
    }
    Ok(store::delivery_list::newest(house.database.pool(), query.payer, i64::from(query.limit)).await?)
}
