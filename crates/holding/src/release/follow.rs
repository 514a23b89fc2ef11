//! Follows the register's feed: who has got an account, and who has become one with whom.

use contracts::ProblemCode;
use contracts::register::{AccountPurpose, FeedAfter, RegisterEvent, RegisterFeedItem};
use jiff::civil::Date;
use platform::database::Transaction;
use platform::fault::Fault;
use primitives::{FeedPosition, HolderRef};
use sqlx::PgConnection;

use super::Release;
use crate::{
    house::House,
    store::{
        due,
        feed_cursor::{self, Cursor},
    },
};

impl Release {
    /// Works the next facts; says how many there were. The position moves in the transaction of the work, so no fact is lost or worked twice.
    pub(super) async fn follow(&self) -> Result<u64, Fault> {
        let cursor = feed_cursor::read(&mut *self.house.database.pool().acquire().await?).await?;
        let Some(facts) = self.facts_after(cursor).await? else {
            return self.start_over(cursor).await;
        };
        let Some(last) = facts.last() else { return Ok(0) };
        let last = Cursor { position: last.position, epoch: last.epoch };
        let work = async |mut tx: Transaction| work(&self.house, &mut tx, &facts, cursor, last).await;
        self.house.database.transaction("holding.follow", work).await
    }

    /// The facts after the last one worked; `None` where the feed no longer has that one. It is read again with them: were only what follows
    /// it read, a register that was restored and has gone on since would look as if nothing had happened.
    async fn facts_after(&self, cursor: Cursor) -> Result<Option<Vec<RegisterFeedItem>>, Fault> {
        let known = cursor.position.get() > 0;
        let after = FeedPosition(cursor.position.get() - i64::from(known));
        let limit = u32::from(self.batch().max(2));
        let mut facts = match self.register.feed(&self.context()?, FeedAfter { after, limit }).await {
            Ok(facts) => facts,
            Err(problem) if known && problem.code == ProblemCode::Conflict => return Ok(None),
            Err(problem) => return Err(problem.into()),
        };
        if !known {
            return Ok(Some(facts));
        }
        let is_the_last = |fact: &RegisterFeedItem| (fact.position, fact.epoch) == (cursor.position, cursor.epoch);
        if !facts.first().is_some_and(is_the_last) {
            return Ok(None);
        }
        facts.remove(0);
        Ok(Some(facts))
    }

    /// Reads the feed anew from its beginning: a fact that is told twice changes nothing, or is asked about once more.
    async fn start_over(&self, cursor: Cursor) -> Result<u64, Fault> {
        tracing::warn!(
            position = cursor.position.get(),
            epoch = cursor.epoch,
            "the register was restored: its feed is read anew"
        );
        let beginning = Cursor { position: FeedPosition(0), ..cursor };
        let moved = feed_cursor::advance(&mut *self.house.database.pool().acquire().await?, cursor, beginning).await?;
        Ok(u64::from(moved))
    }
}

async fn work(house: &House, tx: &mut PgConnection, facts: &[RegisterFeedItem], from: Cursor, to: Cursor) -> Result<u64, Fault> {
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
