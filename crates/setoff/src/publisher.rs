//! The room that gives written advices their position in the feed.

use async_trait::async_trait;
use platform::{
    database::Transaction,
    driver::{Progress, Room, RoomError},
    feed,
};

use crate::house::House;

/// How many advices get their position in one transaction.
const BATCH: i64 = 5_000;

/// Publishes advices after they are committed, so that their positions are gapless.
#[derive(Debug)]
pub struct Publisher(House);

impl Publisher {
    /// The publisher of this house.
    pub fn new(house: House) -> Self {
        Self(house)
    }
}

#[async_trait]
impl Room for Publisher {
    fn name(&self) -> &'static str {
        "setoff.publish"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        let publish = async |mut tx: Transaction| feed::publish(&mut tx, "setoff", BATCH).await;
        let publishing = self.0.database.transaction("setoff.publish", publish);
        let published = publishing.await?;
        Ok(if published == 0 { Progress::Idle } else { Progress::Worked(published) })
    }
}
