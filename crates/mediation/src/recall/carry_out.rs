//! Carrying a recall out: what has not left is stopped, what has is marked to be asked of the banks.

use primitives::{AgreementNumber, DataSupplierId, DeliveryId};
use sqlx::PgConnection;

use super::Recall;
use super::find::find;
use crate::changes;
use crate::error::Error;
use crate::house::House;
use crate::store;
use crate::store::recall::{NewRequest, Stopping};

/// On whose behalf a recall is carried out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claimant<'c> {
    pub payer: AgreementNumber,
    /// Whose deliveries it may speak of: those that may send for the payer.
    pub suppliers: &'c [DataSupplierId],
    /// Who sent it, as the access log has it.
    pub requested_by: &'c str,
}

/// Carries the recall of a delivery out, in the caller's transaction.
///
/// The disposals of all deliveries it speaks of are locked first, in order: a dispatch under way is waited for, and then it is too late.
pub(crate) async fn carry_out(
    house: &House, connection: &mut PgConnection, delivery: DeliveryId, recall: &Recall, claimant: Claimant<'_>,
) -> Result<(), Error> {
    let vault = &house.vault;
    let targets = find(connection, vault, claimant.payer, claimant.suppliers, &recall.requests).await?;
    let requests: Vec<NewRequest> = recall
        .requests
        .iter()
        .zip(&targets)
        .map(|(asked, target)| NewRequest {
            scope: asked.scope,
            names: vault.seal_recall_names(&asked.names.encode()),
            reason: asked.reason.clone(),
            target: *target,
        })
        .collect();
    store::recall::insert_requests(connection, delivery, &requests).await?;
    let mut deliveries: Vec<i64> = targets.iter().flatten().map(|target| target.delivery.get()).collect();
    deliveries.sort_unstable();
    deliveries.dedup();
    store::recall::lock(connection, &deliveries).await?;
    store::recall::insert_payments(connection, delivery).await?;
    let stopping =
        Stopping { requested_by: claimant.requested_by, stopped_at: house.clock.now(), asks_banks: house.settings.asks_banks };
    let to_ask = store::recall::stop(connection, delivery, stopping).await?;
    let change = changes::recall(delivery, claimant.requested_by, requests.len(), &deliveries, to_ask);
    house.log.append(connection, &house.context(Some(claimant.payer)), "recall", stopping.stopped_at, &[change]).await?;
    let case_id = recall.case_id.as_deref().map(|id| vault.seal_message_id(id));
    store::recall::insert(connection, delivery, case_id, to_ask).await
}
