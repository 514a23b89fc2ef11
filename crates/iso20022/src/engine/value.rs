//! Elements that hold a value.

use super::problem::{Halt, Problem};
use super::scan::{self, Misc};
use super::walk::{Engine, end_of_tag};
use super::{Flow, Sink, path, valid};
use crate::grammar::binding::Field;
use crate::grammar::value::ValueFault;
use crate::lanes::{self, Block};
use std::io::Read;
use std::ops::Range;

/// An element with a value whose start tag is in the engine's tag.
#[derive(Debug)]
pub(super) struct Leaf {
    pub slot: u16,
    pub occurrence: u32,
    /// Type of the value.
    pub simple: u16,
    /// The type with the attribute that the engine's attribute text holds.
    pub attribute: Option<u16>,
}

/// An element with a value that is written plainly, as nearly all are: on one line, with its tags as its slot is named, at
/// most the attribute that its type has, no references and no other markup.
#[derive(Debug)]
pub(super) struct PlainLeaf {
    slot: u16,
    /// Type of the value.
    simple: u16,
    value: Range<usize>,
    /// The type with the attribute, and where the attribute's value is.
    attribute: Option<(u16, Range<usize>)>,
    /// Index after the end tag.
    end: usize,
}

/// What is wrong with a value and with its attribute.
type Faults = [Option<ValueFault>; 2];

/// Bytes that are themselves in a value: all but those that begin markup or references, carriage
/// returns, which are normalised, and `]`, which may begin the forbidden `]]>`.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    plain[b'<' as usize] = false;
    plain[b'&' as usize] = false;
    plain[b'\r' as usize] = false;
    plain[b']' as usize] = false;
    plain[0] = false;
    plain
};

fn end_of_plain(window: &[u8], start: usize) -> usize {
    let rest = &window[start..];
    start + rest.iter().position(|byte| !PLAIN[usize::from(*byte)]).unwrap_or(rest.len())
}

fn trim(value: &[u8]) -> &[u8] {
    let start = value.iter().position(|byte| !scan::is_space(*byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !scan::is_space(*byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

impl<R: Read> Engine<R> {
    /// An element whose plain start tag ends before `start`, if all of it is plain.
    #[inline]
    pub(super) fn plain_leaf(&self, slot: u16, simple: u16, start: usize) -> Option<PlainLeaf> {
        let window = self.source.bytes();
        let value_end = lanes::end_of_plain(window, start);
        let name = value_end + 2;
        let declared = &self.tables.slots[usize::from(slot)];
        let is_plain = window[value_end] == b'<'
            && window[value_end + 1] == b'/'
            && declared.is_closed_in(Block::at(window, name), &window[name..]);
        let end = name + declared.name.len() + 1;
        is_plain.then_some(PlainLeaf { slot, simple, value: start..value_end, attribute: None, end })
    }

    /// As [`Engine::plain_leaf`], of a type with an attribute, which follows the name that ends at `start`:
    /// ` Name="value">`.
    #[inline]
    pub(super) fn plain_valued_leaf(&self, slot: u16, valued: u16, start: usize) -> Option<PlainLeaf> {
        let declared = &self.tables.valued[usize::from(valued)];
        let name = declared.attribute_name.as_bytes();
        let text = &self.source.bytes()[start + 1..];
        let rest = text.strip_prefix(name)?.strip_prefix(b"=\"")?;
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'&' | b'<' | 0..0x20))?;
        if rest[length] != b'"' || rest[length + 1] != b'>' {
            return None;
        }
        let attribute = start + 1 + name.len() + 2;
        let leaf = self.plain_leaf(slot, declared.value, attribute + length + 2)?;
        Some(PlainLeaf { attribute: Some((valued, attribute..attribute + length)), ..leaf })
    }

    /// Checks a plain value, tells it, and moves on behind the element.
    #[inline]
    pub(super) fn plain_value(&mut self, leaf: &PlainLeaf, occurrence: u32, sink: &mut impl Sink) -> Flow {
        let field = self.enter_value(leaf.slot, occurrence);
        let window = self.source.bytes();
        let check = &self.tables.simples[usize::from(leaf.simple)].check;
        let value = &window[leaf.value.clone()];
        let value = if check.collapses() { trim(value) } else { value };
        let (valued, attribute) = match &leaf.attribute {
            Some((valued, place)) => (Some(*valued), &window[place.clone()]),
            None => (None, &[][..]),
        };
        let faults = [check.check(value).err(), self.check_attribute(valued, attribute)];
        if faults != [None, None] {
            self.report_value(leaf.slot, occurrence, leaf.simple, valued, faults, sink);
        } else if field != 0 {
            sink.value_bytes(field, value, attribute, self.source.line());
        }
        self.source.advance_in_line(leaf.end);
        Flow::Continue
    }

    /// Moves the parent's cursor to a value; gives the value's field.
    #[inline]
    fn enter_value(&mut self, slot: u16, occurrence: u32) -> Field {
        let parent = self.frames.last_mut().expect("a value stands in an element");
        parent.pass(slot, occurrence);
        self.elements += 1;
        self.binding.field(self.binding.child(parent.node, slot))
    }

    /// Any element with a value, whose start tag is in the engine's tag: references, CDATA, comments, or nothing at all.
    pub(super) fn general_leaf(
        &mut self, leaf: &Leaf, namespaces: u32, problems: [Option<Problem>; 2], sink: &mut impl Sink,
    ) -> Result<Flow, Halt> {
        self.cooked.clear();
        let end = if self.tag.self_closing { Some(self.tag.end) } else { self.cook()? };
        let path = self.leaf_path(leaf, &problems);
        for problem in problems.into_iter().flatten() {
            self.report_at(problem, path.clone(), sink);
        }
        let Some(end) = end else { return self.element_in_value(leaf, namespaces, sink) };
        self.cooked_value(leaf, sink);
        self.source.advance(end);
        self.namespaces.pop_to(namespaces as usize);
        Ok(Flow::Continue)
    }

    /// Checks a cooked value and tells it.
    fn cooked_value(&mut self, leaf: &Leaf, sink: &mut impl Sink) {
        let field = self.enter_value(leaf.slot, leaf.occurrence);
        let check = &self.tables.simples[usize::from(leaf.simple)].check;
        let value = self.cooked.as_bytes();
        let value = if check.collapses() { trim(value) } else { value };
        let attribute = if leaf.attribute.is_some() { self.attribute_text.as_bytes() } else { &[] };
        let faults = [check.check(value).err(), self.check_attribute(leaf.attribute, attribute)];
        if faults != [None, None] {
            self.report_value(leaf.slot, leaf.occurrence, leaf.simple, leaf.attribute, faults, sink);
        } else if field != 0 {
            sink.value_bytes(field, value, attribute, self.source.line());
        }
    }

    fn leaf_path(&self, leaf: &Leaf, problems: &[Option<Problem>; 2]) -> String {
        let mut path = String::new();
        if problems.iter().any(Option::is_some) {
            path = path::of_frames(self.tables, &self.frames, &self.names);
            path::push_slot(&mut path, self.tables, leaf.slot, leaf.occurrence);
        }
        path
    }

    /// Collects the value behind the tag; gives the index after the end tag, or `None` at a child element.
    fn cook(&mut self) -> Result<Option<usize>, Halt> {
        let window = self.source.bytes();
        let mut index = self.tag.end;
        loop {
            let plain_end = end_of_plain(window, index);
            push_utf8(&mut self.cooked, &window[index..plain_end]);
            index = plain_end;
            match window[index] {
                0 => return Err(Halt::More),
                b'&' => {
                    let (character, end) = scan::reference(window, index)?;
                    self.cooked.push(character);
                    index = end;
                }
                b'\r' => {
                    self.cooked.push('\n');
                    index += if window[index + 1] == b'\n' { 2 } else { 1 };
                    if window[index] == 0 {
                        return Err(Halt::More);
                    }
                }
                b']' => {
                    if scan::keyword(window, index, b"]]>")? {
                        return Err(Halt::Bad(Box::new(Problem::syntax("no ]]> in text", "]]>"))));
                    }
                    self.cooked.push(']');
                    index += 1;
                }
                _ => match window[index + 1] {
                    0 => return Err(Halt::More),
                    b'/' => {
                        let name = &window[self.tag.name.clone()];
                        return end_of_tag(window, index + 2, name).map(Some);
                    }
                    b'!' | b'?' => {
                        let (misc, end) = scan::misc(window, index)?;
                        if let Misc::CharacterData(content) = misc {
                            push_lines(&mut self.cooked, &window[content]);
                        }
                        index = end;
                    }
                    _ => return Ok(None),
                },
            }
        }
    }

    /// A child element where only a value may stand: report it, and walk past.
    #[cold]
    fn element_in_value(&mut self, leaf: &Leaf, namespaces: u32, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let name = self.keep_name();
        self.push(leaf.slot, leaf.occurrence, name, namespaces)?;
        let depth = self.frames.len();
        let parent = &mut self.frames[depth - 2];
        parent.pass(leaf.slot, leaf.occurrence);
        self.report(Problem::content_kind("a value only", "an element"), sink);
        self.source.advance(self.tag.end);
        Ok(Flow::Continue)
    }

    #[inline]
    fn check_attribute(&self, valued: Option<u16>, attribute: &[u8]) -> Option<ValueFault> {
        let valued = &self.tables.valued[usize::from(valued?)];
        self.tables.simples[usize::from(valued.attribute)].check.check(attribute).err()
    }

    #[cold]
    fn report_value(
        &mut self, slot: u16, occurrence: u32, simple: u16, valued: Option<u16>, faults: Faults, sink: &mut impl Sink,
    ) {
        let tables = self.tables;
        let mut path = path::of_frames(tables, &self.frames, &self.names);
        path::push_slot(&mut path, tables, slot, occurrence);
        let [value_fault, attribute_fault] = faults;
        if let Some(fault) = value_fault {
            let check = &tables.simples[usize::from(simple)].check;
            self.report_at(Problem::value(check, fault), path.clone(), sink);
        }
        if let (Some(fault), Some(valued)) = (attribute_fault, valued) {
            let valued = &tables.valued[usize::from(valued)];
            let check = &tables.simples[usize::from(valued.attribute)].check;
            let path = format!("{path}/@{}", valued.attribute_name);
            self.report_at(Problem::value(check, fault), path, sink);
        }
    }
}

fn push_utf8(text: &mut String, bytes: &[u8]) {
    text.push_str(valid(bytes));
}

/// Adds text with its line ends normalised.
fn push_lines(text: &mut String, bytes: &[u8]) {
    let content = valid(bytes);
    if content.contains('\r') {
        text.push_str(&content.replace("\r\n", "\n").replace('\r', "\n"));
    } else {
        text.push_str(content);
    }
}
