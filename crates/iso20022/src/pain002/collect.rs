//! Takes up what the engine tells, element by element.

use super::fields::F;
use super::report::{BlockReport, GroupReport, Reason, StatusCount};
use crate::engine::{Flow, Place, Sink};
use crate::finding::{Finding, Level};
use crate::grammar::binding::Field;
use crate::message::MessageKind;
use crate::pain001::fault::{Fault, Reporter, words};
use crate::reason::ReasonCode;
use crate::status::Status;
use crate::text_store::{Slice, TextStore};
use std::collections::VecDeque;

/// What is ready to be told to the reader's user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ready {
    Group,
    Block,
    Transaction,
}

/// The fields of one payment's status.
#[derive(Debug, Default)]
pub(super) struct TransactionFields {
    pub line: u64,
    pub status_id: Option<Slice>,
    pub instruction_id: Option<Slice>,
    pub end_to_end_id: Option<Slice>,
    pub uetr: Option<Slice>,
    pub status: Option<Slice>,
}

/// The reader's state between the engine's calls.
#[derive(Debug)]
pub(super) struct Collector {
    pub group: GroupReport,
    pub block: BlockReport,
    pub transaction: TransactionFields,
    pub texts: TextStore,
    /// Reasons of the group, block or payment at hand; only the first `reason_count` count, so
    /// that their memory is kept.
    reasons: Vec<Reason>,
    reason_count: usize,
    /// A block and an empty payment may be ready at once.
    pub ready: VecDeque<Ready>,
    pub findings: VecDeque<Finding>,
    pub refused: bool,
    pub transactions: u64,
    block_told: bool,
    /// Counts of the group or block at hand.
    counts: Vec<StatusCount>,
    /// Bytes kept of the reasons and counts of the group, block or payment at hand.
    kept: usize,
    /// The most that may be kept of them, so that no report can exhaust the memory.
    limit: usize,
}

impl Collector {
    /// A collector that keeps at most so many bytes of one group, block or payment.
    pub fn new(limit: usize) -> Self {
        Collector {
            group: GroupReport {
                message: MessageKind::Pain002V10,
                message_id: String::new(),
                created: String::new(),
                original_message_id: String::new(),
                original_message_name: String::new(),
                status: None,
                status_text: None,
                reasons: Vec::new(),
                counts: Vec::new(),
            },
            block: BlockReport::default(),
            transaction: TransactionFields::default(),
            texts: TextStore::default(),
            reasons: Vec::new(),
            reason_count: 0,
            ready: VecDeque::new(),
            findings: VecDeque::new(),
            refused: false,
            transactions: 0,
            block_told: false,
            counts: Vec::new(),
            kept: 0,
            limit,
        }
    }

    /// Reasons of what is told now.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons[..self.reason_count]
    }

    fn tell(&mut self, ready: Ready) -> Flow {
        if self.refused {
            return Flow::Continue;
        }
        self.ready.push_back(ready);
        Flow::Pause
    }

    /// Tells the block before its first payment, or at its end if it has none.
    fn tell_block(&mut self) -> Flow {
        if std::mem::replace(&mut self.block_told, true) {
            return Flow::Continue;
        }
        self.block.reasons = self.reasons().to_vec();
        self.block.counts = std::mem::take(&mut self.counts);
        self.tell(Ready::Block)
    }

    fn open_transaction(&mut self, place: Place) -> Flow {
        let flow = self.tell_block();
        self.texts.clear();
        (self.reason_count, self.kept) = (0, 0);
        self.transaction = TransactionFields { line: place.line, ..TransactionFields::default() };
        flow
    }

    /// Counts what is kept; `false` when it would be too much, and the report is refused.
    fn keep(&mut self, bytes: usize, line: u64) -> bool {
        self.kept += bytes;
        if self.kept > self.limit && !self.refused {
            let block = format!("/Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts[{}]", self.block.position);
            let path = if self.block.position == 0 { "/Document/CstmrPmtStsRpt/OrgnlGrpInfAndSts" } else { &block };
            self.finding(Reporter { level: Level::Unreadable, path }.report(line, "", TOO_MUCH));
        }
        !self.refused
    }

    fn open_reason(&mut self, line: u64) {
        if !self.keep(size_of::<Reason>(), line) {
            return;
        }
        if self.reason_count == self.reasons.len() {
            self.reasons.push(Reason::default());
        }
        let reason = &mut self.reasons[self.reason_count];
        reason.code.clear();
        reason.proprietary = false;
        reason.information.clear();
        self.reason_count += 1;
    }

    fn reason_value(&mut self, field: F, value: &str, line: u64) {
        if !self.keep(value.len() + size_of::<String>(), line) {
            return;
        }
        let Some(reason) = self.reason_count.checked_sub(1).map(|last| &mut self.reasons[last]) else { return };
        match field {
            F::Information => reason.information.push(value.to_owned()),
            _ => {
                value.clone_into(&mut reason.code);
                reason.proprietary = field == F::ReasonProprietary;
            }
        }
    }

    fn open_count(&mut self, line: u64) {
        if self.keep(size_of::<StatusCount>(), line) {
            self.counts.push(StatusCount::default());
        }
    }

    fn count_value(&mut self, field: F, value: &str) {
        let Some(count) = self.counts.last_mut() else { return };
        match field {
            F::CountPayments => count.payments = value.parse().ok(),
            _ => count.status = Status::parse(value),
        }
    }

    fn head_value(&mut self, field: F, value: &str) {
        let (group, block) = (&mut self.group, &mut self.block);
        match field {
            F::MessageId => value.clone_into(&mut group.message_id),
            F::Created => value.clone_into(&mut group.created),
            F::OriginalMessageId => value.clone_into(&mut group.original_message_id),
            F::OriginalMessageName => value.clone_into(&mut group.original_message_name),
            F::GroupStatus => (group.status, group.status_text) = (Status::parse(value), Some(value.to_owned())),
            F::OriginalBlockId => value.clone_into(&mut block.original_id),
            F::BlockStatus => (block.status, block.status_text) = (Status::parse(value), Some(value.to_owned())),
            _ => {}
        }
    }
}

impl Sink for Collector {
    fn open(&mut self, field: Field, place: Place) -> Flow {
        match F::of(field) {
            F::Block => {
                self.block = BlockReport { position: self.block.position + 1, ..BlockReport::default() };
                self.block_told = false;
                (self.reason_count, self.kept) = (0, 0);
            }
            F::Transaction => return self.open_transaction(place),
            F::Reason => self.open_reason(place.line),
            F::Count => self.open_count(place.line),
            _ => {}
        }
        Flow::Continue
    }

    fn value(&mut self, field: Field, value: &str, _: &str, line: u64) {
        let field = F::of(field);
        let place = match field {
            F::StatusId => &mut self.transaction.status_id,
            F::InstructionId => &mut self.transaction.instruction_id,
            F::EndToEndId => &mut self.transaction.end_to_end_id,
            F::Uetr => &mut self.transaction.uetr,
            F::TransactionStatus => &mut self.transaction.status,
            F::ReasonCode | F::ReasonProprietary | F::Information => return self.reason_value(field, value, line),
            F::CountPayments | F::CountStatus => return self.count_value(field, value),
            _ => return self.head_value(field, value),
        };
        *place = Some(self.texts.add(value, line));
    }

    fn close(&mut self, field: Field, _: u64) -> Flow {
        match F::of(field) {
            F::Group => {
                self.group.reasons = self.reasons().to_vec();
                self.group.counts = std::mem::take(&mut self.counts);
                self.tell(Ready::Group)
            }
            F::Block => self.tell_block(),
            F::Transaction => {
                self.transactions += 1;
                self.tell(Ready::Transaction)
            }
            _ => Flow::Continue,
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.refused = true;
        self.ready.clear();
        self.findings.push_back(finding);
    }
}

const TOO_MUCH: Fault = Fault {
    code: ReasonCode::FF01,
    text: words("Filen overskrider en grænse.", "The file goes beyond a limit."),
    expected: words("en status med begrænset indhold", "a status of bounded content"),
    found: words("mere", "more"),
};
