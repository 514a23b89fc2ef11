//! What is due now and then.

use std::sync::Arc;

use async_trait::async_trait;
use platform::{
    driver::{Progress, Room, RoomError},
    forget_answers::ForgetAnswers,
};

use crate::house::House;

/// The most overdue reservations that are counted.
const MOST_COUNTED: u32 = 10_000;

impl House {
    /// The rooms with work that is due now and then: the operator is told of overdue reservations, and kept answers are forgotten.
    #[must_use]
    pub fn chores(&self) -> Vec<Arc<dyn Room>> {
        vec![
            Arc::new(WatchOverdue(self.clone())),
            Arc::new(ForgetAnswers::new("setoff.forget_answers", "setoff", self.database.clone())),
        ]
    }
}

/// Warns in the log as long as reservations wait beyond their time. It ends none of them: only the bank's answer can.
struct WatchOverdue(House);

#[async_trait]
impl Room for WatchOverdue {
    fn name(&self) -> &'static str {
        "setoff.overdue"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        let overdue = self.0.overdue(MOST_COUNTED).await?;
        if let Some(longest) = overdue.first() {
            let (leg, since) = (longest.leg, longest.since);
            tracing::warn!(reservations = overdue.len(), %leg, %since, "redirects wait for their bank's answer beyond their time");
        }
        Ok(Progress::Idle)
    }
}
