//! The writer: records in, a message out, by the same tables that check what is read.

use super::layout::{Layout, Place};
use super::message::Message;
use super::shape::{Elements, Putting};
use crate::grammar::tables::{Content, Tables};
use crate::message::MessageKind;
use crate::write::output::{Output, invalid, shorten};
use std::io::{self, Write};
use std::marker::PhantomData;

/// No child so far.
const NONE: u16 = u16::MAX;

/// Writes a message record by record, in memory that does not grow with it.
///
/// It walks the message's grammar as the reader does: an element out of its place, a value that breaks its type and a
/// required element left out are errors of kind [`io::ErrorKind::InvalidInput`] that name the element and never its
/// content. So what [`RecordWriter::finish`] has ended is valid; the output of a failed one is to be thrown away. What a version
/// has no element for is left out; a required element that may be without content is written without.
pub struct RecordWriter<M, W> {
    out: Output<W>,
    layout: &'static Layout,
    tables: &'static Tables,
    open: Vec<OpenElement>,
    message: PhantomData<M>,
}

/// An element whose end tag is still to be written.
#[derive(Debug, Clone, Copy)]
struct OpenElement {
    slot: u16,
    first: u16,
    end: u16,
    /// Slot of the last child.
    cursor: u16,
    /// How many children of that slot there are.
    count: u32,
    may_be_empty: bool,
}

impl OpenElement {
    /// Whether a child may come now.
    fn admits(&self, tables: &Tables, slot: u16) -> bool {
        if slot == self.cursor {
            return self.count < tables.slots[usize::from(slot)].max;
        }
        let next = self.next(tables);
        next < self.end && (next..tables.slots[usize::from(next)].window_end).contains(&slot)
    }

    /// First slot behind the last child.
    fn next(&self, tables: &Tables) -> u16 {
        if self.cursor == NONE { self.first } else { tables.slots[usize::from(self.cursor)].next }
    }

    fn may_end(&self, tables: &Tables) -> bool {
        if self.cursor == NONE { self.may_be_empty } else { tables.slots[usize::from(self.cursor)].may_end }
    }

    fn take(&mut self, slot: u16) {
        self.count = if slot == self.cursor { self.count + 1 } else { 1 };
        self.cursor = slot;
    }
}

impl<M: Message, W: Write> RecordWriter<M, W> {
    /// Begins a message of this version.
    ///
    /// # Errors
    /// A message that is not one of [`Message::KINDS`].
    pub fn new(out: W, version: MessageKind) -> io::Result<Self> {
        let Some(layout) = M::layout(version) else {
            return Err(invalid(version.name(), &format!("is not {}", M::EXPECTED)));
        };
        let tables = version.tables();
        let root = &tables.slots[usize::from(tables.root)].name;
        let out = Output::with_root(out, root, &version.namespace());
        let mut writer = RecordWriter { out, layout, tables, open: Vec::new(), message: PhantomData };
        writer.push(tables.root);
        Ok(writer)
    }

    /// Writes a record. It goes into the last written record that can hold it.
    ///
    /// # Errors
    /// A record out of its place, a value that breaks its type, or the output's error.
    pub fn write(&mut self, record: &M::Record<'_>) -> io::Result<()> {
        let place = M::position(record);
        self.begin(place)?;
        let base = self.open.len();
        M::write(record, &mut Putting::new(&mut RecordOut { writer: self, place, base }))?;
        self.out.flush_chunk()
    }

    /// Ends the message and gives the output back.
    ///
    /// # Errors
    /// A required element that was not written, or the output's error.
    pub fn finish(mut self) -> io::Result<W> {
        self.close_to(1)?;
        self.check_complete()?;
        self.out.raw("\n");
        self.out.finish()
    }

    /// Opens a new element for a record, within the open ones that can hold it.
    fn begin(&mut self, place: usize) -> io::Result<()> {
        let Place { present, slots, .. } = &self.layout.places[place];
        if !present {
            return Err(invalid(self.layout.kind.name(), "has no such record"));
        }
        let Some((own, around)) = slots.split_last() else { return Ok(()) };
        let mut depth = self.open[1..].iter().zip(around).take_while(|(open, slot)| open.slot == **slot).count();
        while depth > 0 && !self.open[depth].admits(self.tables, slots[depth]) {
            depth -= 1;
        }
        self.close_to(depth + 1)?;
        for slot in &around[depth..] {
            self.open_element(*slot)?;
        }
        self.out.raw("\n");
        self.open_element(*own)
    }

    fn name(&self, slot: u16) -> &'static str {
        &self.tables.slots[usize::from(slot)].name
    }

    fn innermost(&mut self) -> &mut OpenElement {
        self.open.last_mut().expect("the root element is open until the message is finished")
    }

    /// Notes a child of the innermost open element.
    fn take(&mut self, slot: u16) -> io::Result<()> {
        let tables = self.tables;
        while !self.innermost().admits(tables, slot) {
            if !self.fill() {
                return Err(invalid(self.name(slot), "cannot stand here, or something required before it is missing"));
            }
        }
        self.innermost().take(slot);
        Ok(())
    }

    /// Writes the next required element of the innermost one, if it may be without content. A record is never made up.
    fn fill(&mut self) -> bool {
        let (tables, layout) = (self.tables, self.layout);
        let parent = self.innermost();
        if parent.may_end(tables) {
            return false;
        }
        let next = parent.next(tables);
        // Something is required: the window of what may come next ends behind it.
        let end = tables.slots[usize::from(next)].window_end;
        let may_be_empty = |number: &u16| {
            let slot = &tables.slots[usize::from(*number)];
            slot.next == end
                && layout.places.iter().all(|place| place.slots.last() != Some(number))
                && matches!(slot.content, Content::Complex(number) if tables.complexes[usize::from(number)].may_be_empty)
        };
        let Some(slot) = (next..end).find(may_be_empty) else { return false };
        parent.take(slot);
        self.out.open(self.name(slot));
        self.out.close(self.name(slot));
        true
    }

    fn open_element(&mut self, slot: u16) -> io::Result<()> {
        self.take(slot)?;
        self.out.open(self.name(slot));
        self.push(slot);
        Ok(())
    }

    fn push(&mut self, slot: u16) {
        let (first, end, may_be_empty) = match self.tables.slots[usize::from(slot)].content {
            Content::Complex(number) => {
                let complex = &self.tables.complexes[usize::from(number)];
                (complex.first, complex.end, complex.may_be_empty)
            }
            _ => (0, 0, false),
        };
        self.open.push(OpenElement { slot, first, end, cursor: NONE, count: 0, may_be_empty });
    }

    fn check_complete(&mut self) -> io::Result<()> {
        while self.fill() {}
        let innermost = *self.innermost();
        if innermost.may_end(self.tables) {
            return Ok(());
        }
        Err(invalid(self.name(innermost.slot), "lacks a required element"))
    }

    /// Closes the innermost elements until so many are open.
    fn close_to(&mut self, depth: usize) -> io::Result<()> {
        while self.open.len() > depth {
            self.check_complete()?;
            let slot = self.innermost().slot;
            self.out.close(self.name(slot));
            self.open.pop();
        }
        Ok(())
    }

    fn put(&mut self, slot: u16, text: &str, attribute: &str) -> io::Result<()> {
        let name = self.name(slot);
        let refuse = |_| invalid(name, "breaks its type");
        let simple = match self.tables.slots[usize::from(slot)].content {
            Content::Simple(simple) => {
                self.out.open(name);
                simple
            }
            Content::Valued(number) => {
                let valued = &self.tables.valued[usize::from(number)];
                self.tables.simples[usize::from(valued.attribute)].check.check(attribute.as_bytes()).map_err(refuse)?;
                self.out.open_with(name, &valued.attribute_name, attribute)?;
                valued.value
            }
            Content::Complex(_) | Content::Any(_) => return Err(invalid(name, "holds no value")),
        };
        self.tables.simples[usize::from(simple)].check.check(text.as_bytes()).map_err(refuse)?;
        self.out.escape(name, text)?;
        self.out.close(name);
        Ok(())
    }
}

/// The values of one record on their way out.
struct RecordOut<'w, M, W> {
    writer: &'w mut RecordWriter<M, W>,
    place: usize,
    /// How many elements are open with the record's own.
    base: usize,
}

impl<M: Message, W: Write> RecordOut<'_, M, W> {
    /// The slots of a value below its record; `None` where the version has none.
    fn slots(&self, number: u16) -> Option<&'static [u16]> {
        let spot = self.writer.layout.places[self.place].values.get(usize::from(number))?;
        Some(&spot.as_ref()?.slots)
    }

    /// Opens the elements around a value; gives the slot of the value's own.
    fn go_to(&mut self, slots: &[u16]) -> io::Result<u16> {
        let (own, around) = slots.split_last().expect("a value is in an element");
        let open = &self.writer.open[self.base..];
        let shared = open.iter().zip(around).take_while(|(open, slot)| open.slot == **slot).count();
        self.writer.close_to(self.base + shared)?;
        for slot in &around[shared..] {
            self.writer.open_element(*slot)?;
        }
        Ok(*own)
    }
}

impl<M: Message, W: Write> Elements for RecordOut<'_, M, W> {
    fn value(&mut self, number: u16, text: &str, attribute: &str) -> io::Result<()> {
        let Some(slots) = self.slots(number) else { return Ok(()) };
        let slot = self.go_to(slots)?;
        self.writer.take(slot)?;
        self.writer.put(slot, text, attribute)
    }

    fn prose(&mut self, number: u16, text: &str) -> io::Result<()> {
        let Some(slots) = self.slots(number) else { return Ok(()) };
        let slot = self.go_to(slots)?;
        let declared = &self.writer.tables.slots[usize::from(slot)];
        let Content::Simple(simple) = declared.content else { return Err(invalid(&declared.name, "holds no text")) };
        let longest = self.writer.tables.simples[usize::from(simple)].check.max_characters();
        let mut rest = text;
        while !rest.is_empty() {
            let part = shorten(rest, longest);
            self.writer.take(slot)?;
            self.writer.put(slot, part, "")?;
            rest = if declared.max > 1 { &rest[part.len()..] } else { "" };
        }
        Ok(())
    }

    fn group(&mut self, number: u16) -> io::Result<()> {
        let Some(slots) = self.slots(number) else { return Ok(()) };
        let slot = self.go_to(slots)?;
        self.writer.open_element(slot)
    }
}
