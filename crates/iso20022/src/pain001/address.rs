//! The creditor's postal address as lines.

use crate::text_store::{Slice, TextStore};

/// Parts of an address as collected, and its lines.
#[derive(Debug, Default)]
pub(super) struct AddressLines {
    pub street: Option<Slice>,
    pub building: Option<Slice>,
    pub post_code: Option<Slice>,
    pub town: Option<Slice>,
    pub written: Vec<Slice>,
    lines: Vec<Slice>,
}

impl AddressLines {
    /// Forgets the address, keeps the memory.
    pub fn clear(&mut self) {
        (self.street, self.building, self.post_code, self.town) = (None, None, None, None);
        self.written.clear();
        self.lines.clear();
    }

    /// Puts the lines together once the payment is read.
    pub fn arrange(&mut self, texts: &mut TextStore) {
        for pair in [[self.street, self.building], [self.post_code, self.town]] {
            let line = match pair {
                [Some(first), Some(second)] => texts.join(&[first, second], " "),
                [first, second] => first.or(second),
            };
            self.lines.extend(line);
        }
        self.lines.extend_from_slice(&self.written);
    }

    /// The lines.
    pub fn lines(&self) -> &[Slice] {
        &self.lines
    }
}
