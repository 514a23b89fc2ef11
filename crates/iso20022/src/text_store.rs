//! Texts of one payment, kept together and reused for the next.

/// A text in a [`TextStore`], with the line it stands on in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice {
    start: u32,
    end: u32,
    pub line: u64,
}

/// Texts one behind the other in one buffer; clearing keeps the memory.
#[derive(Debug, Default)]
pub(crate) struct TextStore(String);

impl TextStore {
    /// Keeps a text.
    #[inline]
    pub fn add(&mut self, text: &str, line: u64) -> Slice {
        let start = self.place();
        self.0.push_str(text);
        Slice { start, end: self.place(), line }
    }

    /// Keeps some kept texts joined by a separator.
    pub fn join(&mut self, parts: &[Slice], separator: &str) -> Option<Slice> {
        let (first, rest) = parts.split_first()?;
        if rest.is_empty() {
            return Some(*first);
        }
        let start = self.place();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.0.push_str(separator);
            }
            self.0.extend_from_within(part.start as usize..part.end as usize);
        }
        Some(Slice { start, end: self.place(), line: first.line })
    }

    /// The text of a slice.
    #[inline]
    pub fn get(&self, slice: Slice) -> &str {
        &self.0[slice.start as usize..slice.end as usize]
    }

    /// Forgets all texts.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn place(&self) -> u32 {
        u32::try_from(self.0.len()).expect("the limits keep a payment far below 4 GiB")
    }
}
