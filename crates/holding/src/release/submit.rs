//! Submits ordered payments to mediation, as any payer does.

use contracts::{
    Context, IdempotencyKey, Problem, ProblemCode,
    mediation::{OrderBatch, PaymentOrder},
};
use platform::crash;
use platform::fault::Fault;
use primitives::PaymentRef;

use super::Release;
use crate::store::release::{self, Again, Batch, Order};

/// Whether the same batch would always be refused, and nothing of it has been taken: its payments must be ordered anew, for another day.
fn is_for_good(problem: &Problem) -> bool {
    matches!(problem.code, ProblemCode::InvalidInput | ProblemCode::NotFound | ProblemCode::TooLarge)
}

/// The reference of an order's payment: unique for this payer.
fn end_to_end_id(order: i64) -> String {
    format!("HOLDING-{order}")
}

/// How many batches are submitted at a time.
const BATCHES: i64 = 16;

impl Release {
    /// Submits batches; says how many of their orders have a result. Repeated after a crash, each is the same call under the same key. A
    /// batch that cannot be submitted keeps none of the others back.
    ///
    /// # Errors
    /// The first fault, when all the others have been tried.
    pub(super) async fn submit(&self) -> Result<u64, Fault> {
        let batches = release::unsubmitted(&mut *self.house.database.pool().acquire().await?, BATCHES).await?;
        let (mut done, mut fault) = (0, None);
        for id in batches {
            match self.submit_batch(id).await {
                Ok(results) => done += results,
                Err(failure) => {
                    tracing::warn!(batch = id, problem = %failure, "a batch of releases could not be submitted");
                    fault = fault.or(Some(failure));
                }
            }
        }
        fault.map_or(Ok(done), Err)
    }

    async fn submit_batch(&self, id: i64) -> Result<u64, Fault> {
        let batch = release::batch(&mut *self.house.database.pool().acquire().await?, id).await?;
        let batch = batch.ok_or(Fault::Stored("release batch"))?;
        let key = IdempotencyKey::new(format!("release-batch-{}", batch.id))?;
        let context = self.context()?;
        let submitted = self.mediation.submit(&context, &key, self.order_batch(&batch)?).await;
        let (mut paid, mut refused): (Vec<(i64, PaymentRef)>, Vec<i64>) = (Vec::new(), Vec::new());
        match submitted {
            Ok(results) => {
                crash::point("holding.submit.called");
                platform::database::expect_rows(results.len() as u64, batch.orders.len(), "submitted orders")?;
                for (order, result) in batch.orders.iter().zip(results) {
                    match result {
                        Ok(payment) => paid.push((order.id, payment)),
                        Err(problem) => {
                            tracing::warn!(order = order.id, problem = problem.code.as_str(), "a release was refused");
                            refused.push(order.id);
                        }
                    }
                }
            }
            Err(problem) if is_for_good(&problem) => {
                tracing::warn!(batch = batch.id, problem = problem.code.as_str(), "a batch of releases was refused");
                refused.extend(batch.orders.iter().map(|order| order.id));
            }
            Err(problem) => return Err(problem.into()),
        }
        self.note(&context, &paid, &refused).await
    }

    /// Notes what mediation has taken and what not.
    async fn note(&self, context: &Context, paid: &[(i64, PaymentRef)], refused: &[i64]) -> Result<u64, Fault> {
        self.house
            .database
            .transaction("holding.submit_release", async |mut tx| {
                let (now, today) = (self.house.clock.now(), self.house.clock.today());
                let noted = release::note_payments(&mut tx, paid, now).await?;
                let undone = release::failed(&mut tx, refused, Again::AfterAWhile, now, today).await?;
                self.log_reversed(&mut tx, context, &undone).await?;
                Ok(noted + undone.orders)
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
