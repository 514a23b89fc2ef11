//! Dispatch: the only place where money leaves. The legs of a disposal become files for the payer's banks.
//!
//! Everything is one transaction, which holds the lock of the disposal from the moment the stops are counted: a stop comes before, or it
//! comes too late. The files' bytes are stored with it, and handed over only after it is committed ([`send`](crate::send)); so a crash
//! leaves either nothing or all of it.
//!
//! While the transaction stores the pieces of a file, the file's legs are read on a second connection and formatted on a thread of their
//! own; the three are joined by short queues, so that memory does not grow with the file.

mod creditor;
mod document;
mod facts;
mod legs;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use platform::crash;
use platform::driver::{Progress, Room, RoomError};
use primitives::{add_bank_days, next_bank_day};
use sqlx::PgConnection;
use tokio::sync::mpsc;

use crate::batch::FilePlan;
use crate::error::Error;
use crate::house::House;
use crate::put_off::{PutOff, or_put_off, pause};
use crate::store;
use crate::store::batch::NewBatch;
use crate::store::disposal::ClaimedDisposal;
use crate::store::file::{NewFile, Purpose};
pub(crate) use creditor::parse_instruction_id;
use document::Document;
use facts::Facts;
#[cfg(test)]
pub(crate) use facts::load as load_facts;

/// How many sealed pieces, and how many blocks of legs, may wait between the threads.
const IN_FLIGHT: usize = 4;

/// The room that writes bank files.
#[derive(Clone, Debug)]
pub(crate) struct DispatchRoom {
    /// The house it belongs to.
    pub house: House,
}

#[async_trait]
impl Room for DispatchRoom {
    fn name(&self) -> &'static str {
        "mediation.dispatch"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        dispatch_next(&self.house).await
    }
}

/// Dispatches the disposal that is due first.
async fn dispatch_next(house: &House) -> Result<Progress, RoomError> {
    let _share = house.connections.for_pair().await;
    let until = add_bank_days(house.clock.today(), i32::from(house.settings.dispatch_lead_bank_days));
    let claimed = store::disposal::claim(house.database.pool(), until, house.ids.uuid_v4(), house.settings.lease).await?;
    let Some(disposal) = claimed else { return Ok(Progress::Idle) };
    let work = async {
        let facts = facts::load(house, &disposal).await?;
        let write =
            house.database.transaction("mediation.dispatch", async |mut tx| dispatch(house, &mut tx, &disposal, &facts).await);
        Ok(Progress::Worked(write.await?))
    };
    or_put_off(work, async {
        let still_ours = store::disposal::put_off(house.database.pool(), &disposal, pause(disposal.lease_token)).await?;
        Ok(PutOff::of(still_ours, format!("the disposal of delivery {} on {}", disposal.delivery.get(), disposal.due)))
    })
    .await
}

/// Writes the files of a disposal and answers how many legs they hold.
pub(crate) async fn dispatch(
    house: &House, tx: &mut PgConnection, disposal: &ClaimedDisposal, facts: &Facts,
) -> Result<u64, Error> {
    let (delivery, due) = (disposal.delivery, disposal.due);
    store::disposal::lock(tx, disposal).await?;
    let groups = store::disposal::groups(tx, delivery, due).await?;
    let stopped = store::disposal::stopped(tx, delivery, due).await?;
    let plans = crate::batch::plan(delivery, due, &groups, &stopped)?;
    let mut legs = 0;
    let first_day = next_bank_day(house.clock.today());
    for mut plan in plans {
        // What leaves late is executed as soon as it can be. The keys are those of the plan.
        plan.execution_date = plan.execution_date.max(first_day);
        legs += plan.legs();
        write_file(house, tx, disposal, facts, plan, !stopped.is_empty()).await?;
    }
    if !stopped.is_empty() {
        store::disposal::void_stopped(tx, delivery, due).await?;
    }
    store::disposal::finish(tx, disposal).await?;
    Ok(legs.unsigned_abs())
}

/// Writes one file: its pieces, its row and its batches.
async fn write_file(
    house: &House, tx: &mut PgConnection, disposal: &ClaimedDisposal, facts: &Facts, plan: FilePlan, with_stops: bool,
) -> Result<(), Error> {
    let written_at = house.clock.now();
    let document = Document::new(facts, disposal, &plan, written_at)?;
    let (message, vault) = (document.message(), house.vault.clone());
    let (rows_in, rows_out) = mpsc::channel(IN_FLIGHT);
    let (pieces_in, pieces_out) = mpsc::channel(IN_FLIGHT);
    let formatting = tokio::task::spawn_blocking(move || document.write(vault, rows_out, &pieces_in));
    let reading = legs::read(house, &plan, with_stops, facts.needs_payee(&plan.bank), rows_in);
    let file = store::file::next_id(tx).await?;
    tokio::try_join!(reading, store::file::store_pieces(tx, file, pieces_out))?;
    let digest = formatting.await.map_err(|_| Error::Interrupted)??;
    let new = NewFile {
        file,
        purpose: Purpose::Bank,
        key: &plan.key,
        recipient: plan.bank.as_str(),
        delivery: disposal.delivery,
        message,
        written_at,
    };
    store::file::insert(tx, &new, digest).await?;
    crash::point("mediation.dispatch.file_stored");
    for batch in &plan.batches {
        let new = NewBatch { file, delivery: disposal.delivery, execution_date: plan.execution_date, plan: batch };
        store::batch::insert(tx, new).await?;
    }
    Ok(())
}
