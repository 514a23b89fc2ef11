//! What a report tells below its head: blocks and payments, read in bulk and given to the formatting in their order.

use std::collections::HashMap;
use std::sync::Arc;

use contracts::mediation::Destination;
use futures_util::TryStreamExt;
use iso20022::Status;
use primitives::Money;
use sqlx::PgConnection;
use tokio::sync::mpsc;

use super::header::Reason;
use super::{REPLACED_NUMBER, bank_reason};
use crate::delivery::RowReference;
use crate::error::Error;
use crate::house::House;
use crate::leg::destination_from_code;
use crate::return_answer;
use crate::store;
use crate::store::report_task::{Original, StoredFinding, StoredRow, StoredRows, Task, Told};
use crate::vault::Vault;

/// Rows per block of rows.
const BLOCK_ROWS: usize = 1024;

/// A piece of the report, in its order.
#[derive(Debug)]
pub(super) enum Part {
    Block(BlockHead),
    Rows(Vec<Row>),
}

/// The head of a payer's block.
#[derive(Clone, Debug)]
pub(super) struct BlockHead {
    /// The payer's PmtInfId.
    pub id: String,
    pub status: Option<Status>,
    pub reasons: Vec<Reason>,
}

/// The status of a payment.
#[derive(Debug)]
pub(super) struct Row {
    /// Sealed.
    pub reference: SealedReference,
    pub amount: Option<Money>,
    pub status: Status,
    pub reasons: Vec<Reason>,
}

/// By which the payer knows the payment again, as it is stored.
#[derive(Debug)]
pub(super) enum SealedReference {
    /// Of a payment that was taken.
    Carry(Vec<u8>),
    /// Of a row that was rejected.
    Row(Vec<u8>),
}

/// What is to be told.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// The receipt: what the reading found.
    Findings,
    /// Payments by a stored fact.
    Payments { told: Told, telling: Telling, originator: Option<Arc<str>> },
    /// What a bank accepted: blocks that are accepted whole, and payments of the others.
    Accepted { answer: i64, blocks: Vec<(i32, bool)> },
}

/// How payments are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    Unpayable,
    Stopped,
    Rejected,
    Accepted,
    /// Under a number that a new one has replaced.
    Replaced,
}

impl Content {
    /// What these tasks, which have one answer in common, ask to be told.
    pub async fn of(house: &House, tx: &mut PgConnection, original: &Original, tasks: &[Task]) -> Result<Self, Error> {
        let first = tasks.first().ok_or(Error::Corrupt("a report of nothing"))?;
        let bank_answer = || first.bank_answer.ok_or(Error::Corrupt("a report of no bank's answer"));
        Ok(match first.answer {
            0..=2 => Self::Findings,
            5 => {
                let stops = tasks.iter().filter_map(|task| Some((task.slice?, task.arisen_at))).collect();
                Self::Payments { told: Told::Stopped(stops), telling: Telling::Stopped, originator: None }
            }
            7 => {
                let slices = tasks.iter().filter_map(|task| task.slice).collect();
                Self::Payments { told: Told::Unpayable(slices), telling: Telling::Unpayable, originator: None }
            }
            REPLACED_NUMBER => {
                let slices = tasks.iter().filter_map(|task| task.slice).collect();
                Self::Payments { told: Told::Replaced(slices), telling: Telling::Replaced, originator: None }
            }
            8 => {
                let answer = bank_answer()?;
                let blocks = store::report_task::accepted_blocks(tx, original.delivery, answer).await?;
                Self::Accepted { answer, blocks }
            }
            9 => {
                let answer = bank_answer()?;
                let originator = Some(bank_name(house, tx, answer).await?);
                Self::Payments { told: Told::Rejected(answer, original.delivery), telling: Telling::Rejected, originator }
            }
            _ => return Err(Error::Corrupt("an unknown return answer")),
        })
    }
}

/// The name of the bank that answered; its code where it is no bank of ours any more.
async fn bank_name(house: &House, tx: &mut PgConnection, answer: i64) -> Result<Arc<str>, Error> {
    let code = store::bank_answer::bank(tx, answer).await?;
    let banks = house.parties.banks(&house.context(None), house.clock.today()).await?;
    let profile = banks.into_iter().find(|bank| bank.code == code);
    Ok(profile.map_or_else(|| code.as_str().into(), |bank| bank.name.into()))
}

/// Reads what is to be told and sends it, until the receiver has enough.
pub(super) async fn read(house: &House, original: &Original, content: Content, parts: mpsc::Sender<Part>) -> Result<(), Error> {
    let mut connection = house.database.pool().acquire().await?;
    let blocks = store::report_task::blocks(&mut connection, &house.vault, original.delivery).await?.into_iter().collect();
    let mut teller = Teller { parts, blocks, block: None, rows: Vec::new(), gone: false };
    match content {
        Content::Findings => findings(&mut connection, original, &house.vault, &mut teller).await?,
        Content::Payments { told, telling, originator } => {
            payments(&mut connection, &told, (telling, originator), &mut teller).await?;
        }
        Content::Accepted { answer, blocks } => {
            for (block, _) in blocks.iter().filter(|(_, whole)| *whole) {
                teller.block(*block, Some(return_answer::ACCEPTED_BLOCK.status()), Vec::new()).await?;
            }
            let parted: Vec<i32> = blocks.iter().filter(|(_, whole)| !whole).map(|(block, _)| *block).collect();
            if !parted.is_empty() {
                let told = Told::Accepted(answer, original.delivery, parted);
                payments(&mut connection, &told, (Telling::Accepted, None), &mut teller).await?;
            }
        }
    }
    teller.flush().await;
    Ok(())
}

async fn payments(
    connection: &mut PgConnection, told: &Told, (telling, originator): (Telling, Option<Arc<str>>), teller: &mut Teller,
) -> Result<(), Error> {
    let mut rows = StoredRows::start(connection, told).await?;
    while let Some(row) = rows.next().await? {
        teller.enter(row.block).await?;
        teller.row(of_payment(row, telling, originator.as_ref())?).await;
    }
    Ok(())
}

/// The row of a payment that was taken.
fn of_payment(row: StoredRow, telling: Telling, originator: Option<&Arc<str>>) -> Result<Row, Error> {
    let (status, information) = match telling {
        Telling::Stopped => (return_answer::STOPPED.status(), Vec::new()),
        Telling::Rejected => (return_answer::REJECTED_BY_BANK.status(), Vec::new()),
        Telling::Accepted => (return_answer::ACCEPTED.status(), Vec::new()),
        Telling::Unpayable => unpayable(destination_from_code(row.destination)?),
        Telling::Replaced => (return_answer::REPLACED_NUMBER.status(), REPLACED.map(str::to_owned).to_vec()),
    };
    let reason = |code| match telling {
        Telling::Rejected => bank_reason::told(code),
        _ => (code, information),
    };
    let reason = row.reason.map(reason).map(|(code, information)| Reason { originator: originator.cloned(), code, information });
    let reasons = reason.into_iter().collect();
    Ok(Row { reference: SealedReference::Carry(row.carry), amount: Some(row.amount), status, reasons })
}

/// What is said of a payee found by an old number; the new one is told to nobody who does not have it.
const REPLACED: [&str; 2] = [
    "Nummeret er erstattet af et nyt. Modtageren betales; ret nummeret.",
    "The number has been replaced by a new one. The payee is paid; correct the number.",
];

/// What became of a payment whose payee could not be paid (return answer 7).
fn unpayable(destination: Destination) -> (Status, Vec<String>) {
    let (status, da, en) = match destination {
        Destination::Holding => {
            (return_answer::ELSEWHERE.status(), "Overføres til ventekontoen.", "Goes to the holding account.")
        }
        Destination::ErrorAccount => {
            (return_answer::ELSEWHERE.status(), "Overføres til fejlkontoen.", "Goes to the error account.")
        }
        _ => (return_answer::BACK_TO_PAYER.status(), "Modtageren kan ikke betales.", "The payee cannot be paid."),
    };
    (status, vec![da.to_owned(), en.to_owned()])
}

/// Tells rejected blocks and rows. Several findings on one row follow each other and become its reasons.
async fn findings(connection: &mut PgConnection, original: &Original, vault: &Vault, teller: &mut Teller) -> Result<(), Error> {
    let mut open: Option<(i64, Row)> = None;
    let mut findings = store::report_task::findings(connection, original.delivery);
    while let Some(finding) = findings.try_next().await? {
        if let Some((position, mut row)) = open.take() {
            if finding.position == Some(position) {
                row.reasons.push(Reason::of(finding));
                open = Some((position, row));
                continue;
            }
            teller.row(row).await;
        }
        match finding.position {
            Some(position) => {
                teller.enter(finding.block.unwrap_or_default()).await?;
                open = rejected_row(finding).map(|row| (position, row));
            }
            None => rejected_block(finding, vault, teller).await?,
        }
    }
    if let Some((_, row)) = open {
        teller.row(row).await;
    }
    Ok(())
}

fn rejected_row(mut finding: StoredFinding) -> Option<Row> {
    let reference = SealedReference::Row(finding.reference.take()?);
    Some(Row { reference, amount: None, status: return_answer::FAULTY.status(), reasons: vec![Reason::of(finding)] })
}

/// A fault of a block rejects all its payments, which are not told one by one.
async fn rejected_block(mut finding: StoredFinding, vault: &Vault, teller: &mut Teller) -> Result<(), Error> {
    let (Some(block), Some(sealed)) = (finding.block, finding.reference.take()) else { return Ok(()) };
    let reference = RowReference::decode(&vault.open_row_reference(&sealed)?)?;
    teller.blocks.insert(block, reference.end_to_end_id);
    teller.block(block, Some(return_answer::FAULTY_BLOCK.status()), vec![Reason::of(finding)]).await
}

/// Sends the parts, and the head of a block before its first row.
struct Teller {
    parts: mpsc::Sender<Part>,
    /// The payer's PmtInfIds.
    blocks: HashMap<i32, String>,
    block: Option<i32>,
    rows: Vec<Row>,
    /// Nobody listens any more: the formatting has ended early and says why.
    gone: bool,
}

impl Teller {
    /// The rows that come belong to this block.
    async fn enter(&mut self, block: i32) -> Result<(), Error> {
        if self.block == Some(block) {
            return Ok(());
        }
        self.block(block, None, Vec::new()).await
    }

    async fn block(&mut self, block: i32, status: Option<Status>, reasons: Vec<Reason>) -> Result<(), Error> {
        self.flush().await;
        self.block = Some(block);
        let id = self.blocks.get(&block).cloned().ok_or(Error::Corrupt("a payment without its block"))?;
        self.send(Part::Block(BlockHead { id, status, reasons })).await;
        Ok(())
    }

    async fn row(&mut self, row: Row) {
        self.rows.push(row);
        if self.rows.len() == BLOCK_ROWS {
            self.flush().await;
        }
    }

    async fn flush(&mut self) {
        if !self.rows.is_empty() {
            let rows = std::mem::take(&mut self.rows);
            self.send(Part::Rows(rows)).await;
        }
    }

    async fn send(&mut self, part: Part) {
        self.gone = self.gone || self.parts.send(part).await.is_err();
    }
}
