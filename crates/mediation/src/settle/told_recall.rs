//! Reading a bank's answer to our recall (camt.029), in blocks.

use std::io::Read;

use iso20022::{CancellationStatus, GivenReason, Limits, List, RecordEvent, ResolutionReader, ResolutionRecord};
use primitives::{AgreementNumber, LegRef};
use tokio::sync::mpsc;

use super::said::passed_on;
use super::told::{BLOCK_ROWS, Told, send};
use crate::dispatch::parse_instruction_id;
use crate::error::Error;
use crate::store::recall_answer::Whole;

/// Whether the bank gives the money back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    GivenBack,
    Refused,
}

impl Resolved {
    /// The meaning of a status; none where it decides nothing.
    fn of(status: Option<CancellationStatus>) -> Option<Self> {
        match status? {
            CancellationStatus::Accepted => Some(Self::GivenBack),
            CancellationStatus::Rejected => Some(Self::Refused),
            CancellationStatus::Pending | CancellationStatus::Partial => None,
        }
    }

    /// The meaning of an answer on the whole case.
    fn of_case(confirmation: Option<&str>) -> Option<Self> {
        match confirmation? {
            "CNCL" => Some(Self::GivenBack),
            "RJCR" => Some(Self::Refused),
            _ => None,
        }
    }

    /// The code in the database.
    pub fn code(self) -> i16 {
        match self {
            Self::GivenBack => 1,
            Self::Refused => 2,
        }
    }
}

/// What is told of one payment.
#[derive(Debug)]
pub(super) struct ToldRecall {
    pub line: u64,
    /// The payer's agreement and the leg, where the reference is one of ours.
    pub reference: Option<(AgreementNumber, LegRef)>,
    pub said: Resolved,
    /// Of a refusal.
    pub reason: Option<String>,
}

/// What is told of all payments of a recall, a file or a batch that are not named.
#[derive(Debug)]
pub(super) struct ToldRecallWhole {
    pub whole: Whole,
    pub key: String,
    pub said: Resolved,
    pub reason: Option<String>,
}

/// Reads the whole answer; ends early when nobody listens. What is said of wholes comes last: it speaks for those that are not named, a batch's
/// word before its file's and that before the case's.
pub(super) fn read(input: impl Read, told: &mpsc::Sender<Told>) -> Result<(), Error> {
    let mut reader = ResolutionReader::new(input, Limits::default());
    let (mut rows, mut wholes): (Vec<ToldRecall>, Vec<ToldRecallWhole>) = (Vec::new(), Vec::new());
    loop {
        match reader.next_event()? {
            RecordEvent::Record(record) => match record.record {
                ResolutionRecord::Head(head) => {
                    let said = Resolved::of_case(head.confirmation);
                    wholes.extend(of_whole(Whole::Recall, head.case.id, said, List::default()));
                }
                ResolutionRecord::Group(group) => {
                    let said = Resolved::of(group.status);
                    wholes.extend(of_whole(Whole::File, group.original_message_id, said, group.reasons));
                }
                ResolutionRecord::Block(block) => {
                    let said = Resolved::of(block.status);
                    wholes.extend(of_whole(Whole::Batch, Some(block.original_id), said, block.reasons));
                }
                ResolutionRecord::Payment(payment) => {
                    let (reference, status) = (payment.instruction_id, payment.status);
                    rows.extend(of_payment(record.line, reference, status, payment.reasons));
                }
                ResolutionRecord::Transfer(transfer) => {
                    let (reference, status) = (transfer.instruction_id, transfer.status);
                    rows.extend(of_payment(record.line, reference, status, transfer.reasons));
                }
            },
            RecordEvent::Finding(finding) => {
                send(told, Told::Broken { line: finding.line, text: finding.text.clone() });
                return Ok(());
            }
            RecordEvent::End(_) => {
                wholes.sort_by_key(|whole| std::cmp::Reverse(whole.whole));
                send(told, Told::Recalls(rows));
                send(told, Told::RecallWholes(wholes));
                return Ok(());
            }
        }
        if rows.len() == BLOCK_ROWS && !send(told, Told::Recalls(std::mem::take(&mut rows))) {
            return Ok(());
        }
    }
}

fn of_payment(
    line: u64, reference: Option<&str>, status: Option<CancellationStatus>, reasons: List<'_, GivenReason<'_>>,
) -> Option<ToldRecall> {
    let said = Resolved::of(status)?;
    Some(ToldRecall { line, reference: reference.and_then(parse_instruction_id), said, reason: reason(said, reasons) })
}

fn of_whole(
    whole: Whole, key: Option<&str>, said: Option<Resolved>, reasons: List<'_, GivenReason<'_>>,
) -> Option<ToldRecallWhole> {
    let (key, said) = (key?.to_owned(), said?);
    Some(ToldRecallWhole { whole, key, said, reason: reason(said, reasons) })
}

fn reason(said: Resolved, reasons: List<'_, GivenReason<'_>>) -> Option<String> {
    (said == Resolved::Refused).then(|| passed_on(reasons.first().and_then(|reason| reason.code.or(reason.text))))
}
