//! What is due now and then.

use std::sync::Arc;

use async_trait::async_trait;
use platform::{
    driver::{Progress, Room, RoomError},
    forget_answers::ForgetAnswers,
};

use crate::house::House;

/// How many deposits expire in one transaction.
const DEPOSITS_A_STEP: u32 = 1_000;

impl House {
    /// The rooms with work that is due now and then: what nobody has claimed in time goes to the Treasury, and kept answers are forgotten.
    #[must_use]
    pub fn chores(&self) -> Vec<Arc<dyn Room>> {
        vec![
            Arc::new(Expire(self.clone())),
            Arc::new(ForgetAnswers::new("holding.forget_answers", "holding", self.database.clone())),
        ]
    }
}

/// Moves deposits to the Treasury's side of the ledger when their years are over.
struct Expire(House);

#[async_trait]
impl Room for Expire {
    fn name(&self) -> &'static str {
        "holding.expire"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        let expired = self.0.expire(self.0.clock.today(), DEPOSITS_A_STEP).await?;
        if expired.deposits == 0 {
            return Ok(Progress::Idle);
        }
        let amounts: Vec<String> = expired.amounts.iter().map(ToString::to_string).collect();
        tracing::info!(deposits = expired.deposits, amounts = amounts.join(", "), "unclaimed deposits went to the Treasury");
        Ok(Progress::Worked(expired.deposits))
    }
}
