//! Writing `pain.002`.

use super::charset::CharacterSet;
use super::output::{self, Output, invalid, shorten};
use crate::control_sum::ControlSum;
use crate::message::MessageKind;
use crate::status::{Status, StatusScope};
use jiff::Timestamp;
use primitives::Money;
use std::io::{self, Write};
use uuid::Uuid;

/// The versions that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pain002Version {
    /// `pain.002.001.03`.
    V03,
    /// `pain.002.001.10`.
    V10,
}

impl Pain002Version {
    /// The version that answers a message: 03 answers `pain.001.001.03`, 10 all later ones.
    #[must_use]
    pub fn answering(request: MessageKind) -> Pain002Version {
        match request {
            MessageKind::Pain001V03 => Pain002Version::V03,
            _ => Pain002Version::V10,
        }
    }

    /// The message.
    #[must_use]
    pub fn message(self) -> MessageKind {
        match self {
            Pain002Version::V03 => MessageKind::Pain002V03,
            Pain002Version::V10 => MessageKind::Pain002V10,
        }
    }
}

/// Why something has its status.
#[derive(Debug, Clone, Copy)]
pub struct StatusReason<'a> {
    /// Name of who gives the reason, where it is not who reports.
    pub originator: Option<&'a str>,
    /// Code of *ExternalStatusReason1Code*, at most 4 characters.
    pub code: &'a str,
    /// Explanations; texts of more than 105 characters are split.
    pub information: &'a [&'a str],
}

/// The head of the report and the status of the whole original message.
#[derive(Debug, Clone, Copy)]
pub struct ReportHeader<'a> {
    /// `MsgId`, at most 35 characters.
    pub message_id: &'a str,
    /// `CreDtTm`.
    pub created: Timestamp,
    /// Name of `InitgPty`: who reports.
    pub initiator_name: Option<&'a str>,
    /// `OrgnlMsgId`.
    pub original_message_id: &'a str,
    /// `OrgnlMsgNmId`, such as `pain.001.001.09`.
    pub original_message_name: &'a str,
    /// `OrgnlCreDtTm` as the original message wrote it.
    pub original_created: Option<&'a str>,
    /// `OrgnlNbOfTxs`.
    pub original_payments: Option<u64>,
    /// `OrgnlCtrlSum`.
    pub original_sum: Option<ControlSum>,
    /// `GrpSts`.
    pub status: Option<Status>,
    /// `StsRsnInf`.
    pub reasons: &'a [StatusReason<'a>],
    /// `NbOfTxsPerSts`: how many payments have which status.
    pub counts: &'a [(Status, u64)],
}

/// The status of an original block; its payments' follow.
#[derive(Debug, Clone, Copy)]
pub struct BlockStatus<'a> {
    /// `OrgnlPmtInfId`.
    pub original_id: &'a str,
    /// `OrgnlNbOfTxs`.
    pub original_payments: Option<u64>,
    /// `OrgnlCtrlSum`.
    pub original_sum: Option<ControlSum>,
    /// `PmtInfSts`.
    pub status: Option<Status>,
    /// `StsRsnInf`.
    pub reasons: &'a [StatusReason<'a>],
}

/// The status of an original payment.
#[derive(Debug, Clone, Copy, Default)]
pub struct TransactionStatus<'a> {
    /// `StsId`.
    pub status_id: Option<&'a str>,
    /// `OrgnlInstrId`.
    pub instruction_id: Option<&'a str>,
    /// `OrgnlEndToEndId`.
    pub end_to_end_id: Option<&'a str>,
    /// `OrgnlUETR`; version 03 has no place for it and leaves it out.
    pub uetr: Option<Uuid>,
    /// `TxSts`.
    pub status: Option<Status>,
    /// `StsRsnInf`.
    pub reasons: &'a [StatusReason<'a>],
    /// `OrgnlTxRef/Amt/InstdAmt`.
    pub amount: Option<Money>,
    /// `AccptncDtTm`.
    pub accepted: Option<Timestamp>,
}

/// Writes a `pain.002` payment by payment, in memory that does not grow with it.
///
/// Errors of kind [`io::ErrorKind::InvalidInput`] say that a field breaks its type or a status is
/// not in the version; the output is then to be thrown away.
pub struct Pain002Writer<W> {
    out: Output<W>,
    version: Pain002Version,
    block_open: bool,
}

impl<W: Write> Pain002Writer<W> {
    /// Begins a report.
    ///
    /// # Errors
    /// A field that breaks its type, or the output's error.
    pub fn new(out: W, version: Pain002Version, header: &ReportHeader<'_>) -> io::Result<Self> {
        let out = Output::new(out, &version.message().namespace());
        let mut writer = Pain002Writer { out, version, block_open: false };
        writer.header(header)?;
        Ok(writer)
    }

    fn header(&mut self, header: &ReportHeader<'_>) -> io::Result<()> {
        let out = &mut self.out;
        out.open("CstmrPmtStsRpt");
        out.open_line("GrpHdr");
        out.element("MsgId", header.message_id, 35)?;
        out.plain("CreDtTm", header.created);
        if let Some(name) = header.initiator_name {
            out.raw("<InitgPty>");
            out.element("Nm", shorten(&CharacterSet::Unicode.convert(name), 140), 140)?;
            out.raw("</InitgPty>");
        }
        out.close("GrpHdr");
        out.open_line("OrgnlGrpInfAndSts");
        out.element("OrgnlMsgId", header.original_message_id, 35)?;
        out.element("OrgnlMsgNmId", header.original_message_name, 35)?;
        out.optional("OrgnlCreDtTm", header.original_created, 64)?;
        self.numbers(header.original_payments, header.original_sum);
        self.status("GrpSts", header.status, StatusScope::Group)?;
        self.reasons(header.reasons)?;
        for (status, count) in header.counts {
            self.out.raw("<NbOfTxsPerSts>");
            self.out.plain("DtldNbOfTxs", count);
            self.status("DtldSts", Some(*status), StatusScope::Transaction)?;
            self.out.raw("</NbOfTxsPerSts>");
        }
        self.out.close("OrgnlGrpInfAndSts");
        Ok(())
    }

    fn numbers(&mut self, payments: Option<u64>, sum: Option<ControlSum>) {
        if let Some(payments) = payments {
            self.out.plain("OrgnlNbOfTxs", payments);
        }
        if let Some(sum) = sum {
            self.out.plain("OrgnlCtrlSum", sum);
        }
    }

    fn status(&mut self, element: &str, status: Option<Status>, scope: StatusScope) -> io::Result<()> {
        let Some(status) = status else { return Ok(()) };
        if self.version == Pain002Version::V03 && !status.is_in_v03(scope) {
            return Err(invalid(element, &format!("cannot be {status} in pain.002.001.03")));
        }
        self.out.open(element);
        self.out.raw(status.as_str());
        self.out.close(element);
        Ok(())
    }

    fn reasons(&mut self, reasons: &[StatusReason<'_>]) -> io::Result<()> {
        for reason in reasons {
            self.out.raw("<StsRsnInf>");
            if let Some(name) = reason.originator {
                self.out.raw("<Orgtr>");
                self.out.element("Nm", shorten(&CharacterSet::Unicode.convert(name), 140), 140)?;
                self.out.raw("</Orgtr>");
            }
            self.out.raw("<Rsn>");
            self.out.element("Cd", reason.code, 4)?;
            self.out.raw("</Rsn>");
            for text in reason.information {
                self.information(text)?;
            }
            self.out.raw("</StsRsnInf>");
        }
        Ok(())
    }

    fn information(&mut self, text: &str) -> io::Result<()> {
        let text = CharacterSet::Unicode.convert(text);
        let mut rest = text.as_ref();
        while !rest.is_empty() {
            let line = shorten(rest, 105);
            self.out.element("AddtlInf", line, 105)?;
            rest = &rest[line.len()..];
        }
        Ok(())
    }

    /// Begins a block of the original message; ends the one before.
    ///
    /// # Errors
    /// A field that breaks its type, or the output's error.
    pub fn payment_information(&mut self, block: &BlockStatus<'_>) -> io::Result<()> {
        self.end_block();
        self.block_open = true;
        self.out.open_line("OrgnlPmtInfAndSts");
        self.out.element("OrgnlPmtInfId", block.original_id, 35)?;
        self.numbers(block.original_payments, block.original_sum);
        self.status("PmtInfSts", block.status, StatusScope::Group)?;
        self.reasons(block.reasons)?;
        self.out.flush_chunk()
    }

    /// Writes the status of a payment of the open block.
    ///
    /// # Errors
    /// No open block, a field that breaks its type, or the output's error.
    pub fn transaction(&mut self, transaction: &TransactionStatus<'_>) -> io::Result<()> {
        if !self.block_open {
            return Err(invalid("TxInfAndSts", "stands outside a block"));
        }
        self.out.open_line("TxInfAndSts");
        self.out.optional("StsId", transaction.status_id, 35)?;
        self.out.optional("OrgnlInstrId", transaction.instruction_id, 35)?;
        self.out.optional("OrgnlEndToEndId", transaction.end_to_end_id, 35)?;
        if let (Some(uetr), Pain002Version::V10) = (transaction.uetr, self.version) {
            output::uetr(&mut self.out, "OrgnlUETR", uetr)?;
        }
        self.status("TxSts", transaction.status, StatusScope::Transaction)?;
        self.reasons(transaction.reasons)?;
        if let Some(accepted) = transaction.accepted {
            self.out.plain("AccptncDtTm", accepted);
        }
        if let Some(amount) = transaction.amount {
            self.out.raw("<OrgnlTxRef><Amt><InstdAmt Ccy=\"");
            self.out.raw(amount.currency().code());
            self.out.raw("\">");
            amount.write_decimal(self.out.text());
            self.out.raw("</InstdAmt></Amt></OrgnlTxRef>");
        }
        self.out.close("TxInfAndSts");
        self.out.flush_chunk()
    }

    fn end_block(&mut self) {
        if std::mem::take(&mut self.block_open) {
            self.out.close("OrgnlPmtInfAndSts");
        }
    }

    /// Ends the report and gives the output back.
    ///
    /// # Errors
    /// The output's error.
    pub fn finish(mut self) -> io::Result<W> {
        self.end_block();
        self.out.raw("\n</CstmrPmtStsRpt>");
        self.out.finish()
    }
}
