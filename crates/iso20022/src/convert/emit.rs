//! Writing elements by the target's grammar: each start tag, value and end tag is judged before it is written.

use crate::grammar::tables::{Content, Slot, Tables};
use std::io::{self, Write};

/// Written to the output whenever this much is collected.
const CHUNK: usize = 64 * 1024;

/// The target's grammar does not allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// No such element may come here: there are as many as may be.
    Place,
    /// The value breaks the target's type.
    Value,
    /// An element ends before a required one.
    Missing,
}

/// An open element.
#[derive(Debug, Clone, Copy)]
struct Frame {
    slot: u16,
    next: u16,
    end: u16,
    cursor: Option<u16>,
    count: u32,
    may_be_empty: bool,
}

/// The document being written.
pub(super) struct Emitter<W> {
    out: W,
    pending: String,
    tables: &'static Tables,
    frames: Vec<Frame>,
}

impl<W: Write> Emitter<W> {
    /// Begins the document.
    pub fn new(out: W, tables: &'static Tables) -> Self {
        let mut emitter = Emitter { out, pending: String::with_capacity(CHUNK * 2), tables, frames: Vec::new() };
        emitter.pending.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"");
        emitter.pending.push_str(&tables.namespace);
        emitter.pending.push_str("\">");
        emitter.enter(tables.root);
        emitter
    }

    /// Number of open elements.
    pub fn depth(&self) -> usize {
        self.frames.len()
    }

    /// Opens the elements of a route, of which the wrappers may be open already above `base`.
    pub fn open(&mut self, base: usize, route: &[u16]) -> Result<(), Refused> {
        let slot = self.wrap(base, route)?;
        self.advance(slot)?;
        self.start(slot);
        self.pending.push('>');
        self.enter(slot);
        Ok(())
    }

    /// Writes the element at the end of a route with its value and, where its type has one, its attribute.
    pub fn value(&mut self, base: usize, route: &[u16], value: &str, attribute: &str) -> Result<(), Refused> {
        let last = route.last().copied().ok_or(Refused::Place)?;
        self.judge(last, value, attribute)?;
        let slot = self.wrap(base, route)?;
        self.advance(slot)?;
        self.start(slot);
        if let Content::Valued(number) = self.slot(slot).content {
            let name = &self.tables.valued[usize::from(number)].attribute_name;
            self.pending.extend([" ", name.as_str(), "=\""]);
            escape(&mut self.pending, attribute);
            self.pending.push('"');
        }
        self.pending.push('>');
        escape(&mut self.pending, value);
        self.end(slot);
        Ok(())
    }

    /// Closes elements until `depth` are open.
    pub fn close_to(&mut self, depth: usize) -> Result<(), Refused> {
        while self.frames.len() > depth {
            let Some(frame) = self.frames.pop() else { break };
            let complete = frame.cursor.map_or(frame.may_be_empty, |cursor| self.slot(cursor).may_end);
            if !complete {
                return Err(Refused::Missing);
            }
            self.end(frame.slot);
        }
        Ok(())
    }

    /// Hands on what is collected, if it is enough.
    pub fn flush_chunk(&mut self) -> io::Result<()> {
        if self.pending.len() < CHUNK {
            return Ok(());
        }
        self.out.write_all(self.pending.as_bytes())?;
        self.pending.clear();
        Ok(())
    }

    /// Hands on the rest.
    pub fn finish(&mut self) -> io::Result<()> {
        self.pending.push('\n');
        self.out.write_all(self.pending.as_bytes())?;
        self.out.flush()
    }

    fn slot(&self, slot: u16) -> &'static Slot {
        &self.tables.slots[usize::from(slot)]
    }

    /// Opens the wrappers of a route and closes those of the one before; gives the slot at its end.
    fn wrap(&mut self, base: usize, route: &[u16]) -> Result<u16, Refused> {
        let Some((last, wrappers)) = route.split_last() else { return Err(Refused::Place) };
        let open = self.frames[base..].iter().zip(wrappers).take_while(|(frame, slot)| frame.slot == **slot).count();
        self.close_to(base + open)?;
        for slot in &wrappers[open..] {
            self.advance(*slot)?;
            self.start(*slot);
            self.pending.push('>');
            self.enter(*slot);
        }
        Ok(*last)
    }

    /// The next child of the innermost element, if its type allows it now.
    fn advance(&mut self, slot: u16) -> Result<(), Refused> {
        let tables = self.tables;
        let Some(frame) = self.frames.last_mut() else { return Err(Refused::Place) };
        if frame.cursor == Some(slot) {
            if frame.count >= tables.slots[usize::from(slot)].max {
                return Err(Refused::Place);
            }
            frame.count += 1;
            return Ok(());
        }
        let next = frame.cursor.map_or(frame.next, |cursor| tables.slots[usize::from(cursor)].next);
        let allowed = next < frame.end && (next..tables.slots[usize::from(next)].window_end).contains(&slot);
        if !allowed {
            return Err(if slot > next { Refused::Missing } else { Refused::Place });
        }
        (frame.cursor, frame.count) = (Some(slot), 1);
        Ok(())
    }

    fn judge(&self, slot: u16, value: &str, attribute: &str) -> Result<(), Refused> {
        let holds = |simple: u16, text: &str| self.tables.simples[usize::from(simple)].check.check(text.as_bytes()).is_ok();
        let fits = match self.slot(slot).content {
            Content::Simple(simple) => holds(simple, value),
            Content::Valued(number) => {
                let valued = &self.tables.valued[usize::from(number)];
                holds(valued.value, value) && holds(valued.attribute, attribute)
            }
            Content::Complex(_) | Content::Any(_) => false,
        };
        if fits { Ok(()) } else { Err(Refused::Value) }
    }

    fn enter(&mut self, slot: u16) {
        let (next, end, may_be_empty) = match self.slot(slot).content {
            Content::Complex(number) => {
                let complex = &self.tables.complexes[usize::from(number)];
                (complex.first, complex.end, complex.may_be_empty)
            }
            _ => (0, 0, true),
        };
        self.frames.push(Frame { slot, next, end, cursor: None, count: 0, may_be_empty });
    }

    /// The beginning of a start tag. Blocks and payments get a line of their own.
    fn start(&mut self, slot: u16) {
        let slot = self.slot(slot);
        if matches!(slot.name.as_str(), "GrpHdr" | "PmtInf" | "CdtTrfTxInf") {
            self.pending.push('\n');
        }
        self.pending.push('<');
        self.pending.push_str(&slot.name);
    }

    fn end(&mut self, slot: u16) {
        let name = &self.slot(slot).name;
        self.pending.extend(["</", name.as_str(), ">"]);
    }
}

fn escape(into: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\r' => into.push_str("&#13;"),
            character => into.push(character),
        }
    }
}
