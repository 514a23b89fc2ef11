//! The grammar compiled for the engine: flat arrays, addressed by small numbers.

use super::model::Base;
use super::value::ValueCheck;
use crate::lanes::{Block, LANES, Places};

/// A message's grammar, ready to walk.
#[derive(Debug)]
pub(crate) struct Tables {
    /// Message name, such as `pain.001.001.09`.
    pub message: String,
    /// Target namespace.
    pub namespace: String,
    /// Index in `slots` of the root element.
    pub root: u16,
    pub complexes: Vec<ComplexType>,
    pub slots: Vec<Slot>,
    pub simples: Vec<SimpleType>,
    pub valued: Vec<ValuedType>,
    /// Namespaces that wildcards are restricted to.
    pub wildcards: Vec<Option<String>>,
}

/// A type with child elements: a run of slots.
#[derive(Debug)]
pub(crate) struct ComplexType {
    pub first: u16,
    pub end: u16,
    /// A number for the state before its first child, beyond those of all slots.
    pub beginning: u16,
    /// Whether it may have no child at all.
    pub may_be_empty: bool,
}

/// A place for a child element in its parent's type.
#[derive(Debug)]
pub(crate) struct Slot {
    pub name: String,
    tag: TagKey,
    pub content: Content,
    /// Greatest number of occurrences; `u32::MAX` is unbounded.
    pub max: u32,
    /// First slot of the next particle, or the type's end.
    pub next: u16,
    /// Valid on a particle's first slot: the end of the slots that may come when this
    /// particle is the next one, that is up to and including the first required particle.
    pub window_end: u16,
    /// Whether every later particle of the type is optional.
    pub may_end: bool,
    /// Name of the element's type in the schema.
    pub type_name: String,
}

/// What an element holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Elements: an index in `complexes`.
    Complex(u16),
    /// A value: an index in `simples`.
    Simple(u16),
    /// A value with a required attribute: an index in `valued`.
    Valued(u16),
    /// One element of any name: an index in `wildcards`.
    Any(u16),
}

/// A value type.
#[derive(Debug)]
pub(crate) struct SimpleType {
    pub check: ValueCheck,
}

/// A value type with its required attribute.
#[derive(Debug)]
pub(crate) struct ValuedType {
    pub value: u16,
    pub attribute_name: String,
    pub attribute: u16,
}

/// What the plain tags of an element look like: the name and `>`, compared as one block where they fit in one.
#[derive(Debug)]
struct TagKey {
    bytes: [u8; LANES],
    /// The block's places that the name and `>` take.
    closed: Places,
    /// The block's places that the name takes.
    name: Places,
}

impl TagKey {
    fn new(name: &str) -> Self {
        let mut bytes = [0; LANES];
        for (place, byte) in bytes.iter_mut().zip(name.bytes().chain([b'>'])) {
            *place = byte;
        }
        let first = |count: usize| (1 << count.min(LANES)) - 1;
        TagKey { bytes, closed: first(name.len() + 1), name: first(name.len()) }
    }
}

impl Slot {
    pub fn new(name: &str, content: Content, max: Option<u32>, type_name: &str) -> Self {
        Slot {
            name: name.to_owned(),
            tag: TagKey::new(name),
            content,
            max: max.unwrap_or(u32::MAX),
            next: 0,
            window_end: 0,
            may_end: true,
            type_name: type_name.to_owned(),
        }
    }

    /// Whether `text`, of which `head` is the first block, begins with this name and `>`.
    #[inline]
    pub fn is_closed_in(&self, head: Block, text: &[u8]) -> bool {
        self.is_in(head, self.tag.closed) && (self.name.len() < LANES || self.is_followed_by(b'>', text))
    }

    /// Whether `text`, of which `head` is the first block, begins with this name and a blank.
    #[inline]
    pub fn is_open_in(&self, head: Block, text: &[u8]) -> bool {
        self.is_in(head, self.tag.name) && self.is_followed_by(b' ', text)
    }

    #[inline]
    fn is_in(&self, head: Block, places: Places) -> bool {
        head.same(Block::new(self.tag.bytes)) & places == places
    }

    #[inline]
    fn is_followed_by(&self, byte: u8, text: &[u8]) -> bool {
        let length = self.name.len();
        text[length] == byte && (length <= LANES || text.starts_with(self.name.as_bytes()))
    }
}

impl SimpleType {
    pub fn new(base: Base, facets: &super::model::Facets) -> Self {
        SimpleType { check: ValueCheck::new(base, facets) }
    }
}
