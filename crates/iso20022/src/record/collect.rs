//! Takes up what the engine tells, value by value.

use super::layout::{Layout, MAX_PLACES, of_field};
use super::shape::Value;
use crate::engine::{Flow, Place, Sink};
use crate::finding::{Finding, Level};
use crate::grammar::binding::Field;
use crate::message::MessageKind;
use crate::pain001::fault::{Fault, Reporter, words};
use crate::reason::ReasonCode;
use crate::text_store::TextStore;
use std::collections::VecDeque;

/// A record as collected.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Its place in the layout.
    pub place: usize,
    /// Line of its start tag.
    pub line: u64,
    pub values: Vec<Value>,
    pub texts: TextStore,
    /// The numbers of the repeated elements around it, and its own, by place.
    pub numbers: [u32; MAX_PLACES],
}

/// Which layout a message has; `None` refuses the message.
pub(crate) type LayoutOf = fn(MessageKind) -> Option<&'static Layout>;

/// The state between the engine's calls. At any time one record at most is being collected: a record is told when the
/// first record inside it begins, or at its end.
#[derive(Debug)]
pub(crate) struct Collector {
    layout_of: LayoutOf,
    pub layout: Option<&'static Layout>,
    numbers: [u32; MAX_PLACES],
    current: Option<Record>,
    /// Records to be told.
    pub ready: VecDeque<Record>,
    pub findings: VecDeque<Finding>,
    pub refused: bool,
    pub records: u64,
    /// Whether the engine is paused for each record.
    streaming: bool,
    /// Most bytes of a record's values, so that no record can exhaust the memory.
    limit: usize,
    spare: Vec<Record>,
}

impl Collector {
    /// A collector for the messages of these layouts.
    pub fn new(layout_of: LayoutOf, streaming: bool, limit: usize) -> Self {
        Collector {
            layout_of,
            layout: None,
            numbers: [0; MAX_PLACES],
            current: None,
            ready: VecDeque::new(),
            findings: VecDeque::new(),
            refused: false,
            records: 0,
            streaming,
            limit,
            spare: Vec::new(),
        }
    }

    /// Takes the memory of a told record back.
    pub fn reuse(&mut self, mut record: Record) {
        record.values.clear();
        record.texts.clear();
        self.spare.push(record);
    }

    fn finish(&mut self) -> Flow {
        let Some(record) = self.current.take() else { return Flow::Continue };
        if self.refused {
            return Flow::Continue;
        }
        self.ready.push_back(record);
        self.records += 1;
        if self.streaming { Flow::Pause } else { Flow::Continue }
    }

    /// Counts a repeated element, or begins a record.
    fn begin(&mut self, place: usize, line: u64) -> Flow {
        let Some(layout) = self.layout else { return Flow::Continue };
        self.numbers[place] += 1;
        let own = &layout.places[place];
        for (inner, number) in layout.places.iter().zip(&mut self.numbers) {
            if inner.slots.len() > own.slots.len() && inner.slots.starts_with(&own.slots) {
                *number = 0;
            }
        }
        if own.level.is_none() {
            return Flow::Continue;
        }
        let flow = self.finish();
        let spare = self.spare.pop().unwrap_or_default();
        self.current = Some(Record { place, line, numbers: self.numbers, ..spare });
        flow
    }

    fn add(&mut self, place: usize, number: u16, text: (&str, &str), line: u64) {
        let Some(record) = self.current.as_mut().filter(|record| record.place == place) else { return };
        let attribute = (!text.1.is_empty()).then(|| record.texts.add(text.1, line));
        record.values.push(Value { number, text: record.texts.add(text.0, line), attribute });
        if record.texts.len() + record.values.len() * size_of::<Value>() > self.limit {
            self.refuse_record(line);
        }
    }

    #[cold]
    fn refuse_record(&mut self, line: u64) {
        let (Some(layout), Some(record)) = (self.layout, self.current.take()) else { return };
        let path = layout.path(record.place, &record.numbers);
        self.finding(Reporter { level: Level::Unreadable, path: &path }.report(line, "", TOO_MUCH));
    }
}

impl Sink for Collector {
    fn begin(&mut self, kind: MessageKind) {
        self.layout = (self.layout_of)(kind);
    }

    fn open(&mut self, field: Field, place: Place) -> Flow {
        match of_field(field) {
            (record, None) => self.begin(record, place.line),
            (record, Some(number)) => {
                self.add(record, number, ("", ""), place.line);
                Flow::Continue
            }
        }
    }

    fn value(&mut self, field: Field, value: &str, attribute: &str, line: u64) {
        if let (place, Some(number)) = of_field(field) {
            self.add(place, number, (value, attribute), line);
        }
    }

    fn close(&mut self, field: Field, _: u64) -> Flow {
        match (of_field(field), &self.current) {
            ((place, None), Some(record)) if record.place == place => self.finish(),
            _ => Flow::Continue,
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.refused = true;
        self.current = None;
        self.ready.clear();
        self.findings.push_back(finding);
    }
}

const TOO_MUCH: Fault = Fault {
    code: ReasonCode::FF01,
    text: words("Filen overskrider en grænse.", "The file goes beyond a limit."),
    expected: words("et element med begrænset indhold", "an element of bounded content"),
    found: words("mere", "more"),
};
