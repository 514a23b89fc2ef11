//! Start tags: the fast way for those written plainly, the general way for the others.

use super::frame::{Frame, Habits, Kind, NONE};
use super::namespaces::{self, SCHEMA_INSTANCE};
use super::problem::{Halt, Problem};
use super::scan::{self, Attribute};
use super::value::Leaf;
use super::walk::Engine;
use super::{Flow, Place, Sink, path};
use crate::grammar::binding::Binding;
use crate::grammar::tables::{Content, Tables};
use crate::message::MessageKind;
use std::io::Read;

/// What the attributes of an element say beyond its own declaration.
#[derive(Debug, Default)]
struct AttributeFacts {
    /// Whether the declared attribute is there; the engine's attribute text holds its value.
    declared: bool,
    problem: Option<Problem>,
}

fn count_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl<R: Read> Engine<R> {
    /// A start tag inside the root element.
    #[inline]
    pub(super) fn start_tag(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let tables = self.tables;
        let frame = self.frames.last().expect("an element is open in the content stage");
        if frame.kind != Kind::Complex || !self.namespaces.default_is_target() {
            return self.general_start_tag(sink);
        }
        let window = self.source.bytes();
        let name = self.source.pos() + 1;
        let Some((slot, occurrence)) = frame.expect(tables, &mut self.habits, &window[name..]) else {
            return self.general_start_tag(sink);
        };
        let declared = &tables.slots[usize::from(slot)];
        let name_end = name + declared.name.len();
        let plain = match declared.content {
            Content::Complex(complex) => return self.open(slot, occurrence, complex, name_end + 1, sink),
            Content::Simple(simple) => self.plain_leaf(slot, simple, name_end + 1),
            Content::Valued(valued) => self.plain_valued_leaf(slot, valued, name_end),
            Content::Any(_) => None,
        };
        match plain {
            Some(leaf) => Ok(self.plain_value(&leaf, occurrence, sink)),
            None => self.general_start_tag(sink),
        }
    }

    /// Pushes an element with children that is written as its slot is named.
    #[inline]
    fn open(&mut self, slot: u16, occurrence: u32, complex: u16, end: usize, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let names = count_of(self.names.len());
        let namespaces = count_of(self.namespaces.depth());
        self.push_complex(slot, occurrence, complex, (names, names), namespaces)?;
        let node = self.enter(slot, occurrence);
        let flow = self.tell_open(node, sink);
        self.source.advance_in_line(end);
        Ok(flow)
    }

    /// Moves the parent's cursor to a child; gives the child's node.
    #[inline]
    pub(super) fn enter(&mut self, slot: u16, occurrence: u32) -> u16 {
        let depth = self.frames.len();
        let parent = &mut self.frames[depth - 2];
        parent.pass(slot, occurrence);
        let node = self.binding.child(parent.node, slot);
        self.frames[depth - 1].node = node;
        node
    }

    /// Tells of the element that begins at the position.
    #[inline]
    fn tell_open(&mut self, node: u16, sink: &mut impl Sink) -> Flow {
        match self.binding.field(node) {
            0 => Flow::Continue,
            field => sink.open(field, Place { offset: self.source.walked(), line: self.source.line() }),
        }
    }

    /// Pushes a frame for a slot that is not walked as a value.
    pub(super) fn push(&mut self, slot: u16, occurrence: u32, name: (u32, u32), namespaces: u32) -> Result<(), Halt> {
        let (kind, may_be_empty) = match self.tables.slots[usize::from(slot)].content {
            Content::Complex(number) => return self.push_complex(slot, occurrence, number, name, namespaces),
            Content::Any(number) => (Kind::Any(number), false),
            Content::Simple(_) | Content::Valued(_) => (Kind::Skip, true),
        };
        self.push_frame(Frame { kind, slot, occurrence, may_be_empty, ..Frame::undeclared(name, namespaces) })
    }

    /// Pushes a frame for a slot whose content is elements of a type.
    #[inline]
    fn push_complex(&mut self, slot: u16, occurrence: u32, complex: u16, name: (u32, u32), namespaces: u32) -> Result<(), Halt> {
        let complex = &self.tables.complexes[usize::from(complex)];
        self.push_frame(Frame {
            kind: Kind::Complex,
            slot,
            occurrence,
            first: complex.first,
            end: complex.end,
            state: complex.beginning,
            may_be_empty: complex.may_be_empty,
            ..Frame::undeclared(name, namespaces)
        })
    }

    #[inline]
    fn push_frame(&mut self, frame: Frame) -> Result<(), Halt> {
        if self.frames.len() >= self.limits.depth {
            let what = format!("at most {} elements inside each other", self.limits.depth);
            return Err(Halt::Bad(Box::new(Problem::limit(&what))));
        }
        self.elements += 1;
        self.frames.push(frame);
        Ok(())
    }

    /// Scans the tag at the position and puts its namespace declarations in force.
    fn scan_tag(&mut self) -> Result<(), Halt> {
        let window = self.source.bytes();
        scan::start_tag(window, self.source.pos(), &mut self.tag)?;
        for attribute in &self.tag.attributes {
            let prefix = match &window[attribute.name.clone()] {
                b"xmlns" => &[],
                name => match name.strip_prefix(b"xmlns:") {
                    Some(prefix) => prefix,
                    None => continue,
                },
            };
            self.cooked.clear();
            cook_attribute(window, attribute, &mut self.cooked)?;
            self.namespaces.declare(prefix, self.cooked.as_bytes())?;
        }
        Ok(())
    }

    /// The root element decides the message.
    pub(super) fn root_element(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        self.scan_tag()?;
        let Some(kind) = self.named_message()? else { return self.envelope_root(sink) };
        let Some(binding) = (self.bind)(kind) else { return Err(self.unknown_message()) };
        self.kind = Some(kind);
        self.begin_message(kind, binding, 0, sink)
    }

    /// The root element of a message or of its header.
    pub(super) fn begin_message(
        &mut self, kind: MessageKind, binding: &'static Binding, namespaces: u32, sink: &mut impl Sink,
    ) -> Result<Flow, Halt> {
        let tables = kind.tables();
        self.begin_tables(tables, binding);
        sink.begin(kind);
        let name = self.keep_name();
        self.push(tables.root, 1, name, namespaces)?;
        if let Some(frame) = self.frames.last_mut() {
            frame.node = Binding::ROOT;
        }
        let facts = self.attributes(Some(tables.root))?;
        self.finish_tag(facts, sink)
    }

    /// Takes a message's grammar and binding.
    pub(super) fn begin_tables(&mut self, tables: &'static Tables, binding: &'static Binding) {
        (self.tables, self.binding) = (tables, binding);
        self.namespaces.set_target(&tables.namespace);
        self.habits = Habits::new(tables);
    }

    /// Keeps the tag's name for its end tag, where it is not simply its slot's.
    pub(super) fn keep_name(&mut self) -> (u32, u32) {
        let start = self.names.len();
        self.names.extend_from_slice(&self.source.bytes()[self.tag.name.clone()]);
        (count_of(start), count_of(self.names.len()))
    }

    /// After the frame is pushed: reports on attributes, tells the sink, ends an empty element.
    fn finish_tag(&mut self, facts: AttributeFacts, sink: &mut impl Sink) -> Result<Flow, Halt> {
        if let Some(problem) = facts.problem {
            self.report(problem, sink);
        }
        let frame = *self.frames.last().expect("the element has just been pushed");
        let mut flow = self.tell_open(frame.node, sink);
        if self.tag.self_closing {
            let closed = self.close(frame, self.tag.end, sink)?;
            if closed == Flow::Pause {
                flow = closed;
            }
        } else {
            self.source.advance(self.tag.end);
        }
        Ok(flow)
    }

    /// Any start tag: with prefix, attributes, or not where it should be.
    fn general_start_tag(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let before = self.namespaces.depth();
        let result = self.general_element(before, sink);
        if matches!(result, Err(Halt::More)) {
            // The tag is scanned again when the rest of the element is there.
            self.namespaces.pop_to(before);
        }
        result
    }

    fn general_element(&mut self, before: usize, sink: &mut impl Sink) -> Result<Flow, Halt> {
        self.scan_tag()?;
        let namespaces = count_of(before);
        let frame = *self.frames.last().expect("an element is open in the content stage");
        let window = self.source.bytes();
        let (namespace, local) = self.namespaces.resolve_name(&window[self.tag.name.clone()])?;
        let in_target = self.namespaces.is_target(namespace);
        match frame.kind {
            Kind::Complex => {
                let found = if in_target { frame.expect_name(self.tables, local) } else { None };
                match found.or_else(|| self.later_slot(&frame, in_target, local)) {
                    Some((slot, occurrence)) => {
                        let unexpected = found.is_none().then(|| self.unexpected(&frame));
                        self.declared_element(slot, occurrence, namespaces, unexpected, sink)
                    }
                    None => {
                        let unexpected = self.unexpected(&frame);
                        self.report(unexpected, sink);
                        self.undeclared_element(Kind::Skip, namespaces, sink)
                    }
                }
            }
            Kind::Skip => self.undeclared_element(Kind::Skip, namespaces, sink),
            Kind::Lax => self.lax_element(in_target, namespaces, sink),
            Kind::Envelope => self.envelope_element(namespaces, sink),
            Kind::Any(number) => {
                let wanted = self.tables.wildcards[usize::from(number)].as_deref();
                let allowed = frame.count == 0 && wanted.is_none_or(|wanted| wanted.as_bytes() == namespace);
                if !allowed {
                    let unexpected = self.unexpected(&frame);
                    self.report(unexpected, sink);
                }
                if let Some(frame) = self.frames.last_mut() {
                    frame.count += 1;
                }
                if allowed {
                    self.lax_element(in_target, namespaces, sink)
                } else {
                    self.undeclared_element(Kind::Skip, namespaces, sink)
                }
            }
        }
    }

    /// A slot behind the ones that may come next: something required is missing before it.
    fn later_slot(&self, frame: &Frame, in_target: bool, local: &[u8]) -> Option<(u16, u32)> {
        let next = match frame.cursor {
            NONE => frame.first,
            cursor => self.tables.slots[usize::from(cursor)].next,
        };
        (next..frame.end)
            .find(|slot| in_target && self.tables.slots[usize::from(*slot)].name.as_bytes() == local)
            .map(|slot| (slot, 1))
    }

    #[cold]
    fn unexpected(&self, frame: &Frame) -> Problem {
        let expected = match frame.kind {
            Kind::Any(_) => "one element of the allowed namespace".to_owned(),
            _ => path::names_of(self.tables, &frame.allowed(self.tables)),
        };
        let name = String::from_utf8_lossy(&self.source.bytes()[self.tag.name.clone()]).into_owned();
        Problem::unexpected_element(expected, &name)
    }

    /// An element inside a wildcard: validated if it is the message's own root element.
    fn lax_element(&mut self, in_target: bool, namespaces: u32, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let window = self.source.bytes();
        let (_, local) = namespaces::split(&window[self.tag.name.clone()]);
        let root = self.tables.root;
        if in_target && self.tables.slots[usize::from(root)].name.as_bytes() == local {
            let name = self.keep_name();
            self.push(root, 1, name, namespaces)?;
            let facts = self.attributes(Some(root))?;
            return self.finish_tag(facts, sink);
        }
        self.undeclared_element(Kind::Lax, namespaces, sink)
    }

    pub(super) fn undeclared_element(&mut self, kind: Kind, namespaces: u32, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let name = self.keep_name();
        self.push_frame(Frame { kind, ..Frame::undeclared(name, namespaces) })?;
        let facts = self.attributes(None)?;
        self.finish_tag(facts, sink)
    }

    fn declared_element(
        &mut self, slot: u16, occurrence: u32, namespaces: u32, unexpected: Option<Problem>, sink: &mut impl Sink,
    ) -> Result<Flow, Halt> {
        let mut facts = self.attributes(Some(slot))?;
        let (simple, valued) = match self.tables.slots[usize::from(slot)].content {
            Content::Simple(simple) => (simple, None),
            Content::Valued(valued) => (self.tables.valued[usize::from(valued)].value, Some(valued)),
            Content::Complex(_) | Content::Any(_) => {
                if let Some(problem) = unexpected {
                    self.report(problem, sink);
                }
                let name = self.keep_name();
                self.push(slot, occurrence, name, namespaces)?;
                self.enter(slot, occurrence);
                return self.finish_tag(facts, sink);
            }
        };
        let attribute = match valued {
            Some(valued) if facts.declared => Some(valued),
            Some(valued) => {
                let name = &self.tables.valued[usize::from(valued)].attribute_name;
                facts.problem = Some(Problem::attribute(&format!("attribute {name}"), "none"));
                None
            }
            None => None,
        };
        let leaf = Leaf { slot, occurrence, simple, attribute };
        let problems = [unexpected, facts.problem];
        self.general_leaf(&leaf, namespaces, problems, sink)
    }

    /// Judges the attributes of the tag, for an element of this slot or an undeclared one.
    fn attributes(&mut self, slot: Option<u16>) -> Result<AttributeFacts, Halt> {
        let window = self.source.bytes();
        let mut facts = AttributeFacts::default();
        let mut seen: Vec<(&[u8], &[u8])> = Vec::new();
        for attribute in &self.tag.attributes {
            let name = &window[attribute.name.clone()];
            if name == b"xmlns" || name.starts_with(b"xmlns:") {
                continue;
            }
            // The default namespace does not hold for attributes.
            let (namespace, local) = match namespaces::split(name) {
                (b"", local) => (&[][..], local),
                _ => self.namespaces.resolve_name(name)?,
            };
            if seen.contains(&(namespace, local)) {
                return Err(Halt::Bad(Box::new(Problem::syntax("attributes with different names", "an attribute twice"))));
            }
            seen.push((namespace, local));
            self.cooked.clear();
            cook_attribute(window, attribute, &mut self.cooked)?;
            let declared = slot.and_then(|slot| self.declared_attribute(slot));
            let known = match (namespace, local) {
                (SCHEMA_INSTANCE, b"schemaLocation" | b"noNamespaceSchemaLocation") => true,
                (SCHEMA_INSTANCE, b"type") => slot.is_some_and(|slot| self.names_type(slot)),
                // No element of the messages may be nil; what no schema declares may say so.
                (SCHEMA_INSTANCE, b"nil") => slot.is_none(),
                (b"", local) if declared.is_some_and(|declared| declared.as_bytes() == local) => {
                    std::mem::swap(&mut self.attribute_text, &mut self.cooked);
                    facts.declared = true;
                    true
                }
                _ => slot.is_none(),
            };
            if !known && facts.problem.is_none() {
                let expected = declared.map_or_else(|| "no such attribute".to_owned(), |name| format!("attribute {name} only"));
                facts.problem = Some(Problem::attribute(&expected, &format!("attribute {}", String::from_utf8_lossy(name))));
            }
        }
        Ok(facts)
    }

    fn declared_attribute(&self, slot: u16) -> Option<&'static str> {
        match self.tables.slots[usize::from(slot)].content {
            Content::Valued(valued) => Some(&self.tables.valued[usize::from(valued)].attribute_name),
            _ => None,
        }
    }

    /// Whether the cooked `xsi:type` names the declared type; no message has derived types. Blanks around the name would
    /// not be part of it, but libxml2 refuses them.
    fn names_type(&self, slot: u16) -> bool {
        let name = self.cooked.as_bytes();
        let declared = self.tables.slots[usize::from(slot)].type_name.as_bytes();
        self.namespaces
            .resolve_name(name)
            .is_ok_and(|(namespace, local)| self.namespaces.is_target(namespace) && local == declared)
    }
}

/// The value of an attribute: references resolved, white space made blanks.
fn cook_attribute(window: &[u8], attribute: &Attribute, cooked: &mut String) -> Result<(), Halt> {
    let mut index = attribute.value.start;
    while index < attribute.value.end {
        match window[index] {
            b'&' => {
                let (character, end) = scan::reference(window, index)?;
                cooked.push(character);
                index = end;
            }
            b'\r' if window[index + 1] == b'\n' => index += 1,
            byte if scan::is_space(byte) => {
                cooked.push(' ');
                index += 1;
            }
            _ => {
                let rest = &window[index..attribute.value.end];
                let plain = rest.iter().position(|byte| *byte == b'&' || scan::is_space(*byte) && *byte != b' ');
                let plain = plain.unwrap_or(rest.len());
                let text = std::str::from_utf8(&rest[..plain]).expect("the window is valid UTF-8");
                cooked.push_str(text);
                index += plain;
            }
        }
    }
    Ok(())
}
