//! Reporting: what happened to a delivery becomes a pain.002 to its payer, by the return answers (retursvar) 0, 1, 2, 5, 7, 8 and 9.
//!
//! A later fact is a new report, never a change of an earlier one. That a payout was redirected to the recovery authority is never told:
//! it is reported like any other payment.

mod document;
mod header;
mod parts;
#[cfg(test)]
mod tests;
mod wrap;

use async_trait::async_trait;
use contracts::mediation::DeliveryState;
use platform::crash;
use platform::driver::{Progress, Room, RoomError};
use primitives::{AgreementNumber, DeliveryId};
use sqlx::PgConnection;
use tokio::sync::mpsc;

use crate::delivery::Origin;
use crate::error::Error;
use crate::file_key::report_key;
use crate::house::House;
use crate::store;
use crate::store::file::{NewFile, Purpose};
use crate::store::report_task::{Original, Task};
use document::Document;
use parts::Content;

/// How many sealed pieces, and how many blocks of rows, may wait between the threads.
const IN_FLIGHT: usize = 4;

/// The most findings on the delivery as a whole that a report tells.
const MOST_FINDINGS: i64 = 100;

/// The report's file where nobody is to be told.
const NO_REPORT: i64 = 0;

/// The room that reports to payers.
#[derive(Clone, Debug)]
pub(crate) struct ReportRoom {
    /// The house it belongs to.
    pub house: House,
}

#[async_trait]
impl Room for ReportRoom {
    fn name(&self) -> &'static str {
        "mediation.report"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        Ok(report_next(&self.house).await?)
    }
}

/// Reports on the delivery that has waited longest. Its open tasks stay locked, which keeps other workers from telling the same.
async fn report_next(house: &House) -> Result<Progress, Error> {
    house
        .database
        .transaction("mediation.report", async |mut tx| {
            let Some((delivery, open)) = store::report_task::lock_next(&mut tx).await? else {
                return Ok(Progress::Idle);
            };
            let tasks = first_report(&open);
            report(house, &mut tx, delivery, tasks).await?;
            crash::point("mediation.report.before_commit");
            Ok(Progress::Worked(u64::try_from(tasks.len()).unwrap_or(u64::MAX)))
        })
        .await
}

/// The tasks that one report tells: those of the first one's answer that follow each other. What a bank said (8, 9) is told answer by answer.
fn first_report(open: &[Task]) -> &[Task] {
    let Some(first) = open.first() else { return open };
    let same = |task: &&Task| task.answer == first.answer && task.bank_answer == first.bank_answer;
    &open[..open.iter().take_while(same).count()]
}

async fn report(house: &House, tx: &mut PgConnection, delivery: DeliveryId, tasks: &[Task]) -> Result<(), Error> {
    let original = store::report_task::original(tx, &house.vault, delivery).await?;
    // Another house that pays follows its payments through the contract; it sent no message that could be answered.
    if original.origin == Origin::Orders {
        return store::report_task::told(tx, tasks, NO_REPORT).await;
    }
    let original = counted(house, tx, original).await?;
    let file = write(house, tx, original, tasks).await?;
    crash::point("mediation.report.written");
    store::report_task::told(tx, tasks, file).await
}

/// A delivery with the content of an earlier one gets the earlier one's answer again.
async fn counted(house: &House, tx: &mut PgConnection, original: Original) -> Result<Original, Error> {
    match (original.state, original.repeats) {
        (DeliveryState::Repeated, Some(first)) => store::report_task::original(tx, &house.vault, first).await,
        _ => Ok(original),
    }
}

/// Writes the report and answers its file.
async fn write(house: &House, tx: &mut PgConnection, original: Original, tasks: &[Task]) -> Result<i64, Error> {
    let (Some(first), Some(last)) = (tasks.first(), tasks.last()) else { return Err(Error::Corrupt("a report of nothing")) };
    let (key, written_at) = (report_key(first.task, last.task), house.clock.now());
    let content = Content::of(tx, &original, tasks).await?;
    let findings = store::report_task::whole_findings(tx, original.delivery, MOST_FINDINGS).await?;
    let header = header::Header::new(&original, first.answer, findings);
    let document = Document::new(key.clone(), written_at, header);
    let (message, vault) = (document.message(), house.vault.clone());
    let (parts_in, parts_out) = mpsc::channel(IN_FLIGHT);
    let (pieces_in, pieces_out) = mpsc::channel(IN_FLIGHT);
    let formatting = tokio::task::spawn_blocking(move || document.write(&vault, parts_out, &pieces_in));
    let reading = parts::read(house, &original, content, parts_in);
    let file = store::file::next_id(tx).await?;
    tokio::try_join!(reading, store::file::store_pieces(tx, file, pieces_out))?;
    let digest = formatting.await.map_err(|_| Error::Interrupted)??;
    let (purpose, recipient) = match &original.payer {
        Some(payer) => (Purpose::Report, AgreementNumber::digits(payer)),
        None => (Purpose::SupplierReport, original.supplier.as_str()),
    };
    let new = NewFile { file, purpose, key: &key, recipient, delivery: original.delivery, message, written_at };
    store::file::insert(tx, &new, digest).await?;
    Ok(file)
}
