//! How the file is walked: by the reader's own thread, or by several.

use super::collect::Collector;
use super::fields;
use super::tape::RowTape;
use crate::engine::{Engine, Progress, Sink};
use crate::header::KeptHeader;
use crate::limits::Limits;
use crate::message::MessageKind;
use crate::pieces::{Manner, Shared, Walk};
use std::io::{self, Read};

const EXPECTED: &str = "pain.001.001.03, .09 or .12";

/// How many threads walk a file, and in what pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threads {
    /// Number of threads, the one that asks for the events among them: it walks too while it would have to wait. Default: as
    /// many as the machine runs at once.
    pub count: usize,
    /// Bytes of a piece. Four pieces for each thread are in memory, each with its payments: about three times these bytes,
    /// which a processor had better have room for near by. Not above half of [`Limits::construct_bytes`], or nothing is
    /// gained. Default 32 KiB.
    pub piece_bytes: usize,
}

impl Default for Threads {
    fn default() -> Self {
        Threads { count: std::thread::available_parallelism().map_or(1, usize::from), piece_bytes: 32 * 1024 }
    }
}

/// A walk of a file.
#[expect(clippy::large_enum_variant, reason = "a reader has one")]
pub(super) enum Way<R> {
    NotBegun(R),
    Alone(Engine<R>),
    Together(Walk<RowTape, Collector>),
    /// The file's encoding is not read, or the input has failed at once.
    Refused,
}

/// How far a walk has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached {
    pub message: Option<MessageKind>,
    pub bytes: u64,
    pub lines: u64,
}

impl<R: Read> Way<R> {
    /// Has threads walk the file, which they begin with at once.
    pub fn together(input: R, limits: Limits, threads: Threads) -> io::Result<Self>
    where
        R: Send + 'static,
    {
        if threads.count < 2 {
            return Ok(Way::NotBegun(input));
        }
        let shared = Shared { row: "CdtTrfTxInf", piece_bytes: threads.piece_bytes };
        let manner = Manner { limits, bind: fields::binding, expected_messages: EXPECTED };
        Walk::start(input, threads.count, shared, manner).map(Way::Together)
    }

    /// Walks on until the collector has something to tell, or the file ends.
    pub fn run(&mut self, limits: Limits, collector: &mut Collector) -> io::Result<Progress> {
        if matches!(self, Way::NotBegun(_)) {
            self.begin(limits, collector)?;
        }
        match self {
            Way::Alone(engine) => engine.run(collector),
            Way::Together(walk) => walk.run(collector),
            Way::NotBegun(_) | Way::Refused => Ok(Progress::Finished),
        }
    }

    fn begin(&mut self, limits: Limits, collector: &mut Collector) -> io::Result<()> {
        if let Way::NotBegun(input) = std::mem::replace(self, Way::Refused) {
            match Engine::new(input, limits, fields::binding, EXPECTED)? {
                Ok(engine) => *self = Way::Alone(engine),
                Err(problem) => collector.finding(problem.at(1, "/".to_owned())),
            }
        }
        Ok(())
    }

    /// How far it has come.
    pub fn reached(&self) -> Reached {
        let beginning = Reached { message: None, bytes: 0, lines: 1 };
        match self {
            Way::Alone(engine) => reached(engine),
            Way::Together(walk) => walk.engine().map_or(beginning, reached),
            Way::NotBegun(_) | Way::Refused => beginning,
        }
    }

    /// The header before the message, once it has begun.
    pub fn header(&self) -> Option<&KeptHeader> {
        match self {
            Way::Alone(engine) => engine.header(),
            Way::Together(walk) => walk.engine()?.header(),
            Way::NotBegun(_) | Way::Refused => None,
        }
    }
}

fn reached<R: Read>(engine: &Engine<R>) -> Reached {
    Reached { message: engine.kind(), bytes: engine.bytes(), lines: engine.lines() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pain001::Rules;

    const HEAD: &str = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03\"><CstmrCdtTrfInitn>\
        <GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-02T10:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs><InitgPty/></GrpHdr>\
        <PmtInf><PmtInfId>B</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt>2026-03-02</ReqdExctnDt><Dbtr/>\
        <DbtrAcct><Id><IBAN>DK5000400440116243</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId/></DbtrAgt>";
    const ROW: &str = "\n<CdtTrfTxInf><PmtId><EndToEndId>E</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"DKK\">1</InstdAmt></Amt>\
        </CdtTrfTxInf>";
    const TAIL: &str = "</PmtInf></CstmrCdtTrfInitn></Document>";

    #[test]
    fn nearly_all_of_a_list_is_walked_ahead() {
        let file = format!("{HEAD}{}{TAIL}", ROW.repeat(2_000)).into_bytes();
        let bytes = file.len() as u64;
        let threads = Threads { count: 2, piece_bytes: 4_000 };
        let limits = Limits::default();
        let mut way = Way::together(io::Cursor::new(file), limits, threads).expect("threads can be had");
        let mut collector = Collector::new(Rules::default(), limits.construct_bytes);
        while way.run(limits, &mut collector).expect("no I/O error") != Progress::Finished {}
        assert_eq!(collector.payments, 2_000);
        assert!(matches!(way, Way::Together(walk) if walk.replayed > bytes / 2));
    }
}
