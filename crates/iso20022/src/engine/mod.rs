//! The validating pull engine: walks the bytes of a message by its grammar tables.

mod encoding;
mod envelope;
mod frame;
mod namespaces;
mod path;
mod phrases;
mod problem;
mod scan;
mod seam;
mod source;
mod start;
mod value;
mod walk;

pub(crate) use encoding::{DETECTION_BYTES, Encoding};
pub(crate) use seam::{Piece, Seam, Stretch};
pub(crate) use source::{PADDING, count_lines};
pub(crate) use walk::{Bind, Engine, Progress};

use crate::finding::Finding;
use crate::grammar::binding::Field;
use crate::message::MessageKind;

/// Where an element that a reader asked for begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Offset of its first byte.
    pub offset: u64,
    /// Line, from 1.
    pub line: u64,
}

/// Whether the engine goes on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Continue,
    /// Give control back to the reader; the next run goes on from here.
    Pause,
}

/// Who hears of the elements that a binding asked for. Elements without a field are
/// validated all the same and not told.
pub(crate) trait Sink {
    /// The root element has named the message.
    fn begin(&mut self, _kind: MessageKind) {}

    /// An element with children begins.
    fn open(&mut self, field: Field, place: Place) -> Flow;

    /// A value, with its references resolved and, for all types but texts, without white space
    /// around it. `attribute` is empty where the type has none. Values that break their type
    /// are not told.
    fn value(&mut self, field: Field, value: &str, attribute: &str, line: u64);

    /// As [`Sink::value`], for who takes up many values and looks at them as text later. The bytes are valid UTF-8.
    #[inline]
    fn value_bytes(&mut self, field: Field, value: &[u8], attribute: &[u8], line: u64) {
        self.value(field, valid(value), valid(attribute), line);
    }

    /// An element with children has ended before this offset.
    fn close(&mut self, field: Field, end: u64) -> Flow;

    /// Something is wrong with the file.
    fn finding(&mut self, finding: Finding);
}

/// Bytes of a value as text.
pub(crate) fn valid(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the window is valid UTF-8 and markup is ASCII")
}
