//! An open element.

use crate::grammar::binding::UNBOUND;
use crate::grammar::tables::{Content, Slot, Tables};
use crate::lanes::Block;

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
    /// Around a message.
    Envelope,
}

/// An open element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// What may come next, but for how often the last child may be repeated: its slot, or the type's beginning.
    pub state: u16,
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
    /// An element without declaration, whose content is not judged.
    pub fn undeclared(name: (u32, u32), namespaces: u32) -> Self {
        Frame {
            kind: Kind::Skip,
            slot: NONE,
            occurrence: 1,
            first: 0,
            end: 0,
            cursor: NONE,
            count: 0,
            state: NONE,
            may_be_empty: true,
            text_reported: false,
            node: UNBOUND,
            name_start: name.0,
            name_end: name.1,
            namespaces,
        }
    }

    /// Whether it is written as its slot is named.
    #[inline]
    pub fn is_plain(&self) -> bool {
        self.name_start == self.name_end
    }

    /// The slot and occurrence number of a child that the type allows here and whose start tag is written plainly: without
    /// attributes, or with a blank before the one that its type has. `text` begins behind the tag's `<`.
    #[inline]
    pub fn expect(&self, tables: &Tables, habits: &mut Habits, text: &[u8]) -> Option<(u16, u32)> {
        let head = Block::at(text, 0);
        let is_here = |slot: &Slot| match slot.content {
            Content::Valued(_) => slot.is_open_in(head, text),
            _ => slot.is_closed_in(head, text),
        };
        let usual = habits.after(self.state);
        if let Some(slot) = tables.slots.get(usize::from(usual))
            && is_here(slot)
        {
            if usual != self.cursor {
                return Some((usual, 1));
            }
            if self.count < slot.max {
                return Some((usual, self.count + 1));
            }
        }
        let (slot, occurrence) = self.search(tables, is_here)?;
        habits.note(self.state, slot);
        Some((slot, occurrence))
    }

    fn search(&self, tables: &Tables, is_here: impl Fn(&Slot) -> bool) -> Option<(u16, u32)> {
        let next = if self.cursor == NONE {
            self.first
        } else {
            let current = &tables.slots[usize::from(self.cursor)];
            if self.count < current.max && is_here(current) {
                return Some((self.cursor, self.count + 1));
            }
            current.next
        };
        if next == self.end {
            return None;
        }
        let stop = tables.slots[usize::from(next)].window_end;
        let window = &tables.slots[usize::from(next)..usize::from(stop)];
        window.iter().zip(next..).find(|(slot, _)| is_here(slot)).map(|(_, number)| (number, 1))
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

    /// Moves on to a child.
    #[inline]
    pub fn pass(&mut self, slot: u16, occurrence: u32) {
        (self.cursor, self.state, self.count) = (slot, slot, occurrence);
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

/// Which slot followed last in each state of a type. The elements of a file mostly follow each other as they did before, so
/// the optional slots between them need not be tried each time.
#[derive(Debug, Default)]
pub(super) struct Habits(Vec<u16>);

impl Habits {
    /// None yet, for these tables.
    pub fn new(tables: &Tables) -> Self {
        Habits(vec![NONE; tables.slots.len() + tables.complexes.len()])
    }

    #[inline]
    fn after(&self, state: u16) -> u16 {
        self.0.get(usize::from(state)).copied().unwrap_or(NONE)
    }

    #[inline]
    fn note(&mut self, state: u16, slot: u16) {
        if let Some(place) = self.0.get_mut(usize::from(state)) {
            *place = slot;
        }
    }
}
