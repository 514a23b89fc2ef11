//! A file walked by several threads at once, in order and with the same results as by one.
//!
//! ```text
//! input ── split ──► piece 3 ──► a thread walks it from the seam it is assumed to begin at ──┐
//!          split ──► piece 4 ──► another thread does the same with the next one ─────────────┤
//!                                                                                            ▼
//! events ◄── replay, if the true walk comes to that very seam; if not, a walk of the piece ── in order
//! ```
//!
//! A thread writes down what it would tell ([`Tape`]); whoever reads the file has it told when all before it is told. That
//! a guess is wrong, as in a comment that looks like rows, costs time and nothing else. A number of pieces is in use in
//! turn, so memory is bounded by their size and not by the file's.

mod split;
mod walk;
mod worker;

pub(crate) use walk::Walk;

use crate::engine::{Bind, Flow, Sink};
use crate::limits::Limits;

/// What a thread would have told while it walked a piece, to be told later.
pub(crate) trait Tape<S>: Sink + Default + Send + 'static {
    /// Begins anew, and keeps the memory.
    fn start(&mut self, limits: Limits);

    /// Whether all is written down. If not, the piece will be walked again.
    fn is_whole(&self) -> bool;

    /// Tells on; [`Flow::Pause`] when the sink asks to pause, [`Flow::Continue`] at the end.
    fn replay(&mut self, sink: &mut S) -> Flow;
}

/// What all threads know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shared {
    /// Name of the element that is a row.
    pub row: &'static str,
    /// Bytes of a piece.
    pub piece_bytes: usize,
}

/// How the message is walked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub limits: Limits,
    pub bind: Bind,
    pub expected_messages: &'static str,
}
