//! The group header: what is said of the delivery as a whole.

use super::fault::{Fault, Reporter, place_at, words};
use super::party::{self, InitiatingParty, OtherId};
use super::references;
use super::rules::Rules;
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
    pub(super) places: HeadPlaces,
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

/// Where the parts of a header or of a block's head stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct HeadPlaces {
    /// Byte where it begins.
    pub offset: u64,
    /// Line of its identification.
    pub id: u64,
    /// Line of `NbOfTxs`.
    pub count: u64,
    /// Line of `CtrlSum`.
    pub sum: u64,
    /// Line of the debtor's account.
    pub account: u64,
    /// Line of `PmtMtd`.
    pub method: u64,
}

const PATH: &str = "/Document/CstmrCdtTrfInitn/GrpHdr";

impl GroupHeader {
    pub(super) fn read_message_id(&mut self, value: &str, line: u64, rules: &Rules) {
        value.clone_into(&mut self.message_id);
        self.message_id_line = line;
        if !rules.characters.allows_reference(value) {
            self.fault(line, "/MsgId", references::CHARACTERS);
        }
    }

    /// Judges what only shows when the whole header is read.
    pub(super) fn judge(&mut self) {
        let initiator = &self.initiator;
        let named = initiator.agreement.is_some() || initiator.cvr.is_some();
        if !named && self.findings.iter().all(|finding| finding.code != ReasonCode::BE05) {
            self.fault(self.initiator_line, "/InitgPty", party::NAMELESS_INITIATOR);
        }
    }

    pub(super) fn read_count(&mut self, value: &str, line: u64) {
        self.places.count = line;
        self.declared_payments = value.parse().unwrap_or(u64::MAX);
    }

    pub(super) fn read_sum(&mut self, value: &str, line: u64) {
        self.places.sum = line;
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
        let reporter = Reporter { level: Level::Group, path: PATH };
        let mut findings = Vec::new();
        if self.declared_payments != payments {
            let numbers = [payments.to_string(), self.declared_payments.to_string()];
            findings.push(reporter.differs(self.places.count, "/NbOfTxs", ReasonCode::AM19, numbers));
        }
        if let Some(declared) = self.declared_sum.filter(|declared| *declared != sum) {
            let numbers = [sum.to_string(), declared.to_string()];
            findings.push(reporter.differs(self.places.sum, "/CtrlSum", ReasonCode::AM16, numbers));
        }
        place_at(&mut findings, self.places.offset);
        findings
    }
}

const IMPOSSIBLE_SUM: Fault = Fault {
    code: ReasonCode::AM16,
    text: words("Kontrolsummen kan ikke være en sum af beløb.", "The control sum cannot be a sum of amounts."),
    expected: words("en sum af beløb, som har højst fem decimaler", "a sum of amounts, which has at most five decimals"),
    found: words("flere decimaler", "more decimals"),
};
