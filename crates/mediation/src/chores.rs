//! What is due now and then.

use std::sync::Arc;

use platform::driver::Room;
use platform::forget_answers::ForgetAnswers;

use crate::house::House;

impl House {
    /// The rooms with work that is due now and then: kept answers are forgotten.
    #[must_use]
    pub fn chores(&self) -> Vec<Arc<dyn Room>> {
        vec![Arc::new(ForgetAnswers::new("mediation.forget_answers", "mediation", self.database.clone()))]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use contracts::IdempotencyKey;
    use contracts::mediation::Mediation;
    use platform::driver::Progress;

    use crate::Settings;
    use crate::testing::World;

    async fn after_a_call(settings: Settings) -> Progress {
        let world = World::with(settings).await;
        let context = world.house.context(None);
        world.house.stop(&context, &IdempotencyKey::new("nothing").unwrap(), Vec::new()).await.unwrap();
        world.house.chores()[0].step().await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn answers_are_forgotten_after_their_time() {
        assert_eq!(after_a_call(Settings::default()).await, Progress::Idle);
        let forgetful = Settings { keep_answers: Duration::ZERO, ..Settings::default() };
        assert_eq!(after_a_call(forgetful).await, Progress::Worked(1));
    }
}
