//! Asks mediation what became of submitted payments.

use contracts::mediation::{PaymentSearch, PaymentState};
use jiff::SignedDuration;
use platform::fault::Fault;
use primitives::AgreementNumber;

use super::{Release, submit::end_to_end_id};
use crate::store::release::{self, Fate};

impl Release {
    /// Asks about payments without a final answer; says how many have one now.
    pub(super) async fn confirm(&self) -> Result<u64, Fault> {
        let now = self.house.clock.now();
        let wait = SignedDuration::try_from(self.settings.ask_again_after).unwrap_or(SignedDuration::MAX);
        let asked_before = now.checked_sub(wait).unwrap_or(jiff::Timestamp::MIN);
        let orders =
            release::unconfirmed(&mut *self.house.database.pool().acquire().await?, asked_before, self.batch().into()).await?;
        if orders.is_empty() {
            return Ok(0);
        }
        let (mut released, mut failed, mut open) = (Vec::new(), Vec::new(), Vec::new());
        for (order, payer) in orders {
            match self.state_of(order, payer).await?.and_then(fate) {
                Some(Fate::Released) => released.push(order),
                Some(Fate::Failed) => failed.push(order),
                None => open.push(order),
            }
        }
        let confirming = self.house.database.transaction("holding.confirm_release", async |mut tx| {
            release::note_asked(&mut tx, &open, now).await?;
            let ended = release::end(&mut tx, &released, Fate::Released, now).await?;
            let ended = ended + release::end(&mut tx, &failed, Fate::Failed, now).await?;
            Ok(ended)
        });
        confirming.await
    }

    async fn state_of(&self, order: i64, payer: AgreementNumber) -> Result<Option<PaymentState>, Fault> {
        let search =
            PaymentSearch { payer: Some(payer), end_to_end_id: Some(end_to_end_id(order)), limit: 1, ..PaymentSearch::default() };
        let page = self.mediation.search(&self.context()?, search).await?;
        Ok(page.payments.first().map(|payment| payment.state))
    }
}

/// What a payment's state means for its deposit; `None` while the payment is under way.
fn fate(state: PaymentState) -> Option<Fate> {
    match state {
        PaymentState::Accepted => Some(Fate::Released),
        PaymentState::Rejected | PaymentState::Returned | PaymentState::Stopped => Some(Fate::Failed),
        PaymentState::Waiting | PaymentState::Allocated | PaymentState::Sent => None,
    }
}
