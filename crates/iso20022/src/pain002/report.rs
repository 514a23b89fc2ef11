//! What a status report says.

use crate::message::MessageKind;
use crate::status::Status;

/// A reason of a status (`StsRsnInf`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reason {
    /// The code or, if [`Reason::proprietary`], a text of the bank's own; empty when none is given.
    pub code: String,
    /// Whether the code is the bank's own.
    pub proprietary: bool,
    /// `AddtlInf`.
    pub information: Vec<String>,
}

/// How many payments have a status (`NbOfTxsPerSts`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StatusCount {
    /// `DtldSts`, when it is a known one.
    pub status: Option<Status>,
    /// `DtldNbOfTxs`; `None` when it is beyond any count.
    pub payments: Option<u64>,
}

/// The report's head and the status of the whole original message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupReport {
    /// The message and its version.
    pub message: MessageKind,
    /// `MsgId` of the report.
    pub message_id: String,
    /// `CreDtTm` as written.
    pub created: String,
    /// `OrgnlMsgId`.
    pub original_message_id: String,
    /// `OrgnlMsgNmId`.
    pub original_message_name: String,
    /// `GrpSts`, when it is a known one.
    pub status: Option<Status>,
    /// `GrpSts` as written.
    pub status_text: Option<String>,
    /// `StsRsnInf`.
    pub reasons: Vec<Reason>,
    /// `NbOfTxsPerSts`.
    pub counts: Vec<StatusCount>,
}

/// The status of an original block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockReport {
    /// Its number in the report, from 1.
    pub position: u32,
    /// `OrgnlPmtInfId`.
    pub original_id: String,
    /// `PmtInfSts`, when it is a known one.
    pub status: Option<Status>,
    /// `PmtInfSts` as written.
    pub status_text: Option<String>,
    /// `StsRsnInf`.
    pub reasons: Vec<Reason>,
    /// `NbOfTxsPerSts`.
    pub counts: Vec<StatusCount>,
}

/// The status of an original payment. Texts are borrowed until the next event.
#[derive(Debug, Clone, Copy)]
pub struct TransactionReport<'r> {
    /// Number of its block in the report, from 1.
    pub block: u32,
    /// Number of the payment in the report, from 1.
    pub position: u64,
    /// Line of its start tag.
    pub line: u64,
    /// `StsId`.
    pub status_id: Option<&'r str>,
    /// `OrgnlInstrId`.
    pub instruction_id: Option<&'r str>,
    /// `OrgnlEndToEndId`.
    pub end_to_end_id: Option<&'r str>,
    /// `OrgnlUETR`.
    pub uetr: Option<&'r str>,
    /// `TxSts`, when it is a known one.
    pub status: Option<Status>,
    /// `TxSts` as written.
    pub status_text: Option<&'r str>,
    /// `StsRsnInf`.
    pub reasons: &'r [Reason],
}
