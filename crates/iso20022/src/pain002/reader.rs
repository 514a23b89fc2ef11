//! The reader: bytes in, events out, one payment's status at a time.

use super::collect::{Collector, Ready};
use super::fields;
use super::report::{BlockReport, GroupReport, TransactionReport};
use crate::engine::{Engine, Progress};
use crate::finding::{Finding, Level};
use crate::header::BusinessHeader;
use crate::limits::Limits;
use crate::message::MessageKind;
use crate::pain001::Outcome;
use crate::status::Status;
use std::io::{self, Read};

/// What the reader tells, in the order of the file.
#[derive(Debug)]
pub enum StatusEvent<'r> {
    /// The head and the status of the original message are read.
    Group(&'r GroupReport),
    /// The status of an original block; its payments follow.
    PaymentInformation(&'r BlockReport),
    /// The status of an original payment.
    Transaction(TransactionReport<'r>),
    /// The file is not readable or breaks the schema: it is refused whole, what has been told is
    /// void, and only findings and the end follow.
    Finding(&'r Finding),
    /// The file has ended, or cannot be read on. Told again if asked again.
    End(StatusTotals),
}

/// The report at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusTotals {
    /// What becomes of the file.
    pub outcome: Outcome,
    /// The message; `None` when it is none we know.
    pub message: Option<MessageKind>,
    /// Number of payments reported on.
    pub transactions: u64,
    /// Bytes walked.
    pub bytes: u64,
}

/// Reads a `pain.002` of version 03, 10 or 14 as a stream, in memory that does not grow with it.
pub struct Pain002Reader<R> {
    engine: Option<Engine<R>>,
    input: Option<R>,
    limits: Limits,
    collector: Collector,
    current: Option<Finding>,
    outcome: Outcome,
}

impl<R: Read> Pain002Reader<R> {
    /// A reader of this input. Nothing is read before the first event is asked for.
    pub fn new(input: R, limits: Limits) -> Self {
        Pain002Reader {
            engine: None,
            input: Some(input),
            limits,
            collector: Collector::new(limits.construct_bytes),
            current: None,
            outcome: Outcome::Readable,
        }
    }

    /// The header before the message, once it is read; `None` for a message that stands alone.
    pub fn header(&self) -> Option<BusinessHeader<'_>> {
        self.engine.as_ref()?.header()?.header()
    }

    /// The next event.
    ///
    /// # Errors
    /// Only those of the input itself; what is wrong with the file is told as events.
    pub fn next_event(&mut self) -> io::Result<StatusEvent<'_>> {
        self.start()?;
        loop {
            if let Some(finding) = self.collector.findings.pop_front() {
                let unreadable = finding.level == Level::Unreadable || self.outcome == Outcome::Unreadable;
                self.outcome = if unreadable { Outcome::Unreadable } else { Outcome::Invalid };
                return Ok(StatusEvent::Finding(self.current.insert(finding)));
            }
            if let Some(ready) = self.collector.ready.pop_front() {
                return Ok(self.event(ready));
            }
            let progress = match &mut self.engine {
                Some(engine) => engine.run(&mut self.collector)?,
                None => Progress::Finished,
            };
            if progress == Progress::Finished && self.collector.findings.is_empty() {
                return Ok(StatusEvent::End(self.totals()));
            }
        }
    }

    fn start(&mut self) -> io::Result<()> {
        let Some(input) = self.input.take() else { return Ok(()) };
        match Engine::new(input, self.limits, fields::binding, "pain.002.001.03, .10 or .14")? {
            Ok(engine) => self.engine = Some(engine),
            Err(problem) => self.collector.findings.push_back(problem.at(1, "/".to_owned())),
        }
        Ok(())
    }

    fn event(&mut self, ready: Ready) -> StatusEvent<'_> {
        match ready {
            Ready::Group => {
                if let Some(kind) = self.engine.as_ref().and_then(Engine::kind) {
                    self.collector.group.message = kind;
                }
                StatusEvent::Group(&self.collector.group)
            }
            Ready::Block => StatusEvent::PaymentInformation(&self.collector.block),
            Ready::Transaction => StatusEvent::Transaction(transaction(&self.collector)),
        }
    }

    fn totals(&self) -> StatusTotals {
        StatusTotals {
            outcome: self.outcome,
            message: self.engine.as_ref().and_then(Engine::kind),
            transactions: self.collector.transactions,
            bytes: self.engine.as_ref().map_or(0, Engine::bytes),
        }
    }
}

fn transaction(collector: &Collector) -> TransactionReport<'_> {
    let fields = &collector.transaction;
    let text = |slice: Option<crate::text_store::Slice>| slice.map(|slice| collector.texts.get(slice));
    let status_text = text(fields.status);
    TransactionReport {
        block: collector.block.position,
        position: collector.transactions,
        line: fields.line,
        status_id: text(fields.status_id),
        instruction_id: text(fields.instruction_id),
        end_to_end_id: text(fields.end_to_end_id),
        uetr: text(fields.uetr),
        status: status_text.and_then(Status::parse),
        status_text,
        reasons: collector.reasons(),
    }
}
