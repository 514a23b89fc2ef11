//! The register's background work: giving positions to facts, indexing the access log by person, merging that index,
//! forgetting kept answers in time, deleting holders that were not paid for years, and sending webhooks.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::Problem;
use platform::change_log::Chaining;
use platform::driver::{Progress, Room, RoomError};
use platform::idempotency;

use crate::House;
use crate::fault::Fault;
use crate::store::access::{self, Portion};

/// Facts given a position in one step.
const FACTS_A_STEP: u32 = 10_000;
/// Calls of the access log indexed in one step, as one run of the index.
const CALLS_A_STEP: u32 = 1_000;
/// Once a step has so many subjects it takes no further call; a call has at most 50,000 and their fallbacks.
const SUBJECTS_A_STEP: i64 = 50_000;
/// Kept answers forgotten in one step.
const ANSWERS_A_STEP: u32 = 1_000;
/// Holders deleted in one step.
const HOLDERS_A_STEP: u32 = 1_000;
/// Holders whose accounts are looked at in one step, whether their branch has moved.
const MOVING_A_STEP: u32 = 5_000;
/// Letters written in one step: each costs some ten milliseconds of hashing.
const LETTERS_A_STEP: u32 = 20;
/// Facts of the feed told to webhooks in one step.
const NEWS_A_STEP: u32 = 1_000;

impl House {
    /// Indexes at most `calls` calls of the access log by person; answers how many. What is not indexed yet is found by reading it. A step
    /// ends early when it has 50,000 subjects.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn index_accesses(&self, calls: u32) -> Result<u64, Problem> {
        let indexing = self.database.transaction("register.index_accesses", async |mut tx| {
            let portion = Portion { calls: i64::from(calls), subjects: SUBJECTS_A_STEP };
            Ok::<_, Fault>(access::index(&mut tx, portion).await?)
        });
        Ok(indexing.await?)
    }

    /// Merges runs of the index by person, once there are enough of them; answers how many entries were moved.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn merge_access_index(&self) -> Result<u64, Problem> {
        let merging = self
            .database
            .transaction("register.merge_access_index", async |mut tx| Ok::<_, Fault>(access::merge(&mut tx).await?));
        Ok(merging.await?)
    }

    /// Forgets at most `limit` answers that were kept long enough for repeated calls; answers how many.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn forget_answers(&self, limit: u32) -> Result<u64, Problem> {
        let forgetting = self.database.transaction("register.forget_answers", async |mut tx| {
            Ok::<_, Fault>(idempotency::purge(&mut tx, "register", i64::from(limit)).await?)
        });
        Ok(forgetting.await?)
    }

    /// The rooms to be driven.
    pub fn rooms(self: &Arc<Self>) -> Vec<Arc<dyn Room>> {
        let house = || Arc::clone(self);
        let mut rooms: Vec<Arc<dyn Room>> = vec![
            Arc::new(PublishFeed(house())),
            Arc::new(IndexAccesses(house())),
            Arc::new(MergeAccessIndex(house())),
            Arc::new(ForgetAnswers(house())),
            Arc::new(DeleteUnpaid(house())),
            Arc::new(WriteLetters(house())),
            Arc::new(MoveAccounts(house())),
            Arc::new(FollowChanges(house())),
            Arc::new(Chaining::new("register.chain", self.change_log.clone(), self.database.clone(), Arc::clone(&self.clock))),
        ];
        if self.webhooks.is_some() {
            rooms.push(Arc::new(TellWebhooks(house())));
            rooms.push(Arc::new(DeliverWebhooks(house())));
        }
        rooms
    }
}

struct PublishFeed(Arc<House>);
struct IndexAccesses(Arc<House>);
struct MergeAccessIndex(Arc<House>);
struct ForgetAnswers(Arc<House>);
struct DeleteUnpaid(Arc<House>);
struct WriteLetters(Arc<House>);
struct MoveAccounts(Arc<House>);
struct TellWebhooks(Arc<House>);
struct DeliverWebhooks(Arc<House>);
struct FollowChanges(Arc<House>);

#[async_trait]
impl Room for PublishFeed {
    fn name(&self) -> &'static str {
        "register.publish_feed"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(progress(self.0.publish_feed(FACTS_A_STEP).await?))
    }
}

#[async_trait]
impl Room for IndexAccesses {
    fn name(&self) -> &'static str {
        "register.index_accesses"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(progress(self.0.index_accesses(CALLS_A_STEP).await?))
    }
}

#[async_trait]
impl Room for MergeAccessIndex {
    fn name(&self) -> &'static str {
        "register.merge_access_index"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(progress(self.0.merge_access_index().await?))
    }
}

#[async_trait]
impl Room for ForgetAnswers {
    fn name(&self) -> &'static str {
        "register.forget_answers"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(progress(self.0.forget_answers(ANSWERS_A_STEP).await?))
    }
}

#[async_trait]
impl Room for DeleteUnpaid {
    fn name(&self) -> &'static str {
        "register.delete_unpaid"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(progress(self.0.delete_unpaid(HOLDERS_A_STEP).await?))
    }
}

#[async_trait]
impl Room for WriteLetters {
    fn name(&self) -> &'static str {
        "register.write_letters"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(progress(self.0.write_letters(LETTERS_A_STEP).await?))
    }
}

#[async_trait]
impl Room for MoveAccounts {
    fn name(&self) -> &'static str {
        "register.move_accounts"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(progress(self.0.move_accounts(MOVING_A_STEP).await?))
    }
}

#[async_trait]
impl Room for TellWebhooks {
    fn name(&self) -> &'static str {
        "register.tell_webhooks"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(progress(self.0.tell_webhooks(NEWS_A_STEP).await?))
    }
}

#[async_trait]
impl Room for DeliverWebhooks {
    fn name(&self) -> &'static str {
        "register.deliver_webhooks"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(progress(self.0.deliver_webhooks().await?))
    }
}

#[async_trait]
impl Room for FollowChanges {
    fn name(&self) -> &'static str {
        "register.follow_changes"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(progress(self.0.follow_changes().await?))
    }
}

fn progress(done: u64) -> Progress {
    if done == 0 { Progress::Idle } else { Progress::Worked(done) }
}
