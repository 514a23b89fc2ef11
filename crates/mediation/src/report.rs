//! Reporting: what happened to a delivery becomes a pain.002 to its payer, by the return answers (retursvar) 1, 2, 5, 7, 8 and 9; what is not
//! readable (0) is refused by an admi.002, and a recall answered by a camt.029.
//!
//! A later fact is a new report, never a change of an earlier one. That a payout was redirected to the recovery authority is never told:
//! it is reported like any other payment.

mod bank_reason;
mod document;
mod header;
mod parts;
mod refusal;
mod resolution;
mod resolved;
#[cfg(test)]
mod tests;
mod wrap;

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use contracts::mediation::DeliveryState;
use iso20022::MessageKind;
use jiff::Timestamp;
use platform::crash;
use platform::driver::{Progress, Room, RoomError};
use primitives::{AgreementNumber, DeliveryId};
use sqlx::PgConnection;
use tokio::sync::mpsc;

use crate::chunks::{ChunkWriter, StreamDigest};
use crate::delivery::Origin;
use crate::error::Error;
use crate::file_key::report_key;
use crate::house::House;
use crate::put_off::{PutOff, or_put_off};
use crate::recall::is_recall;
use crate::store;
use crate::store::file::{NewFile, Purpose};
use crate::store::report_task::{Original, Task};
use document::Document;
use parts::Content;

/// How many sealed pieces, and how many blocks of rows, may wait between the threads.
const IN_FLIGHT: usize = 4;

/// How many parts of an answer to a recall may wait between the threads, each some hundred bytes.
const RECALL_PARTS_IN_FLIGHT: usize = 1024;

/// The number of an answer to a recall among the return answers; the old system had none for it.
pub(crate) const RECALL_ANSWER: i16 = 29;

/// The number of the notice that a payee's number has been replaced among the return answers; the old system had none for it.
pub(crate) const REPLACED_NUMBER: i16 = 30;

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
        let at_work = Mutex::new(None);
        or_put_off(report_next(&self.house, &at_work), async {
            let Some((delivery, task)) = *at_work.lock().unwrap_or_else(PoisonError::into_inner) else {
                return Ok(PutOff::NoUnit);
            };
            store::report_task::put_off(self.house.database.pool(), task).await?;
            Ok(PutOff::Done(format!("a report on delivery {}", delivery.get())))
        })
        .await
    }
}

/// Reports on the delivery that has waited longest. Its open tasks stay locked, which keeps other workers from telling the same.
/// The delivery and the first task are noted in `at_work`.
async fn report_next(house: &House, at_work: &Mutex<Option<(DeliveryId, i64)>>) -> Result<Progress, Error> {
    let _share = house.connections.for_pair().await;
    house
        .database
        .transaction("mediation.report", async |mut tx| {
            let Some((delivery, open)) = store::report_task::lock_next(&mut tx).await? else {
                return Ok(Progress::Idle);
            };
            *at_work.lock().unwrap_or_else(PoisonError::into_inner) = open.first().map(|first| (delivery, first.task));
            let tasks = first_report(&open);
            report(house, &mut tx, delivery, tasks).await?;
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

/// Which message tells it.
enum Form {
    /// pain.002: the status of an order.
    Status,
    /// camt.029: what became of a recall; of a bank's answer on it, where one is given.
    Resolution(Option<i64>),
    /// admi.002: the delivery is not readable, or a recall that is not carried out.
    Refusal,
}

impl Form {
    fn of(original: &Original, first: &Task) -> Self {
        let is_recall = original.message_name.as_deref().and_then(MessageKind::from_name).is_some_and(is_recall);
        match first.answer {
            RECALL_ANSWER => Self::Resolution(first.bank_answer),
            0 => Self::Refusal,
            _ if is_recall => Self::Refusal,
            _ => Self::Status,
        }
    }
}

/// A report that is being written.
struct Writing<'w> {
    house: &'w House,
    original: &'w Original,
    file: i64,
    key: &'w str,
    at: Timestamp,
}

/// Writes the report and answers its file.
async fn write(house: &House, tx: &mut PgConnection, original: Original, tasks: &[Task]) -> Result<i64, Error> {
    let (Some(first), Some(last)) = (tasks.first(), tasks.last()) else { return Err(Error::Corrupt("a report of nothing")) };
    let (key, written_at) = (report_key(first.task, last.task), house.clock.now());
    let file = store::file::next_id(tx).await?;
    let writing = Writing { house, original: &original, file, key: &key, at: written_at };
    let (message, digest) = match Form::of(&original, first) {
        Form::Status => writing.status(tx, tasks, first.answer).await?,
        Form::Resolution(answer) => writing.resolution(tx, answer).await?,
        Form::Refusal => writing.refusal(tx).await?,
    };
    let (purpose, recipient) = match &original.payer {
        Some(payer) => (Purpose::Report, AgreementNumber::digits(payer)),
        None => (Purpose::SupplierReport, original.supplier.as_str()),
    };
    let new = NewFile { file, purpose, key: &key, recipient, delivery: original.delivery, message, written_at };
    store::file::insert(tx, &new, digest).await?;
    Ok(file)
}

impl Writing<'_> {
    async fn status(&self, tx: &mut PgConnection, tasks: &[Task], answer: i16) -> Result<(&'static str, StreamDigest), Error> {
        let content = Content::of(self.house, tx, self.original, tasks).await?;
        let findings = store::report_task::whole_findings(tx, self.original.delivery, MOST_FINDINGS).await?;
        let header = header::Header::new(self.original, answer, findings);
        let document = Document::new(self.key.to_owned(), self.at, header);
        let (message, vault) = (document.message(), self.house.vault.clone());
        let (parts_in, parts_out) = mpsc::channel(IN_FLIGHT);
        let (pieces_in, pieces_out) = mpsc::channel(IN_FLIGHT);
        let formatting = tokio::task::spawn_blocking(move || document.write(&vault, parts_out, &pieces_in));
        let reading = parts::read(self.house, self.original, content, parts_in);
        tokio::try_join!(reading, store::file::store_pieces(tx, self.file, pieces_out))?;
        Ok((message, formatting.await.map_err(|_| Error::Interrupted)??))
    }

    async fn resolution(&self, tx: &mut PgConnection, answer: Option<i64>) -> Result<(&'static str, StreamDigest), Error> {
        let (recall, vault) = (self.original.delivery, self.house.vault.clone());
        let case_id = store::recall_report::case_id(tx, recall).await?;
        let document = resolution::Document {
            key: self.key.to_owned(),
            created: self.at,
            version: resolved::version(self.original.message_name.as_deref()),
            payer: self.original.payer.map(|payer| payer.digits().to_owned()),
            case_id: case_id.map(|sealed| vault.open_message_id(&sealed)).transpose()?,
            confirmation: resolved::confirmation(store::recall_report::counts(tx, recall, answer).await?),
        };
        let message = document.version.name();
        let (parts_in, parts_out) = mpsc::channel(RECALL_PARTS_IN_FLIGHT);
        let (pieces_in, pieces_out) = mpsc::channel(IN_FLIGHT);
        let formatting = tokio::task::spawn_blocking(move || {
            let chunks = ChunkWriter::sending(vault, &pieces_in);
            document.write(chunks, parts_out)?.finish()
        });
        let reading = resolved::read(self.house, recall, answer, parts_in);
        tokio::try_join!(reading, store::file::store_pieces(tx, self.file, pieces_out))?;
        Ok((message, formatting.await.map_err(|_| Error::Interrupted)??))
    }

    async fn refusal(&self, tx: &mut PgConnection) -> Result<(&'static str, StreamDigest), Error> {
        let findings = store::report_task::whole_findings(tx, self.original.delivery, MOST_FINDINGS).await?;
        let (original, at, vault) = (self.original.clone(), self.at, self.house.vault.clone());
        let (pieces_in, pieces_out) = mpsc::channel(IN_FLIGHT);
        let formatting = tokio::task::spawn_blocking(move || {
            refusal::write(ChunkWriter::sending(vault, &pieces_in), &original, &findings, at)?.finish()
        });
        store::file::store_pieces(tx, self.file, pieces_out).await?;
        Ok((refusal::MESSAGE.name(), formatting.await.map_err(|_| Error::Interrupted)??))
    }
}
