//! Submits ordered payments to mediation, as any payer does.

use contracts::{
    IdempotencyKey,
    mediation::{OrderBatch, PaymentOrder},
};
use platform::crash;
use platform::fault::Fault;
use primitives::PaymentRef;

use super::Release;
use crate::store::release::{self, Batch, Fate, Order};

/// The reference of an order's payment: unique for this payer, and what its payment is found by.
pub(super) fn end_to_end_id(order: i64) -> String {
    format!("HOLDING-{order}")
}

impl Release {
    /// Submits one batch; says how many of its orders have a result. Repeated after a crash, it is the same call under the same key.
    pub(super) async fn submit(&self) -> Result<u64, Fault> {
        let unsubmitted = release::unsubmitted(&mut *self.house.database.pool().acquire().await?).await?;
        let Some(batch) = unsubmitted else { return Ok(0) };
        let key = IdempotencyKey::new(format!("release-batch-{}", batch.id))?;
        let results = self.mediation.submit(&self.context()?, &key, self.order_batch(&batch)?).await?;
        platform::database::expect_rows(results.len() as u64, batch.orders.len(), "submitted orders")?;
        crash::point("holding.submit.called");
        let mut paid: Vec<(i64, PaymentRef)> = Vec::new();
        let mut refused: Vec<i64> = Vec::new();
        for (order, result) in batch.orders.iter().zip(results) {
            match result {
                Ok(payment) => paid.push((order.id, payment)),
                Err(problem) => {
                    tracing::warn!(order = order.id, problem = problem.code.as_str(), "a release was refused");
                    refused.push(order.id);
                }
            }
        }
        self.house
            .database
            .transaction("holding.submit_release", async |mut tx| {
                let now = self.house.clock.now();
                let noted = release::note_payments(&mut tx, &paid, now).await?;
                let ended = release::end(&mut tx, &refused, Fate::Failed, now).await?;
                Ok(noted + ended)
            })
            .await
    }

    fn order_batch(&self, batch: &Batch) -> Result<OrderBatch, Fault> {
        Ok(OrderBatch {
            payer: batch.payer,
            debtor_account: self.house.vault.open_account(&batch.debtor_account)?,
            on: batch.on,
            orders: batch.orders.iter().map(|order| self.payment_order(order)).collect::<Result<_, _>>()?,
        })
    }

    /// The benefit goes along, so that a payout that takes no part in set-off does not begin to by having waited.
    fn payment_order(&self, order: &Order) -> Result<PaymentOrder, Fault> {
        Ok(PaymentOrder {
            end_to_end_id: end_to_end_id(order.id),
            payee: self.house.vault.open(&order.payee)?,
            amount: order.amount,
            benefit: order.benefit,
            account: None,
            exempt_from_setoff: false,
            text: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::end_to_end_id;

    #[test]
    fn the_reference_fits_what_mediation_takes() {
        assert_eq!(end_to_end_id(i64::MAX).len(), 27);
        assert_eq!(end_to_end_id(7), "HOLDING-7");
    }
}
