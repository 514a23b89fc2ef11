//! Which elements of a message a reader wants to hear of: paths joined to field numbers.

use super::tables::{Content, Tables};

/// A number a reader gave to a path; 0 is a path nobody asked for.
pub(crate) type Field = u16;

/// Node of an element with no wanted element below it.
pub(crate) const UNBOUND: u16 = 0;

/// The wanted paths as a tree over the grammar's slots.
#[derive(Debug)]
pub(crate) struct Binding {
    nodes: Vec<Node>,
    /// Children of all nodes; a node's run has one entry for each slot of its type.
    children: Vec<u16>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    field: Field,
    /// Add a slot's number to this to find its entry in `children`.
    base: u32,
    first_slot: u16,
    end_slot: u16,
}

/// A path of a binding is not in the grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} has no path {path}")]
pub(crate) struct UnknownPath {
    message: String,
    path: String,
}

impl Binding {
    /// Joins paths below the root element, such as `CstmrCdtTrfInitn/GrpHdr/MsgId`, to fields; the empty path is the
    /// root element itself.
    ///
    /// # Errors
    /// A path that the grammar does not know.
    pub fn new(tables: &Tables, paths: &[(&str, Field)]) -> Result<Binding, UnknownPath> {
        let mut binding = Binding { nodes: vec![Node { field: 0, base: 0, first_slot: 0, end_slot: 0 }], children: Vec::new() };
        let root = binding.add_node(tables, tables.root);
        debug_assert_eq!(root, Self::ROOT);
        for (path, field) in paths {
            let mut node = root;
            for name in path.split('/').filter(|name| !name.is_empty()) {
                node = binding
                    .child_or_add(tables, node, name)
                    .ok_or_else(|| UnknownPath { message: tables.message.clone(), path: (*path).to_owned() })?;
            }
            binding.nodes[usize::from(node)].field = *field;
        }
        Ok(binding)
    }

    /// The node of the root element.
    pub const ROOT: u16 = 1;

    /// The field bound to a node.
    #[inline]
    pub fn field(&self, node: u16) -> Field {
        self.nodes[usize::from(node)].field
    }

    /// The node of a child element.
    #[inline]
    pub fn child(&self, node: u16, slot: u16) -> u16 {
        if node == UNBOUND {
            return UNBOUND;
        }
        let parent = &self.nodes[usize::from(node)];
        self.children[parent.base as usize + usize::from(slot - parent.first_slot)]
    }

    fn add_node(&mut self, tables: &Tables, slot: u16) -> u16 {
        let (first_slot, end_slot) = match tables.slots[usize::from(slot)].content {
            Content::Complex(number) => {
                let complex = &tables.complexes[usize::from(number)];
                (complex.first, complex.end)
            }
            _ => (0, 0),
        };
        let base = u32::try_from(self.children.len()).expect("bindings are small");
        self.children.resize(self.children.len() + usize::from(end_slot - first_slot), UNBOUND);
        self.nodes.push(Node { field: 0, base, first_slot, end_slot });
        u16::try_from(self.nodes.len() - 1).expect("bindings are small")
    }

    /// The paths below the message's own element that nobody asked for, the topmost of each.
    #[cfg(test)]
    pub fn unasked(&self, tables: &Tables) -> Vec<String> {
        let mut paths = Vec::new();
        let message = self.nodes[usize::from(Self::ROOT)];
        for slot in message.first_slot..message.end_slot {
            self.add_unasked(tables, self.child(Self::ROOT, slot), "", &mut paths);
        }
        paths
    }

    /// Adds what below a node nobody asked for; all below a wanted element without wanted ones is its own.
    #[cfg(test)]
    fn add_unasked(&self, tables: &Tables, node: u16, path: &str, paths: &mut Vec<String>) {
        let Node { first_slot, end_slot, .. } = self.nodes[usize::from(node)];
        let slots = || first_slot..end_slot;
        if self.field(node) != 0 && slots().all(|slot| self.child(node, slot) == UNBOUND) {
            return;
        }
        for slot in slots() {
            let below = format!("{path}{}{}", if path.is_empty() { "" } else { "/" }, tables.slots[usize::from(slot)].name);
            match self.child(node, slot) {
                UNBOUND => paths.push(below),
                child => self.add_unasked(tables, child, &below, paths),
            }
        }
    }

    fn child_or_add(&mut self, tables: &Tables, node: u16, name: &str) -> Option<u16> {
        let parent = self.nodes[usize::from(node)];
        let slot = (parent.first_slot..parent.end_slot).find(|slot| tables.slots[usize::from(*slot)].name == name)?;
        let existing = self.child(node, slot);
        if existing != UNBOUND {
            return Some(existing);
        }
        let added = self.add_node(tables, slot);
        self.children[parent.base as usize + usize::from(slot - parent.first_slot)] = added;
        Some(added)
    }
}
