//! Counts and sums of a recall, held against the payments it lists.
//!
//! The schemas define them as those "contained in the message" and "in the payment information group"; so they are of what is to be cancelled.
//! A delivery or block that is cancelled whole does not list its payments: there they cannot be judged by the message alone. Nor can a
//! sum, where a payment leaves out its `OrgnlInstdAmt`.

use super::{BlockRecall, GroupRecall, RecallHead};
use crate::control_sum::ControlSum;
use crate::finding::{Finding, Level};
use crate::pain001::fault::Reporter;
use crate::reason::ReasonCode;
use crate::record::Told;
use primitives::Money;

/// What a recall, or a part of it, says of its payments, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared {
    pub level: Level,
    /// The element around both, below the record; empty where it is the record itself.
    pub below: &'static str,
    pub payments: Option<u64>,
    pub sum: Option<ControlSum>,
    /// The codes of another number and of another sum.
    pub codes: [ReasonCode; 2],
}

impl Declared {
    /// What the whole recall says.
    pub fn of_message(head: &RecallHead<'_>) -> Self {
        Self { below: "/CtrlData", payments: head.payments, sum: head.sum, ..GROUP }
    }

    /// What is said of a delivery.
    pub fn of_group(group: &GroupRecall<'_>) -> Self {
        Self { below: "/OrgnlGrpInfAndCxl", payments: group.payments, sum: group.sum, ..GROUP }
    }

    /// What is said of a block.
    pub fn of_block(block: &BlockRecall<'_>) -> Self {
        let (level, codes) = (Level::PaymentInformation, [ReasonCode::AM20, ReasonCode::AM17]);
        Self { level, codes, payments: block.payments, sum: block.sum, ..GROUP }
    }
}

const GROUP: Declared =
    Declared { level: Level::Group, below: "", payments: None, sum: None, codes: [ReasonCode::AM19, ReasonCode::AM16] };

/// The payments of a recall, or of a part of it, as listed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Listed {
    payments: u64,
    sum: ControlSum,
    /// A payment gives no amount, or none that can be summed up.
    unknown_sum: bool,
    /// Something is cancelled whole, so that not all is listed.
    unlisted: bool,
}

impl Listed {
    /// A payment.
    pub fn add(&mut self, amount: Option<Money>) {
        self.payments += 1;
        match amount.and_then(|amount| self.sum.add_money(amount)) {
            Some(sum) => self.sum = sum,
            None => self.unknown_sum = true,
        }
    }

    /// Something that is cancelled whole.
    pub fn add_whole(&mut self) {
        self.unlisted = true;
    }

    /// Compares what is declared with what is listed.
    pub fn judge<T>(&self, declared: Declared, told: &Told<'_, T>) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.unlisted {
            return findings;
        }
        let path = told.path();
        let reporter = Reporter { level: declared.level, path: &path };
        let mut differs = |element: &str, code, numbers| {
            let below = format!("{}{element}", declared.below);
            findings.push(reporter.differs(told.line_of(&below), &below, code, numbers));
        };
        let [of_count, of_sum] = declared.codes;
        if let Some(payments) = declared.payments.filter(|payments| *payments != self.payments) {
            differs("/NbOfTxs", of_count, [self.payments.to_string(), payments.to_string()]);
        }
        if let Some(sum) = declared.sum.filter(|sum| *sum != self.sum && !self.unknown_sum) {
            differs("/CtrlSum", of_sum, [self.sum.to_string(), sum.to_string()]);
        }
        findings
    }
}
