//! The group header: what is said of the delivery as a whole.

use super::party::{self, InitiatingParty, OtherId};
use super::rules::{Fault, Reporter};
use crate::control_sum::ControlSum;
use crate::finding::{Finding, Level};
use crate::message::MessageKind;
use crate::reason::ReasonCode;

/// `GrpHdr` of a `pain.001`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupHeader {
    /// The message and its version.
    pub message: MessageKind,
    /// Line of its start tag.
    pub line: u64,
    /// `MsgId`, unique per authority and data supplier.
    pub message_id: String,
    /// Line of `MsgId`.
    pub message_id_line: u64,
    /// `CreDtTm` as written (`xs:dateTime`).
    pub created: String,
    /// `NbOfTxs`.
    pub declared_payments: u64,
    /// `CtrlSum`; `None` where it is not given.
    pub declared_sum: Option<ControlSum>,
    /// Line of `InitgPty`.
    pub initiator_line: u64,
    /// `InitgPty`.
    pub initiator: InitiatingParty,
    /// Findings on the header ([`crate::Level::Group`]).
    pub findings: Vec<Finding>,
}

const PATH: &str = "/Document/CstmrCdtTrfInitn/GrpHdr";

impl GroupHeader {
    pub(super) fn read_message_id(&mut self, value: &str, line: u64) {
        value.clone_into(&mut self.message_id);
        self.message_id_line = line;
    }

    pub(super) fn read_sum(&mut self, value: &str, line: u64) {
        self.declared_sum = ControlSum::parse(value);
        if self.declared_sum.is_none() {
            self.fault(line, "/CtrlSum", IMPOSSIBLE_SUM);
        }
    }

    pub(super) fn take_up(&mut self, other: &OtherId) {
        if !self.initiator.take_up(other) {
            self.fault(other.line, "/InitgPty/Id/OrgId/Othr", party::INVALID_INITIATOR);
        }
    }

    fn fault(&mut self, line: u64, below: &str, fault: Fault) {
        let reporter = Reporter { level: Level::Group, path: PATH };
        self.findings.push(reporter.report(line, below, fault));
    }

    /// Compares what was declared with what was found.
    pub(super) fn compare(&self, payments: u64, sum: ControlSum) -> Vec<Finding> {
        let line = self.line;
        let reporter = Reporter { level: Level::Group, path: PATH };
        let mut findings = Vec::new();
        if self.declared_payments != payments {
            let numbers = [payments.to_string(), self.declared_payments.to_string()];
            findings.push(reporter.differs(line, "/NbOfTxs", ReasonCode::AM19, numbers));
        }
        if let Some(declared) = self.declared_sum.filter(|declared| *declared != sum) {
            let numbers = [sum.to_string(), declared.to_string()];
            findings.push(reporter.differs(line, "/CtrlSum", ReasonCode::AM16, numbers));
        }
        findings
    }
}

const IMPOSSIBLE_SUM: Fault = Fault {
    code: ReasonCode::AM16,
    expected: "a sum of amounts, which has at most five decimals",
    found: "more decimals",
    da: "Kontrolsummen kan ikke være en sum af beløb.",
    en: "The control sum cannot be a sum of amounts.",
};
