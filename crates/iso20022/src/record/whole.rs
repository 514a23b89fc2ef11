//! Small messages, read whole.

use super::collect::{Collector, Record};
use super::layout::Layout;
use super::message::Message;
use super::reader::{Told, engine, told};
use crate::finding::{Finding, Level};
use crate::header::{BusinessHeader, KeptHeader};
use crate::limits::Limits;
use crate::message::MessageKind;
use crate::pain001::fault::{Fault, Reporter, words};
use crate::reason::ReasonCode;
use std::fmt;
use std::io::{self, Read};
use std::marker::PhantomData;

/// A small message, read whole: valid to its last byte before anything of it is told, and told as often as asked.
///
/// It keeps the values its records are made of, and nothing else of the file. A file of more than
/// [`Whole::MAX_BYTES`] is refused: a larger one is read as a stream by [`RecordReader`](super::RecordReader).
pub struct Whole<M> {
    layout: &'static Layout,
    records: Vec<(Record, Vec<Finding>)>,
    header: Option<KeptHeader>,
    message: PhantomData<M>,
}

/// A file that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The message; `None` when it is none that is read.
    pub message: Option<MessageKind>,
    /// Why, in the order of the file; at least one.
    pub findings: Vec<Finding>,
}

impl<M: Message> Whole<M> {
    /// The largest file that is read whole: 4 MiB. What is kept of it is a small multiple at most.
    pub const MAX_BYTES: u64 = 4 << 20;

    /// Reads a file to its end.
    ///
    /// # Errors
    /// Only those of the input itself; a file that is not a valid message of `M` is [`Refused`].
    pub fn read(input: impl Read, limits: Limits) -> io::Result<Result<Whole<M>, Refused>> {
        // One byte more than allowed tells a file that is too large from one that just fits.
        let mut input = input.take(Self::MAX_BYTES + 1);
        let mut engine = match engine::<M, _>(&mut input, limits)? {
            Ok(engine) => engine,
            Err(finding) => return Ok(Err(Refused { message: None, findings: vec![finding] })),
        };
        let mut collector = Collector::new(M::layout, false, limits.construct_bytes);
        engine.run(&mut collector)?;
        let (message, lines, header) = (engine.kind(), engine.lines(), engine.into_header());
        if input.limit() == 0 {
            let reporter = Reporter { level: Level::Unreadable, path: "/" };
            return Ok(Err(Refused { message, findings: vec![reporter.report(lines, "", TOO_LARGE)] }));
        }
        match collector.layout.filter(|_| !collector.refused) {
            Some(layout) => Ok(Ok(Self::keep(layout, collector.ready.into(), header))),
            None => Ok(Err(Refused { message, findings: collector.findings.into() })),
        }
    }

    fn keep(layout: &'static Layout, records: Vec<Record>, header: Option<KeptHeader>) -> Self {
        let with_findings = |record: Record| {
            let (_, findings) = told::<M>(layout, &record);
            (record, findings)
        };
        Whole { layout, records: records.into_iter().map(with_findings).collect(), header, message: PhantomData }
    }

    /// The message and its version.
    #[must_use]
    pub fn message(&self) -> MessageKind {
        self.layout.kind
    }

    /// The header before the message; `None` for a message that stands alone.
    #[must_use]
    pub fn header(&self) -> Option<BusinessHeader<'_>> {
        self.header.as_ref()?.header()
    }

    /// Its records, in the order of the file.
    pub fn records(&self) -> impl Iterator<Item = Told<'_, M::Record<'_>>> {
        self.records.iter().map(|(kept, findings)| {
            let (record, _) = told::<M>(self.layout, kept);
            Told { record, line: kept.line, findings, layout: self.layout, kept }
        })
    }

    /// What is wrong with its records beyond the schema.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.records.iter().flat_map(|(_, findings)| findings)
    }
}

impl<M> fmt::Debug for Whole<M> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Whole({}, {} records)", self.layout.kind, self.records.len())
    }
}

const TOO_LARGE: Fault = Fault {
    code: ReasonCode::FF01,
    text: words("Filen overskrider en grænse.", "The file goes beyond a limit."),
    expected: words("en meddelelse på højst 4 MiB", "a message of at most 4 MiB"),
    found: words("en større fil", "a larger file"),
};
