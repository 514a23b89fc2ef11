//! Takes the recovery authority's marker list (*KundeListe*) and answers per customer (*KundeListeSvar*).

use contracts::{
    Context, IdempotencyKey, ItemResult, Problem, ProblemCode,
    setoff::{MAX_ITEMS, MarkerChange},
};
use platform::fault::Fault;
use platform::limits::check_count;
use sqlx::PgConnection;

use crate::{
    changes,
    house::House,
    marker,
    permission::require_recovery_authority,
    store::marker::{self as store, AcceptedChange},
};

/// Applies the changes in their order; a removal of what is not there is refused, the others take effect.
pub(crate) async fn put_markers(
    house: &House, context: &Context, key: &IdempotencyKey, markers: Vec<MarkerChange>,
) -> Result<Vec<ItemResult<()>>, Fault> {
    require_recovery_authority(context)?;
    check_count(markers.len(), MAX_ITEMS, "input")?;
    let once = house.answers.call_with(context, "put-markers", key, &markers)?;
    let vault = house.vault.clone();
    let customers: Vec<Vec<u8>> = markers.iter().map(|change| vault.seal(&change.identifier)).collect();
    let by = context.actor.label();
    house
        .database
        .transaction("setoff.put_markers", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let answer = change_list(house, &mut tx, &markers, &customers, &by).await?;
            let log = [changes::list(&markers, &answer, context)?];
            house.log.append(&mut tx, context, "put-markers", house.clock.now(), &log).await?;
            once.remember(&mut tx, answer).await
        })
        .await
}

async fn change_list(
    house: &House, tx: &mut PgConnection, changes: &[MarkerChange], customers: &[Vec<u8>], by: &str,
) -> Result<Vec<ItemResult<()>>, Fault> {
    store::lock_list(tx).await?;
    let mut markers = store::load(tx, customers).await?;
    let versions = store::version_numbers(tx, changes.len()).await?;
    let mut accepted = Vec::with_capacity(changes.len());
    let mut results = Vec::with_capacity(changes.len());
    for ((change, customer), version) in changes.iter().zip(customers).zip(versions) {
        let list = markers.entry(customer.clone()).or_default();
        if marker::apply(list, change, version) {
            accepted.push(AcceptedChange { customer: customer.clone(), version, change });
            results.push(Ok(()));
        } else {
            results.push(Err(nothing_to_remove()));
        }
    }
    store::record(tx, &accepted, house.clock.now(), by).await?;
    store::replace(tx, &markers).await?;
    Ok(results)
}

fn nothing_to_remove() -> Problem {
    Problem::new(
        ProblemCode::NotFound,
        "Kunden har ingen markering af den art fra den dag.",
        "The customer has no marker of that scope from that day.",
    )
    .in_field("scope")
}
