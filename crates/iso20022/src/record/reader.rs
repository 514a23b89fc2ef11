//! The reader: bytes in, records out, one at a time.

use super::collect::{Collector, Record};
use super::layout::Layout;
use super::message::Message;
use super::shape::Values;
use crate::engine::{Engine, Progress};
use crate::finding::{Finding, Level};
use crate::header::BusinessHeader;
use crate::limits::Limits;
use crate::message::MessageKind;
use crate::pain001::Outcome;
use crate::pain001::fault::Reporter;
use std::fmt;
use std::io::{self, Read};
use std::marker::PhantomData;

/// What a [`RecordReader`] tells, in the order of the file.
#[derive(Debug)]
pub enum RecordEvent<'r, T> {
    /// A record. One that holds others is told before them, with what stands before them.
    Record(Told<'r, T>),
    /// The file is not readable or breaks the schema: it is refused whole, what has been told is
    /// void, and only findings and the end follow.
    Finding(&'r Finding),
    /// The file has ended, or cannot be read on. Told again if asked again.
    End(RecordTotals),
}

/// A record and where it stands. Texts are borrowed until the next event.
#[derive(Clone, Copy)]
pub struct Told<'r, T> {
    /// The record.
    pub record: T,
    /// Line of its start tag.
    pub line: u64,
    /// What is wrong with it beyond the schema; a value with a finding is `None`.
    pub findings: &'r [Finding],
    pub(super) layout: &'static Layout,
    pub(super) kept: &'r Record,
}

impl<T> Told<'_, T> {
    /// Where it stands, such as `/Document/CstmrPmtCxlReq/Undrlyg[1]/OrgnlPmtInfAndCxl[2]/TxInf[17]`.
    #[must_use]
    pub fn path(&self) -> String {
        self.layout.path(self.kept.place, &self.kept.numbers)
    }

    /// Line of a value at a path below it, such as `/CtrlData/NbOfTxs`; its own where it has no such value.
    pub(crate) fn line_of(&self, below: &str) -> u64 {
        let stands_there = |value: &&super::shape::Value| self.layout.path_below(self.kept.place, value.number) == below;
        self.kept.values.iter().find(stands_there).map_or(self.line, |value| value.text.line)
    }
}

impl<T: fmt::Debug> fmt::Debug for Told<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Told")
            .field("record", &self.record)
            .field("line", &self.line)
            .field("findings", &self.findings)
            .finish()
    }
}

/// The file at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordTotals {
    /// What becomes of the file.
    pub outcome: Outcome,
    /// The message; `None` when it is none that is read.
    pub message: Option<MessageKind>,
    /// Number of records told.
    pub records: u64,
    /// Bytes walked.
    pub bytes: u64,
}

/// Reads a message of any size as a stream of records, in memory that does not grow with it.
///
/// Every byte is validated against the message's schema before a record is made of it.
pub struct RecordReader<M, R> {
    engine: Option<Engine<R>>,
    input: Option<R>,
    limits: Limits,
    collector: Collector,
    told: Option<Record>,
    findings: Vec<Finding>,
    current: Option<Finding>,
    outcome: Outcome,
    message: PhantomData<M>,
}

/// An engine that walks the messages of `M`.
pub(super) fn engine<M: Message, R: Read>(input: R, limits: Limits) -> io::Result<Result<Engine<R>, Finding>> {
    let bind = |kind| M::layout(kind).map(|layout| &layout.binding);
    Ok(Engine::new(input, limits, bind, M::EXPECTED)?.map_err(|problem| problem.at(1, "/".to_owned())))
}

/// A record as the message has it, with the findings on its values.
pub(crate) fn told<'r, M: Message>(layout: &Layout, record: &'r Record) -> (M::Record<'r>, Vec<Finding>) {
    let mut values = Values::new(&record.values, &record.texts, 0);
    let made = M::read(record.place, &mut values);
    let misfits = values.into_faults();
    if misfits.is_empty() {
        return (made, Vec::new());
    }
    let path = layout.path(record.place, &record.numbers);
    let level = layout.places[record.place].level.unwrap_or(Level::Group);
    let reporter = Reporter { level, path: &path };
    let finding = |misfit: super::shape::Misfit| {
        reporter.report(misfit.line, &layout.path_below(record.place, misfit.number), misfit.fault)
    };
    (made, misfits.into_iter().map(finding).collect())
}

impl<M: Message, R: Read> RecordReader<M, R> {
    /// A reader of this input. Nothing is read before the first event is asked for.
    pub fn new(input: R, limits: Limits) -> Self {
        RecordReader {
            engine: None,
            input: Some(input),
            limits,
            collector: Collector::new(M::layout, true, limits.construct_bytes),
            told: None,
            findings: Vec::new(),
            current: None,
            outcome: Outcome::Readable,
            message: PhantomData,
        }
    }

    /// The message, once its root element is read.
    pub fn message(&self) -> Option<MessageKind> {
        self.engine.as_ref().and_then(Engine::kind)
    }

    /// The header before the message, once it is read; `None` for a message that stands alone.
    pub fn header(&self) -> Option<BusinessHeader<'_>> {
        self.engine.as_ref()?.header()?.header()
    }

    /// The next event.
    ///
    /// # Errors
    /// Only those of the input itself; what is wrong with the file is told as events.
    pub fn next_event(&mut self) -> io::Result<RecordEvent<'_, M::Record<'_>>> {
        self.start()?;
        self.walk()?;
        if let Some(finding) = self.collector.findings.pop_front() {
            let unreadable = finding.level == Level::Unreadable || self.outcome == Outcome::Unreadable;
            self.outcome = if unreadable { Outcome::Unreadable } else { Outcome::Invalid };
            return Ok(RecordEvent::Finding(self.current.insert(finding)));
        }
        let (Some(layout), Some(next)) = (self.collector.layout, self.collector.ready.pop_front()) else {
            return Ok(RecordEvent::End(self.totals()));
        };
        if let Some(before) = self.told.take() {
            self.collector.reuse(before);
        }
        let kept = self.told.insert(next);
        let (record, findings) = told::<M>(layout, kept);
        self.findings = findings;
        Ok(RecordEvent::Record(Told { record, line: kept.line, findings: &self.findings, layout, kept }))
    }

    fn start(&mut self) -> io::Result<()> {
        let Some(input) = self.input.take() else { return Ok(()) };
        match engine::<M, R>(input, self.limits)? {
            Ok(engine) => self.engine = Some(engine),
            Err(finding) => self.collector.findings.push_back(finding),
        }
        Ok(())
    }

    /// Walks until there is something to tell, or the file has ended.
    fn walk(&mut self) -> io::Result<()> {
        while self.collector.findings.is_empty() && self.collector.ready.is_empty() {
            let progress = match &mut self.engine {
                Some(engine) => engine.run(&mut self.collector)?,
                None => Progress::Finished,
            };
            if progress == Progress::Finished {
                break;
            }
        }
        Ok(())
    }

    fn totals(&self) -> RecordTotals {
        RecordTotals {
            outcome: self.outcome,
            message: self.message(),
            records: self.collector.records,
            bytes: self.engine.as_ref().map_or(0, Engine::bytes),
        }
    }
}
