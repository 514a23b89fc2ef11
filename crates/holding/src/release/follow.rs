//! Follows the register's feed: who has got an account, and who has become one with whom.

use contracts::register::{AccountPurpose, FeedAfter, RegisterEvent, RegisterFeedItem};
use jiff::civil::Date;
use platform::database::Transaction;
use platform::fault::Fault;
use primitives::{FeedPosition, HolderRef};
use sqlx::PgConnection;

use super::Release;
use crate::{
    house::House,
    store::{due, feed_cursor},
};

impl Release {
    /// Works the next facts; says how many there were. The position moves in the transaction of the work, so no fact is lost or worked twice.
    pub(super) async fn follow(&self) -> Result<u64, Fault> {
        let position = feed_cursor::position(&mut *self.house.database.pool().acquire().await?).await?;
        let after = FeedAfter { after: position, limit: u32::from(self.batch()) };
        let facts = self.register.feed(&self.context()?, after).await?;
        let Some(last) = facts.last() else { return Ok(0) };
        let last = last.position;
        let work = async |mut tx: Transaction| work(&self.house, &mut tx, &facts, position, last).await;
        self.house.database.transaction("holding.follow", work).await
    }
}

async fn work(
    house: &House, tx: &mut PgConnection, facts: &[RegisterFeedItem], from: FeedPosition, to: FeedPosition,
) -> Result<u64, Fault> {
    if !feed_cursor::advance(tx, from, to).await? {
        return Ok(0);
    }
    let mut accounts: Vec<(HolderRef, Date)> = Vec::new();
    let mut merged: Vec<HolderRef> = Vec::new();
    for fact in facts {
        match &fact.event {
            RegisterEvent::AccountDesignated { holder, purpose: AccountPurpose::NemKonto, effective_from, .. } => {
                accounts.push((*holder, *effective_from));
            }
            RegisterEvent::HolderMerged { from, into } => {
                feed_cursor::record_merge(tx, *from, *into, house.clock.now()).await?;
                merged.extend([*from, *into]);
            }
            // A release is an ordinary payment of this house: specific accounts are for other payers, and a payment to an account that has
            // ended is returned by mediation.
            RegisterEvent::AccountDesignated { purpose: AccountPurpose::Specific { .. }, .. }
            | RegisterEvent::AccountEnded { .. } => {}
            // The deposits were made under the holder's reference of their time; whose they are is for a person to say.
            RegisterEvent::HolderSplit { .. } => {}
        }
    }
    due::designated(tx, &accounts).await?;
    due::merged(tx, &merged, house.clock.today()).await?;
    Ok(facts.len() as u64)
}
