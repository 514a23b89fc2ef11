//! Elements that hold a value.

use super::problem::{Halt, Problem};
use super::scan::{self, Misc};
use super::walk::{Engine, end_of_slot_tag, end_of_tag};
use super::{Flow, Sink, path};
use crate::grammar::value::ValueFault;
use std::io::Read;
use std::ops::Range;

/// An element with a value whose start tag is read.
#[derive(Debug)]
pub(super) struct Leaf {
    pub slot: u16,
    pub occurrence: u32,
    /// Its name as written.
    pub name: Range<usize>,
    /// Type of the value.
    pub simple: u16,
    /// Index after the start tag.
    pub start: usize,
    pub attribute: AttributeAt,
}

/// Where the declared attribute's value is.
#[derive(Debug, Clone)]
pub(super) enum AttributeAt {
    None,
    /// In the window, for this valued type.
    Window(u16, Range<usize>),
    /// In the engine's attribute text, for this valued type.
    Cooked(u16),
}

/// Where the value is.
enum ValueAt {
    Window(Range<usize>),
    /// In the engine's cooked text.
    Cooked,
}

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

#[inline]
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
    /// An element written plainly, as its slot is named: a value without references or other markup, and the end tag.
    #[inline]
    pub(super) fn leaf(&mut self, leaf: &Leaf, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let window = self.source.bytes();
        let value_end = if self.source.has_simple_text() {
            let rest = &window[leaf.start..];
            leaf.start + memchr::memchr2(b'<', b'&', rest).ok_or(Halt::More)?
        } else {
            end_of_plain(window, leaf.start)
        };
        if window[value_end] == b'<' && window[value_end + 1] == b'/' {
            let end = end_of_slot_tag(window, value_end + 2, &self.tables.slots[usize::from(leaf.slot)])?;
            self.judge(leaf, &ValueAt::Window(leaf.start..value_end), end, sink);
            return Ok(Flow::Continue);
        }
        let namespaces = u32::try_from(self.namespaces.depth()).unwrap_or(u32::MAX);
        self.tag.name = leaf.name.clone();
        self.tag.self_closing = false;
        self.general_leaf(leaf, namespaces, [None, None], sink)
    }

    /// Any element with a value: references, CDATA, comments, or nothing at all.
    pub(super) fn general_leaf(
        &mut self, leaf: &Leaf, namespaces: u32, problems: [Option<Problem>; 2], sink: &mut impl Sink,
    ) -> Result<Flow, Halt> {
        self.cooked.clear();
        let end = if self.tag.self_closing { Some(leaf.start) } else { self.cook(leaf)? };
        let path = self.leaf_path(leaf, &problems);
        for problem in problems.into_iter().flatten() {
            self.report_at(problem, path.clone(), sink);
        }
        let Some(end) = end else { return self.element_in_value(leaf, namespaces, sink) };
        self.judge(leaf, &ValueAt::Cooked, end, sink);
        self.namespaces.pop_to(namespaces as usize);
        Ok(Flow::Continue)
    }

    fn leaf_path(&self, leaf: &Leaf, problems: &[Option<Problem>; 2]) -> String {
        let mut path = String::new();
        if problems.iter().any(Option::is_some) {
            path = path::of_frames(self.tables, &self.frames, &self.names);
            path::push_slot(&mut path, self.tables, leaf.slot, leaf.occurrence);
        }
        path
    }

    /// Collects a value; gives the index after the end tag, or `None` at a child element.
    fn cook(&mut self, leaf: &Leaf) -> Result<Option<usize>, Halt> {
        let window = self.source.bytes();
        let mut index = leaf.start;
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
                        let name = &window[leaf.name.clone()];
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
        (parent.cursor, parent.count) = (leaf.slot, leaf.occurrence);
        self.report(Problem::content_kind("a value only", "an element"), sink);
        self.source.pos = leaf.start;
        Ok(Flow::Continue)
    }

    /// Checks a value, tells it, and moves on behind the element.
    #[inline]
    fn judge(&mut self, leaf: &Leaf, value: &ValueAt, end: usize, sink: &mut impl Sink) {
        let parent = self.frames.last_mut().expect("a value stands in an element");
        (parent.cursor, parent.count) = (leaf.slot, leaf.occurrence);
        let field = self.binding.field(self.binding.child(parent.node, leaf.slot));
        let begin = self.source.pos;
        let line = if field == 0 { 0 } else { self.source.line(begin) };
        self.elements += 1;
        let window = self.source.bytes();
        let value = match value {
            ValueAt::Window(range) => &window[range.clone()],
            ValueAt::Cooked => self.cooked.as_bytes(),
        };
        let attribute = match &leaf.attribute {
            AttributeAt::None => &[],
            AttributeAt::Window(_, range) => &window[range.clone()],
            AttributeAt::Cooked(_) => self.attribute_text.as_bytes(),
        };
        let check = &self.tables.simples[usize::from(leaf.simple)].check;
        let value = if check.collapses() { trim(value) } else { value };
        let value_fault = check.check(value).err();
        let attribute_fault = self.check_attribute(&leaf.attribute, attribute).err();
        if value_fault.is_some() || attribute_fault.is_some() {
            self.report_value(leaf, value_fault, attribute_fault, sink);
        } else if field != 0 {
            sink.value(field, utf8(value), utf8(attribute), line);
        }
        self.source.pos = end;
    }

    #[inline]
    fn check_attribute(&self, place: &AttributeAt, attribute: &[u8]) -> Result<(), ValueFault> {
        let (AttributeAt::Window(valued, _) | AttributeAt::Cooked(valued)) = place else { return Ok(()) };
        let simple = self.tables.valued[usize::from(*valued)].attribute;
        self.tables.simples[usize::from(simple)].check.check(attribute)
    }

    #[cold]
    fn report_value(&mut self, leaf: &Leaf, value: Option<ValueFault>, attribute: Option<ValueFault>, sink: &mut impl Sink) {
        let tables = self.tables;
        let mut path = path::of_frames(tables, &self.frames, &self.names);
        path::push_slot(&mut path, tables, leaf.slot, leaf.occurrence);
        if let Some(fault) = value {
            let check = &tables.simples[usize::from(leaf.simple)].check;
            self.report_at(Problem::value(check, fault), path.clone(), sink);
        }
        if let (Some(fault), AttributeAt::Window(valued, _) | AttributeAt::Cooked(valued)) = (attribute, &leaf.attribute) {
            let valued = &tables.valued[usize::from(*valued)];
            let check = &tables.simples[usize::from(valued.attribute)].check;
            let path = format!("{path}/@{}", valued.attribute_name);
            self.report_at(Problem::value(check, fault), path, sink);
        }
    }
}

fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the window is valid UTF-8 and markup is ASCII")
}

fn push_utf8(text: &mut String, bytes: &[u8]) {
    text.push_str(utf8(bytes));
}

/// Adds text with its line ends normalised.
fn push_lines(text: &mut String, bytes: &[u8]) {
    let content = utf8(bytes);
    if content.contains('\r') {
        text.push_str(&content.replace("\r\n", "\n").replace('\r', "\n"));
    } else {
        text.push_str(content);
    }
}
