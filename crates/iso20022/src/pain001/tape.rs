//! What a thread writes down of a piece of a `pain.001`: its payments as collected, and the rest as the engine tells it.

use super::collect::{Collector, RowFields, is_row_field};
use super::fields::F;
use crate::engine::{Flow, Place, Sink, valid};
use crate::finding::Finding;
use crate::grammar::binding::Field;
use crate::limits::Limits;
use crate::pieces::Tape;
use std::ops::Range;

/// What the engine told.
#[derive(Debug, Clone)]
enum Entry {
    Open(Field, Place),
    Value {
        field: Field,
        value: Range<usize>,
        attribute: Range<usize>,
        line: u64,
    },
    Close(Field, u64),
    /// A payment.
    Row,
}

/// Payments and what stands between them.
#[derive(Debug, Default)]
pub(super) struct RowTape {
    entries: Vec<Entry>,
    texts: String,
    #[expect(clippy::vec_box, reason = "rows change places with the collector's")]
    rows: Vec<Box<RowFields>>,
    /// Number of rows written down; the others are memory for more.
    written: usize,
    /// Next entry and next row to be told.
    next: usize,
    next_row: usize,
    /// Whether the block has been told before the next row, if it had to be.
    block_told: bool,
    /// The most bytes that are kept of one payment.
    limit: usize,
    /// Whether a payment had more.
    overfull: bool,
}

impl RowTape {
    fn row(&mut self) -> &mut RowFields {
        if self.rows.len() == self.written {
            self.rows.push(Box::default());
        }
        &mut self.rows[self.written]
    }

    fn keep(&mut self, text: &[u8]) -> Range<usize> {
        let start = self.texts.len();
        self.texts.push_str(valid(text));
        start..self.texts.len()
    }
}

impl Sink for RowTape {
    fn open(&mut self, field: Field, place: Place) -> Flow {
        match F::of(field) {
            F::Row => {
                self.row().begin(place);
                self.entries.push(Entry::Row);
            }
            below if is_row_field(below) => self.row().open(below),
            _ => self.entries.push(Entry::Open(field, place)),
        }
        Flow::Continue
    }

    fn value(&mut self, field: Field, value: &str, attribute: &str, line: u64) {
        self.value_bytes(field, value.as_bytes(), attribute.as_bytes(), line);
    }

    #[inline]
    fn value_bytes(&mut self, field: Field, value: &[u8], attribute: &[u8], line: u64) {
        let of_row = F::of(field);
        if is_row_field(of_row) {
            let limit = self.limit;
            let row = self.row();
            if !row.value(of_row, value, attribute, line, limit) {
                row.clear();
                self.overfull = true;
            }
            return;
        }
        let (value, attribute) = (self.keep(value), self.keep(attribute));
        self.entries.push(Entry::Value { field, value, attribute, line });
    }

    fn close(&mut self, field: Field, end: u64) -> Flow {
        match F::of(field) {
            F::Row => {
                self.row().end(end);
                self.written += 1;
            }
            below if is_row_field(below) => {}
            _ => self.entries.push(Entry::Close(field, end)),
        }
        Flow::Continue
    }

    /// The piece will be walked again from its true seam, which finds this anew.
    fn finding(&mut self, _: Finding) {}
}

impl Tape<Collector> for RowTape {
    fn start(&mut self, limits: Limits) {
        self.limit = limits.construct_bytes;
        self.overfull = false;
        self.entries.clear();
        self.texts.clear();
        (self.written, self.next, self.next_row, self.block_told) = (0, 0, 0, false);
    }

    fn is_whole(&self) -> bool {
        !self.overfull
    }

    fn replay(&mut self, collector: &mut Collector) -> Flow {
        while let Some(entry) = self.entries.get(self.next) {
            if matches!(entry, Entry::Row) && !self.block_told {
                self.block_told = true;
                if collector.tell_block() == Flow::Pause {
                    return Flow::Pause;
                }
            }
            self.next += 1;
            let flow = match entry {
                Entry::Open(field, place) => collector.open(*field, *place),
                Entry::Value { field, value, attribute, line } => {
                    collector.value(*field, &self.texts[value.clone()], &self.texts[attribute.clone()], *line);
                    Flow::Continue
                }
                Entry::Close(field, end) => collector.close(*field, *end),
                Entry::Row => {
                    self.block_told = false;
                    self.next_row += 1;
                    collector.take_row(&mut self.rows[self.next_row - 1])
                }
            };
            if flow == Flow::Pause {
                return Flow::Pause;
            }
        }
        Flow::Continue
    }
}
