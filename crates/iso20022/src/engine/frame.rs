//! An open element.

use crate::grammar::tables::{Tables, window};

/// No child so far; or no slot.
pub(super) const NONE: u16 = u16::MAX;

/// How an open element's content is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// By a type: child elements in the order of its slots.
    Complex,
    /// One element of any name, of this entry of the tables' wildcards.
    Any(u16),
    /// Inside a wildcard: only what has a declaration is validated.
    Lax,
    /// Inside an element already found wrong: well-formedness only.
    Skip,
}

/// An open element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub kind: Kind,
    /// The element's slot in its parent's type; [`NONE`] for one without declaration.
    pub slot: u16,
    /// Which of its siblings of the same name, from 1.
    pub occurrence: u32,
    /// First and end slot of its type.
    pub first: u16,
    pub end: u16,
    /// Slot of the last child, or [`NONE`].
    pub cursor: u16,
    /// How many children of that slot there are.
    pub count: u32,
    pub may_be_empty: bool,
    /// A finding on text in it has been made.
    pub text_reported: bool,
    /// Node of the reader's binding.
    pub node: u16,
    /// Its name as written, in the engine's store of names; empty when it is the slot's name.
    pub name_start: u32,
    pub name_end: u32,
    /// Namespace declarations in force before it.
    pub namespaces: u32,
}

impl Frame {
    /// The slot and occurrence number of a child whose name begins at `text`, if the type
    /// allows it here. `text` must have at least a window's length.
    #[inline]
    pub fn expect(&self, tables: &Tables, text: &[u8]) -> Option<(u16, u32)> {
        let window = window(text);
        let ends = |length: usize| matches!(text[length], b'>' | b' ' | b'/' | b'\n' | b'\r' | b'\t');
        let next = if self.cursor == NONE {
            self.first
        } else {
            let current = &tables.slots[usize::from(self.cursor)];
            if self.count < current.max && current.begins(window, text) && ends(current.name.len()) {
                return Some((self.cursor, self.count + 1));
            }
            current.next
        };
        if next == self.end {
            return None;
        }
        let stop = tables.slots[usize::from(next)].window_end;
        tables.slots[usize::from(next)..usize::from(stop)]
            .iter()
            .zip(next..)
            .find(|(slot, _)| slot.begins(window, text) && ends(slot.name.len()))
            .map(|(_, number)| (number, 1))
    }

    /// As [`Frame::expect`], for a name that stands alone.
    pub fn expect_name(&self, tables: &Tables, name: &[u8]) -> Option<(u16, u32)> {
        let allowed = self.allowed(tables);
        allowed.into_iter().find(|slot| tables.slots[usize::from(*slot)].name.as_bytes() == name).map(|slot| {
            let count = if slot == self.cursor { self.count + 1 } else { 1 };
            (slot, count)
        })
    }

    /// The slots that may come next.
    pub fn allowed(&self, tables: &Tables) -> Vec<u16> {
        let mut allowed = Vec::new();
        let mut next = self.first;
        if self.cursor != NONE {
            let current = &tables.slots[usize::from(self.cursor)];
            if self.count < current.max {
                allowed.push(self.cursor);
            }
            next = current.next;
        }
        if next < self.end {
            allowed.extend(next..tables.slots[usize::from(next)].window_end);
        }
        allowed
    }

    /// Whether the element may end now.
    #[inline]
    pub fn may_end(&self, tables: &Tables) -> bool {
        match self.cursor {
            NONE => self.may_be_empty,
            cursor => tables.slots[usize::from(cursor)].may_end,
        }
    }
}
