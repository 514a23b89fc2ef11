//! Records which functions cannot be held together. What was granted before stays; the rule counts for what is granted from now on.

use contracts::{Context, IdempotencyKey, ItemResult, parties::FunctionConflict};
use platform::fault::Fault;
use platform::limits::check_count;

use crate::{
    changes::{self, change},
    checks::check_conflict,
    house::House,
    limits::MAX_CHANGES,
    record::Recorded,
    rights, store,
};

/// Records each rule, or says why not.
pub(crate) async fn record_conflicts(
    house: &House, context: &Context, key: &IdempotencyKey, conflicts: &[FunctionConflict],
) -> Result<Vec<ItemResult<()>>, Fault> {
    rights::require_operator(context)?;
    check_count(conflicts.len(), MAX_CHANGES, "input")?;
    let once = house.answers.call_with(context, "record-conflicts", key, &conflicts)?;
    house
        .database
        .transaction("parties.record_conflicts", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let recorded = Recorded { at: house.clock.now(), by: context.actor.label(), proposal: None };
            let mut results: Vec<ItemResult<()>> = Vec::with_capacity(conflicts.len());
            let mut log = Vec::new();
            for conflict in conflicts {
                let result = check_conflict(conflict);
                if result.is_ok() {
                    store::conflict::insert(&mut tx, conflict, &recorded).await?;
                    let (one, other) = store::conflict::in_order(conflict.one, conflict.other);
                    log.push(change(changes::conflict(one, other), None, Some(conflict), &conflict.why)?);
                }
                results.push(result);
            }
            house.log.append(&mut tx, context, "record-conflicts", recorded.at, &log).await?;
            once.remember(&mut tx, results).await
        })
        .await
}
