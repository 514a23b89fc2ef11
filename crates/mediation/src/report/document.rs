//! The report itself: a pain.002 in the generation of the order it answers.

use std::io::{self, Write};

use iso20022::{BlockStatus, Pain002Version, Pain002Writer, ReportHeader, Status, StatusReason, TransactionStatus};
use jiff::Timestamp;
use primitives::Money;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::header::{Header, Reason};
use super::parts::{BlockHead, Part, Row, SealedReference};
use crate::chunks::{ChunkWriter, StreamDigest};
use crate::delivery::RowReference;
use crate::error::Error;
use crate::payment::Carry;
use crate::return_answer;
use crate::vault::Vault;

/// Who reports.
const INITIATOR: &str = "NemKonto";

/// A report to be written, with all that is known before its first row.
#[derive(Clone, Debug)]
pub(super) struct Document {
    key: String,
    created: Timestamp,
    header: Header,
}

impl Document {
    pub fn new(key: String, created: Timestamp, header: Header) -> Self {
        Self { key, created, header }
    }

    /// The message's name.
    pub fn message(&self) -> &'static str {
        self.header.version.message().name()
    }

    /// Writes the whole report from the parts as they come, and sends its sealed pieces.
    pub fn write(
        self, vault: &Vault, mut parts: mpsc::Receiver<Part>, pieces: &mpsc::Sender<Vec<u8>>,
    ) -> Result<StreamDigest, Error> {
        let chunks = ChunkWriter::sending(vault.clone(), pieces);
        let mut writer = self.begin(chunks)?;
        while let Some(part) = parts.blocking_recv() {
            match part {
                Part::Block(head) => write_block(&mut writer, &head)?,
                Part::Rows(rows) => {
                    for row in &rows {
                        self.write_row(&mut writer, vault, row)?;
                    }
                }
            }
        }
        Ok(writer.finish()?.finish()?)
    }

    fn begin<W: Write>(&self, out: W) -> io::Result<Pain002Writer<W>> {
        let header = &self.header;
        let information = Lines::of(&header.reasons);
        let head = ReportHeader {
            message_id: &self.key,
            created: self.created,
            initiator_name: Some(INITIATOR),
            original_message_id: &header.original_message_id,
            original_message_name: &header.original_message_name,
            original_created: header.original_created.as_deref(),
            original_payments: header.original_payments,
            original_sum: None,
            status: header.status,
            reasons: &information.reasons(&header.reasons),
            counts: &header.counts,
        };
        Pain002Writer::new(out, header.version, &head)
    }

    fn write_row<W: Write>(&self, writer: &mut Pain002Writer<W>, vault: &Vault, row: &Row) -> Result<(), Error> {
        let information = Lines::of(&row.reasons);
        let reasons = information.reasons(&row.reasons);
        let mut status = TransactionStatus {
            status: Some(in_version(row.status, self.header.version)),
            reasons: &reasons,
            amount: row.amount,
            ..TransactionStatus::default()
        };
        match &row.reference {
            SealedReference::Carry(sealed) => {
                let opened = vault.open_carry(sealed)?;
                let carry = Carry::decode(&opened)?;
                status.end_to_end_id = Some(carry.end_to_end_id);
                status.instruction_id = carry.instruction_id;
                status.uetr = carry.uetr.and_then(|uetr| Uuid::parse_str(uetr).ok());
                Ok(writer.transaction(&status)?)
            }
            SealedReference::Row(sealed) => {
                let reference = RowReference::decode(&vault.open_row_reference(sealed)?)?;
                status.end_to_end_id = Some(&reference.end_to_end_id);
                status.instruction_id = reference.instruction_id.as_deref();
                status.amount = reference.amount.filter(|amount: &Money| amount.is_positive());
                Ok(writer.transaction(&status)?)
            }
        }
    }
}

fn write_block<W: Write>(writer: &mut Pain002Writer<W>, head: &BlockHead) -> io::Result<()> {
    let information = Lines::of(&head.reasons);
    writer.payment_information(&BlockStatus {
        original_id: &head.id,
        original_payments: None,
        original_sum: None,
        status: head.status,
        reasons: &information.reasons(&head.reasons),
    })
}

/// pain.002.001.03 has no status for a cancelled payment: there a stopped one is rejected at the customer's request (CUST).
fn in_version(status: Status, version: Pain002Version) -> Status {
    match (status, version) {
        (Status::Canc, Pain002Version::V03) => return_answer::STOPPED_OLD.status(),
        (status, _) => status,
    }
}

/// The explanations of some reasons, borrowed as the writer wants them.
struct Lines<'r>(Vec<Vec<&'r str>>);

impl<'r> Lines<'r> {
    fn of(reasons: &'r [Reason]) -> Self {
        Self(reasons.iter().map(|reason| reason.information.iter().map(String::as_str).collect()).collect())
    }

    fn reasons<'l>(&'l self, reasons: &'l [Reason]) -> Vec<StatusReason<'l>> {
        reasons
            .iter()
            .zip(&self.0)
            .map(|(reason, information)| StatusReason {
                originator: reason.originator.as_deref(),
                code: &reason.code,
                information,
            })
            .collect()
    }
}
