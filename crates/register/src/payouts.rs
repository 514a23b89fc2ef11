//! When holders were paid last, and the deletion of those that have not been paid for years.

use std::collections::HashSet;

use contracts::register::{HolderStatus, LastPayout};
use contracts::{Context, IdempotencyKey, ItemResult, Problem};
use jiff::{Timestamp, ToSpan};
use primitives::{HolderRef, copenhagen_date};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::changes;
use crate::day::check_day;
use crate::fact::{self, Facts};
use crate::fault::{Fault, check_size, unknown_holder};
use crate::keyed::{KeyedCall, Opened};
use crate::record_holders::Writes;
use crate::rights::check_population;
use crate::store::{self, head, payout};

/// The latest payout told is at most so many days old while payouts are told: public benefits are paid at least once a month. Chosen by us.
const NEWS_DAYS: i64 = 35;
/// Who deletes: a label.
const BY: &str = "register:end-rules";

impl House {
    pub(crate) async fn note_all_payouts(
        &self, context: &Context, key: &IdempotencyKey, payouts: Vec<LastPayout>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        check_size(payouts.len())?;
        check_population(context)?;
        let call = KeyedCall::new(self, context, "note-payouts", key, &payouts)?;
        let answer = self.database.transaction("register.note_payouts", async |mut tx| {
            if let Opened::Answered(answer) = call.open(&mut tx, self.clock.now()).await? {
                return Ok::<_, Fault>(answer);
            }
            let holders: Vec<Uuid> = payouts.iter().map(|payout| payout.holder.get()).collect();
            let known: HashSet<Uuid> = payout::known(&mut tx, &holders).await?.into_iter().collect();
            let check = |payout: &LastPayout| {
                check_day(payout.on, "on")?;
                if known.contains(&payout.holder.get()) { Ok(payout.holder) } else { Err(unknown_holder()) }
            };
            let answers: Vec<ItemResult<HolderRef>> = payouts.iter().map(check).collect();
            let good = payouts.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|(payout, _)| *payout);
            payout::note(&mut tx, &good.collect::<Vec<_>>()).await?;
            call.close(&mut tx, answers).await
        });
        Ok(answer.await?)
    }

    /// Deletes at most `limit` holders that were not paid for as long as the end rules say; answers how many. Nobody is deleted while no payouts
    /// are told: whoever is paid without its being told would seem to be unpaid.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn delete_unpaid(&self, limit: u32) -> Result<u64, Problem> {
        let deleting = self.database.transaction("register.delete_unpaid", async |mut tx| {
            let today = copenhagen_date(self.clock.now());
            // Where nobody tells of payouts any more, nobody is known to be unpaid.
            if payout::latest(&mut tx).await? < Some(today.saturating_sub(NEWS_DAYS.days())) {
                return Ok::<_, Fault>(0);
            }
            let oldest = self.settings.end_rules.oldest_payout(today);
            if payout::unpaid_since(&mut tx, oldest, 1).await?.is_empty() {
                return Ok(0);
            }
            let at = head::advance(&mut tx, self.clock.now()).await?;
            let holders = payout::unpaid_since(&mut tx, oldest, i64::from(limit)).await?;
            let writes = delete(&mut tx, &holders, (at, BY)).await?;
            payout::mark_deleted(&mut tx, &holders).await?;
            let changes = writes.changes(&self.vault, BY)?;
            self.log_changes(&mut tx, &changes::ourselves("not paid for years")?, "delete-unpaid", at, changes).await?;
            Ok(holders.len() as u64)
        });
        Ok(deleting.await?)
    }
}

async fn delete(conn: &mut PgConnection, holders: &[Uuid], stamp: (Timestamp, &str)) -> Result<Writes, Fault> {
    let dossiers = store::dossier::load(conn, holders.iter().copied().map(HolderRef)).await?;
    let today = copenhagen_date(stamp.0);
    let mut writes = Writes::default();
    for dossier in dossiers.into_values() {
        let Some(last) = dossier.latest_facts() else { continue };
        let facts = Facts { status: HolderStatus::Deleted, ..last.clone() };
        let revision = fact::revise(&dossier.facts, &facts, Some(today), today, stamp);
        // A holder that has become part of another has no numbers left, and nothing to delete.
        if last.status != HolderStatus::Deleted && !dossier.numbers.is_empty() {
            writes.change(dossier, revision);
        }
    }
    writes.write(conn, stamp.0).await?;
    Ok(writes)
}
