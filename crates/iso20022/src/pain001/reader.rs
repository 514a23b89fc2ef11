//! The reader: bytes in, events out, one payment at a time.

use super::block::{BlockTotals, PaymentInformation};
use super::collect::{Collector, Ready};
use super::group::GroupHeader;
use super::row::PaymentRow;
use super::rules::Rules;
use super::way::{Threads, Way};
use crate::control_sum::ControlSum;
use crate::engine::Progress;
use crate::extras::AllLeftOut;
use crate::finding::{Finding, Level};
use crate::header::BusinessHeader;
use crate::limits::Limits;
use crate::message::MessageKind;
use crate::terms::{ChargeBearer, PaymentTerms};
use std::io::{self, Read};

/// What the reader tells, in the order of the file.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "the payment is the event that nearly all events are")]
pub enum Event<'r> {
    /// The group header is read.
    GroupHeader(&'r GroupHeader),
    /// The head of a block is read; its payments follow.
    PaymentInformation(&'r PaymentInformation),
    /// A payment.
    Payment(PaymentRow<'r>),
    /// A block has ended.
    PaymentInformationEnd(&'r BlockTotals),
    /// The file is not readable or breaks the schema: it is refused whole, what has been told is
    /// void, and only findings and the end follow.
    Finding(&'r Finding),
    /// The file has ended, or cannot be read on. Told again if asked again.
    End(&'r Totals),
}

/// What becomes of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It follows the schema. Its payments may still have findings of their own.
    Readable,
    /// It is not well-formed XML, or no `pain.001` we read: return answer 0.
    Unreadable,
    /// It breaks its schema: return answer 1, rejected.
    Invalid,
}

/// The file at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// What becomes of the file.
    pub outcome: Outcome,
    /// The message; `None` when it is none we know.
    pub message: Option<MessageKind>,
    /// Number of payments.
    pub payments: u64,
    /// Sum of the payments' amounts as written.
    pub sum: ControlSum,
    /// Bytes walked.
    pub bytes: u64,
    /// Lines walked.
    pub lines: u64,
    /// References that were not compared with earlier ones for want of room ([`Rules::remembered_payments`]).
    pub uncompared_references: u64,
    /// What stands behind all blocks and does not pass on to the bank; the blocks and payments say their own.
    pub left_out: AllLeftOut,
    /// AM16 and AM19, when the group header declared otherwise. Empty unless the file is readable.
    pub findings: Vec<Finding>,
}

/// Reads a `pain.001` of version 03, 09 or 12 as a stream, in memory that does not grow with it.
///
/// Every byte is validated against the message's schema before an event is made of it. Rules
/// beyond the schema become findings on the group, block or payment they concern.
pub struct Pain001Reader<R> {
    way: Way<R>,
    limits: Limits,
    collector: Collector,
    current: Option<Finding>,
    outcome: Outcome,
    totals: Option<Totals>,
}

impl<R: Read> Pain001Reader<R> {
    /// A reader of this input by the default [`Rules`]. Nothing is read before the first event is asked for.
    pub fn new(input: R, limits: Limits) -> Self {
        Self::with_rules(input, limits, Rules::default())
    }

    /// A reader of this input by these rules.
    pub fn with_rules(input: R, limits: Limits, rules: Rules) -> Self {
        Self::by(Way::NotBegun(input), limits, rules)
    }

    /// A reader of this input whose file is walked by several threads, which begin at once and read ahead; events and
    /// findings are the same and in the same order. Worth while from some megabytes on. Dropped early, the threads end
    /// when the input has given what it was asked for last.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn on_threads(input: R, limits: Limits, rules: Rules, threads: Threads) -> io::Result<Self>
    where
        R: Send + 'static,
    {
        Ok(Self::by(Way::together(input, limits, threads)?, limits, rules))
    }

    fn by(way: Way<R>, limits: Limits, rules: Rules) -> Self {
        Pain001Reader {
            way,
            limits,
            collector: Collector::new(rules, limits.construct_bytes),
            current: None,
            outcome: Outcome::Readable,
            totals: None,
        }
    }

    /// The header before the message, once it is read; `None` for a message that stands alone.
    pub fn header(&self) -> Option<BusinessHeader<'_>> {
        self.way.header()?.header()
    }

    /// The next event.
    ///
    /// # Errors
    /// Only those of the input itself; what is wrong with the file is told as events.
    pub fn next_event(&mut self) -> io::Result<Event<'_>> {
        loop {
            if let Some(finding) = self.collector.findings.pop_front() {
                self.note_outcome(finding.level);
                return Ok(Event::Finding(self.current.insert(finding)));
            }
            if let Some(ready) = self.collector.ready.take() {
                return Ok(self.event(ready));
            }
            let progress = self.way.run(self.limits, &mut self.collector)?;
            if progress == Progress::Finished && self.collector.findings.is_empty() {
                return Ok(self.end());
            }
        }
    }

    fn note_outcome(&mut self, level: Level) {
        self.outcome = match (level, self.outcome) {
            (Level::Unreadable, _) | (_, Outcome::Unreadable) => Outcome::Unreadable,
            _ => Outcome::Invalid,
        };
    }

    fn event(&mut self, ready: Ready) -> Event<'_> {
        match ready {
            Ready::GroupHeader => {
                if let Some(kind) = self.way.reached().message {
                    self.collector.group.message = kind;
                }
                Event::GroupHeader(&self.collector.group)
            }
            Ready::Block => Event::PaymentInformation(&self.collector.block),
            Ready::Row => Event::Payment(row(&self.collector)),
            Ready::BlockEnd => Event::PaymentInformationEnd(&self.collector.block_totals),
        }
    }

    fn end(&mut self) -> Event<'_> {
        let collector = &self.collector;
        let reached = self.way.reached();
        let outcome = self.outcome;
        let totals = self.totals.get_or_insert_with(|| Totals {
            outcome,
            message: reached.message,
            payments: collector.payments,
            sum: collector.sum,
            bytes: reached.bytes,
            lines: reached.lines,
            uncompared_references: collector.seen.passed_over,
            left_out: collector.left_out,
            findings: match outcome {
                Outcome::Readable => collector.group.compare(collector.payments, collector.sum),
                Outcome::Unreadable | Outcome::Invalid => Vec::new(),
            },
        });
        Event::End(totals)
    }
}

fn row(collector: &Collector) -> PaymentRow<'_> {
    let (row, judged) = (&collector.row, &collector.judged);
    PaymentRow {
        block: collector.block.position,
        position: collector.payments,
        position_in_block: collector.block_totals.payments,
        line: row.line,
        span: row.span,
        instruction_id: row.text(row.instruction_id),
        end_to_end_id: row.text(row.end_to_end_id).unwrap_or_default(),
        uetr: row.text(row.uetr),
        terms: PaymentTerms {
            service_level: row.text(row.service_level),
            category_purpose: row.text(row.category_code),
            charge_bearer: row.text(row.charge_bearer).and_then(ChargeBearer::parse),
        },
        amount: judged.amount,
        identifiers: &judged.identifiers,
        account: judged.account.as_ref(),
        creditor_name: row.text(row.creditor_name),
        country: row.text(row.address.country),
        address: &row.address,
        texts: &row.texts,
        agent_bic: judged.agent_bic,
        agent_clearing_member: row.text(row.agent_member),
        agent_name: row.text(row.agent_name),
        benefit: judged.benefit,
        purpose: row.text(row.purpose_code),
        remittance: row.text(row.remittance),
        structured_reference: row.text(row.reference),
        extras: row.rare.extras(&row.texts),
        left_out: row.rare.left_out,
        findings: &judged.findings,
        block_rejected: !collector.block.findings.is_empty(),
    }
}
