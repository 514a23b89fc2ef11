//! Records mandates: powers of attorney and guardianships.

use contracts::{Context, IdempotencyKey, ItemResult, parties::NewMandate};
use platform::fault::Fault;
use platform::limits::check_count;
use uuid::Uuid;

use crate::{
    changes::{self, change},
    checks::check_mandate,
    house::House,
    limits::MAX_CHANGES,
    record::Recorded,
    rights, store,
};

/// Records each mandate, or says why not; answers their ids. Mandates come from registers and signed documents, so operators and other houses
/// record them.
pub(crate) async fn mandate(
    house: &House, context: &Context, key: &IdempotencyKey, mandates: &[NewMandate],
) -> Result<Vec<ItemResult<Uuid>>, Fault> {
    rights::require_recorder(context)?;
    check_count(mandates.len(), MAX_CHANGES, "input")?;
    let once = house.answers.call_with(context, "mandate", key, &mandates)?;
    house
        .database
        .transaction("parties.mandate", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let recorded = Recorded { at: house.clock.now(), by: context.actor.label(), proposal: None };
            let mut results: Vec<ItemResult<Uuid>> = Vec::with_capacity(mandates.len());
            let mut log = Vec::new();
            for new in mandates {
                if let Err(problem) = check_mandate(new) {
                    results.push(Err(problem));
                    continue;
                }
                let id = house.ids.uuid_v4();
                store::mandate::insert(&mut tx, &house.vault, id, new, &recorded).await?;
                log.push(change(changes::mandate(id), None, Some(new), &new.why)?);
                results.push(Ok(id));
            }
            house.log.append(&mut tx, context, "mandate", recorded.at, &log).await?;
            once.remember(&mut tx, results).await
        })
        .await
}
