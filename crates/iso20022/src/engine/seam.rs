//! Seams: places in a file where one row of a list has ended and the next begins.
//!
//! Nearly all of a large message is a list of rows, such as the `CdtTrfTxInf` of a `PmtInf`. What is open around them is
//! the same at each, apart from the numbers of the list and of the row. So a piece of the file between two seams can be
//! walked before what is in front of it: from a seam that is only assumed, and used if it turns out to be the true one.

use super::Sink;
use super::frame::{Frame, Kind, NONE};
use super::namespaces::Namespaces;
use super::source::Source;
use super::walk::{Bind, Engine, Progress, Stage};
use crate::grammar::tables::{Slot, Tables};
use crate::limits::Limits;
use crate::message::MessageKind;
use std::io::{self, Read};

/// What is open at a seam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seam {
    kind: MessageKind,
    /// With the numbers of the list and the row left out.
    frames: Vec<Frame>,
    names: Vec<u8>,
    namespaces: Namespaces,
    outside: usize,
}

/// How far a walk from one seam to another came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub bytes: u64,
    /// Line ends.
    pub lines: u64,
    elements: u64,
    /// Lists that ended in it.
    lists: u32,
    /// Rows since the last list began, or since the seam.
    rows: u32,
}

/// A piece of a file that begins and ends between two rows.
#[derive(Debug)]
pub(crate) struct Piece<'b> {
    /// Its bytes, and behind them [`super::PADDING`] more.
    pub buffer: &'b mut Vec<u8>,
    /// Number of its bytes.
    pub length: usize,
    /// Where it begins.
    pub offset: u64,
    /// Line where it begins, from 1.
    pub line: u64,
}

impl Seam {
    /// Walks a piece as if it began at this seam. `None` where that is not known to come to what a walk from the beginning
    /// of the file would: something is wrong with the piece, or it does not end at such a seam.
    pub fn walk(&self, piece: Piece<'_>, limits: Limits, bind: Bind, sink: &mut impl Sink) -> Option<Stretch> {
        if piece.length > limits.construct_bytes / 2 {
            // A construct might be longer than allowed.
            return None;
        }
        let (offset, line) = (piece.offset, piece.line);
        let source = Source::piece(std::mem::take(piece.buffer), piece.length, offset, line);
        let mut engine = Engine::at_seam(self, source, limits, bind)?;
        // The input is empty, so reading it cannot fail.
        let progress = engine.run(sink).ok();
        let stretch =
            (progress == Some(Progress::Edge) && engine.findings == 0 && engine.seam().as_ref() == Some(self)).then(|| Stretch {
                bytes: engine.bytes() - offset,
                lines: engine.lines() - line,
                elements: engine.elements(),
                lists: engine.numbers().0,
                rows: engine.numbers().1,
            });
        *piece.buffer = engine.source.into_buffer();
        stretch
    }
}

impl<R: Read> Engine<R> {
    /// The seam that the walk has come to, if all that is at hand of the file is walked and ends in one. Only files in UTF-8
    /// have seams, as the bytes of others are not those that are walked.
    pub fn seam(&self) -> Option<Seam> {
        let [.., message, list] = self.frames.as_slice() else { return None };
        let is_clean = self.stage == Stage::Content && self.source.is_drained_utf8();
        if !is_clean || !is_list(self.tables, message) || !is_list(self.tables, list) || message.cursor != list.slot {
            return None;
        }
        let mut frames = self.frames.clone();
        if let [.., message, list] = frames.as_mut_slice() {
            (message.count, list.occurrence, list.count) = (0, 0, 0);
        }
        Some(Seam {
            kind: self.kind?,
            frames,
            names: self.names.clone(),
            namespaces: self.namespaces.clone(),
            outside: self.envelope.outside,
        })
    }

    /// Goes on behind a stretch that was walked elsewhere, from the seam that this walk has come to.
    pub fn pass(&mut self, stretch: &Stretch) {
        self.source.pass(stretch.bytes, stretch.lines);
        self.elements += stretch.elements;
        if let [.., message, list] = self.frames.as_mut_slice() {
            message.count = message.count.saturating_add(stretch.lists);
            list.occurrence = message.count;
            list.count = if stretch.lists > 0 { stretch.rows } else { list.count.saturating_add(stretch.rows) };
        }
    }

    /// Gives the input, to put more into it. `goes_on` says whether the file goes on behind that.
    pub fn supply(&mut self, goes_on: bool) -> &mut R {
        self.source.supply(goes_on)
    }

    /// Numbers of lists and of rows in the last one, since the seam.
    fn numbers(&self) -> (u32, u32) {
        match self.frames.as_slice() {
            [.., message, list] => (message.count, list.count),
            _ => (0, 0),
        }
    }
}

impl Engine<io::Empty> {
    fn at_seam(seam: &Seam, source: Source<io::Empty>, limits: Limits, bind: Bind) -> Option<Self> {
        let mut engine = Engine::over(source, limits, bind, "");
        engine.begin_tables(seam.kind.tables(), bind(seam.kind)?);
        engine.kind = Some(seam.kind);
        engine.frames.extend_from_slice(&seam.frames);
        engine.names.extend_from_slice(&seam.names);
        engine.namespaces = seam.namespaces.clone();
        engine.envelope.outside = seam.outside;
        engine.stage = Stage::Content;
        Some(engine)
    }
}

/// Whether the last child of an open element may be repeated without bound.
fn is_list(tables: &Tables, frame: &Frame) -> bool {
    let unbounded = |slot: &Slot| slot.max == u32::MAX;
    frame.kind == Kind::Complex && frame.cursor != NONE && unbounded(&tables.slots[usize::from(frame.cursor)])
}
