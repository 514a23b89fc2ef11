//! The grammar compiled for the engine: flat arrays, addressed by small numbers.

use super::model::Base;
use super::value::ValueCheck;

/// Names up to this length are compared in one machine word pair.
pub(crate) const WINDOW: usize = 16;

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
    /// Whether it may have no child at all.
    pub may_be_empty: bool,
}

/// A place for a child element in its parent's type.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The first bytes of the name, little-endian, zero where `mask` is zero.
    pub key: u128,
    pub mask: u128,
    pub name: String,
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

impl Slot {
    /// Whether the bytes of `window` (the first [`WINDOW`] of `text`) begin with this name.
    #[inline]
    pub fn begins(&self, window: u128, text: &[u8]) -> bool {
        window & self.mask == self.key && (self.name.len() <= WINDOW || text.starts_with(self.name.as_bytes()))
    }
}

/// The first bytes of a text as one number; `text` must hold at least [`WINDOW`] bytes.
#[inline]
pub(crate) fn window(text: &[u8]) -> u128 {
    text.first_chunk::<WINDOW>().map_or(0, |bytes| u128::from_le_bytes(*bytes))
}

/// Key and mask of a name.
pub(super) fn name_key(name: &str) -> (u128, u128) {
    let mut key = [0u8; WINDOW];
    let mut mask = [0u8; WINDOW];
    for (index, byte) in name.bytes().take(WINDOW).enumerate() {
        key[index] = byte;
        mask[index] = 0xff;
    }
    (u128::from_le_bytes(key), u128::from_le_bytes(mask))
}

impl SimpleType {
    pub fn new(base: Base, facets: &super::model::Facets) -> Self {
        SimpleType { check: ValueCheck::new(base, facets) }
    }
}
