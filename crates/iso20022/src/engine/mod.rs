//! The validating pull engine: walks the bytes of a message by its grammar tables.

mod encoding;
mod frame;
mod namespaces;
mod path;
mod problem;
mod scan;
mod source;
mod start;
mod value;
mod walk;

pub(crate) use walk::{Engine, Progress};

use crate::finding::Finding;
use crate::grammar::binding::Field;

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
    /// An element with children begins.
    fn open(&mut self, field: Field, place: Place) -> Flow;

    /// A value, with its references resolved and, for all types but texts, without white space
    /// around it. `attribute` is empty where the type has none. Values that break their type
    /// are not told.
    fn value(&mut self, field: Field, value: &str, attribute: &str, line: u64);

    /// An element with children has ended before this offset.
    fn close(&mut self, field: Field, end: u64) -> Flow;

    /// Something is wrong with the file.
    fn finding(&mut self, finding: Finding);
}
