//! Reading a bank's answer on a thread of its own, in blocks of rows.

use iso20022::{BlockReport, GroupReport, Limits, Pain002Reader, Reason, Status, StatusEvent, TransactionReport};
use primitives::{AgreementNumber, LegRef, Text};
use tokio::sync::mpsc;

use super::said::{Said, Tally, reason_code};
use crate::chunks::ChunkReader;
use crate::dispatch::parse_instruction_id;
use crate::error::Error;
use crate::vault::Vault;

/// Rows per block.
const BLOCK_ROWS: usize = 4096;

/// Something the answer tells, in its order.
#[derive(Debug)]
pub(super) enum Told {
    Group(ToldWhole),
    Batch(ToldWhole),
    Rows(Vec<ToldRow>),
    /// The answer is not readable or breaks its schema: what was told before is void.
    Broken {
        line: u64,
        text: Text,
    },
}

/// What is told of the whole file or a whole batch.
#[derive(Debug)]
pub(super) struct ToldWhole {
    /// Our file's or batch's key, as the bank repeats it.
    pub key: String,
    pub said: Option<Said>,
    pub reason: Option<String>,
    pub counts: Option<Tally>,
}

/// What is told of one payment.
#[derive(Debug)]
pub(super) struct ToldRow {
    pub line: u64,
    /// The payer's agreement and the leg, where the reference is one of ours.
    pub reference: Option<(AgreementNumber, LegRef)>,
    pub said: Said,
    pub reason: Option<String>,
}

/// Reads the whole answer; ends early when nobody listens.
pub(super) fn read(
    vault: Vault, mut pieces: mpsc::Receiver<Result<Vec<u8>, Error>>, told: &mpsc::Sender<Told>,
) -> Result<(), Error> {
    let mut reader = Pain002Reader::new(ChunkReader::new(vault, || pieces.blocking_recv()), Limits::default());
    let mut rows = Vec::new();
    loop {
        let next = match reader.next_event()? {
            StatusEvent::Transaction(transaction) => {
                rows.push(row(&transaction));
                if rows.len() < BLOCK_ROWS {
                    continue;
                }
                None
            }
            StatusEvent::Group(group) => Some(Told::Group(of_group(group))),
            StatusEvent::PaymentInformation(block) => Some(Told::Batch(of_block(block))),
            StatusEvent::Finding(finding) => Some(Told::Broken { line: finding.line, text: finding.text.clone() }),
            StatusEvent::End(_) => {
                send(told, Told::Rows(rows));
                return Ok(());
            }
        };
        if !rows.is_empty() && !send(told, Told::Rows(std::mem::take(&mut rows))) {
            return Ok(());
        }
        if next.is_some_and(|next| !send(told, next)) {
            return Ok(());
        }
    }
}

fn send(told: &mpsc::Sender<Told>, what: Told) -> bool {
    told.blocking_send(what).is_ok()
}

fn of_group(group: &GroupReport) -> ToldWhole {
    whole(&group.original_message_id, group.status_text.is_some(), group.status, &group.reasons, Tally::of_counts(&group.counts))
}

fn of_block(block: &BlockReport) -> ToldWhole {
    whole(&block.original_id, block.status_text.is_some(), block.status, &block.reasons, Tally::of_counts(&block.counts))
}

fn whole(key: &str, is_said: bool, status: Option<Status>, reasons: &[Reason], counts: Option<Tally>) -> ToldWhole {
    ToldWhole { key: key.to_owned(), said: is_said.then(|| Said::of(status)), reason: reason_code(reasons), counts }
}

/// Our reference stands in `OrgnlInstrId`. A bank that does not repeat it is of no use on this level: `OrgnlEndToEndId` is the payer's, and
/// two legs of a payment may share it.
fn row(transaction: &TransactionReport<'_>) -> ToldRow {
    ToldRow {
        line: transaction.line,
        reference: transaction.instruction_id.and_then(parse_instruction_id),
        said: Said::of(transaction.status),
        reason: reason_code(transaction.reasons),
    }
}
