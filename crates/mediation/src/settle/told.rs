//! Reading a bank's answer on a thread of its own, in blocks of rows. Which message it is, is known by its beginning.

use std::io::{Cursor, Read};

use iso20022::{
    BlockReport, GroupReport, Limits, MessageKind, Pain002Reader, Reason, Status, StatusEvent, TransactionReport, recognise,
};
use primitives::{AgreementNumber, LegRef, Text};
use tokio::sync::mpsc;

use super::said::{Said, Tally, reason_code};
use super::told_recall::{self, ToldRecall, ToldRecallWhole};
use super::told_return::{self, ToldReturn};
use crate::chunks::{ChunkReader, PIECE_BYTES};
use crate::dispatch::parse_instruction_id;
use crate::error::Error;
use crate::vault::Vault;

/// Rows per block.
pub(super) const BLOCK_ROWS: usize = 4096;

/// Something the answer tells, in its order.
#[derive(Debug)]
pub(super) enum Told {
    Group(ToldWhole),
    Batch(ToldWhole),
    Rows(Vec<ToldRow>),
    /// Payments that came back.
    Returns(Vec<ToldReturn>),
    /// Payments that the bank was asked to give back.
    Recalls(Vec<ToldRecall>),
    RecallWholes(Vec<ToldRecallWhole>),
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
    let mut input = ChunkReader::new(vault, || pieces.blocking_recv());
    let mut beginning = Vec::with_capacity(PIECE_BYTES);
    input.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut beginning)?;
    let message = recognise(beginning.as_slice(), Limits::default())?;
    let input = Cursor::new(beginning).chain(input);
    match message {
        Some(MessageKind::Camt029V03 | MessageKind::Camt029V09) => told_recall::read(input, told),
        Some(
            MessageKind::Camt052V02
            | MessageKind::Camt052V08
            | MessageKind::Camt053V02
            | MessageKind::Camt053V08
            | MessageKind::Camt054V02
            | MessageKind::Camt054V08,
        ) => told_return::read(input, told),
        _ => read_status(input, told),
    }
}

/// Reads a status report (pain.002); anything else is refused as none.
fn read_status(input: impl Read, told: &mpsc::Sender<Told>) -> Result<(), Error> {
    let mut reader = Pain002Reader::new(input, Limits::default());
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

pub(super) fn send(told: &mpsc::Sender<Told>, what: Told) -> bool {
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
