//! Forgetting what was kept for the repetition of calls, once its time is over.

use async_trait::async_trait;

use crate::database::Database;
use crate::driver::{Progress, Room, RoomError};
use crate::idempotency;

/// Answers forgotten in one step.
const ANSWERS_A_STEP: i64 = 1_000;

/// The room that forgets one house's kept answers: some now and then, for the database to stay small.
#[derive(Debug)]
pub struct ForgetAnswers {
    name: &'static str,
    schema: &'static str,
    database: Database,
}

impl ForgetAnswers {
    /// The room `name` of the house with this schema.
    #[must_use]
    pub fn new(name: &'static str, schema: &'static str, database: Database) -> Self {
        Self { name, schema, database }
    }
}

#[async_trait]
impl Room for ForgetAnswers {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        let schema = self.schema;
        let forgotten = self
            .database
            .transaction(self.name, async |mut tx| idempotency::purge(&mut tx, schema, ANSWERS_A_STEP).await)
            .await?;
        Ok(if forgotten == 0 { Progress::Idle } else { Progress::Worked(forgotten) })
    }
}
