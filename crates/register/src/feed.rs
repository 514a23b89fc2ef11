//! The register's facts for others, in order.

use contracts::register::{FeedAfter, RegisterFeedItem};
use contracts::{Context, Problem};
use platform::feed;
use primitives::FeedPosition;

use crate::House;
use crate::fault::Fault;
use crate::lookup::limit_out_of_range;
use crate::rights::check_not_self_service;

/// The most facts one call tells.
const FEED_LIMIT: u32 = 10_000;

impl House {
    /// Gives positions to at most `limit` facts that have none yet; answers how many. One publisher works at a time.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn publish_feed(&self, limit: u32) -> Result<u64, Problem> {
        let publishing = self.database.transaction("register.publish_feed", async |mut tx| {
            Ok::<_, Fault>(feed::publish(&mut tx, "register", i64::from(limit)).await?)
        });
        Ok(publishing.await?)
    }

    pub(crate) async fn feed_after(&self, context: &Context, after: FeedAfter) -> Result<Vec<RegisterFeedItem>, Problem> {
        check_not_self_service(context)?;
        if !(1..=FEED_LIMIT).contains(&after.limit) {
            return Err(limit_out_of_range(FEED_LIMIT));
        }
        let items = self.read_feed(&after).await?;
        if items.len() == after.limit as usize {
            return Ok(items);
        }
        // A reader that has caught up does not wait for the publisher's next round.
        self.publish_feed(after.limit).await?;
        Ok(self.read_feed(&after).await?)
    }

    async fn read_feed(&self, after: &FeedAfter) -> Result<Vec<RegisterFeedItem>, Fault> {
        let vault = self.vault.clone();
        let mut conn = self.database.pool().acquire().await?;
        feed::check_cursor(&mut conn, "register", after.after).await?;
        let items = feed::read(&mut conn, "register", after.after, i64::from(after.limit)).await?;
        items
            .into_iter()
            .map(|item| {
                Ok(RegisterFeedItem {
                    position: FeedPosition(item.position),
                    epoch: item.epoch,
                    at: item.recorded_at,
                    event: vault.open_event(&item.payload)?,
                })
            })
            .collect()
    }
}
