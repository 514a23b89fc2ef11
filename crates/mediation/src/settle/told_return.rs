//! Reading what a bank has booked (camt.052, .053, .054): the payments that came back, in blocks.

use std::io::Read;

use iso20022::{BookedTransaction, BookingReader, BookingRecord, CreditDebit, Limits, RecordEvent};
use primitives::{AgreementNumber, LegRef, Money};
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
    pub amount: Option<Money>,
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
#[derive(Clone, Copy, Default)]
struct OpenEntry {
    is_booked: bool,
    is_credit: bool,
    amount: Option<Money>,
}

/// Reads all bookings; ends early when nobody listens. What is no return is passed over: it is no answer to anything of ours.
pub(super) fn read(input: impl Read, told: &mpsc::Sender<Told>) -> Result<(), Error> {
    let mut reader = BookingReader::new(input, Limits::default());
    let (mut entry, mut returns) = (OpenEntry::default(), Vec::new());
    loop {
        match reader.next_event()? {
            RecordEvent::Record(record) => match record.record {
                BookingRecord::Entry(booked) => {
                    let is_credit = booked.direction == CreditDebit::Credit;
                    entry = OpenEntry { is_booked: booked.is_booked(), is_credit, amount: booked.amount };
                }
                BookingRecord::Transaction(transaction) if entry.is_returned(&transaction) => {
                    returns.push(entry.returned(record.line, &transaction));
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
    fn is_returned(self, transaction: &BookedTransaction<'_>) -> bool {
        let is_credit = transaction.direction.map_or(self.is_credit, |direction| direction == CreditDebit::Credit);
        self.is_booked && is_credit && transaction.has_return_reason()
    }

    fn returned(self, line: u64, transaction: &BookedTransaction<'_>) -> ToldReturn {
        ToldReturn {
            line,
            reference: transaction.references.instruction_id.and_then(parse_instruction_id),
            names: ReturnNames {
                key: transaction.references.block_id.or(transaction.references.message_id).map(str::to_owned),
                end_to_end_id: transaction.references.end_to_end_id.map(str::to_owned),
            },
            amount: transaction.any_amount().or(self.amount),
            reason: passed_on(transaction.return_reason.code),
        }
    }
}
