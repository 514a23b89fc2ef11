//! Asks mediation what became of submitted payments, and for a while whether released ones have come back.

use contracts::mediation::PaymentState;
use jiff::{SignedDuration, Timestamp};
use platform::fault::Fault;

use super::Release;
use crate::store::release::{self, Again, Submitted, Undone};

impl Release {
    /// Asks about payments without a final answer and about released ones that may come back; says of how many there is news.
    pub(super) async fn confirm(&self) -> Result<u64, Fault> {
        let now = self.house.clock.now();
        let at_first = i64::try_from(self.settings.ask_again_after.as_secs()).unwrap_or(i64::MAX);
        let asked =
            release::to_ask_about(&mut *self.house.database.pool().acquire().await?, now, at_first, self.batch().into()).await?;
        if asked.is_empty() {
            return Ok(0);
        }
        let payments = asked.iter().map(|submitted| submitted.payment).collect();
        let context = self.context()?;
        let states = self.mediation.states(&context, payments).await?;
        platform::database::expect_rows(states.len() as u64, asked.len(), "states of payments")?;
        let news = News::of(asked, states);
        let confirming = self.house.database.transaction("holding.confirm_release", async |mut tx| {
            let today = self.house.clock.today();
            release::note_asked(&mut tx, &news.nothing, now).await?;
            let told = release::released(&mut tx, &news.released, now, self.watched_until(now)).await?;
            let mut undone = Undone::default();
            undone += release::failed(&mut tx, &news.failed, Again::AfterAWhile, now, today).await?;
            undone += release::failed(&mut tx, &news.without_account, Again::WithAnAccount, now, today).await?;
            undone += release::returned(&mut tx, &news.returned, now, today).await?;
            self.log_reversed(&mut tx, &context, &undone).await?;
            Ok(told + undone.orders)
        });
        confirming.await
    }

    /// Until when a payment that is released now may come back.
    fn watched_until(&self, now: Timestamp) -> Timestamp {
        let watched = SignedDuration::try_from(self.settings.watch_returns).unwrap_or(SignedDuration::MAX);
        now.checked_add(watched).unwrap_or(Timestamp::MAX)
    }
}

/// What mediation's answer means for the orders that were asked about.
#[derive(Debug, Default, PartialEq, Eq)]
struct News {
    /// The payee's bank has the money.
    released: Vec<i64>,
    /// Rejected or stopped.
    failed: Vec<i64>,
    /// The payee has no account.
    without_account: Vec<i64>,
    /// Released, and come back.
    returned: Vec<i64>,
    /// Still under way, or still with the payee's bank.
    nothing: Vec<i64>,
}

impl News {
    fn of(asked: Vec<Submitted>, states: Vec<Option<PaymentState>>) -> Self {
        let mut news = Self::default();
        for (submitted, state) in asked.into_iter().zip(states) {
            news.list(submitted.released, state).push(submitted.order);
        }
        news
    }

    /// Where an order belongs.
    fn list(&mut self, released: bool, state: Option<PaymentState>) -> &mut Vec<i64> {
        use PaymentState::{Accepted, Allocated, Rejected, Returned, Sent, Stopped, Waiting};
        match state {
            Some(Accepted) if !released => &mut self.released,
            Some(Rejected | Stopped | Returned) if released => &mut self.returned,
            Some(Rejected | Stopped) => &mut self.failed,
            Some(Returned) => &mut self.without_account,
            Some(Accepted | Waiting | Allocated | Sent) | None => &mut self.nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::PaymentRef;

    #[test]
    fn a_state_means_another_thing_after_the_release() {
        use PaymentState::{Accepted, Rejected, Returned, Sent, Stopped};
        let states = [Some(Accepted), Some(Rejected), Some(Stopped), Some(Returned), Some(Sent), None];
        let asked = |released| {
            let submitted = |order| Submitted { order, payment: PaymentRef::new(1, 1), released };
            News::of((1..=6).map(submitted).collect(), states.to_vec())
        };
        let under_way =
            News { released: vec![1], failed: vec![2, 3], without_account: vec![4], nothing: vec![5, 6], ..News::default() };
        assert_eq!(asked(false), under_way);
        assert_eq!(asked(true), News { nothing: vec![1, 5, 6], returned: vec![2, 3, 4], ..News::default() });
    }
}
