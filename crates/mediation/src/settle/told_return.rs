//! Reading what a bank has booked (camt.052, .053, .054): the payments that came back, in blocks.

use std::io::Read;

use iso20022::{BookedTransaction, BookingReader, BookingRecord, CreditDebit, Limits, RecordEvent, Told as Record};
use primitives::{AgreementNumber, LegRef, Money, Text};
use tokio::sync::mpsc;

use super::said::passed_on;
use super::told::{BLOCK_ROWS, Told, send};
use crate::dispatch::parse_instruction_id;
use crate::error::Error;

/// A payment that came back: money that was booked on the payer's account with the reason of a return.
#[derive(Debug)]
pub(super) struct ToldReturn {
    pub line: u64,
    /// The payer's agreement and the leg, where the reference is one of ours.
    pub reference: Option<(AgreementNumber, LegRef)>,
    /// What names it where the bank does not repeat our reference.
    pub names: ReturnNames,
    /// The amount that came back; what is wrong with it, where it cannot be read.
    pub amount: Result<Option<Money>, Text>,
    pub reason: String,
}

/// The references of a payment beside our own: enough where the file or the batch is named with the payer's reference.
#[derive(Clone, Debug, Default)]
pub(super) struct ReturnNames {
    /// Our key of the batch, or else of the file.
    pub key: Option<String>,
    /// The payer's reference; of a payment to the recovery authority or the holding account, the leg's own.
    pub end_to_end_id: Option<String>,
}

/// The booking whose payments are told.
struct OpenEntry {
    is_booked: bool,
    is_credit: bool,
    amount: Result<Option<Money>, Text>,
}

/// Reads all bookings; ends early when nobody listens. What is no return is passed over: it is no answer to anything of ours.
pub(super) fn read(input: impl Read, told: &mpsc::Sender<Told>) -> Result<(), Error> {
    let mut reader = BookingReader::new(input, Limits::default());
    let (mut entry, mut returns) = (OpenEntry { is_booked: false, is_credit: false, amount: Ok(None) }, Vec::new());
    loop {
        match reader.next_event()? {
            RecordEvent::Record(record) => match record.record {
                BookingRecord::Entry(booked) => {
                    let is_credit = booked.direction == CreditDebit::Credit;
                    let amount = amount(&record, [("/Amt", booked.amount)]);
                    entry = OpenEntry { is_booked: booked.is_booked(), is_credit, amount };
                }
                BookingRecord::Transaction(transaction) if entry.is_returned(&transaction) => {
                    returns.push(entry.returned(&record, &transaction));
                }
                _ => {}
            },
            RecordEvent::Finding(finding) => {
                send(told, Told::Broken { line: finding.line, text: finding.text.clone() });
                return Ok(());
            }
            RecordEvent::End(_) => {
                send(told, Told::Returns(returns));
                return Ok(());
            }
        }
        if returns.len() == BLOCK_ROWS && !send(told, Told::Returns(std::mem::take(&mut returns))) {
            return Ok(());
        }
    }
}

impl OpenEntry {
    /// Only booked money is back; a return that is announced comes again when it is booked.
    fn is_returned(&self, transaction: &BookedTransaction<'_>) -> bool {
        let is_credit = transaction.direction.map_or(self.is_credit, |direction| direction == CreditDebit::Credit);
        self.is_booked && is_credit && transaction.has_return_reason()
    }

    fn returned(&self, record: &Record<'_, BookingRecord<'_>>, transaction: &BookedTransaction<'_>) -> ToldReturn {
        let places = [
            ("/Amt", transaction.amount),
            ("/AmtDtls/TxAmt/Amt", transaction.transaction_amount),
            ("/AmtDtls/InstdAmt/Amt", transaction.instructed_amount),
        ];
        let own = amount(record, places);
        ToldReturn {
            line: record.line,
            reference: transaction.references.instruction_id.and_then(parse_instruction_id),
            names: ReturnNames {
                key: transaction.references.block_id.or(transaction.references.message_id).map(str::to_owned),
                end_to_end_id: transaction.references.end_to_end_id.map(str::to_owned),
            },
            // A booking of one payment may leave it to the entry.
            amount: if own == Ok(None) { self.amount.clone() } else { own },
            reason: passed_on(transaction.return_reason.code),
        }
    }
}

/// The first of these amounts that the record has, or what is wrong with it: one that cannot be read is never taken for one that is not there.
fn amount<const N: usize>(
    record: &Record<'_, BookingRecord<'_>>, places: [(&str, Option<Money>); N],
) -> Result<Option<Money>, Text> {
    for (below, amount) in places {
        let stands_here = |path: &str| path.strip_suffix(below).is_some_and(|above| above == record.path());
        if let Some(finding) = record.findings.iter().find(|finding| stands_here(&finding.path)) {
            return Err(finding.sentence());
        }
        if amount.is_some() {
            return Ok(amount);
        }
    }
    Ok(None)
}
